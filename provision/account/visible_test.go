package account_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// upgradeCalls are the calls that bring a scenario to the current contract.
func upgradeCalls(t testing.TB, a *account.Account) []provision.Call {
	t.Helper()
	inv, err := a.Read(t.Context(), provision.StandingScope("demo"))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := provision.StandingOf("demo", inv).Spec("demo", provision.Contract61, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := provision.NewBlueprint(spec, inv.Place)
	if err != nil {
		t.Fatal(err)
	}
	p := provision.NewUpgrade(b, inv)
	if err := p.Blocked(); err != nil {
		t.Fatal(err)
	}
	return p.Calls()
}

// Renaming and taking away are answered with "no such entity" the second time.
// When the first answer was lost, that is what a caller gets.
func TestALostAnswerOfAnUpgradeIsNoFailure(t *testing.T) {
	for _, tt := range []struct{ scenario, action string }{
		{"legacy", "iam:UpdateGroup"},
		{"legacy-direct", "iam:DetachUserPolicy"},
		{"split", "iam:DetachGroupPolicy"},
	} {
		t.Run(tt.action, func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{Scenario: tt.scenario})
			a := open(t, sb)
			calls := upgradeCalls(t, a)
			if !slices.ContainsFunc(calls, func(c provision.Call) bool { return c.Action == tt.action }) {
				t.Fatalf("scenario %s makes no call of %s: %v", tt.scenario, tt.action, calls)
			}
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultResetAfter, Action: tt.action})
			for _, c := range calls {
				if _, err := a.Do(t.Context(), c); err != nil {
					t.Fatalf("%s: %v", c, err)
				}
			}
			if again := upgradeCalls(t, a); len(again) != 0 {
				t.Errorf("there is still %v", again)
			}
		})
	}
}

// Taking away what was never there is still a failure.
func TestRenamingNothingFails(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	_, err := open(t, sb).Do(t.Context(), provision.Call{
		Action: "iam:UpdateGroup", Resource: "arn:aws:iam::123456789012:group/old",
		Params: []provision.Param{{Name: "GroupName", Value: "old"}, {Name: "NewGroupName", Value: "new"}},
	})
	var e *account.Error
	if !errors.As(err, &e) || !e.Absent() {
		t.Errorf("err = %v, want that it is not there", err)
	}
}

// After a rename, calls and waits by the new name stand behind slow replicas.
func TestSettleWaitsForRenamesAndDirectGrants(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "legacy", Lag: 400 * time.Millisecond, Seed: 5})
	a := open(t, sb)
	calls := upgradeCalls(t, a)
	user := "nullplatform-demo-build-workflow-user"
	direct := func(action string, params ...provision.Param) provision.Call {
		return provision.Call{
			Action: action, Resource: "arn:aws:iam::123456789012:user/" + user,
			Params: append([]provision.Param{{Name: "UserName", Value: user}}, params...),
		}
	}
	managed := provision.Param{Name: "PolicyArn", Value: "arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy"}
	inline := provision.Param{Name: "PolicyName", Value: "bridge"}
	doc := provision.Param{Name: "PolicyDocument", Value: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}`}
	for _, round := range [][]provision.Call{
		append(calls, direct("iam:AttachUserPolicy", managed), direct("iam:PutUserPolicy", inline, doc)),
		{direct("iam:DetachUserPolicy", managed), direct("iam:DeleteUserPolicy", inline)},
	} {
		for _, c := range round {
			if _, err := a.Do(t.Context(), c); err != nil {
				t.Fatalf("%s: %v", c, err)
			}
		}
		sb.ClearLog()
		if err := a.Settle(t.Context(), round, 3, func(int) {}); err != nil {
			t.Fatal(err)
		}
		reads := actions(sb)
		for _, want := range []string{"ListAttachedUserPolicies", "ListUserPolicies"} {
			if !slices.ContainsFunc(reads, func(a string) bool { return a == want || a == "iam:"+want }) {
				t.Errorf("nobody asked %s: %v", want, reads)
			}
		}
	}
	u, _ := sb.Peek().User(user)
	if len(u.Attached)+len(u.Inline) != 0 {
		t.Errorf("the direct grants are still there: %+v", u)
	}
}
