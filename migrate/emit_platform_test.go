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
	"github.com/nullplatform/slipway/migrate/tofu"
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

// directly is what a direct install, whose secret goes to nullplatform,
// registers in an account of its own.
func directly(t testing.TB, spec provision.Spec) map[string]fake.Configuration {
	t.Helper()
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	r, p := registering(t, sb, a, migrate.InstallRequest{Spec: spec}, false, provision.Credentials{})
	_, err := apply(t, newInstall(t, p, a, r.Place()))
	must(t, err)
	_, err = finish(t, r, a)
	must(t, err)
	out := registered(t, sb)
	if out["ecr"].Attributes["ci.secret_key"] != "the build user's" || out["s3-configuration"].Slug == "" {
		t.Fatalf("the direct install has not registered both: %v", out)
	}
	return out
}

// What the calls register with nullplatform is what a direct install registers,
// field for field, the policy for pulls from other accounts too; the new key's
// secret is in the state and at nullplatform and nowhere else; a second run has
// nothing to do.
func TestEmitRegistersWhatInstallRegisters(t *testing.T) {
	everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
		kit.Platform(t)
		w := kit.World(t, sandbox.Options{})
		w.Write(t, "main.tf", bareRoot)
		req := platformRequest(w)
		req.Spec.CrossAccountPull, req.Spec.PullAccounts = true, []string{"111111111111", "222222222222"}
		kept := t.TempDir()
		said := emitKept(t, w, req, kept)
		if !strings.Contains(said, "nullplatform has each destination registered once") {
			t.Errorf("no proof of the registrations:\n%s", said)
		}

		if d := cmp.Diff(directly(t, req.Spec), registered(t, w.Sandbox)); d != "" {
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
}

// An apply in which nullplatform refused one registration has made the identity
// and registered the other: that is not done, though the account is as it
// should be. The next run registers what is missing, and no more, with the same
// key.
func TestEmitRegistersWhatIsMissing(t *testing.T) {
	kit := tofutest.Need(t, tofu.Terraform)
	kit.Platform(t)
	w := kit.World(t, sandbox.Options{})
	w.Write(t, "main.tf", bareRoot)
	req := platformRequest(w)
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:CreateProvider"})
	if _, err := emit(t, w, req); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("err = %v", err)
	}
	made, _ := keyOf(t, w.Sandbox)
	if got := registered(t, w.Sandbox); got["ecr"].Slug == got["s3-configuration"].Slug {
		t.Fatalf("one was to be refused, and there is %v", got)
	}

	p := emitPreview(t, w, req)
	if p.Done() || len(p.Emission.Edits) > 0 || !p.Account.Plan.Empty() {
		t.Errorf("done %t, %d edits, %v", p.Done(), len(p.Emission.Edits), p.Account.Plan.Changes)
	}
	_, err := emit(t, w, req)
	must(t, err)
	if d := cmp.Diff(directly(t, req.Spec), registered(t, w.Sandbox)); d != "" {
		t.Errorf("directly (-) and through the modules (+):\n%s", d)
	}
	if now, _ := keyOf(t, w.Sandbox); now != made {
		t.Errorf("the key was %s and is %s", made, now)
	}
	if p := emitPreview(t, w, req); !p.Done() {
		t.Error("after that there is something left")
	}

	// The root takes away what it made, as the way out of a run says.
	w.Run(t, "destroy", "-no-color", "-input=false", "-auto-approve")
	if got := w.Sandbox.Platform().Configurations(); len(got) != 1 || got[0].Slug != "aws-configuration" {
		t.Errorf("after a destroy there is %v", got)
	}
}

// emitKept carries an install through the modules out as the command does, with
// journal and backups in a directory, and gives all that was said.
func emitKept(t testing.TB, w *tofutest.World, req migrate.InstallRequest, dir string) string {
	t.Helper()
	said, err := emitJournaled(t, w, req, dir)
	must(t, err)
	return said
}

// emitJournaled is the same for a run that may fail, or go on.
func emitJournaled(t testing.TB, w *tofutest.World, req migrate.InstallRequest, dir string) (string, error) {
	t.Helper()
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := migrate.PreviewEmit(t.Context(), a, forPlatform(t, w.Sandbox, req), req, w.Environ)
	must(t, err)
	journal, err := checklist.OpenJournal(filepath.Join(dir, "journal"), checklist.JournalOptions{Now: time.Now})
	must(t, err)
	defer func() { must(t, journal.Close()) }()
	if err := p.Recall(journal); err != nil {
		return "", err
	}
	name := fmt.Sprintf("run-%d", time.Now().UnixNano())
	u, err := migrate.NewRootInstall(t.Context(), p, a, filepath.Join(dir, "backups"), name)
	if err != nil {
		return "", err
	}
	defer func() { must(t, u.Close()) }()
	must(t, migrate.BeginEmit(migrate.Keeping{Journal: journal, Run: name}, p))
	var said strings.Builder
	run, err := checklist.New(u.Steps(), checklist.Options{Now: time.Now, Journal: journal, Observe: func(e checklist.Event) {
		fmt.Fprintf(&said, "%+v\n", e)
	}})
	must(t, err)
	err = run.Do(t.Context())
	fmt.Fprintf(&said, "%+v\n%s", u.Result(), p.Diff())
	return said.String(), err
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
