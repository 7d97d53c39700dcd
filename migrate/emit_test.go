package migrate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// bareRoot is a root that has a provider and nothing else.
const bareRoot = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\nprovider \"aws\" {}\n"

// emitRequest installs into the world's root at a contract.
func emitRequest(w *tofutest.World, c provision.Contract) migrate.InstallRequest {
	tags := map[provision.Contract]string{provision.Contract50: "v5.0.0", provision.Contract61: "v6.1.0"}
	req := request()
	req.Spec.Contract = c
	req.Emit = &migrate.EmitRequest{Dir: w.Dir, Source: release(w, tags[c]), Tool: w.Tool.Path}
	return req
}

// forPlatform registers where a request says so; nil where it does not.
func forPlatform(t testing.TB, sb *sandbox.Sandbox, req migrate.InstallRequest) *migrate.Registering {
	t.Helper()
	target, err := req.Register.Target()
	must(t, err)
	if target.NRN.Empty() {
		return nil
	}
	return migrate.NewRegistering(registry(t, sb), target, req.Allow.Registration)
}

func emitPreview(t testing.TB, w *tofutest.World, req migrate.InstallRequest) *migrate.EmitPreview {
	t.Helper()
	p, err := migrate.PreviewEmit(t.Context(), open(t, w.Sandbox, w.Sandbox.Operator()), forPlatform(t, w.Sandbox, req), req, w.Environ)
	must(t, err)
	return p
}

// emit carries an install through the modules out.
func emit(t testing.TB, w *tofutest.World, req migrate.InstallRequest) (migrate.UpgradeResult, error) {
	t.Helper()
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := migrate.PreviewEmit(t.Context(), a, forPlatform(t, w.Sandbox, req), req, w.Environ)
	if err != nil {
		return migrate.UpgradeResult{}, err
	}
	u, err := migrate.NewRootInstall(t.Context(), p, a, filepath.Join(t.TempDir(), "backups"), "run")
	if err != nil {
		return migrate.UpgradeResult{}, err
	}
	defer func() { must(t, u.Close()) }()
	_, err = runSteps(t, u.Steps())
	return u.Result(), err
}

// seen is the account as it is read, without what differs from one installation
// to the next: IDs, times and keys' names.
func seen(t testing.TB, sb *sandbox.Sandbox, c provision.Contract) *provision.Inventory {
	t.Helper()
	spec := request().Spec
	spec.Contract = c
	b, err := provision.NewBlueprint(spec.WithDefaults(), provision.Place{Partition: "aws", Account: "123456789012", Region: sb.Region()})
	must(t, err)
	a := open(t, sb, sb.Operator())
	inv, err := a.Read(t.Context(), b.Scope())
	must(t, err)
	inv, err = a.Deepen(t.Context(), inv)
	must(t, err)
	if plan := provision.NewPlan(b, inv); !plan.Empty() {
		t.Errorf("it is not what the blueprint says: %v", plan.Changes)
	}
	if inv.User == nil || len(inv.User.Keys) == 0 {
		t.Fatalf("there is no user with a key: %+v", inv.User)
	}
	inv = inv.Clone()
	inv.User.ID, inv.User.Created = "", time.Time{}
	for i := range inv.User.Keys {
		inv.User.Keys[i] = provision.Key{Active: inv.User.Keys[i].Active}
	}
	if inv.Role != nil {
		inv.Role.ID = ""
	}
	for i := range inv.Groups {
		inv.Groups[i].ID = ""
	}
	for i := range inv.Policies {
		inv.Policies[i].ID = ""
	}
	return inv
}

// What is made through the modules is what is made directly, entity for entity
// and document for document; a second run has nothing to do.
func TestEmitMakesWhatInstallMakes(t *testing.T) {
	for _, c := range provision.Contracts() {
		t.Run(string(c), func(t *testing.T) {
			everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
				w := kit.World(t, sandbox.Options{})
				w.Write(t, "main.tf", bareRoot)
				result, err := emit(t, w, emitRequest(w, c))
				must(t, err)
				if len(result.Proofs) != 3 {
					t.Errorf("proofs: %+v", result.Proofs)
				}
				direct := start(t, sandbox.Options{})
				req := request()
				req.Spec.Contract = c
				if _, err := apply(t, install(t, open(t, direct, direct.Operator()), req, &keeper{})); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(seen(t, direct, c), seen(t, w.Sandbox, c)); d != "" {
					t.Errorf("directly (-) and through the modules (+):\n%s", d)
				}
				before := writes(w.Sandbox)
				if p := emitPreview(t, w, emitRequest(w, c)); !p.Done() {
					t.Errorf("again: %d edits, %v", len(p.Emission.Edits), p.Account.Plan.Changes)
				}
				if d := cmp.Diff(before, writes(w.Sandbox)); d != "" {
					t.Errorf("looking again has changed the account:\n%s", d)
				}
			})
		})
	}
}

// An account that was set up directly is taken over as it is: the same user, the
// key that CI has goes on working, and one more is made.
func TestEmitAdopts(t *testing.T) {
	for _, c := range provision.Contracts() {
		t.Run(string(c), func(t *testing.T) {
			w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
			req := request()
			req.Spec.Contract = c
			_, err := apply(t, install(t, open(t, w.Sandbox, w.Sandbox.Operator()), req, &keeper{}))
			must(t, err)
			before, _ := w.Sandbox.Peek().User(buildUser)
			log := len(writes(w.Sandbox))

			w.Write(t, "main.tf", bareRoot)
			p := emitPreview(t, w, emitRequest(w, c))
			if len(p.Emission.Imports) != 9 || p.Emission.Edits[0].File != "publishing_imports.tf" {
				t.Errorf("%d imports, %s first", len(p.Emission.Imports), p.Emission.Edits[0].File)
			}
			result, err := emit(t, w, emitRequest(w, c))
			must(t, err)
			if len(result.Proofs) != 4 {
				t.Errorf("proofs: %+v", result.Proofs)
			}
			after, _ := w.Sandbox.Peek().User(buildUser)
			if before.ID != after.ID || len(after.Keys) != 2 || !slices.Contains(after.Keys, before.Keys[0]) {
				t.Errorf("the user was %+v and is %+v", before, after)
			}
			if made := len(writes(w.Sandbox)) - log; made != 1 {
				t.Errorf("%d calls have changed the account, and only the key was to be made: %v", made, writes(w.Sandbox))
			}
			if p := emitPreview(t, w, emitRequest(w, c)); !p.Done() {
				t.Errorf("again: %d edits, %v", len(p.Emission.Edits), p.Account.Plan.Changes)
			}
		})
	}
}

// Two keys are the most that there may be, so the module could not make its
// own: that is told before anything is written.
func TestEmitWithTwoKeysIsRefused(t *testing.T) {
	sb := start(t, sandbox.Options{Scenario: "current"})
	_, err := sandboxtest.IAM(sb).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})
	must(t, err)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
	req := request()
	req.Emit = &migrate.EmitRequest{Dir: dir}
	_, err = migrate.PreviewEmit(t.Context(), open(t, sb, sb.Operator()), nil, req, nil)
	var q *layout.Problem
	if !errors.As(err, &q) || !strings.Contains(q.Reason, "two access keys") {
		t.Errorf("err = %v", err)
	}
}

// A run that broke off goes on where it was: after the files were written, and
// after an apply that failed half-way.
func TestEmitGoesOn(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Write(t, "main.tf", bareRoot)
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	if _, err := emit(t, w, emitRequest(w, provision.Contract61)); err == nil {
		t.Fatal("nothing was refused, so the test shows nothing")
	}
	p := emitPreview(t, w, emitRequest(w, provision.Contract61))
	if p.Done() || len(p.Emission.Edits) > 0 {
		t.Errorf("done %t, %d edits", p.Done(), len(p.Emission.Edits))
	}
	result, err := emit(t, w, emitRequest(w, provision.Contract61))
	must(t, err)
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Keys) != 1 || len(result.Proofs) < 3 {
		t.Errorf("the user has %d keys; %+v", len(u.Keys), result.Proofs)
	}
}

// What the root does besides is not applied without a word, and is named; the
// account is as it was.
func TestEmitRefusesUnrelatedChanges(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Write(t, "main.tf", bareRoot+"\nresource \"aws_iam_group\" \"team\" {\n  name = \"team\"\n}\n")
	req := emitRequest(w, provision.Contract61)
	_, err := emit(t, w, req)
	var refused *guard.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "aws_iam_group.team") {
		t.Fatalf("err = %v", err)
	}
	if got := writes(w.Sandbox); len(got) > 0 {
		t.Errorf("a refused plan has changed the account: %v", got)
	}
	req.Emit.AllowUnrelated = true
	_, err = emit(t, w, req)
	must(t, err)
}

// The files alone, for a pipeline; they are taken back by undo, and not when
// somebody has edited them since.
func TestEmitWritesOnlyAndTakesBack(t *testing.T) {
	for _, edited := range []bool{false, true} {
		sb := start(t, sandbox.Options{})
		a := open(t, sb, sb.Operator())
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
		req := request()
		req.Emit = &migrate.EmitRequest{Dir: dir, WriteOnly: true}
		p, err := migrate.PreviewEmit(t.Context(), a, nil, req, nil)
		must(t, err)
		u, err := migrate.NewRootInstall(t.Context(), p, a, filepath.Join(t.TempDir(), "backups"), "run-1")
		must(t, err)
		k := migrate.Keeping{Journal: checklist.MemoryJournal(time.Now), Run: "run-1"}
		must(t, migrate.BeginEmit(k, p))
		run, err := checklist.New(u.Steps(), checklist.Options{Now: time.Now, Journal: k.Journal})
		must(t, err)
		must(t, run.Do(t.Context()))
		file := filepath.Join(dir, "publishing_identity.tf")
		text, err := os.ReadFile(file)
		must(t, err)
		if again, err := migrate.PreviewEmit(t.Context(), a, nil, req, nil); err != nil || !again.Done() {
			t.Errorf("again: %v", err)
		}
		if edited {
			must(t, os.WriteFile(file, append(text, "# mine\n"...), 0o600))
		}
		k.Run = "run-2"
		undo, err := migrate.PreviewEmitUndo(k)
		must(t, err)
		back, err := undo.Start(checklist.Options{Now: time.Now})
		must(t, err)
		must(t, back.Do(t.Context()))
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) == edited {
			t.Errorf("edited since %t: %v", edited, err)
		}
		if _, err := migrate.PreviewEmitUndo(k); !errors.Is(err, migrate.ErrNothingToUndo) {
			t.Errorf("taken back twice: %v", err)
		}
		if got := writes(sb); len(got) > 0 {
			t.Errorf("the account was changed: %v", got)
		}
	}
}

// One cluster is not written into two roots by runs that are open.
func TestEmitKeepsToItsRoot(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := open(t, sb, sb.Operator())
	var previews []*migrate.EmitPreview
	for range 2 {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(bareRoot), 0o600))
		req := request()
		req.Emit = &migrate.EmitRequest{Dir: dir}
		p, err := migrate.PreviewEmit(t.Context(), a, nil, req, nil)
		must(t, err)
		previews = append(previews, p)
	}
	k := migrate.Keeping{Journal: checklist.MemoryJournal(time.Now), Run: "run-1"}
	must(t, migrate.BeginEmit(k, previews[0]))
	err := k.Journal.Adopt("edit", map[string]string{"write": "x"}, nil)
	must(t, err)
	must(t, migrate.BeginEmit(k, previews[0]))
	var other *migrate.OpenRunError
	if err := migrate.BeginEmit(k, previews[1]); !errors.As(err, &other) || other.Differs != "another root" {
		t.Errorf("err = %v", err)
	}
	if err := migrate.SameRequest(migrate.OpenRun(k.Journal), request()); !errors.As(err, &other) || other.Job != migrate.EmitJob {
		t.Errorf("a direct install: %v", err)
	}
}
