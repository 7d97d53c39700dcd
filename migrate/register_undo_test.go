package migrate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
)

// bucketOnly asks for a bucket, whose registration needs no secret.
func bucketOnly() migrate.InstallRequest {
	req := request()
	req.Spec.Destinations = []provision.Destination{{Kind: provision.S3, Bucket: "demo-assets"}}
	return req
}

// unanswered is an install whose registration got no answer and could not be
// looked up: whether it was carried out is open in the journal. After says
// whether it was.
func unanswered(t *testing.T, after bool) (*sandbox.Sandbox, *checklist.Journal) {
	t.Helper()
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	j := checklist.MemoryJournal(time.Now)
	r, p := registering(t, sb, a, bucketOnly(), false, provision.Credentials{})
	keeps := &keeper{}
	i, err := migrate.NewInstall(p, a, r.Keeping(keeps), migrate.Keeping{Journal: j, Run: "one"})
	if err != nil {
		t.Fatal(err)
	}
	i.EndWith(r, a, "test")
	kind := sandbox.FaultReset
	if after {
		kind = sandbox.FaultResetAfter
	}
	sb.Inject(sandbox.Fault{Kind: kind, Action: "platform:CreateProvider", Times: -1})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:ListProviders", Times: -1})
	run, err := i.Start(checklist.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); err == nil {
		t.Fatal("it came to its end")
	}
	sb.ClearFaults()
	if n := len(j.Past().Open()); n != 1 {
		t.Fatalf("%d intents are open, want the registration's", n)
	}
	return sb, j
}

// takenBack plans the way back, and carries it out if that may be.
func takenBack(t *testing.T, sb *sandbox.Sandbox, j *checklist.Journal) (*migrate.InstallPreview, error) {
	t.Helper()
	a := open(t, sb, sb.Operator())
	u, err := migrate.PreviewUndo(t.Context(), a, migrate.Resuming{
		Journal: j, Now: time.Now, Staleness: time.Millisecond, Allow: migrate.Allow{Loss: true},
		Place:    func(string) (handover.Place, error) { return &keeper{}, nil },
		Platform: func() (migrate.Registry, error) { return registry(t, sb), nil },
	}, migrate.Keeping{Journal: j, Run: "two"})
	if err != nil {
		return nil, err
	}
	run, err := u.Start(checklist.Options{Now: time.Now})
	if err != nil {
		return u.Preview(), err
	}
	return u.Preview(), run.Do(t.Context())
}

// What became of a registration without an answer is looked up before it is
// taken back: ours is what is as we would have written it, and nothing else.
func TestARegistrationWithoutAnAnswerIsTakenBack(t *testing.T) {
	for _, tt := range []struct {
		why    string
		after  bool // it took effect
		since  func(sb *sandbox.Sandbox)
		back   int    // registrations that are taken back
		left   string // the bucket that stays registered
		refuse string
	}{
		{why: "it took effect", after: true, back: 1},
		{why: "it did not take effect", back: 0},
		{why: "it took effect, and somebody deleted it", after: true, since: func(sb *sandbox.Sandbox) {
			c := sb.Platform().Configurations()
			sb.Platform().TestOnlyRemove(c[len(c)-1].ID)
		}},
		{why: "somebody else registered another bucket there", since: func(sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyAdd(fake.NRN, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "of-others"}})
		}, left: "of-others"},
		{why: "somebody registered the same besides: it cannot be told which is ours", after: true, since: func(sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyAdd(fake.NRN, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "demo-assets"}})
		}, left: "demo-assets", refuse: "cannot be told which one this run made"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb, j := unanswered(t, tt.after)
			if tt.since != nil {
				tt.since(sb)
			}
			sb.ClearLog()
			p, err := takenBack(t, sb, j)
			if tt.refuse != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refuse) || len(writes(sb)) != 0 {
					t.Errorf("err = %v, written %v", err, writes(sb))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Back) != tt.back {
				t.Errorf("taken back: %+v", p.Back)
			}
			if got := attributes(sb, "s3-configuration")["bucket.name"]; got != tt.left {
				t.Errorf("%q is registered, want %q", got, tt.left)
			}
			if _, there := sb.Peek().User(buildUser); there {
				t.Error("the build user is still there")
			}
			if _, err := takenBack(t, sb, j); !errors.Is(err, migrate.ErrNothingToUndo) {
				t.Errorf("once more: %v", err)
			}
		})
	}
}

// Nothing is taken back half: what nullplatform cannot be asked about stops the
// undo before it begins, with the word that leaves it out.
func TestAnUndoNeedsNullplatform(t *testing.T) {
	for _, tt := range []struct {
		why  string
		open func(t *testing.T, sb *sandbox.Sandbox) (migrate.Registry, error)
		say  string
	}{
		{"no key", func(*testing.T, *sandbox.Sandbox) (migrate.Registry, error) { return nil, nil }, "without an API key of nullplatform"},
		{"a key that is not taken", func(_ *testing.T, sb *sandbox.Sandbox) (migrate.Registry, error) {
			return platform.Open(platform.Options{Host: sb.PlatformHost(), APIKey: provision.NewSecret("np-wrong"), Pause: time.Millisecond})
		}, "does not accept"},
		{"it does not answer", func(t *testing.T, sb *sandbox.Sandbox) (migrate.Registry, error) {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultInternal, Service: "platform", Times: -1})
			return registry(t, sb), nil
		}, "could not answer"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb, j := unanswered(t, true)
			reg, err := tt.open(t, sb)
			if err != nil {
				t.Fatal(err)
			}
			sb.ClearLog()
			r := migrate.Resuming{
				Journal: j, Now: time.Now, Staleness: time.Millisecond, Allow: migrate.Allow{Loss: true},
				Place:    func(string) (handover.Place, error) { return &keeper{}, nil },
				Platform: func() (migrate.Registry, error) { return reg, nil },
			}
			a := open(t, sb, sb.Operator())
			_, err = migrate.PreviewUndo(t.Context(), a, r, migrate.Keeping{Journal: j, Run: "two"})
			if err == nil || !strings.Contains(err.Error(), tt.say) || !strings.Contains(err.Error(), "--leave-registrations") || len(writes(sb)) != 0 {
				t.Errorf("err = %v, written %v", err, writes(sb))
			}
			r.LeaveRegistrations = true
			if _, err = migrate.PreviewUndo(t.Context(), a, r, migrate.Keeping{Journal: j, Run: "three"}); err != nil {
				t.Errorf("left out: %v", err)
			}
		})
	}
}
