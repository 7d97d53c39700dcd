package migrate_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// platformRequest installs into the world's root and registers both
// destinations with nullplatform.
func platformRequest(w *tofutest.World) migrate.InstallRequest {
	req := emitRequest(w, provision.Contract61)
	req.Register.NRN = fake.NRN
	return req
}

// keyOf is the only key of the build user, with its secret.
func keyOf(t testing.TB, sb *sandbox.Sandbox) (id, secret string) {
	t.Helper()
	u, _ := sb.Peek().User(buildUser)
	if len(u.Keys) != 1 {
		t.Fatalf("the build user has %d keys", len(u.Keys))
	}
	secret, _ = sb.TestOnlySecret(u.Keys[0].ID)
	return u.Keys[0].ID, secret
}

// registered is what nullplatform has been told, by specification, without what
// differs from one installation to the next: IDs, and the key, which must be
// the build user's.
func registered(t testing.TB, sb *sandbox.Sandbox) map[string]fake.Configuration {
	t.Helper()
	id, secret := keyOf(t, sb)
	out := map[string]fake.Configuration{}
	for _, c := range sb.Platform().Configurations() {
		if _, twice := out[c.Slug]; twice {
			t.Errorf("%s is registered twice", c.Slug)
		}
		c.ID = ""
		for path, own := range map[string]string{"ci.access_key": id, "ci.secret_key": secret} {
			if c.Attributes[path] == own {
				c.Attributes[path] = "the build user's"
			}
		}
		out[c.Slug] = c
	}
	return out
}

// What the calls register with nullplatform is what a direct install registers,
// field for field; the new key's secret is in the state and at nullplatform and
// nowhere else; a second run has nothing to do.
func TestEmitRegistersWhatInstallRegisters(t *testing.T) {
	for _, tt := range []struct {
		why string
		set func(*provision.Spec)
	}{
		{"images for one account", func(*provision.Spec) {}},
		{"images that other accounts pull, whose policy is registered too", func(s *provision.Spec) {
			s.CrossAccountPull, s.PullAccounts = true, []string{"111111111111", "222222222222"}
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
				kit.Platform(t)
				w := kit.World(t, sandbox.Options{})
				w.Write(t, "main.tf", bareRoot)
				req := platformRequest(w)
				tt.set(&req.Spec)
				kept := t.TempDir()
				said := emitKept(t, w, req, kept)

				direct := start(t, sandbox.Options{})
				other := request()
				tt.set(&other.Spec)
				a := open(t, direct, direct.Operator())
				r, p := registering(t, direct, a, other, false, provision.Credentials{})
				_, err := apply(t, newInstall(t, p, a, r.Place()))
				must(t, err)
				_, err = finish(t, r, a)
				must(t, err)
				want := registered(t, direct)
				if want["ecr"].Attributes["ci.secret_key"] != "the build user's" || want["s3-configuration"].Slug == "" {
					t.Fatalf("the direct install has not registered both: %v", want)
				}
				if d := cmp.Diff(want, registered(t, w.Sandbox)); d != "" {
					t.Errorf("directly (-) and through the modules (+):\n%s", d)
				}

				_, secret := keyOf(t, w.Sandbox)
				leaks(t, w, secret, kept, said)

				before := writes(w.Sandbox)
				if p := emitPreview(t, w, req); !p.Done() {
					t.Errorf("again: %d edits, %v", len(p.Emission.Edits), p.Account.Plan.Changes)
				}
				if d := cmp.Diff(before, writes(w.Sandbox)); d != "" {
					t.Errorf("looking again has changed something:\n%s", d)
				}
			})
		})
	}
}

// emitKept carries an install through the modules out as the command does, with
// journal and backups in a directory, and gives all that was said.
func emitKept(t testing.TB, w *tofutest.World, req migrate.InstallRequest, dir string) string {
	t.Helper()
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := migrate.PreviewEmit(t.Context(), a, req, w.Environ)
	must(t, err)
	journal, err := checklist.OpenJournal(filepath.Join(dir, "journal"), checklist.JournalOptions{Now: time.Now})
	must(t, err)
	defer func() { must(t, journal.Close()) }()
	must(t, migrate.BeginEmit(migrate.Keeping{Journal: journal, Run: "run"}, p))
	u, err := migrate.NewRootInstall(t.Context(), p, a, filepath.Join(dir, "backups"), "run")
	must(t, err)
	defer func() { must(t, u.Close()) }()
	var said strings.Builder
	run, err := checklist.New(u.Steps(), checklist.Options{Now: time.Now, Journal: journal, Observe: func(e checklist.Event) {
		fmt.Fprintf(&said, "%+v\n", e)
	}})
	must(t, err)
	must(t, run.Do(t.Context()))
	if result := u.Result(); len(result.Proofs) != 3 {
		t.Errorf("proofs: %+v", result.Proofs)
	}
	fmt.Fprintf(&said, "%+v\n%s", u.Result(), p.Diff())
	return said.String()
}

// leaks looks for a secret wherever a run leaves something, but for the state.
func leaks(t testing.TB, w *tofutest.World, secret, kept, said string) {
	t.Helper()
	planted := sandboxtest.Plant(secret)
	state := filepath.Join(w.Dir, "terraform.tfstate")
	if found, err := planted.InTree(w.Dir); err != nil || len(found) != 1 || !strings.HasPrefix(found[0], state) {
		t.Errorf("in the root the secret is in %v, and belongs into the state: %v", found, err)
	}
	for _, dir := range []string{w.Temp, kept} {
		if found, err := planted.InTree(dir); err != nil || len(found) > 0 {
			t.Errorf("the secret is in %v: %v", found, err)
		}
	}
	for what, text := range map[string]string{"the words": said, "the log of calls": fmt.Sprintf("%+v", w.Sandbox.Log())} {
		if form := planted.In(text); form != "" {
			t.Errorf("%s have the secret, %s", what, form)
		}
	}
}
