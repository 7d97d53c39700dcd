package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// impatient waits for an answer for so long as a test can bear.
func impatient(t *testing.T, sb *sandbox.Sandbox) *account.Account {
	t.Helper()
	o := optionsFor(sb, sb.Operator())
	o.AnswerWithin, o.LongestBackoff = 500*time.Millisecond, 10*time.Millisecond
	a, err := account.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A connection that is dead without anybody saying so must not hold slipway
// for ever: the call is tried again on another one.
func TestACallWithoutAnswerIsTriedAgain(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter, Action: "iam:GetUser"})
	inv, err := impatient(t, sb).Read(t.Context(), provision.Scope{User: "operator"})
	if err != nil || inv.User == nil {
		t.Errorf("after one attempt without an answer: %v", err)
	}
}

// Except for the one of which a second does harm.
func TestAKeyWithoutAnswerIsNotTriedAgain(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter, Action: "iam:CreateAccessKey"})
	_, err := impatient(t, sb).Do(t.Context(), provision.Call{
		Action: "iam:CreateAccessKey", Resource: "arn:aws:iam::123456789012:user/operator",
		Params: []provision.Param{{Name: "UserName", Value: "operator"}},
	})
	var failed *account.Error
	if !errors.As(err, &failed) || !strings.Contains(failed.Why, "did not answer in time") {
		t.Errorf("err = %v, want that there was no answer", err)
	}
	if user, _ := sb.Peek().User("operator"); len(user.Keys) != 2 {
		t.Errorf("%d keys, want the first and the one whose answer was lost", len(user.Keys))
	}
}

// Whoever is told that it exists already must not take it for somebody else's
// when an answer was lost before.
func TestALostAnswerIsTold(t *testing.T) {
	for _, tt := range []struct {
		why  string
		kind sandbox.FaultKind
		lost bool
	}{
		{why: "no answer came", kind: sandbox.FaultTimeoutAfter, lost: true},
		{why: "the connection broke", kind: sandbox.FaultResetAfter, lost: true},
		{why: "half an answer came", kind: sandbox.FaultMalformed, lost: true},
		{why: "the service did not know", kind: sandbox.FaultInternal, lost: true},
		{why: "a refusal is an answer", kind: sandbox.FaultAccessDenied},
		{why: "so is being told to slow down", kind: sandbox.FaultThrottle},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{})
			a := impatient(t, sb)
			call := provision.Call{
				Action: "iam:CreateGroup", Resource: "arn:aws:iam::123456789012:group/g",
				Params: []provision.Param{{Name: "GroupName", Value: "g"}},
			}
			if _, err := a.Do(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			sb.Inject(sandbox.Fault{Kind: tt.kind, Action: "iam:CreateGroup"})
			_, err := a.Do(t.Context(), call)
			var failed *account.Error
			if !errors.As(err, &failed) || failed.Lost != tt.lost {
				t.Errorf("err = %v, want lost: %t", err, tt.lost)
			}
			if strings.Contains(failed.Why, "somebody made it") && tt.lost {
				t.Errorf("it blames somebody: %s", failed.Why)
			}
		})
	}
}
