package wizard

import (
	"context"
	"sync"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// fakeAccount is an account on paper: calls have the effect that
// [provision.Inventory.Apply] says they have.
type fakeAccount struct {
	mu  sync.Mutex
	inv *provision.Inventory
	// identityErr and readErr are given instead of an answer.
	identityErr, readErr error
	missing              []provision.Call
	unchecked            string
	// onRead and onDo are called before the answer and may block or refuse.
	// Work that a screen has given up may still ask for them, so once the
	// wizard runs they are changed by reading and doing alone.
	onRead readHook
	onDo   doHook
	reads  int
	done   []string
}

type (
	readHook func(ctx context.Context, nth int) error
	doHook   func(ctx context.Context, c provision.Call) error
)

var _ migrate.Account = (*fakeAccount)(nil)

// reading sets what happens when the account is read from now on.
func (f *fakeAccount) reading(hook readHook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.onRead = hook
}

// doing sets what happens when a call is carried out from now on.
func (f *fakeAccount) doing(hook doHook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.onDo = hook
}

func place() provision.Place {
	return provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}
}

const operator = "arn:aws:iam::123456789012:user/operator"

// freshAccount has two buckets and nothing else.
func freshAccount() *fakeAccount {
	return &fakeAccount{inv: &provision.Inventory{
		Place: place(), Caller: operator,
		Buckets: []provision.Bucket{
			{Name: "demo-assets", State: provision.BucketOwn, Region: "us-east-1"},
			{Name: "taken-by-others", State: provision.BucketForbidden},
		},
	}}
}

// installedAccount is what an install for both destinations leaves.
func installedAccount(t testing.TB) *fakeAccount {
	t.Helper()
	f := freshAccount()
	b, err := provision.NewBlueprint(bothRequest().Spec, place())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range provision.NewPlan(b, f.inv).Calls() {
		if err := f.inv.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// driftedAccount is installed, but somebody has widened the ECR policy.
func driftedAccount(t testing.TB) *fakeAccount {
	t.Helper()
	return installedWith(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}`)
}

// thinAccount is installed, but its ECR policy lacks most of what it should
// have: changing that takes nothing from anyone.
func thinAccount(t testing.TB) *fakeAccount {
	t.Helper()
	return installedWith(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}`)
}

// installedWith is installed with another ECR document.
func installedWith(t testing.TB, document string) *fakeAccount {
	t.Helper()
	f := installedAccount(t)
	for i := range f.inv.Policies {
		if f.inv.Policies[i].Name == "nullplatform-demo-ecr-manager-policy" {
			f.inv.Policies[i].Document = document
			f.inv.Policies[i].Version = "v2"
		}
	}
	return f
}

func bothRequest() migrate.InstallRequest {
	return migrate.InstallRequest{Spec: provision.Spec{
		Cluster: "demo",
		Destinations: []provision.Destination{
			{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"},
		},
	}}
}

func (f *fakeAccount) Identity(context.Context) (account.Identity, error) {
	return account.Identity{ARN: operator, Place: place()}, f.identityErr
}

func (f *fakeAccount) Read(ctx context.Context, s provision.Scope) (*provision.Inventory, error) {
	f.mu.Lock()
	f.reads++
	n, hook := f.reads, f.onRead
	f.mu.Unlock()
	if hook != nil {
		if err := hook(ctx, n); err != nil {
			return nil, err
		}
	}
	if f.readErr != nil {
		return nil, f.readErr
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	inv := f.inv.Clone()
	if s.Bucket != "" && inv.Bucket(s.Bucket) == nil {
		inv.Buckets = append(inv.Buckets, provision.Bucket{Name: s.Bucket, State: provision.BucketAbsent})
	}
	return inv, nil
}

// Deepen adds nothing: what is on paper is all known.
func (f *fakeAccount) Deepen(_ context.Context, inv *provision.Inventory) (*provision.Inventory, error) {
	return inv, nil
}

func (f *fakeAccount) Quotas(context.Context) (provision.Quotas, error) {
	return provision.Quotas{}, nil
}

func (f *fakeAccount) Versions(context.Context, string) (int, error) { return 1, nil }

func (f *fakeAccount) Rights(context.Context, []provision.Call) (account.Rights, error) {
	return account.Rights{Missing: f.missing, Unchecked: f.unchecked}, nil
}

// fakeSecret must show on one screen and nowhere else.
const fakeSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

func (f *fakeAccount) Do(ctx context.Context, c provision.Call) (account.Result, error) {
	f.mu.Lock()
	hook := f.onDo
	f.mu.Unlock()
	if hook != nil {
		if err := hook(ctx, c); err != nil {
			return account.Result{}, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, c.Operation())
	if err := f.inv.Apply(c); err != nil {
		return account.Result{}, err
	}
	if c.Action != "iam:CreateAccessKey" {
		return account.Result{}, nil
	}
	keys := f.inv.User.Keys
	keys[len(keys)-1].ID = "AKIAIOSFODNN7EXAMPLE"
	return account.Result{Key: &provision.Credentials{
		User: c.Param("UserName"), KeyID: "AKIAIOSFODNN7EXAMPLE",
		Secret: provision.NewSecret(fakeSecret), Region: "us-east-1",
	}}, nil
}

func (f *fakeAccount) Settle(_ context.Context, _ []provision.Call, agree int, tell func(int)) error {
	for i := range agree {
		tell(i + 1)
	}
	return nil
}

// change does something to the account behind slipway's back.
func (f *fakeAccount) change(do func(*provision.Inventory)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(f.inv)
}
