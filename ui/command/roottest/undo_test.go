package roottest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// An upgrade that was applied is taken back, files, state and account, with the
// same key, and CI can publish all the while. Then it can be made again.
func TestAnAppliedUpgradeIsTakenBack(t *testing.T) {
	for _, tt := range []struct {
		why      string
		contract string
		calls    tofutest.Calls
		more     []string
		long     bool
	}{
		{why: "the split", contract: tofutest.Contract34},
		{why: "the split, with instances", contract: tofutest.Contract34, calls: tofutest.Calls{Key: `["prod"]`}, long: true},
		{why: "a bucket that the upgrade has added goes again", contract: tofutest.Contract34, more: []string{"--s3", "demo-assets"}, long: true},
		{why: "the renamed S3 grant", contract: tofutest.Contract50, calls: tofutest.Calls{Bucket: "demo-assets"}, long: true},
		{why: "moved in the state", contract: tofutest.Contract34, more: []string{"--move", "state"}, long: true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if tt.long {
				sandboxtest.Long(t)
			}
			w := world(t, tt.contract, tt.calls)
			if tt.calls.Bucket != "" {
				w.Canary.Publish(tt.calls.Bucket)
			}
			text, account, state := config(t, w), w.Sandbox.Peek(), holdings(t, w)
			args := append([]string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}, tt.more...)
			slipway(t, w, 0, args...)
			_, errs := slipway(t, w, 2, "undo", "--cluster", "demo")
			says(t, errs, "main.tf goes back to what it was before", "without --yes")
			if _, err := os.Stat(filepath.Join(w.Dir, "moved.tf")); err == nil {
				says(t, errs, "moved.tf goes: the run made it")
			}
			_, errs = slipway(t, w, 0, "undo", "--cluster", "demo", "--yes")
			says(t, errs, "a fresh plan of", "the build user may do what it could do before the upgrade")
			same(t, "the configuration", text, config(t, w))
			same(t, "the state", state, holdings(t, w))
			before, _ := account.User(buildUser)
			after, _ := w.Sandbox.Peek().User(buildUser)
			same(t, "the groups", before.Groups, after.Groups)
			same(t, "what is attached", before.Attached, after.Attached)
			if before.ID != after.ID || before.Keys[0].ID != after.Keys[0].ID || len(after.Keys) != 1 || len(after.Inline) > 0 {
				t.Errorf("the user was %+v and is %+v", before, after)
			}
			if d := w.Canary.Denied(); len(d) > 0 {
				t.Errorf("denied: %v", d)
			}
			slipway(t, w, 0, args...)
		})
	}
}

// An upgrade of several clusters of one root is taken back for all of them: each
// has its own bridge, and each one's CI can publish all the while.
func TestAnAppliedUpgradeOfSeveralClustersIsTakenBack(t *testing.T) {
	modules := tofutestModules(t)
	clusters := []string{"acme-dev", "acme-prod"}
	for why, main := range map[string]string{
		"for_each over a set":       oneRoot(modules, `toset(["acme-dev", "acme-prod"])`),
		"the renamed S3 grants":     fleet(modules, tofutest.Contract50, clusters...),
		"one was there from before": oneRoot(modules, "", "acme-dev") + today(modules, "acme-prod"),
	} {
		t.Run(why, func(t *testing.T) {
			if why != "the renamed S3 grants" {
				sandboxtest.Long(t)
			}
			w, birds := several(t, main, clusters...)
			if why == "the renamed S3 grants" {
				birds.publish("demo-assets")
			}
			text, account, state := config(t, w), w.Sandbox.Peek(), holdings(t, w)
			slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes")
			out, _ := slipway(t, w, 2, "undo", "--cluster", "acme-dev")
			if strings.LastIndex(out, "+ Attach") > strings.Index(out, "- Detach") && strings.Contains(out, "- Detach") {
				t.Errorf("it shows that a bridge is taken away before all are built:\n%s", out)
			}
			slipway(t, w, 0, "undo", "--cluster", "acme-dev", "--yes")
			same(t, "the configuration", text, config(t, w))
			same(t, "the state", state, holdings(t, w))
			for _, c := range clusters {
				before, _ := account.User("nullplatform-" + c + "-build-workflow-user")
				after, _ := w.Sandbox.Peek().User(before.Name)
				if before.ID != after.ID || before.Keys[0].ID != after.Keys[0].ID || len(after.Keys) != 1 || len(after.Attached)+len(after.Inline) > 0 ||
					!slices.Equal(before.Groups, after.Groups) {
					t.Errorf("the user was %+v and is %+v", before, after)
				}
			}
			birds.wereHeard(t)
		})
	}
}

// Undo refuses what it cannot take back safely, and says what a person can do.
func TestAnAppliedUpgradeThatIsNotTakenBack(t *testing.T) {
	t.Run("contract 1.12", func(t *testing.T) {
		sandboxtest.Long(t)
		w := world(t, tofutest.Contract112, tofutest.Calls{})
		w.Platform(t) // the call of asset/ecr stays, and registers
		slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes", "--allow-unrelated")
		text := config(t, w)
		_, errs := slipway(t, w, 2, "undo", "--cluster", "demo", "--yes")
		says(t, errs, "contract 1.12", "turn the moved blocks round")
		same(t, "the configuration", text, config(t, w))
	})
	t.Run("a file that was edited since", func(t *testing.T) {
		w := world(t, tofutest.Contract34, tofutest.Calls{})
		slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes")
		// What nobody sees cannot be bridged.
		w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:ListGroupsForUser", Nth: 2})
		_, errs := slipway(t, w, 4, "undo", "--cluster", "demo", "--yes")
		says(t, errs, "could not be read with iam:ListGroupsForUser")
		w.Sandbox.ClearFaults()
		path := filepath.Join(w.Dir, "main.tf")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(t, "main.tf", string(text)+"\n# and more\n")
		_, errs = slipway(t, w, 2, "undo", "--cluster", "demo", "--yes")
		says(t, errs, "main.tf edited since the upgrade")
		if g, there := w.Sandbox.Peek().Group("nullplatform-demo-asset-publishers"); !there || len(g.Attached) != 1 {
			t.Errorf("a refused undo has changed the account: %+v", g)
		}
	})
	t.Run("something else has changed", func(t *testing.T) {
		sandboxtest.Long(t)
		w := world(t, tofutest.Contract34, tofutest.Calls{})
		slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes")
		w.Write(t, "team.tf", "resource \"aws_iam_group\" \"other\" {\n  name = \"other\"\n}\n")
		_, errs := slipway(t, w, 4, "undo", "--cluster", "demo", "--yes")
		says(t, errs, "aws_iam_group.other", "--allow-unrelated", "slipway undo goes on")
		slipway(t, w, 0, "undo", "--cluster", "demo", "--yes", "--allow-unrelated")
		if _, there := w.Sandbox.Peek().Group("other"); !there {
			t.Error("what was consented to was not applied")
		}
		if d := w.Canary.Denied(); len(d) > 0 {
			t.Errorf("denied: %v", d)
		}
	})
}

// config are the files of the root.
func config(t *testing.T, w *tofutest.World) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := filepath.Glob(filepath.Join(w.Dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range list {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(text)
	}
	return out
}

// holdings are the addresses of the state, with the name that each is about.
func holdings(t *testing.T, w *tofutest.World) []string {
	t.Helper()
	s, err := w.Open(t).PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range s.Resources {
		out = append(out, r.Address+" "+first(r, "name", "user", "group", "role"))
	}
	return out
}

func first(r tofu.Resource, names ...string) string {
	for _, n := range names {
		if v := r.Values.Text(n); v != "" {
			return v
		}
	}
	return ""
}

func same(t *testing.T, what string, was, is any) {
	t.Helper()
	if d := cmp.Diff(was, is, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-before +now):\n%s", what, d)
	}
}
