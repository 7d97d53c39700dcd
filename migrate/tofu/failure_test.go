package tofu_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

const simple = "resource \"terraform_data\" \"a\" {\n  input = \"x\"\n}\n"

// bare is a root without an account: only what is built into the tool.
func bare(t *testing.T, kit *tofutest.Kit, hcl string) *tofutest.World {
	t.Helper()
	w := kit.Bare(t)
	w.Write(t, "main.tf", hcl)
	return w
}

func initialised(t *testing.T, kit *tofutest.Kit, hcl string) (*tofutest.World, *tofu.Root) {
	t.Helper()
	w := bare(t, kit, hcl)
	r := w.Open(t)
	if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
		t.Fatal(err)
	}
	return w, r
}

// want fails unless an error is of a type and says what is expected.
func want[E error](t *testing.T, err error, says ...string) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v; want %T", err, err, e)
	}
	for _, s := range says {
		if !strings.Contains(e.Error(), s) {
			t.Errorf("%q lacks %q", e, s)
		}
	}
	return e
}

// refuses is want for those who do not look at the error.
func refuses[E error](t *testing.T, err error, says ...string) {
	t.Helper()
	_ = want[E](t, err, says...)
}

func TestWhatInitCannotFetch(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	call := func(source string) string { return "module \"ecr\" {\n  source = \"" + source + "\"\n}\n" }
	provider := func(source, version string) string {
		return "terraform {\n  required_providers {\n    x = {\n      source  = \"" + source + "\"\n      version = \"" + version + "\"\n    }\n  }\n}\n"
	}
	for name, tt := range map[string]struct {
		hcl  string
		want func(*testing.T, error)
	}{
		"a folder that is not there": {call("./nowhere"), func(t *testing.T, err error) {
			refuses[*tofu.UnreachableError](t, err, "init cannot fetch", "nowhere")
		}},
		"a repository that is not there": {call("git::file:///nowhere/modules.git//iam/ecr?ref=v6.1.0"), func(t *testing.T, err error) {
			refuses[*tofu.UnreachableError](t, err, "file:///nowhere/modules.git", "check the ref and the network")
		}},
		"a host that does not answer": {call("git::https://127.0.0.1:1/modules.git//iam/ecr?ref=v6.1.0"), func(t *testing.T, err error) {
			refuses[*tofu.UnreachableError](t, err, "https://127.0.0.1:1/modules.git")
		}},
		"a provider that is in no mirror": {provider("nullplatform/elsewhere", ">= 0.0.88"), func(t *testing.T, err error) {
			e := want[*tofu.MissingProviderError](t, err, "make it available")
			if !strings.HasSuffix(e.Provider, "nullplatform/elsewhere") {
				t.Errorf("provider %q", e.Provider)
			}
		}},
		"a version of a provider that is in no mirror": {provider("hashicorp/aws", ">= 99"), func(t *testing.T, err error) {
			e := want[*tofu.MissingProviderError](t, err)
			if !strings.HasSuffix(e.Provider, "hashicorp/aws") {
				t.Errorf("provider %q", e.Provider)
			}
		}},
		"a configuration that is none": {"module {", func(t *testing.T, err error) {
			e := want[*tofu.CommandError](t, err, "Terraform init in", "main.tf:1")
			if len(e.Diagnostics) == 0 {
				t.Error("no diagnostics")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bare(t, kit, tt.hcl).Open(t).Init(t.Context(), tofu.InitOptions{})
			tt.want(t, err)
		})
	}
}

// The lock file holds a version that the configuration does not admit any
// more: init says so, and upgrades only when it may.
func TestLockFile(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	aws := func(version string) string {
		return "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"" + version + "\"\n    }\n  }\n}\n"
	}
	w, r := initialised(t, kit, aws(">= 6"))
	path := filepath.Join(w.Dir, ".terraform.lock.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.ReplaceAll(string(text), tofutest.ProviderVersion, "5.46.0")
	w.Write(t, ".terraform.lock.hcl", older)
	_, err = r.Init(t.Context(), tofu.InitOptions{})
	if e := want[*tofu.LockFileError](t, err, "init -upgrade", ".terraform.lock.hcl"); !strings.HasSuffix(e.Provider, "hashicorp/aws") {
		t.Errorf("provider %q", e.Provider)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != older {
		t.Errorf("the lock file was changed: %s, %v", now, err)
	}
	for _, want := range []bool{true, false} {
		if upgraded, err := r.Init(t.Context(), tofu.InitOptions{MayUpgrade: true}); err != nil || upgraded != want {
			t.Errorf("upgraded %v, %v; want %v", upgraded, err, want)
		}
	}
}

func TestNotInitialised(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	w := bare(t, kit, "module \"m\" {\n  source = \"./m\"\n}\n")
	if err := os.Mkdir(filepath.Join(w.Dir, "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.Write(t, "m/main.tf", simple)
	r := w.Open(t)
	_, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	refuses[*tofu.UninitializedError](t, err, "run init")
	_, err = r.Validate(t.Context())
	refuses[*tofu.UninitializedError](t, err, "run init")
}

func TestOpenWhatIsNoRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, o := range []tofu.Options{{Dir: dir}, {Dir: filepath.Join(dir, "nowhere")}} {
		if _, err := tofu.Open(o); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", o.Dir, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(simple), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := tofu.Open(tofu.Options{Dir: dir, BackendConfigs: []string{"password=hunter2"}})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a setting on the command line: %v", err)
	}
}

// The state is in a format to come, or was written by a newer version, which
// the tools pass over in silence.
func TestNewerState(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	w, r := initialised(t, kit, simple)
	w.Run(t, "apply", "-auto-approve", "-no-color")
	path := filepath.Join(w.Dir, "terraform.tfstate")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(t, "terraform.tfstate", strings.Replace(string(text), `"version": 4`, `"version": 5`, 1))
	_, err = r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	refuses[*tofu.NewerStateError](t, err, "newer than", "use that version")

	newer, err := tofu.ParseState([]byte(`{"version":4,"terraform_version":"9.9.9","lineage":"x","serial":1,"resources":[{"mode":"managed","type":"t","name":"n","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if e := want[*tofu.NewerStateError](t, r.CheckTool(newer), "Terraform 9.9.9", kit.Tool.String()); e.Wrote != "9.9.9" {
		t.Errorf("written by %q", e.Wrote)
	}
}

// Between plan and apply somebody else has applied.
func TestStalePlan(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	w, r := initialised(t, kit, simple)
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Run(t, "apply", "-auto-approve", "-no-color")
	refuses[*tofu.StalePlanError](t, r.Apply(t.Context(), saved, nil), "nothing was applied", "plan again")
	nothingPrivate(t, w)
}

func TestLocked(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	backend := tofutest.NewBackend(t)
	w, r := initialised(t, kit, simple+backend.HCL())
	backend.Hold(t, "b1946ac9-2492-d234-7c62-35d4fd6b6b4f", "ana@laptop", "OperationTypeApply")
	_, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	// This backend does not tell the tool who it is, only which lock.
	e := want[*tofu.LockedError](t, err, "locked by somebody else", "force-unlock b1946ac9-2492-d234-7c62-35d4fd6b6b4f", "nothing was changed")
	if e.ID != "b1946ac9-2492-d234-7c62-35d4fd6b6b4f" || e.Who != "" {
		t.Errorf("%+v", e)
	}
	nothingPrivate(t, w)
}

// A plan that fails says what the configuration lacks, and leaves nothing.
func TestPlanFails(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	w, r := initialised(t, kit, simple+"output \"x\" {\n  value = terraform_data.b.output\n}\n")
	_, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	e := want[*tofu.CommandError](t, err, "Terraform plan in", "main.tf:5")
	if len(e.Diagnostics) != 1 || e.Command != "plan" {
		t.Errorf("%+v", e)
	}
	nothingPrivate(t, w)
}

// A plan with -target is not complete. It may be applied, since it shows all
// that it does, and proves nothing.
func TestTargets(t *testing.T) {
	t.Parallel()
	_, r := initialised(t, tofutest.Need(t, tofu.Terraform), simple+"\nresource \"terraform_data\" \"b\" {}\n")
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{Targets: []string{"terraform_data.a"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(saved.Plan.Changes) != 1 || !saved.Plan.Incomplete || saved.Plan.Errored {
		t.Errorf("%+v", saved.Plan)
	}
	if err := guard.Judge(saved.Plan, guard.Expectation{Job: guard.Upgrade, UserElsewhere: true, AllowUnrelated: true}).Err(); err != nil {
		t.Error(err)
	}
	if err := r.Apply(t.Context(), saved, nil); err != nil {
		t.Fatal(err)
	}
	if saved, err = r.Plan(t.Context(), tofu.PlanOptions{Targets: []string{"terraform_data.a"}}, nil); err != nil {
		t.Fatal(err)
	}
	if v := guard.Judge(saved.Plan, guard.Expectation{Job: guard.Nothing, UserElsewhere: true}); len(v.Refusals) != 1 || v.Refusals[0].Rule != guard.RuleWhole {
		t.Errorf("%+v", v)
	}
	if err := saved.Discard(); err != nil {
		t.Error(err)
	}
}

// After the bump of a module, validate names the input that is missing, and
// once that is there, every stale reference.
func TestValidateNamesStaleReferences(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	old := kit.Root(tofutest.Contract34, tofutest.Calls{})
	w, r := initialised(t, kit, old)
	if list, err := r.Validate(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("%v, %v", list, err)
	}
	bumped := strings.ReplaceAll(old, "/v3.4.0/", "/v6.1.0/")
	w.Write(t, "main.tf", bumped)
	if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
		t.Fatal(err)
	}
	list, err := r.Validate(t.Context())
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Detail, "build_workflow_group_name") {
		t.Fatalf("the missing input: %v, %v", list, err)
	}
	w.Write(t, "main.tf", strings.Replace(bumped, `cluster_name = "demo"`, "cluster_name = \"demo\"\n  build_workflow_group_name = \"g\"", 1))
	if list, err = r.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for _, d := range list {
		if name, ok := d.Missing(); ok {
			missing[name] = true
			if d.File != "main.tf" || d.Line == 0 || !d.Error {
				t.Errorf("nowhere: %+v", d)
			}
		}
	}
	if !missing["build_workflow_access_key_id"] || !missing["build_workflow_access_key_secret"] {
		t.Errorf("stale references %v: %v", missing, list)
	}
}

// nothingPrivate fails when anything is left of plans, logs or copies.
func nothingPrivate(t *testing.T, w *tofutest.World) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(w.Temp, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
