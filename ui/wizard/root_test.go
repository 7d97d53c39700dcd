package wizard

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

const infra = "testdata/roots/infra"

// withRoots starts an upgrade where the roots of testdata are found. Git is kept
// from looking after them: what is being worked on here is not the test's.
func withRoots(t testing.TB) func(*Options) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) {
		o.Start = ask.UpgradeTask
		o.Projects = func() []migrate.Project { return migrate.Projects("testdata/roots") }
		o.Environ = []string{"GIT_CEILING_DIRECTORIES=" + filepath.Join(here, "testdata"), "PATH="}
		o.State = func(string, string) (string, error) { return t.TempDir(), nil }
	}
}

// toRoute goes from the start to the choice of the route, by what was found.
func (d *driver) toRoute() *driver {
	d.until("enter yes, go on").press("enter").until("It holds the build user of demo")
	return d.press("enter", "enter", "enter", "enter").until("This is how it is held").press("enter")
}

var _ = account.Options{}

func TestSketch(t *testing.T) {
	d := drive(t, legacyAccount(t), withRoots(t))
	d.until("enter yes, go on").press("enter")
	d.until("Directory")
	t.Log(d.frame())
	d.press("enter")
	t.Log(d.frame())
	d.press("enter", "enter")
	t.Log(d.frame())
	d.press("enter").until("held")
	t.Log(d.frame())
	d.press("enter")
	t.Log(d.frame())
	d.press("enter").until("file 1")
	t.Log(d.frame())
	d.press("enter").until("This is what")
	t.Log(d.frame())
}
