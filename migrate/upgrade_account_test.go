package migrate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

const buildUser = "nullplatform-demo-build-workflow-user"

func upgradeRequest() migrate.UpgradeRequest {
	return migrate.UpgradeRequest{Cluster: "demo", Route: migrate.RouteAccount}
}

func previewUpgrade(t testing.TB, a migrate.Account, req migrate.UpgradeRequest) *migrate.UpgradePreview {
	t.Helper()
	p, err := migrate.PreviewUpgrade(t.Context(), a, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runSteps carries steps out and gives their ends in order.
func runSteps(t testing.TB, steps []checklist.Step) ([]string, error) {
	t.Helper()
	var ends []string
	run, err := checklist.New(steps, checklist.Options{Now: time.Now, Observe: func(e checklist.Event) {
		if e.State == checklist.Done || e.State == checklist.Failed {
			ends = append(ends, e.Step+" "+string(e.State))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return ends, run.Do(t.Context())
}

// watched is a sandbox in which a canary sings after every call.
func watched(t testing.TB, o sandbox.Options) (*sandbox.Sandbox, *canary) {
	t.Helper()
	var bird atomic.Pointer[canary]
	o.Hook = watch(context.WithoutCancel(t.Context()), bird.Load)
	sb := start(t, o)
	c := newCanary(t, sb)
	bird.Store(c)
	t.Cleanup(func() { bird.Store(nil) })
	return sb, c
}

// From every older contract to the current one, and what CI could do before it
// can do after every single request.
func TestUpgradeOfEachScenario(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		from     provision.Contract
		bucket   string
		allow    migrate.Allow
		changes  string
	}{
		{scenario: "legacy-direct", from: provision.Contract112, changes: "create-group update-trust add-member attach-ecr-to-group update-ecr-policy detach-ecr-from-user"},
		{scenario: "legacy", from: provision.Contract34, changes: "rename-group"},
		{scenario: "split", from: provision.Contract50, changes: "create-s3-policy attach-s3-to-group detach-old-s3-from-group delete-old-s3-policy"},
		{scenario: "current", from: provision.Contract61},
		{scenario: "messy", from: provision.Contract34, changes: "rename-group"},
		{scenario: "drifted", from: provision.Contract61, bucket: "demo-assets", allow: migrate.Allow{Loss: true}, changes: "update-trust attach-s3-to-group update-ecr-policy update-s3-policy detach-s3-from-user"},
	} {
		for _, lag := range []time.Duration{0, 300 * time.Millisecond} {
			t.Run(tt.scenario+" "+lag.String(), func(t *testing.T) {
				sb, bird := watched(t, sandbox.Options{Scenario: tt.scenario, Lag: lag, Seed: 11})
				a := open(t, sb, sb.Operator())
				before := provision.IdentityOf(userOf(t, a))
				req := upgradeRequest()
				req.Bucket, req.Allow = tt.bucket, tt.allow
				p := previewUpgrade(t, a, req)
				if p.Standing.Contract != tt.from {
					t.Errorf("found contract %q, want %q", p.Standing.Contract, tt.from)
				}
				if got := strings.Join(changeIDs(p.Plan()), " "); got != tt.changes {
					t.Errorf("changes %q, want %q", got, tt.changes)
				}
				if tt.scenario == "drifted" {
					// What was too much is given up, by the word that was given.
					bird.allowed = slices.DeleteFunc(bird.allowed, func(n string) bool { return strings.Contains(n, "another bucket") })
				}
				u, err := migrate.NewAccountUpgrade(p, a)
				if err != nil {
					t.Fatal(err)
				}
				if ends, err := runSteps(t, u.Steps()); err != nil {
					t.Fatalf("%v\n%s", err, strings.Join(ends, "\n"))
				}
				for _, proof := range u.Result().Proofs {
					if !proof.Holds {
						t.Errorf("not so: %s (%s)", proof.What, proof.Detail)
					}
				}
				if len(u.Result().Proofs) == 0 {
					t.Error("nothing was shown")
				}
				if err := before.Same(provision.IdentityOf(userOf(t, a))); err != nil {
					t.Error(err)
				}
				if len(bird.denied) > 0 || bird.sung == 0 {
					t.Errorf("%d of %d calls of CI were denied: %v", len(bird.denied), bird.sung, bird.denied)
				}
				// Readers that lag behind may still show what was there before, or
				// disagree among themselves.
				again, err := migrate.PreviewUpgrade(t.Context(), a, req)
				for late := time.Now().Add(30 * time.Second); (err != nil || !again.Plan().Empty()) && time.Now().Before(late); {
					again, err = migrate.PreviewUpgrade(t.Context(), a, req)
				}
				if err != nil {
					t.Fatal(err)
				}
				if !again.Plan().Empty() {
					t.Errorf("a second upgrade has %v", changeIDs(again.Plan()))
				}
			})
		}
	}
}

// The canary would notice: with the group's attachment taken away for a moment
// there are denials.
func TestTheCanaryNotices(t *testing.T) {
	sb, bird := watched(t, sandbox.Options{Scenario: "legacy"})
	api, group := sandboxtest.IAM(sb), aws.String("nullplatform-demo-ecr-managers")
	arn := aws.String("arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy")
	if _, err := api.DetachGroupPolicy(t.Context(), &iam.DetachGroupPolicyInput{GroupName: group, PolicyArn: arn}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.AttachGroupPolicy(t.Context(), &iam.AttachGroupPolicyInput{GroupName: group, PolicyArn: arn}); err != nil {
		t.Fatal(err)
	}
	if len(bird.denied) == 0 {
		t.Error("nothing was denied")
	}
}

func userOf(t testing.TB, a migrate.Account) *provision.User {
	t.Helper()
	inv, err := a.Read(t.Context(), provision.Scope{User: buildUser})
	if err != nil {
		t.Fatal(err)
	}
	return inv.User
}

func changeIDs(p provision.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.ID)
	}
	return out
}

// Undone from the end, the account is as it was, and CI never noticed.
func TestAnUpgradeIsUndone(t *testing.T) {
	for _, scenario := range []string{"legacy-direct", "legacy", "split", "messy"} {
		t.Run(scenario, func(t *testing.T) {
			sb, bird := watched(t, sandbox.Options{Scenario: scenario})
			a := open(t, sb, sb.Operator())
			p := previewUpgrade(t, a, upgradeRequest())
			u, err := migrate.NewAccountUpgrade(p, a)
			if err != nil {
				t.Fatal(err)
			}
			steps := u.Steps()
			if _, err := runSteps(t, steps); err != nil {
				t.Fatal(err)
			}
			if _, err := runSteps(t, checklist.Reverse(steps)); err != nil {
				t.Fatal(err)
			}
			again := previewUpgrade(t, a, upgradeRequest())
			if got, want := changeIDs(again.Plan()), changeIDs(p.Plan()); !slices.Equal(got, want) {
				t.Errorf("undone, an upgrade would do %v, and did %v", got, want)
			}
			if len(bird.denied) > 0 {
				t.Errorf("denied: %v", bird.denied)
			}
		})
	}
}

func TestAnUpgradeStopsWhen(t *testing.T) {
	for _, tt := range []struct {
		why  string
		mess func(t *testing.T, api *iam.Client, keyID string)
		is   func(error) bool
	}{
		{why: "somebody has switched the key off since", mess: func(t *testing.T, api *iam.Client, keyID string) {
			_, err := api.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: aws.String(buildUser), AccessKeyId: &keyID, Status: "Inactive"})
			must(t, err)
		}, is: is[*provision.IdentityError]},
		{why: "somebody has made another key since", mess: func(t *testing.T, api *iam.Client, _ string) {
			_, err := api.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})
			must(t, err)
		}, is: is[*provision.IdentityError]},
		{why: "somebody is in the group who was not", mess: func(t *testing.T, api *iam.Client, _ string) {
			_, err := api.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: aws.String("operator"), GroupName: aws.String("nullplatform-demo-ecr-managers")})
			must(t, err)
		}, is: is[*migrate.ChangedError]},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, sandbox.Options{Scenario: "legacy"})
			a := open(t, sb, sb.Operator())
			p := previewUpgrade(t, a, upgradeRequest())
			u, err := migrate.NewAccountUpgrade(p, a)
			must(t, err)
			tt.mess(t, sandboxtest.IAM(sb), p.Identity.Keys[0].ID)
			sb.ClearLog()
			ends, err := runSteps(t, u.Steps())
			if !tt.is(err) {
				t.Errorf("err = %v", err)
			}
			if len(ends) != 1 || len(writes(sb)) != 0 {
				t.Errorf("it went on: %v, %v", ends, writes(sb))
			}
		})
	}
}

// The build user is looked at after every step: a key that appears half-way
// ends the upgrade there.
func TestAKeyThatAppearsHalfWayEndsTheUpgrade(t *testing.T) {
	var sb *sandbox.Sandbox
	var once atomic.Bool
	hook := func(e sandbox.Entry, p sandbox.Phase) {
		if p == sandbox.After && e.Action == "AttachGroupPolicy" && once.CompareAndSwap(false, true) {
			_, err := sandboxtest.IAM(sb).CreateAccessKey(context.WithoutCancel(t.Context()), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})
			if err != nil {
				t.Error(err)
			}
		}
	}
	sb = start(t, sandbox.Options{Scenario: "split", Hook: hook})
	a := open(t, sb, sb.Operator())
	u, err := migrate.NewAccountUpgrade(previewUpgrade(t, a, upgradeRequest()), a)
	must(t, err)
	ends, err := runSteps(t, u.Steps())
	if !is[*provision.IdentityError](err) || ends[len(ends)-1] != "attach-s3-to-group failed" {
		t.Errorf("err = %v after %v", err, ends)
	}
}

func TestAnUpgradeIsRefused(t *testing.T) {
	for _, tt := range []struct {
		why, scenario string
		req           func(*migrate.UpgradeRequest)
		seed          func(*sandbox.Seed) error
		says          string
	}{
		{why: "nothing to upgrade", scenario: "fresh", says: "slipway install"},
		{why: "contract 1.0, whose names do not tell the cluster", scenario: "fresh", seed: func(s *sandbox.Seed) error {
			s.User("nullplatform-build-workflow-user", sandbox.Days(700))
			return nil
		}, says: "is 1.0 here"},
		{why: "another cluster", scenario: "legacy", req: func(r *migrate.UpgradeRequest) { r.Cluster = "other" }, says: "there is no user nullplatform-other"},
		{why: "backwards", scenario: "current", req: func(r *migrate.UpgradeRequest) { r.To = provision.Contract50 }, says: "older than 6.1"},
		{why: "an unknown contract", scenario: "legacy", req: func(r *migrate.UpgradeRequest) { r.To = "9.9" }, says: "9.9"},
		{why: "a bucket that nobody can tell", scenario: "drifted", says: "--s3 BUCKET"},
		{why: "another bucket than CI uses", scenario: "split", req: func(r *migrate.UpgradeRequest) { r.Bucket = "demo-other" }, says: "takes nothing away"},
		{why: "a bucket of somebody else", scenario: "legacy", req: func(r *migrate.UpgradeRequest) { r.Bucket = "taken-by-others" }, says: "belongs to another account"},
		{why: "access would be given up", scenario: "drifted", req: func(r *migrate.UpgradeRequest) { r.Bucket = "demo-assets" }, says: "--allow-loss"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, sandbox.Options{Scenario: tt.scenario, Seeding: tt.seed})
			a := open(t, sb, sb.Operator())
			req := upgradeRequest()
			if tt.req != nil {
				tt.req(&req)
			}
			p, err := migrate.PreviewUpgrade(t.Context(), a, req)
			if err == nil {
				_, err = migrate.NewAccountUpgrade(p, a)
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("err = %v, want %q", err, tt.says)
			}
			if w := writes(sb); len(w) > 0 {
				t.Errorf("a refused upgrade wrote %v", w)
			}
		})
	}
}

// Stopped or failed after any call, the same command goes on and comes to the
// same end.
func TestAnUpgradeGoesOn(t *testing.T) {
	for _, scenario := range []string{"legacy-direct", "split"} {
		for nth := 1; nth <= 6; nth++ {
			sb, bird := watched(t, sandbox.Options{Scenario: scenario})
			a := open(t, sb, sb.Operator())
			p := previewUpgrade(t, a, upgradeRequest())
			var calls []provision.Call
			for _, c := range p.Plan().Changes {
				calls = append(calls, c.Calls...)
			}
			if nth > len(calls) {
				continue
			}
			u, err := migrate.NewAccountUpgrade(p, a)
			must(t, err)
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: calls[nth-1].Action})
			if _, err := runSteps(t, u.Steps()); err == nil {
				t.Fatalf("%s: call %d did not fail", scenario, nth)
			}
			sb.ClearFaults()
			p = previewUpgrade(t, a, upgradeRequest())
			u, err = migrate.NewAccountUpgrade(p, a)
			must(t, err)
			if _, err := runSteps(t, u.Steps()); err != nil {
				t.Fatalf("%s, again after call %d: %v", scenario, nth, err)
			}
			if len(bird.denied) > 0 {
				t.Errorf("%s, broken off at call %d: denied %v", scenario, nth, bird.denied)
			}
		}
	}
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
