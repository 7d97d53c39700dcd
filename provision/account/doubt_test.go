package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// hanging are the reads of what hangs on an entity that was there in the same
// reading.
func hanging() []string {
	return []string{
		"iam:GetUser", // Its group lists it as a member.
		"iam:GetRole", // Its user is there.
		"iam:ListAccessKeys", "iam:ListGroupsForUser", "iam:ListAttachedUserPolicies", "iam:ListAttachedGroupPolicies",
		"iam:ListAttachedRolePolicies", "iam:GetPolicyVersion", "iam:ListUserPolicies", "iam:ListGroupPolicies", "iam:ListRolePolicies",
	}
}

func deepScope(t *testing.T, sb *sandbox.Sandbox) provision.Scope {
	t.Helper()
	s := demo(t, sb).Scope()
	s.Deep = true
	return s
}

// One reader that lags behind must not make keys disappear: a plan would make
// another one.
func TestAReaderThatLagsBehindIsAskedAgain(t *testing.T) {
	for _, action := range hanging() {
		t.Run(action, func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current"})
			a, scope := open(t, sb), deepScope(t, sb)
			want, err := a.Read(t.Context(), scope)
			if err != nil {
				t.Fatal(err)
			}
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultNoSuchEntity, Action: action})
			got, err := a.Read(t.Context(), scope)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.User.Keys) != 1 || len(provision.NewPlan(demo(t, sb), got).Changes) != len(provision.NewPlan(demo(t, sb), want).Changes) {
				t.Errorf("after one reader that did not see it: %+v, want %+v", got, want)
			}
		})
	}
}

// Readers that keep to it are no proof of absence either.
func TestWhatIsGoneUnderTheReadingIsAnError(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current"})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultNoSuchEntity, Action: "iam:ListAccessKeys", Times: -1})
	_, err := open(t, sb).Read(t.Context(), demo(t, sb).Scope())
	var failed *account.Error
	if !errors.As(err, &failed) || !strings.Contains(failed.Why, "a moment ago") || !strings.Contains(failed.Way, "run again") {
		t.Errorf("err = %v", err)
	}
}
