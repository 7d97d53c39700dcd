package migrate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// Stopped after any step, the next process goes on by the journal and comes to
// the same end: nothing of the bridge is left, and CI never noticed.
func TestAnUpgradeThroughTofuGoesOn(t *testing.T) {
	for _, tt := range []struct {
		after, why string
		contract   string
		calls      tofutest.Calls
		long       bool
	}{
		{after: "edit", why: "the configuration is ahead of the state", contract: tofutest.Contract34, long: true},
		{after: "bridge-settle", why: "a bridge and no apply", contract: tofutest.Contract34},
		{after: "bridge-write", why: "a bridge that is half built", contract: tofutest.Contract50, calls: tofutest.Calls{Bucket: "demo-assets"}},
		{after: "apply", why: "applied, with the bridge still open", contract: tofutest.Contract34},
		{after: "state-rm", why: "contract 1.12, with its attachment out of the state", contract: tofutest.Contract112},
		{after: "settle", why: "all is there, and the bridge too", contract: tofutest.Contract50, calls: tofutest.Calls{Bucket: "demo-assets"}, long: true},
	} {
		t.Run(tt.after+" of "+tt.contract, func(t *testing.T) {
			if tt.long {
				sandboxtest.Long(t)
			}
			w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
			if tt.calls.Bucket != "" {
				w.Canary.Publish(tt.calls.Bucket)
			}
			if tt.contract == tofutest.Contract112 {
				w.Platform(t) // its call of asset/ecr stays, and registers
			}
			w.Install(t, tt.contract, tt.calls)
			dir := t.TempDir()
			if err := oneProcess(t, w, dir, tt.after); !errors.Is(err, checklist.ErrStopped) {
				t.Fatalf("it was to stop after %s: %v", tt.after, err)
			}
			if err := oneProcess(t, w, dir, ""); err != nil {
				t.Fatalf("%s: %v", tt.why, err)
			}
			u, _ := w.Sandbox.Peek().User(buildUser)
			if len(u.Attached)+len(u.Inline) > 0 || len(u.Groups) != 1 || u.Groups[0] != "nullplatform-demo-asset-publishers" {
				t.Errorf("%s: the user is %+v", tt.why, u)
			}
			if d := w.Canary.Denied(); len(d) > 0 || w.Canary.Calls() == 0 {
				t.Errorf("%s: %d of %d calls were denied: %v", tt.why, len(d), w.Canary.Calls(), d)
			}
		})
	}
}

// oneProcess is one run of the upgrade with the journal of a directory. It is
// stopped after a step, by its ID or how that begins.
func oneProcess(t *testing.T, w *tofutest.World, dir, after string) error {
	t.Helper()
	j, err := checklist.OpenJournal(dir, checklist.JournalOptions{Now: time.Now})
	must(t, err)
	defer func() { must(t, j.Close()) }()
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	req := rootRequest(w, provision.Contract61)
	req.Root.AllowUnrelated = true
	past, err := migrate.OpenUpgrade(j, req)
	must(t, err)
	p, err := previewRoot(t, w, a, req, past)
	must(t, err)
	if p.Done() {
		return nil
	}
	u, err := migrate.NewRootUpgrade(p, a, time.Now)
	must(t, err)
	defer func() { must(t, u.Close()) }()
	must(t, migrate.BeginUpgrade(migrate.Keeping{Journal: j, Run: "r"}, req, p.Clusters, p.Agreed()))
	var run *checklist.Run
	run, err = checklist.New(u.Steps(), checklist.Options{Now: time.Now, Journal: j, Observe: func(e checklist.Event) {
		if name, _, _ := strings.Cut(e.Step, " "); e.State == checklist.Done && name == after {
			run.Stop()
		}
	}})
	must(t, err)
	return run.Do(t.Context())
}
