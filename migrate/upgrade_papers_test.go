package migrate_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/rewrite"
)

// A journal keeps whole paths. Whoever goes on finds the paper that was written
// for the paths as the person gave them, and must find the same in it.
func TestAPaperIsTheSameFromEverywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	paper := func(dir, state, patch string) string {
		return migrate.PullRequest(&migrate.RootPreview{
			Request:  migrate.RootRequest{Dir: dir},
			Clusters: []*migrate.UpgradePreview{{}},
			Rewrite: &rewrite.Result{StateMoves: []rewrite.Move{
				{From: "module.ecr.a", FromRoot: filepath.ToSlash(dir), To: "module.user.a", ToRoot: filepath.ToSlash(state)},
			}},
		}, patch, "slipway resume")
	}
	whole := func(path string) string {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return abs
	}
	want := paper("infra", "state", "up.patch")
	for _, say := range []string{"in `infra`", "in `state`", "`git apply up.patch`"} {
		if !strings.Contains(want, say) {
			t.Errorf("it does not say %s:\n%s", say, want)
		}
	}
	for why, got := range map[string]string{
		"whole paths":       paper(whole("infra"), whole("state"), whole("up.patch")),
		"the longer way":    paper("./infra/", "./state", "./up.patch"),
		"one of them whole": paper("infra", whole("state"), "up.patch"),
	} {
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", why, got, want)
		}
	}
	t.Chdir(t.TempDir()) // What is stood in cannot be removed everywhere.
}
