package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
)

// registering looks at what is to be registered for an install of the demo
// cluster.
func registering(t testing.TB, sb *sandbox.Sandbox, a migrate.Account, req migrate.InstallRequest, update bool, key provision.Credentials) (*migrate.Registering, *migrate.InstallPreview) {
	t.Helper()
	p := preview(t, a, req)
	r := migrate.NewRegistering(registry(t, sb), target(t), update)
	if err := r.Look(t.Context(), p, p.Inventory, key); err != nil {
		t.Fatal(err)
	}
	return r, p
}

// finish runs the steps after an install.
func finish(t testing.TB, r *migrate.Registering, a *account.Account) ([]string, error) {
	t.Helper()
	return run(t, r.Steps(a, "test"))
}

func run(t testing.TB, steps []checklist.Step) ([]string, error) {
	t.Helper()
	var events []string
	observe := func(e checklist.Event) { events = append(events, e.Step+" "+string(e.State)+" "+e.Detail) }
	list, err := checklist.New(steps, checklist.Options{Observe: observe, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return events, list.Do(t.Context())
}

// whole installs, registers and proves, with a handover.
func whole(t testing.TB, sb *sandbox.Sandbox, a *account.Account, place func(*migrate.Registering) handover.Place) (*migrate.Registering, error) {
	t.Helper()
	r, p := registering(t, sb, a, request(), false, provision.Credentials{})
	if err := r.Refusal(); err != nil {
		return r, err
	}
	if !p.Plan.Empty() {
		if _, err := apply(t, newInstall(t, p, a, place(r))); err != nil {
			return r, err
		}
	}
	_, err := finish(t, r, a)
	return r, err
}

func attributes(sb *sandbox.Sandbox, slug string) map[string]string {
	for _, c := range sb.Platform().Configurations() {
		if c.Slug == slug {
			return c.Attributes
		}
	}
	return nil
}

// The secret goes from AWS into the registration and nowhere else; CI can
// publish with it, and a second run writes nothing.
func TestInstallRegistersAndProves(t *testing.T) {
	var keeps keeper
	for name, place := range map[string]func(*migrate.Registering) handover.Place{
		"handed over to nullplatform": (*migrate.Registering).Place,
		"handed over to a file, too":  func(r *migrate.Registering) handover.Place { return r.Keeping(&keeps) },
	} {
		t.Run(name, func(t *testing.T) {
			sb := start(t, sandbox.Options{Lag: 100 * time.Millisecond, Seed: 5, Platform: fake.Options{ShowKeyID: true}})
			a := open(t, sb, sb.Operator())
			r, err := whole(t, sb, a, place)
			if err != nil {
				t.Fatal(err)
			}
			u, _ := sb.Peek().User(buildUser)
			secret, _ := sb.TestOnlySecret(u.Keys[0].ID)
			got := attributes(sb, "ecr")
			if len(u.Keys) != 1 || got["ci.access_key"] != u.Keys[0].ID || got["ci.secret_key"] != secret {
				t.Errorf("registered key %s of %v", got["ci.access_key"], u.Keys)
			}
			if attributes(sb, "s3-configuration")["bucket.name"] != "demo-assets" {
				t.Error("the bucket is not registered")
			}
			if text := fmt.Sprintf("%+v %#v %v", r.Survey(), r.Registered(), r.Place()); strings.Contains(text, secret) {
				t.Error("what is left of it tells the secret")
			}
			sb.ClearLog()
			if _, err := whole(t, sb, a, place); err != nil {
				t.Fatal(err)
			}
			if w := writes(sb); len(w) != 0 {
				t.Errorf("the second run wrote %v", w)
			}
		})
	}
}

// Nothing is begun that could not be ended: what nullplatform would refuse is
// told before the first change of the account.
func TestRegistrationIsRefusedBeforehand(t *testing.T) {
	for _, tt := range []struct {
		why, scenario string
		key           bool // there is an identity with a key already
		say           []string
	}{
		{"the specification is missing", "no-s3-specification", false, []string{"s3-configuration", "leave the registration out"}},
		{"ECR has no account", "no-account", false, []string{"aws-configuration", "add the account"}},
		{"registered twice", "duplicates", false, []string{"2 times", "delete all but one"}},
		{"other values are registered: a word is needed", "different", true, []string{"application-role-before", "--update-registration"}},
		{"the secret is not known any more", "ready", true, []string{"takes the secret", "BUILD_AWS_SECRET_ACCESS_KEY"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			o := sandbox.Options{Platform: fake.Options{Scenario: tt.scenario}}
			if tt.key {
				o.Scenario = "current"
			}
			sb := start(t, o)
			a := open(t, sb, sb.Operator())
			_, err := whole(t, sb, a, (*migrate.Registering).Place)
			var refused *migrate.RegistrationError
			if !errors.As(err, &refused) {
				t.Fatalf("err = %v", err)
			}
			for _, say := range tt.say {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("err = %v, want %q said", err, say)
				}
			}
			if w := writes(sb); len(w) != 0 {
				t.Errorf("written: %v", w)
			}
		})
	}
}

// With the word, an existing registration gets the values that are wanted, the
// secret included.
func TestUpdateARegistration(t *testing.T) {
	sb := start(t, sandbox.Options{Scenario: "current", Platform: fake.Options{Scenario: "different"}})
	a := open(t, sb, sb.Operator())
	key := secondKey(t, sb)
	r, _ := registering(t, sb, a, request(), true, key)
	if err := r.Refusal(); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(t, r, a); err != nil {
		t.Fatal(err)
	}
	got := attributes(sb, "ecr")
	if got["setup.role_arn"] != "arn:aws:iam::123456789012:role/nullplatform-demo-application-role" || got["ci.access_key"] != key.KeyID || got["ci.secret_key"] != key.Secret.Reveal() {
		t.Errorf("registered: %s %s", got["setup.role_arn"], got["ci.access_key"])
	}
}

// A key of somebody else is not registered.
func TestAnothersKeyIsNotRegistered(t *testing.T) {
	sb := start(t, sandbox.Options{Scenario: "current", Platform: fake.Options{Scenario: "ready"}})
	a := open(t, sb, sb.Operator())
	r, _ := registering(t, sb, a, request(), false, provision.Credentials{KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret)})
	if err := r.Refusal(); err == nil || !strings.Contains(err.Error(), "no active key of "+buildUser) || strings.Contains(err.Error(), sb.Operator().Secret) {
		t.Errorf("err = %v", err)
	}
}

// The handover to nullplatform takes no key where it could not keep it.
func TestNullplatformAsAPlace(t *testing.T) {
	for _, tt := range []struct {
		why    string
		change func(sb *sandbox.Sandbox)
		kinds  []provision.Destination
		say    string
	}{
		{"a bucket's registration carries no key", nil, []provision.Destination{{Kind: provision.S3, Bucket: "demo-assets"}}, "carries no key"},
		{"somebody registered it since the preview", func(sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyAdd(fake.NRN, "ecr", map[string]any{"ci": map[string]any{"region": "us-east-1"}, "setup": map[string]any{}})
		}, request().Spec.Destinations, "has changed since the preview"},
		{"nullplatform is gone", func(sb *sandbox.Sandbox) {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Service: "platform", Times: -1})
		}, request().Spec.Destinations, "may not do this here"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, sandbox.Options{})
			a := open(t, sb, sb.Operator())
			req := request()
			req.Spec.Destinations = tt.kinds
			r, p := registering(t, sb, a, req, false, provision.Credentials{})
			if tt.change != nil {
				tt.change(sb)
			}
			_, err := apply(t, newInstall(t, p, a, r.Place()))
			if err == nil || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("err = %v, want %q said", err, tt.say)
			}
			if slices.Contains(writes(sb), "CreateAccessKey") {
				t.Error("a key was made")
			}
		})
	}
}

// Whatever single failure nullplatform has, at whatever request, the run ends
// well or says why; run again it ends well, with one key, registered once, with
// its secret.
func TestFaultsWhileRegistering(t *testing.T) {
	kinds := []sandbox.FaultKind{
		sandbox.FaultThrottle, sandbox.FaultInternal, sandbox.FaultAccessDenied, sandbox.FaultReset, sandbox.FaultResetAfter,
		sandbox.FaultMalformed, sandbox.FaultPage, sandbox.FaultUnauthorized,
	}
	for _, kind := range kinds {
		for _, action := range []string{"CreateToken", "ListSpecifications", "ListProviders", "ReadProvider", "CreateProvider"} {
			t.Run(kind.String()+"/"+action, func(t *testing.T) {
				sb := start(t, sandbox.Options{Platform: fake.Options{ShowKeyID: true}})
				a := open(t, sb, sb.Operator())
				sb.Inject(sandbox.Fault{Kind: kind, Service: "platform", Action: action})
				var keeps keeper
				err := runWhole(t, sb, a, &keeps)
				if err != nil {
					err = runWhole(t, sb, a, &keeps)
				}
				if err != nil {
					t.Fatal(err)
				}
				u, _ := sb.Peek().User(buildUser)
				got := attributes(sb, "ecr")
				secret, _ := sb.TestOnlySecret(u.Keys[0].ID)
				if n := len(sb.Platform().Configurations()); n != 3 || len(u.Keys) != 1 || got["ci.access_key"] != u.Keys[0].ID || got["ci.secret_key"] != secret {
					t.Errorf("%d configurations, %d keys, %s registered", n, len(u.Keys), got["ci.access_key"])
				}
			})
		}
	}
}

// runWhole runs everything as a person would: the secret that was handed over is
// given where it is wanted.
func runWhole(t *testing.T, sb *sandbox.Sandbox, a *account.Account, keeps *keeper) error {
	t.Helper()
	p := preview(t, a, request())
	r := migrate.NewRegistering(registry(t, sb), target(t), false)
	var key provision.Credentials
	if len(keeps.got) > 0 {
		key = keeps.got[0]
	}
	if err := r.Look(context.Background(), p, p.Inventory, key); err != nil {
		return err
	}
	if err := r.Refusal(); err != nil {
		return err
	}
	if !p.Plan.Empty() {
		if _, err := apply(t, newInstall(t, p, a, r.Keeping(keeps))); err != nil {
			return err
		}
	}
	_, err := finish(t, r, a)
	return err
}

// newInstall is an install of a preview that was made before.
func newInstall(t testing.TB, p *migrate.InstallPreview, a migrate.Account, place handover.Place) *migrate.Install {
	t.Helper()
	i, err := migrate.NewInstall(p, a, place, migrate.Keeping{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}
