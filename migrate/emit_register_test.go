package migrate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

const (
	ecrAddress = "module.asset_repository.nullplatform_provider_config.ecr"
	s3Address  = "module.asset_s3.nullplatform_provider_config.s3"
)

// registeredWorld is a root beside an account that was installed and registered
// directly.
func registeredWorld(t *testing.T, kit *tofutest.Kit, o sandbox.Options) *tofutest.World {
	t.Helper()
	kit.Platform(t)
	w := kit.World(t, o)
	_, err := whole(t, w.Sandbox, open(t, w.Sandbox, w.Sandbox.Operator()), (*migrate.Registering).Place)
	must(t, err)
	w.Write(t, "main.tf", bareRoot)
	return w
}

// atPlatform counts the calls of one action to nullplatform.
func atPlatform(sb *sandbox.Sandbox, action string) int {
	n := 0
	for _, e := range sb.Log() {
		if e.Service == "platform" && e.Action == action {
			n++
		}
	}
	return n
}

// What is registered already is taken over, with the word that lets CI get the
// new key: without it nothing is written, and with it there is still one
// registration of each, the same one, and the bucket's is not touched. Again
// there is nothing to do.
func TestEmitTakesARegistrationOver(t *testing.T) {
	everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
		w := registeredWorld(t, kit, sandbox.Options{})
		before := w.Sandbox.Platform().Configurations()
		req := platformRequest(w)
		w.Sandbox.ClearLog()
		_, err := emit(t, w, req)
		var refused *migrate.RegistrationError
		if !errors.As(err, &refused) || len(refused.Updates) != 1 || !strings.Contains(err.Error(), "ci.access_key becomes the new key") || !strings.Contains(err.Error(), "--update-registration") {
			t.Fatalf("err = %v", err)
		}
		if _, err := os.Stat(filepath.Join(w.Dir, "publishing_identity.tf")); err == nil || len(writes(w.Sandbox)) > 0 {
			t.Errorf("a refused run has written: %v, %v", err, writes(w.Sandbox))
		}

		req.Allow.Registration = true
		_, err = emit(t, w, req)
		must(t, err)
		u, _ := w.Sandbox.Peek().User(buildUser)
		if len(u.Keys) != 2 {
			t.Fatalf("the build user has %d keys", len(u.Keys))
		}
		want := slices.Clone(before)
		for i, c := range want {
			if c.Slug == "ecr" {
				want[i].Attributes["ci.access_key"] = u.Keys[1].ID
				want[i].Attributes["ci.secret_key"], _ = w.Sandbox.TestOnlySecret(u.Keys[1].ID)
			}
		}
		if d := cmp.Diff(want, w.Sandbox.Platform().Configurations()); d != "" {
			t.Errorf("(-wanted +is)\n%s", d)
		}
		if n := atPlatform(w.Sandbox, "UpdateProvider"); n != 1 {
			t.Errorf("%d configurations were written to, and only the one with the key was to be", n)
		}
		log := writes(w.Sandbox)
		req.Allow.Registration = false
		if p := emitPreview(t, w, req); !p.Done() || p.Refusal() != nil {
			t.Errorf("again: done %t, %v", p.Done(), p.Refusal())
		}
		if d := cmp.Diff(log, writes(w.Sandbox)); d != "" {
			t.Errorf("looking again has changed something:\n%s", d)
		}
	})
}

// What keeps a direct install from registering keeps the modules from it, in the
// same words and before anything is written, also where a pipeline applies.
func TestEmitIsRefusedAsInstallIs(t *testing.T) {
	const narrower = fake.NRN + ":namespace=9"
	// Both destinations are asked for at once; which answer comes first is open.
	either := strings.NewReplacer("s3-configuration", "DESTINATION", "aws-configuration", "DESTINATION", "=ecr ", "=DESTINATION ", "list the ecr", "list the DESTINATION")
	for _, tt := range []struct {
		why   string
		nrn   string
		given func(t *testing.T, sb *sandbox.Sandbox)
		say   string
	}{
		{"it is there twice, and nobody here knows which counts", "", func(_ *testing.T, sb *sandbox.Sandbox) {
			for range 2 {
				sb.Platform().TestOnlyAdd(fake.NRN, "ecr", map[string]any{"ci": map[string]any{"region": "us-east-1"}})
			}
		}, "is there 2 times"},
		{"another bucket: builds would go elsewhere", "", func(_ *testing.T, sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyAdd(fake.NRN, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "of-others"}})
		}, "bucket.name is of-others and becomes demo-assets"},
		{"another account's role: its builds would go here", "", func(_ *testing.T, sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyAdd(fake.NRN, "ecr", map[string]any{
				"ci":    map[string]any{"region": "us-east-1", "access_key": nil, "secret_key": nil},
				"setup": map[string]any{"region": "us-east-1", "role_arn": "arn:aws:iam::999999999999:role/other", "naming_rule": platform.DefaultNamingRule, "policy": ""},
			})
		}, "setup.role_arn is arn:aws:iam::999999999999:role/other"},
		{"a place of another organisation", "organization=1:account=2", nil, "belongs to organisation 4242"},
		{"a place that is not there", "organization=4242:account=1", nil, "does not exist"},
		{"nullplatform knows no AWS account there", "", func(_ *testing.T, sb *sandbox.Sandbox) {
			sb.Platform().TestOnlyRemove(sb.Platform().Configurations()[0].ID)
		}, "needs an AWS account"},
		{"what is registered may not be read", "", func(_ *testing.T, sb *sandbox.Sandbox) {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:ListProviders", Times: -1})
		}, "may not do this here"},
		{"the API does not answer", narrower, func(_ *testing.T, sb *sandbox.Sandbox) {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultInternal, Service: "platform", Times: -1})
		}, "could not answer"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, sandbox.Options{})
			if tt.given != nil {
				tt.given(t, sb)
			}
			a := open(t, sb, sb.Operator())
			req := request()
			req.Register.NRN = fake.NRN
			if tt.nrn != "" {
				req.Register.NRN = tt.nrn
			}
			p := preview(t, a, req)
			direct := forPlatform(t, sb, req)
			want := direct.Look(t.Context(), p, p.Inventory, provision.Credentials{})
			if want == nil {
				want = direct.Refusal()
			}
			if want == nil || !strings.Contains(want.Error(), tt.say) {
				t.Fatalf("a direct install says %v", want)
			}
			for _, writeOnly := range []bool{false, true} {
				dir := t.TempDir()
				must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
				req.Emit = &migrate.EmitRequest{Dir: dir, WriteOnly: writeOnly}
				p, err := migrate.PreviewEmit(t.Context(), a, forPlatform(t, sb, req), req, nil)
				if err == nil {
					err = p.Refusal()
				}
				if err == nil || either.Replace(err.Error()) != either.Replace(want.Error()) {
					t.Errorf("directly: %v\nthrough the modules: %v", want, err)
				}
				if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
					t.Errorf("written: %v, %v", files, err)
				}
			}
			if got := writes(sb); len(got) > 0 {
				t.Errorf("changed: %v", got)
			}
		})
	}
}

// Without a way to ask nullplatform nothing is registered blindly.
func TestEmitNeedsNullplatform(t *testing.T) {
	sb := start(t, sandbox.Options{})
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
	req := request()
	req.Register.NRN, req.Emit = fake.NRN, &migrate.EmitRequest{Dir: dir, WriteOnly: true}
	_, err := migrate.PreviewEmit(t.Context(), open(t, sb, sb.Operator()), nil, req, nil)
	var q *provision.Problem
	if !errors.As(err, &q) || q.Field != "nrn" || !strings.Contains(q.Way, "NULLPLATFORM_API_KEY") {
		t.Errorf("err = %v", err)
	}
}

// What is registered above the place stays as it is and is told of; a place of
// one's own is registered.
func TestEmitTellsOfAPlaceAbove(t *testing.T) {
	sb := start(t, sandbox.Options{})
	sb.Platform().TestOnlyAdd("organization="+fake.Organization, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "of-all"}})
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
	req := request()
	req.Register.NRN, req.Emit = fake.NRN, &migrate.EmitRequest{Dir: dir, WriteOnly: true}
	p, err := migrate.PreviewEmit(t.Context(), open(t, sb, sb.Operator()), forPlatform(t, sb, req), req, nil)
	must(t, err)
	if p.Refusal() != nil || !slices.ContainsFunc(p.Account.Survey.Notes, func(n string) bool { return strings.Contains(n, "what is closer wins") }) {
		t.Errorf("refusal %v, notes %v", p.Refusal(), p.Account.Survey.Notes)
	}
	for _, call := range p.Emission.Registrations {
		if call.TakesOver != "" {
			t.Errorf("%s takes %s over", call.Call, call.TakesOver)
		}
	}
}

// The update of the registration is refused after the key was made and the
// registration taken into the state. That is not done, though the account is as
// it should be and nullplatform does not tell which key it has; the next run of
// the same command needs no other word and makes no other key.
func TestEmitGoesOnAfterARefusedUpdate(t *testing.T) {
	w := registeredWorld(t, tofutest.Need(t, tofu.Terraform), sandbox.Options{})
	req, kept := platformRequest(w), t.TempDir()
	req.Allow.Registration = true
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:UpdateProvider"})
	if _, err := emitJournaled(t, w, req, kept); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("err = %v", err)
	}
	u, _ := w.Sandbox.Peek().User(buildUser)
	if old := attributes(w.Sandbox, "ecr")["ci.access_key"]; len(u.Keys) != 2 || old != u.Keys[0].ID {
		t.Fatalf("the user has %d keys, and %s is registered", len(u.Keys), old)
	}
	req.Allow.Registration = false
	if p := emitPreview(t, w, req); p.Done() || p.Refusal() == nil {
		t.Errorf("done %t, and without the word: %v", p.Done(), p.Refusal())
	}
	_, err := emitJournaled(t, w, req, kept)
	must(t, err)
	after, _ := w.Sandbox.Peek().User(buildUser)
	if d := cmp.Diff(u, after); d != "" {
		t.Errorf("the user:\n%s", d)
	}
	if now := attributes(w.Sandbox, "ecr")["ci.access_key"]; now != u.Keys[1].ID {
		t.Errorf("%s is registered", now)
	}
	if n := len(w.Sandbox.Platform().Configurations()); n != 3 {
		t.Errorf("%d configurations", n)
	}
	if p := emitPreview(t, w, req); !p.Done() {
		t.Error("after that there is something left")
	}
}

// An apply was cut off before the tool could write the state: identity and
// registration are there, and no state tells of them. They are taken over, the
// same ones. CI may have the lost key from nullplatform already, so it is
// deleted only after another one is registered; nullplatform tells which it has
// or does not.
func TestEmitGoesOnAfterAStateThatWasLost(t *testing.T) {
	kit := tofutest.Need(t, tofu.Terraform)
	kit.Platform(t)
	for _, tells := range []bool{false, true} {
		w := kit.World(t, sandbox.Options{Platform: fake.Options{ShowKeyID: tells}})
		w.Write(t, "main.tf", bareRoot)
		req, kept := platformRequest(w), t.TempDir()
		w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachRolePolicy"})
		if _, err := emitJournaled(t, w, req, kept); err == nil {
			t.Fatal("nothing was refused, so the test shows nothing")
		}
		lost, _ := keyOf(t, w.Sandbox)
		was := attributes(w.Sandbox, "ecr")
		if was["ci.access_key"] != lost {
			t.Fatalf("%q is registered, so the test shows nothing", was["ci.access_key"])
		}
		must(t, os.Remove(filepath.Join(w.Dir, "terraform.tfstate")))
		configurations := w.Sandbox.Platform().Configurations()
		w.Sandbox.ClearLog()

		_, err := emitJournaled(t, w, req, kept)
		must(t, err)
		now, _ := keyOf(t, w.Sandbox)
		if after := attributes(w.Sandbox, "ecr")["ci.access_key"]; now == lost || after != now {
			t.Errorf("the key was %s and is %s, and %s is registered", lost, now, after)
		}
		for i, c := range w.Sandbox.Platform().Configurations() {
			if c.ID != configurations[i].ID {
				t.Errorf("%s was %s and is %s", c.Slug, configurations[i].ID, c.ID)
			}
		}
		var order []string
		for _, e := range w.Sandbox.Log() {
			if e.Action == "UpdateProvider" || e.Action == "DeleteAccessKey" {
				order = append(order, e.Action)
			}
		}
		if !slices.Equal(order, []string{"UpdateProvider", "DeleteAccessKey"}) {
			t.Errorf("CI could have been given a key that is gone: %v", order)
		}
		if p := emitPreview(t, w, req); !p.Done() {
			t.Error("after that there is something left")
		}
	}
}

// Who has registered since the files were written is not doubled: the guard
// names the configuration and the block that takes it over, and with that block
// it goes on.
func TestEmitDoesNotRegisterTwice(t *testing.T) {
	sandboxtest.Long(t)
	kit := tofutest.Need(t, tofu.Terraform)
	kit.Platform(t)
	w := kit.World(t, sandbox.Options{})
	w.Write(t, "main.tf", bareRoot)
	req := platformRequest(w)
	req.Emit.WriteOnly = true
	_, err := emit(t, w, req)
	must(t, err)
	w.Sandbox.Platform().TestOnlyAdd(fake.NRN, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "demo-assets"}})
	id := w.Sandbox.Platform().Configurations()[1].ID
	w.Sandbox.ClearLog()

	req.Emit.WriteOnly = false
	_, err = emit(t, w, req)
	var refused *guard.RefusedError
	block := "import { to = " + s3Address + `, id = "` + id + `" }`
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), block) || len(writes(w.Sandbox)) > 0 {
		t.Fatalf("err = %v, written %v", err, writes(w.Sandbox))
	}
	w.Write(t, "own.tf", "import {\n  to = "+s3Address+"\n  id = \""+id+"\"\n}\n")
	_, err = emit(t, w, req)
	must(t, err)
	if registered(t, w.Sandbox)["s3-configuration"].Attributes["bucket.name"] != "demo-assets" {
		t.Error("the bucket is not registered")
	}
}

// What another call of the same root registers already is not written to by a
// second one.
func TestEmitLeavesWhatTheRootRegisters(t *testing.T) {
	sandboxtest.Long(t)
	kit := tofutest.Need(t, tofu.Terraform)
	kit.Platform(t)
	w := kit.World(t, sandbox.Options{})
	req := platformRequest(w)
	w.Write(t, "main.tf", bareRoot+"\nmodule \"assets\" {\n  source      = \""+req.Emit.Source+"/nullplatform/asset/s3\"\n  nrn         = \""+fake.NRN+"\"\n  bucket_name = \"demo-assets\"\n}\n")
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	w.Sandbox.ClearLog()
	_, err := emit(t, w, req)
	var q *provision.Problem
	if !errors.As(err, &q) || !strings.Contains(err.Error(), "module.assets.nullplatform_provider_config.s3") || len(writes(w.Sandbox)) > 0 {
		t.Errorf("err = %v, written %v", err, writes(w.Sandbox))
	}
}

// A key that came while a run was cut off is nobody's to delete but a person's,
// where the build user was there before: it is named, with the command.
func TestEmitNamesAKeyInTheWay(t *testing.T) {
	sandboxtest.Long(t)
	w := registeredWorld(t, tofutest.Need(t, tofu.Terraform), sandbox.Options{})
	req, kept := platformRequest(w), t.TempDir()
	req.Allow.Registration = true
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:UpdateProvider"})
	if _, err := emitJournaled(t, w, req, kept); err == nil {
		t.Fatal("nothing was refused, so the test shows nothing")
	}
	must(t, os.Remove(filepath.Join(w.Dir, "terraform.tfstate")))
	u, _ := w.Sandbox.Peek().User(buildUser)
	_, err := emitJournaled(t, w, req, kept)
	if err == nil || !strings.Contains(err.Error(), "aws iam delete-access-key --user-name "+buildUser+" --access-key-id "+u.Keys[1].ID) {
		t.Fatalf("err = %v", err)
	}
	if after, _ := w.Sandbox.Peek().User(buildUser); !cmp.Equal(u, after) {
		t.Errorf("the user was %+v and is %+v", u, after)
	}
}
