package migrate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// killedAt gives the world as an install leaves it that is killed at the first
// instant of that name.
func killedAt(t *testing.T, w *world, req migrate.InstallRequest, instant string) *world {
	t.Helper()
	points, worlds := killed(t, w, func(p *process) error {
		_, err := p.install(req)
		return err
	})
	n := slices.Index(points, instant)
	if n < 0 {
		t.Fatalf("there is no instant %q in %q", instant, points)
	}
	return worlds[n]
}

func strangeKey(t *testing.T, w *world, use *provision.LastUse) string {
	t.Helper()
	res, err := w.do(provision.Call{Action: "iam:CreateAccessKey", Params: []provision.Param{{Name: "UserName", Value: buildUser}}})
	if err != nil {
		t.Fatal(err)
	}
	w.inv.User.Keys[len(w.inv.User.Keys)-1].LastUsed = use
	return res.Key.KeyID
}

// Keys of which it is not sure whose they are stop the run, and none is
// touched.
func TestDoubtfulKeysAreNotTouched(t *testing.T) {
	for _, tt := range []struct {
		why     string
		instant string
		setUp   func(t *testing.T, w *world)
		says    string
	}{
		{
			why: "two new ones, of which one may be ours", instant: "after CreateAccessKey",
			setUp: func(t *testing.T, w *world) { strangeKey(t, w, nil) }, says: "cannot be told which",
		},
		{
			why: "a new one that somebody uses: nobody has the secret of ours", instant: "before CreateAccessKey",
			setUp: func(t *testing.T, w *world) { strangeKey(t, w, &provision.LastUse{Service: "ecr"}) }, says: "was used on",
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			dead := killedAt(t, freshWorld(t), request(), tt.instant)
			tt.setUp(t, dead)
			before := len(dead.inv.User.Keys)
			p := dead.process(t)
			defer p.end(t)
			_, err := p.install(request())
			if !errors.As(err, new(*migrate.DoubtfulKeyError)) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "not touched") {
				t.Errorf("err = %v, want %q", err, tt.says)
			}
			if len(dead.inv.User.Keys) != before {
				t.Errorf("keys = %+v", dead.inv.User.Keys)
			}
		})
	}
}

// A secret that is where it belongs, though the journal did not take that in
// any more, is not made anew.
func TestASecretThatWasHandedOverIsKnown(t *testing.T) {
	for _, instant := range []string{"before result create-key", "half result create-key"} {
		dead := killedAt(t, freshWorld(t), request(), instant)
		key := dead.inv.User.Keys[0].ID
		dead.keptKey, dead.keptSecret = key, dead.secrets[key]
		p := dead.process(t)
		i, err := p.install(request())
		if err != nil {
			t.Fatal(err)
		}
		dead.complete(t, request())
		if dead.made != 1 || i.Result().KeyID != key || i.Result().Handover != "the slot" {
			t.Errorf("%d keys were made, result %+v", dead.made, i.Result())
		}
		p.end(t)
	}
}

// An account that has changed stops the run, with what is different; a new
// plan carries on, finishes what was half done, and replaces a lost key.
func TestANewPlanForAChangedAccount(t *testing.T) {
	w := freshWorld(t)
	w.inv.Buckets = []provision.Bucket{{Name: "new-assets", State: provision.BucketAbsent}}
	for _, instant := range []string{"after CreateAccessKey", "after CreateBucket"} {
		t.Run(instant, func(t *testing.T) {
			fresh, err := w.copyTo(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			dead := killedAt(t, fresh, bucketRequest(), instant)
			name := dead.inv.Place.PolicyARN("nullplatform-demo-ecr-manager-policy")
			if dead.inv.Policy(name) == nil {
				name = ""
			} else {
				if _, err := dead.do(provision.Call{Action: "iam:CreatePolicyVersion", Resource: name, Params: []provision.Param{
					{Name: "PolicyArn", Value: name}, {Name: "PolicyDocument", Value: foreignDoc},
				}}); err != nil {
					t.Fatal(err)
				}
			}
			p := dead.process(t)
			defer p.end(t)
			_, err = p.install(bucketRequest())
			var changed *migrate.ChangedError
			if name != "" && (!errors.As(err, &changed) || !changed.Resuming || !strings.Contains(err.Error(), "--new-plan") || len(changed.What) == 0) {
				t.Fatalf("err = %v", err)
			}
			if name == "" {
				return // The policy was not there yet, so nothing has changed.
			}
			r := p.resuming()
			r.Allow = migrate.Allow{Broadening: true, Loss: true}
			i, err := migrate.ReplanInstall(context.Background(), dead, r)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.carry(i); err != nil {
				t.Fatal(err)
			}
			dead.complete(t, bucketRequest())
			if instant == "after CreateAccessKey" && dead.made != 2 {
				t.Errorf("%d keys were made", dead.made)
			}
			// All of it can be taken back, what the first plan did too.
			if err := p.undo(); err != nil && !errors.As(err, new(*provision.BlockedError)) {
				t.Fatal(err)
			}
		})
	}
}

// What is asked for now must be what was asked for then.
func TestAnotherRequestIsRefused(t *testing.T) {
	dead := killedAt(t, freshWorld(t), request(), "after CreateGroup")
	p := dead.process(t)
	defer p.end(t)
	other := request()
	other.Spec.Destinations = other.Spec.Destinations[:1]
	var open *migrate.OpenRunError
	if _, err := p.install(other); !errors.As(err, &open) || open.Differs == "" || !strings.Contains(err.Error(), "slipway resume --cluster demo") {
		t.Errorf("err = %v", err)
	}
	// Words for this run alone make no other request of it.
	same := request()
	same.Allow.Broadening = true
	if _, err := p.install(same); err != nil {
		t.Errorf("err = %v", err)
	}
}

// A place that fails after the key was made loses the secret; the next run
// deletes that key and makes one whose secret is kept.
func TestALostSecretIsReplaced(t *testing.T) {
	w := freshWorld(t)
	p := w.process(t)
	v, err := migrate.PreviewInstall(context.Background(), w, request())
	if err != nil {
		t.Fatal(err)
	}
	v.Request.Handover = "slot"
	i, err := migrate.NewInstall(v, w, &keeper{lose: errors.New("disk full")}, p.keeping())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.carry(i); err == nil || !strings.Contains(err.Error(), "resume, which deletes it") {
		t.Fatalf("err = %v", err)
	}
	again, err := p.install(request())
	if err != nil {
		t.Fatal(err)
	}
	w.complete(t, request())
	if got := again.Result().Replaced; len(got) != 1 || got[0] != "AKIA000000000001" {
		t.Errorf("replaced %v", got)
	}
	p.end(t)
}

// A refusal is certain, and an answer that was lost is looked for.
func TestAnswersThatWereLost(t *testing.T) {
	for _, code := range []string{"", "ServiceUnavailable", "Throttling"} {
		w := freshWorld(t)
		failed := false
		w.failing = func(c provision.Call) error {
			if failed || c.Action != "iam:CreateAccessKey" {
				return nil
			}
			failed = true
			return &account.Error{Op: "create key", Code: code, Why: "lost"}
		}
		p := w.process(t)
		if _, err := p.install(request()); err == nil {
			t.Fatal("the lost answer was not told")
		}
		if _, err := p.install(request()); err != nil {
			t.Fatalf("code %q: %v", code, err)
		}
		w.complete(t, request())
		p.end(t)
	}
}

// Undo refuses to delete a key that is in use, unless told so.
func TestAKeyInUseIsNotDeletedJustLikeThat(t *testing.T) {
	w := freshWorld(t)
	p := w.process(t)
	defer p.end(t)
	if _, err := p.install(request()); err != nil {
		t.Fatal(err)
	}
	w.inv.User.Keys[0].LastUsed = &provision.LastUse{Service: "ecr"}
	if err := p.undo(); !errors.As(err, new(*migrate.ConsentError)) || !strings.Contains(err.Error(), "--allow-loss") {
		t.Fatalf("err = %v", err)
	}
	r := p.resuming()
	r.Allow.Loss = true
	u, err := migrate.PreviewUndo(context.Background(), w, r, p.keeping())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.carry(u); err != nil || w.inv.User != nil {
		t.Errorf("err = %v", err)
	}
}

// A disk that is full at any write loses nothing: with room again the same
// command comes to its end, and a secret that was made is in the place or
// replaced.
func TestAFullDiskLosesNothing(t *testing.T) {
	for at := 1; ; at++ {
		w := freshWorld(t)
		hit := false
		w.full = func(p checklist.WritePoint) bool {
			hit = hit || p.Seq == at
			return p.Seq == at
		}
		p := w.process(t)
		_, err := p.install(request())
		p.end(t)
		if !hit {
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("full at each of %d writes", at-1)
			return
		}
		if !errors.As(err, new(*checklist.JournalError)) || !strings.Contains(err.Error(), "make room") {
			t.Fatalf("full at write %d: %v", at, err)
		}
		if u := w.inv.User; u != nil && len(u.Keys) == 1 && w.keptKey != u.Keys[0].ID {
			t.Fatalf("full at write %d: the secret of %s was not handed over", at, u.Keys[0].ID)
		}
		w.full = nil
		p = w.process(t)
		if _, err := p.install(request()); err != nil {
			t.Fatalf("with room again after write %d: %v", at, err)
		}
		p.end(t)
		w.complete(t, request())
		if w.made != 1 {
			t.Fatalf("full at write %d: %d keys were made", at, w.made)
		}
	}
}
