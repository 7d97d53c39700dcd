package migrate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// upgraded is an account after an upgrade from contract 3.4, and its preview.
func upgraded(t *testing.T, o sandbox.Options) (*sandbox.Sandbox, migrate.Evidence, *migrate.UpgradePreview) {
	t.Helper()
	o.Scenario = "legacy"
	sb := start(t, o)
	a := open(t, sb, sb.Operator())
	p := previewUpgrade(t, a, upgradeRequest())
	u, err := migrate.NewAccountUpgrade(p, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runSteps(t, u.Steps()); err != nil {
		t.Fatal(err)
	}
	return sb, a, p
}

// What is seen of publishing after an upgrade never says that the upgrade has
// failed, and says no only where a build would be refused.
func TestPublishingAfterAnUpgrade(t *testing.T) {
	for _, tt := range []struct {
		why     string
		prepare func(t *testing.T, sb *sandbox.Sandbox) (key provision.Credentials, err error)
		verdict migrate.Verdict // of the probe
		denied  bool
		say     string
	}{
		{"with the key it publishes", func(t *testing.T, sb *sandbox.Sandbox) (provision.Credentials, error) {
			return secondKey(t, sb), nil
		}, migrate.Pass, false, "rounds in a row"},
		{"the ID of the only key need not be given", func(_ *testing.T, sb *sandbox.Sandbox) (provision.Credentials, error) {
			u, _ := sb.Peek().User(buildUser)
			secret, _ := sb.TestOnlySecret(u.Keys[0].ID)
			return provision.Credentials{Secret: provision.NewSecret(secret)}, nil
		}, migrate.Pass, false, "rounds in a row"},
		{"without a secret it says how to look", func(*testing.T, *sandbox.Sandbox) (provision.Credentials, error) {
			return provision.Credentials{}, nil
		}, migrate.NotRun, false, "slipway verify --cluster demo"},
		{"of two keys it does not guess one", func(t *testing.T, sb *sandbox.Sandbox) (provision.Credentials, error) {
			return provision.Credentials{Secret: secondKey(t, sb).Secret}, nil
		}, migrate.NotRun, false, "2 active keys"},
		{"somebody else's key is not tried", func(_ *testing.T, sb *sandbox.Sandbox) (provision.Credentials, error) {
			return provision.Credentials{KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret)}, nil
		}, migrate.NotRun, false, "no active key of " + buildUser},
		{"who stops at the question has not failed", func(*testing.T, *sandbox.Sandbox) (provision.Credentials, error) {
			return provision.Credentials{}, checklist.ErrStopped
		}, migrate.NotRun, false, "it was stopped"},
		{"a refusal is said, and is no success", func(t *testing.T, sb *sandbox.Sandbox) (provision.Credentials, error) {
			key := secondKey(t, sb)
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "ecr:GetAuthorizationToken", Times: -1})
			return key, nil
		}, migrate.Fail, true, "ecr:GetAuthorizationToken"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb, acct, p := upgraded(t, sandbox.Options{})
			key, keyErr := tt.prepare(t, sb)
			// Five seconds are for the refusal: what works does so at once.
			patience := time.Minute
			if tt.denied {
				patience = 5 * time.Second
			}
			list := migrate.SeePublishing(t.Context(), acct, []*migrate.UpgradePreview{p}, migrate.PublishingLook{
				Name: "test", Patience: patience, Tell: func(int, string) {},
				Key: func(context.Context, string, []string) (provision.Credentials, error) { return key, keyErr },
			})
			if len(list) != 1 || list[0].Cluster != "demo" || list[0].Denied != tt.denied {
				t.Fatalf("seen: %+v", list)
			}
			i := slices.IndexFunc(list[0].Checks, func(c migrate.Check) bool { return c.ID == "probe" })
			if i < 0 {
				t.Fatalf("no probe among %+v", list[0].Checks)
			}
			if c := list[0].Checks[i]; c.Verdict != tt.verdict || !strings.Contains(c.Found+c.Way, tt.say) {
				t.Errorf("the probe: %+v, want %s and %q said", c, tt.verdict, tt.say)
			}
			if slices.ContainsFunc(list[0].Checks, func(c migrate.Check) bool { return c.ID == "registered" }) {
				t.Error("it says something of nullplatform, which was not asked")
			}
		})
	}
}

// A reader that lags behind the upgrade is waited for, and is no refusal.
func TestPublishingIsLookedAtUntilReadersAgree(t *testing.T) {
	sb, acct, p := upgraded(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultNoSuchEntity, Action: "iam:GetUser"})
	list := migrate.SeePublishing(t.Context(), acct, []*migrate.UpgradePreview{p}, migrate.PublishingLook{
		Name: "test", Patience: time.Minute, Tell: func(int, string) {},
		Key: func(context.Context, string, []string) (provision.Credentials, error) {
			return provision.Credentials{}, nil
		},
	})
	for _, c := range list[0].Checks {
		if c.Verdict == migrate.Fail {
			t.Errorf("it says no: %+v", c)
		}
	}
}
