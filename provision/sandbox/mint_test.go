package sandbox_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// A test that searches for secrets must know those of deleted keys too, and
// each must be one that careless code damages.
func TestEverySecretIsRememberedForTests(t *testing.T) {
	s := start(t, sandbox.Options{})
	ctx, name := context.Background(), "operator"
	made, err := operatorIAM(s).CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := operatorIAM(s).DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: made.AccessKey.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	secrets := s.TestOnlySecrets()
	for who, secret := range map[string]string{"the operator": s.Operator().Secret, "the deleted key": *made.AccessKey.SecretAccessKey} {
		if !slices.Contains(secrets, secret) {
			t.Errorf("the secret of %s is not among the %d", who, len(secrets))
		}
		if len(secret) != 40 || !strings.Contains(secret, "/") || !strings.Contains(secret, "+") {
			t.Errorf("the secret of %s is %q, want 40 characters with a slash and a plus", who, secret)
		}
	}
}

// A hook that aborts plays a client that is gone.
func TestAHookMayAbortACall(t *testing.T) {
	for phase, effect := range map[sandbox.Phase]bool{sandbox.Before: false, sandbox.After: true} {
		s := start(t, sandbox.Options{Hook: func(_ sandbox.Entry, p sandbox.Phase) {
			if p == phase {
				panic(http.ErrAbortHandler)
			}
		}})
		if err := createGroup(s, "g"); err == nil || codeOf(err) != "" {
			t.Errorf("phase %d: the client got %v, want no answer", phase, err)
		}
		if _, there := s.Peek().Group("g"); there != effect {
			t.Errorf("phase %d: the call took effect: %t, want %t", phase, there, effect)
		}
	}
}
