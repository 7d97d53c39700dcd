package migrate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

func start(t testing.TB, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return sandboxtest.Start(t, o)
}

func open(t testing.TB, sb *sandbox.Sandbox, key sandbox.Key) *account.Account {
	t.Helper()
	a, err := account.Open(t.Context(), account.Options{
		Region: sb.Region(), Endpoint: sb.URL(), KeyID: key.ID, Secret: provision.NewSecret(key.Secret),
		Patience: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func request() migrate.InstallRequest {
	return migrate.InstallRequest{Spec: provision.Spec{
		Cluster:      "demo",
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}}
}

func preview(t testing.TB, a migrate.Account, req migrate.InstallRequest) *migrate.InstallPreview {
	t.Helper()
	p, err := migrate.PreviewInstall(t.Context(), a, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// keeper is a place that remembers.
type keeper struct {
	mu     sync.Mutex
	checks int
	got    []provision.Credentials
	refuse error
	lose   error
	// seen is called when the secret arrives.
	seen func()
}

func (k *keeper) Check(context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.checks++
	return k.refuse
}

func (k *keeper) Put(_ context.Context, c provision.Credentials) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lose != nil {
		return k.lose
	}
	k.got = append(k.got, c)
	if k.seen != nil {
		k.seen()
	}
	return nil
}

func (k *keeper) String() string { return "the test" }

var _ handover.Place = (*keeper)(nil)

// apply runs an install and gives its events as "step state".
func apply(t testing.TB, i *migrate.Install) ([]string, error) {
	t.Helper()
	var events []string
	run, err := i.Start(checklist.Options{Now: time.Now, Observe: func(e checklist.Event) {
		if e.Detail == "" {
			events = append(events, e.Step+" "+string(e.State))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return events, run.Do(t.Context())
}

func install(t testing.TB, a migrate.Account, req migrate.InstallRequest, place handover.Place) *migrate.Install {
	t.Helper()
	i, err := migrate.NewInstall(preview(t, a, req), a, place, migrate.Keeping{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// writes are the calls that changed something, sorted.
func writes(sb *sandbox.Sandbox) []string {
	return slices.Sorted(slices.Values(sandboxtest.Writes(sb)))
}

func TestInstallGivesWhatTheBlueprintSays(t *testing.T) {
	for _, lag := range []time.Duration{0, 400 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			sb := start(t, sandbox.Options{Lag: lag, Seed: 11})
			a := open(t, sb, sb.Operator())
			var keeps keeper
			i := install(t, a, request(), &keeps)
			if _, err := apply(t, i); err != nil {
				t.Fatal(err)
			}
			want := []string{
				"AddUserToGroup", "AttachGroupPolicy", "AttachGroupPolicy", "AttachRolePolicy", "CreateAccessKey",
				"CreateGroup", "CreatePolicy", "CreatePolicy", "CreateRole", "CreateUser",
			}
			got := writes(sb)
			if lag == 0 { // under lag, attaching is tried again
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("writes (-want +got):\n%s", d)
				}
			}
			user, ok := sb.Peek().User("nullplatform-demo-build-workflow-user")
			if !ok || len(user.Keys) != 1 {
				t.Fatalf("user = %+v", user)
			}
			res := i.Result()
			secret, _ := sb.TestOnlySecret(res.KeyID)
			if len(keeps.got) != 1 || keeps.got[0].Secret.Reveal() != secret || keeps.got[0].KeyID != res.KeyID || secret == "" {
				t.Errorf("handed over %+v, result %+v", keeps.got, res)
			}
			if res.Inventory == nil || len(res.Done) != 10 {
				t.Errorf("result = %+v", res)
			}
		})
	}
}

func TestInstallAgainDoesNothing(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	if _, err := apply(t, install(t, a, request(), &keeper{})); err != nil {
		t.Fatal(err)
	}
	sb.ClearLog()
	p := preview(t, a, request())
	if !p.Plan.Empty() || p.MakesKey() {
		t.Errorf("a second plan has %v", p.Plan.Changes)
	}
	if w := writes(sb); len(w) != 0 {
		t.Errorf("a second preview writes %v", w)
	}
}

// The key is made when its grants are there and seen, and not before.
func TestTheKeyComesLast(t *testing.T) {
	sb := start(t, sandbox.Options{Lag: 300 * time.Millisecond, Seed: 5})
	a := open(t, sb, sb.Operator())
	var atKey sandbox.Snapshot
	keeps := keeper{seen: func() { atKey = sb.Peek() }}
	if _, err := apply(t, install(t, a, request(), &keeps)); err != nil {
		t.Fatal(err)
	}
	group, _ := atKey.Group("nullplatform-demo-asset-publishers")
	if len(group.Attached) != 2 || !slices.Contains(group.Members, "nullplatform-demo-build-workflow-user") {
		t.Errorf("when the key was handed over, the group was %+v", group)
	}
	var last string
	for _, op := range sb.Log() {
		if op.Action == "CreateAccessKey" {
			break
		}
		last = op.Action
	}
	if !strings.Contains(last, "List") {
		t.Errorf("before the key came %s, want a read that agrees", last)
	}
}

func TestNoSafePlaceNoKey(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	if _, err := migrate.NewInstall(preview(t, a, request()), a, nil, migrate.Keeping{}); err == nil || !strings.Contains(err.Error(), "--handover") {
		t.Errorf("without a place: %v", err)
	}
	_, err := apply(t, install(t, a, request(), &keeper{refuse: errors.New("full")}))
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("with a bad place: %v", err)
	}
	if w := writes(sb); len(w) != 0 {
		t.Errorf("writes %v, want none", w)
	}
}

func TestALostHandoverIsTold(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	_, err := apply(t, install(t, a, request(), &keeper{lose: errors.New("disk full")}))
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	if err == nil || len(user.Keys) != 1 || !strings.Contains(err.Error(), "delete-access-key") || !strings.Contains(err.Error(), user.Keys[0].ID) {
		t.Fatalf("err = %v", err)
	}
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	if strings.Contains(err.Error(), secret) {
		t.Error("the secret is in the error")
	}
}

func TestAFailureInTheMiddleGoesOnLater(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	events, err := apply(t, install(t, a, request(), &keeper{}))
	if err == nil || !strings.Contains(err.Error(), "iam:AttachGroupPolicy") {
		t.Fatalf("err = %v", err)
	}
	if !slices.Contains(events, "create-key not run") {
		t.Errorf("events = %v, want that no key was made", events)
	}
	var keeps keeper
	if _, err := apply(t, install(t, a, request(), &keeps)); err != nil {
		t.Fatal(err)
	}
	if len(keeps.got) != 1 || !preview(t, a, request()).Plan.Empty() {
		t.Error("the second run did not come to the end")
	}
}

func TestStopAndGoOn(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	i := install(t, a, request(), &keeper{})
	var run *checklist.Run
	run, err := i.Start(checklist.Options{Now: time.Now, Observe: func(e checklist.Event) {
		if e.Step == "create-group" && e.State == checklist.Done {
			run.Stop()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); !errors.Is(err, checklist.ErrStopped) {
		t.Fatalf("err = %v, want a stop", err)
	}
	if slices.Contains(writes(sb), "CreateAccessKey") {
		t.Error("a key was made after the stop")
	}
	var keeps keeper
	if _, err := apply(t, install(t, a, request(), &keeps)); err != nil {
		t.Fatal(err)
	}
	if len(keeps.got) != 1 {
		t.Error("the second run handed no key over")
	}
}

func TestRecheckSeesWhatChangedInBetween(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	i := install(t, a, request(), &keeper{})
	if err := i.Recheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	api := sandboxtest.IAM(sb)
	if _, err := api.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("nullplatform-demo-asset-publishers")}); err != nil {
		t.Fatal(err)
	}
	var changed *migrate.ChangedError
	if err := i.Recheck(t.Context()); !errors.As(err, &changed) {
		t.Fatalf("err = %v, want that it changed", err)
	}
}

// Somebody else makes an entity of the same name at the same time: it is not
// overwritten.
func TestACollisionStopsCleanly(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	i := install(t, a, request(), &keeper{})
	if _, err := a.Do(t.Context(), provision.Call{Action: "iam:CreateGroup", Params: []provision.Param{{Name: "GroupName", Value: "nullplatform-demo-asset-publishers"}}}); err != nil {
		t.Fatal(err)
	}
	_, err := apply(t, i)
	var e *account.Error
	if !errors.As(err, &e) || e.Code != "EntityAlreadyExists" || !strings.Contains(err.Error(), "since the preview") {
		t.Fatalf("err = %v", err)
	}
}

func TestBlockers(t *testing.T) {
	absent := request()
	absent.Spec.Destinations[1].Bucket = "nobody-has-this"
	foreign := request()
	foreign.Spec.Destinations[1].Bucket = "taken-by-others"
	for _, tt := range []struct {
		why  string
		req  migrate.InstallRequest
		says string
	}{
		{why: "no such bucket", req: absent, says: "--create-bucket"},
		{why: "a bucket of somebody else", req: foreign, says: "another account"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, sandbox.Options{})
			a := open(t, sb, sb.Operator())
			p := preview(t, a, tt.req)
			err := p.Plan.Blocked()
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("blocked = %v, want %q", err, tt.says)
			}
			if _, err := migrate.NewInstall(p, a, &keeper{}, migrate.Keeping{}); err == nil {
				t.Error("a blocked plan must be refused")
			}
			if w := writes(sb); len(w) != 0 {
				t.Errorf("writes %v", w)
			}
		})
	}
}

// Every right that is missing is named before anything is written.
func TestMissingRightsAreToldBeforehand(t *testing.T) {
	sb := start(t, sandbox.Options{})
	limited := limitedUser(t, sb, `{"Version":"2012-10-17","Statement":[
	  {"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Simulate*","iam:CreateUser","s3:*"],"Resource":"*"}]}`)
	p := preview(t, open(t, sb, limited), request())
	err := p.Plan.Blocked()
	for _, say := range []string{"iam:CreateGroup", "iam:CreateAccessKey", "group/nullplatform-demo-asset-publishers", "user/limited"} {
		if err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("blocked = %v, want %q named", err, say)
		}
	}
	if err != nil && strings.Contains(err.Error(), "iam:CreateUser ") {
		t.Error("a right that is there is called missing")
	}
}

// Where rights cannot be simulated, that is said, and the install goes on.
func TestUncheckableRightsAreSaid(t *testing.T) {
	sb := start(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:SimulatePrincipalPolicy", Times: -1})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:GetAccountSummary", Times: -1})
	p := preview(t, open(t, sb, sb.Operator()), request())
	if p.Plan.Blocked() != nil || len(p.Unchecked) != 2 {
		t.Errorf("blocked %v, unchecked %q; want no block and both said", p.Plan.Blocked(), p.Unchecked)
	}
}

// A boundary that is not there would be refused after half of the calls.
func TestABoundaryMustBeThere(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	req := request()
	req.Spec.PermissionsBoundary = "arn:aws:iam::123456789012:policy/nowhere"
	if err := preview(t, a, req).Plan.Blocked(); err == nil || !strings.Contains(err.Error(), "nowhere does not exist") {
		t.Errorf("blocked = %v", err)
	}
	req.Spec.PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	p := preview(t, a, req)
	if p.Plan.Blocked() != nil {
		t.Fatal(p.Plan.Blocked())
	}
	for _, c := range p.Access {
		if len(c.Unread) > 0 {
			t.Errorf("%s: unread %v", c.Principal, c.Unread)
		}
		for _, g := range c.Gained {
			if g.Action == "s3:PutObject" {
				t.Error("what the boundary takes away is called gained")
			}
		}
	}
	if _, err := apply(t, install(t, a, req, &keeper{})); err != nil {
		t.Fatal(err)
	}
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	if user.Boundary != req.Spec.PermissionsBoundary {
		t.Errorf("the boundary is %q", user.Boundary)
	}
}

func limitedUser(t *testing.T, sb *sandbox.Sandbox, doc string) sandbox.Key {
	t.Helper()
	api := sandboxtest.IAM(sb)
	name := "limited"
	if _, err := api.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	made, err := api.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.Key{ID: *made.AccessKey.AccessKeyId, Secret: *made.AccessKey.SecretAccessKey}
}

func TestAFileTakesTheSecretInAnInstall(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "creds.env")
	place, err := handover.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := install(t, a, request(), place)
	if _, err := apply(t, i); err != nil {
		t.Fatal(err)
	}
	secret, _ := sb.TestOnlySecret(i.Result().KeyID)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), secret) {
		t.Errorf("the file does not hold the secret (%v)", err)
	}
}
