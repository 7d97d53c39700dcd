package migrate_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// killed gives the world as it is at every instant of a run, from before its
// first write on.
func killed(t *testing.T, w *world, run func(p *process) error) (points []string, worlds []*world) {
	t.Helper()
	var mu sync.Mutex
	w.at = func(instant string) {
		if strings.HasPrefix(instant, string(checklist.Written)) {
			return // A copy of the file looks the same when it is flushed.
		}
		mu.Lock()
		defer mu.Unlock()
		c, err := w.copyTo(t.TempDir())
		if err != nil {
			t.Errorf("copy the world: %v", err)
			return
		}
		points, worlds = append(points, instant), append(worlds, c)
	}
	p := w.process(t)
	if err := run(p); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	w.at = nil
	return points, worlds
}

// sameAccount compares accounts but for what differs from run to run.
func sameAccount(want, got *provision.Inventory) string {
	return cmp.Diff(want, got, cmpopts.IgnoreFields(provision.Key{}, "ID"), cmpopts.EquateEmpty(),
		cmpopts.IgnoreFields(provision.Policy{}, "Version"),
		cmpopts.SortSlices(func(a, b provision.Policy) bool { return a.ARN < b.ARN }),
		cmpopts.SortSlices(func(a, b provision.Group) bool { return a.Name < b.Name }))
}

func bucketRequest() migrate.InstallRequest {
	req := request()
	req.Spec.Destinations[1].Bucket = "new-assets"
	req.Spec.CreateBucket = true
	return req
}

// Killed at whatever instant, before and after every call and at every point
// of every write to the journal, the same command ends in the same place.
func TestKilledAnywhereAnInstallConverges(t *testing.T) {
	for _, tt := range []struct {
		name  string
		req   migrate.InstallRequest
		every int
		setUp func(w *world)
	}{
		{name: "fresh", req: request(), every: 1, setUp: func(*world) {}},
		{name: "with a bucket of several calls", req: bucketRequest(), every: 3, setUp: func(w *world) {
			w.inv.Buckets = []provision.Bucket{{Name: "new-assets", State: provision.BucketAbsent}}
		}},
		{name: "a user that was there", req: request(), every: 3, setUp: func(w *world) {
			w.inv.User = &provision.User{Name: buildUser, ARN: w.inv.Place.UserARN(buildUser), ID: "AIDA1", Path: "/"}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := freshWorld(t)
			tt.setUp(w)
			points, worlds := killed(t, w, func(p *process) error {
				_, err := p.install(tt.req)
				return err
			})
			w.complete(t, tt.req)
			for n, dead := range worlds {
				if n%tt.every != 0 {
					continue
				}
				p := dead.process(t)
				if _, err := p.install(tt.req); err != nil {
					t.Fatalf("killed %s (%d of %d): %v", points[n], n, len(points), err)
				}
				p.end(t)
				dead.complete(t, tt.req)
				if d := sameAccount(w.inv, dead.inv); d != "" {
					t.Fatalf("killed %s: another account (-want +got):\n%s", points[n], d)
				}
			}
			t.Logf("killed at %d points", len(points))
		})
	}
}

// Killed at whatever instant, a run can be taken back, and what was there
// before is there again.
func TestKilledAnywhereAnInstallIsUndone(t *testing.T) {
	w := freshWorld(t)
	w.inv.User = &provision.User{Name: buildUser, ARN: w.inv.Place.UserARN(buildUser), ID: "AIDA1", Path: "/"}
	before := w.inv.Clone()
	points, worlds := killed(t, w, func(p *process) error {
		_, err := p.install(request())
		return err
	})
	worlds = append(worlds, w)
	for n, dead := range worlds {
		if n%2 != 0 && n < len(worlds)-1 {
			continue
		}
		p := dead.process(t)
		if err := p.undo(); err != nil && !errors.Is(err, migrate.ErrNothingToUndo) {
			t.Fatalf("killed at %d of %d: %v", n, len(points), err)
		}
		if d := sameAccount(before, dead.inv); d != "" {
			t.Fatalf("killed at %d: another account (-want +got):\n%s", n, d)
		}
		if err := p.undo(); !errors.Is(err, migrate.ErrNothingToUndo) {
			t.Fatalf("killed at %d: taken back twice: %v", n, err)
		}
		p.end(t)
	}
}

// Killed at whatever instant, taking back goes on.
func TestKilledAnywhereAnUndoGoesOn(t *testing.T) {
	w := freshWorld(t)
	before := w.inv.Clone()
	p := w.process(t)
	if _, err := p.install(request()); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	points, worlds := killed(t, w, func(p *process) error { return p.undo() })
	for n, dead := range worlds {
		if n%2 != 0 {
			continue
		}
		p := dead.process(t)
		if open := migrate.OpenRun(p.journal); open != nil && open.Begin.Job == "undo" {
			if _, err := p.install(request()); err == nil {
				t.Fatalf("killed %s: an install goes on while an undo is open", points[n])
			}
		}
		// At the very end it is taken back already.
		if err := p.undo(); err != nil && !errors.Is(err, migrate.ErrNothingToUndo) {
			t.Fatalf("killed %s (%d of %d): %v", points[n], n, len(points), err)
		}
		p.end(t)
		if d := sameAccount(before, dead.inv); d != "" {
			t.Fatalf("killed %s: another account (-want +got):\n%s", points[n], d)
		}
	}
	t.Logf("killed at %d points", len(points))
}

// A run that goes on is killed again, and again: no key is left behind.
func TestKilledAgainAndAgain(t *testing.T) {
	w := freshWorld(t)
	points, worlds := killed(t, w, func(p *process) error {
		_, err := p.install(request())
		return err
	})
	n := slices.Index(points, "after CreateAccessKey")
	for round := range 4 {
		if n < 0 {
			t.Fatalf("round %d: no key was made: %v", round, points)
		}
		dead := worlds[n]
		if keys := dead.inv.User.Keys; len(keys) != 1 {
			t.Fatalf("round %d: %d keys", round, len(keys))
		}
		points, worlds = killed(t, dead, func(p *process) error {
			_, err := p.install(request())
			return err
		})
		dead.complete(t, request())
		if !slices.Contains(points, "after DeleteAccessKey") {
			t.Fatalf("round %d: the lost key was not deleted", round)
		}
		n = slices.Index(points, "after CreateAccessKey")
	}
}

// What an update changed goes back to the version of before.
func TestAnUpdateIsUndone(t *testing.T) {
	w := freshWorld(t)
	p := w.process(t)
	if _, err := p.install(request()); err != nil {
		t.Fatal(err)
	}
	arn := w.inv.Policies[0].ARN
	const drift = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	if _, err := w.do(provision.Call{Action: "iam:CreatePolicyVersion", Resource: arn, Params: []provision.Param{
		{Name: "PolicyArn", Value: arn}, {Name: "PolicyDocument", Value: drift},
	}}); err != nil {
		t.Fatal(err)
	}
	drifted := w.inv.Clone()
	req := request()
	req.Allow = migrate.Allow{Broadening: true, Loss: true}
	if _, err := p.install(req); err != nil {
		t.Fatal(err)
	}
	if err := p.undo(); err != nil {
		t.Fatal(err)
	}
	if d := sameAccount(drifted, w.inv); d != "" {
		t.Errorf("another account (-want +got):\n%s", d)
	}
	p.end(t)
}
