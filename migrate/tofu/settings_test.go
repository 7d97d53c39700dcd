package tofu_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

// recorded is a root whose tool is a stand-in that notes what it is asked, and
// gives the notes: one line for each command, and the environment of each.
func recorded(t *testing.T, version string, more ...string) (*tofu.Root, func() []string, string) {
	t.Helper()
	notes, dir := t.TempDir(), t.TempDir()
	says := script{Record: notes, Says: map[string]string{
		"version":    version + "\n",
		"validate":   `{"valid":true,"diagnostics":[]}`,
		"show":       `{"format_version":"1.2","configuration":{}}`,
		"state pull": `{"version":4,"lineage":"x","serial":1,"resources":[{"mode":"managed","type":"terraform_data","name":"a","instances":[{"attributes":{"id":"1"}}]}]}`,
	}}
	environ := append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "TMP=" + t.TempDir()}, more...)
	tool, err := tofu.Ask(t.Context(), fake(t, "tool", says), environ, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(simple), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := tofu.Open(tofu.Options{Dir: dir, Tool: tool, Environ: environ, VarFiles: []string{"common.tfvars"}})
	if err != nil {
		t.Fatal(err)
	}
	return r, func() []string {
		text, err := os.ReadFile(filepath.Join(notes, "args"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}, notes
}

// OpenTofu wants to know the variables wherever a module's source, the backend
// or the encryption of the state may depend on them; Terraform and older
// versions of OpenTofu do not know the argument. A saved plan has them, but not
// the ephemeral ones, and where those are known an apply takes the files again.
func TestVariableFilesForEarlyEvaluation(t *testing.T) {
	t.Parallel()
	everywhere := []string{"init", "validate", "state pull", "state push", "plan", "show"}
	for version, want := range map[string][]string{
		"Terraform v1.9.8":  {"plan"},
		"Terraform v1.10.0": {"plan", "apply"},
		"OpenTofu v1.7.3":   {"plan"},
		"OpenTofu v1.10.1":  everywhere,
		"OpenTofu v1.11.2":  append([]string{"apply"}, everywhere...),
	} {
		r, args, _ := recorded(t, version)
		if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Validate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.MoveState(t.Context(), []tofu.Move{{From: "terraform_data.a", To: "terraform_data.b"}}, filepath.Join(t.TempDir(), "b")); err != nil {
			t.Fatal(err)
		}
		saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Apply(t.Context(), saved, nil); err != nil {
			t.Fatal(err)
		}
		for _, line := range args() {
			words := strings.Fields(line)
			command := words[0]
			if command == "state" {
				command += " " + words[1]
			}
			if got := slices.Contains(words, "-var-file=common.tfvars"); got != slices.Contains(want, command) {
				t.Errorf("%s: %v for %s", version, got, line)
			}
		}
	}
}

// What a person has set for all of their runs does not make init take newer
// versions, and not let a plan go by what the state says alone.
func TestArgumentsThatArePutRight(t *testing.T) {
	t.Parallel()
	r, args, _ := recorded(t, "Terraform v1.13.4", "TF_CLI_ARGS_init=-upgrade", "TF_CLI_ARGS_plan=-refresh=false")
	if _, err := r.Init(t.Context(), tofu.InitOptions{MayUpgrade: true}); err != nil {
		t.Fatal(err)
	}
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := saved.Discard(); err != nil {
		t.Error(err)
	}
	all := strings.Join(args(), "\n")
	for _, want := range []string{"-upgrade=false", "-refresh=true"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
}

// A copy of a state is worked on in plain text, as OpenTofu pulls it and takes
// it back: what encrypts the root's state has no place there.
func TestCopiesAreNotEncrypted(t *testing.T) {
	t.Parallel()
	r, _, notes := recorded(t, "OpenTofu v1.10.1", "TF_ENCRYPTION=state { enforced = true }", "TF_WORKSPACE=prod")
	if _, err := r.MoveState(t.Context(), []tofu.Move{{From: "terraform_data.a", To: "terraform_data.b"}}, filepath.Join(t.TempDir(), "b")); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]bool{"pull": true, "push": true, "mv": false} {
		text, err := os.ReadFile(filepath.Join(notes, "env-state-"+command))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"TF_ENCRYPTION=", "TF_WORKSPACE="} {
			if got := strings.Contains(string(text), name); got != want {
				t.Errorf("state %s gets %s: %v, want %v", command, name, got, want)
			}
		}
	}
}

// Workspaces that plan elsewhere say so, each in its words.
func TestPlansThatRunElsewhere(t *testing.T) {
	t.Parallel()
	for _, summary := range []string{"Saved plans not allowed for workspaces with a VCS connection", "Saving a generated plan is currently not supported"} {
		environ := []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "TMP=" + t.TempDir()}
		tool, err := tofu.Ask(t.Context(), fake(t, "tool", script{Fails: "plan", Says: map[string]string{
			"version": "Terraform v1.13.4\n",
			"plan":    `{"@level":"error","@message":"x","type":"diagnostic","diagnostic":{"severity":"error","summary":"` + summary + `","detail":"so"}}` + "\n",
		}}), environ, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := tofutest.Tool(t, tofu.Terraform).Bare(t)
		w.Write(t, "main.tf", simple)
		r, err := tofu.Open(tofu.Options{Dir: w.Dir, Tool: tool, Environ: environ})
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Plan(t.Context(), tofu.PlanOptions{}, nil)
		refuses[*tofu.RemotePlanError](t, err, "the route pipeline", "local execution")
	}
}

// mirror is a root and a mirror of two providers that nothing runs.
type mirror struct {
	*tofutest.World
	packages string
}

func newMirror(t *testing.T) *mirror {
	t.Helper()
	m := &mirror{World: tofutest.Tool(t, tofu.Terraform).Bare(t), packages: t.TempDir()}
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", m.packages)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m.Set("TF_CLI_CONFIG_FILE", config)
	return m
}

// offer puts a version of both providers into the mirror.
func (m *mirror) offer(t *testing.T, version string) {
	t.Helper()
	for _, name := range []string{"one", "two"} {
		dir := filepath.Join(m.packages, "registry.terraform.io", "acme", name, version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "terraform-provider-"+name+"_v"+version), []byte(name+version), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// wants writes a root that asks for versions of the two.
func (m *mirror) wants(t *testing.T, one, two string) {
	t.Helper()
	m.Write(t, "main.tf", fmt.Sprintf("terraform {\n  required_providers {\n    one = {\n      source  = \"acme/one\"\n      version = %q\n    }\n    two = {\n      source  = \"acme/two\"\n      version = %q\n    }\n  }\n}\n", one, two))
}

func (m *mirror) locked(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.Dir, ".terraform.lock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Where the configuration asks for a newer version of one provider, that one
// gets it, and all others stay at what was locked.
func TestOnlyWhatMustIsUpgraded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why, one, two string
		oldOnes       int
		fails         bool
	}{
		{why: "one of them", one: ">= 2.0.0", two: ">= 1.0.0", oldOnes: 1},
		{why: "the other", one: ">= 1.0.0", two: "~> 2.0", oldOnes: 1},
		{why: "both of them", one: ">= 2.0.0", two: ">= 2.0.0", oldOnes: 0},
		{why: "to what there is not", one: ">= 3.0.0", two: ">= 2.0.0", oldOnes: 2, fails: true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			m := newMirror(t)
			m.offer(t, "1.0.0")
			m.wants(t, ">= 1.0.0", ">= 1.0.0")
			r := m.Open(t)
			if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
				t.Fatal(err)
			}
			before := m.locked(t)
			m.offer(t, "2.0.0")
			m.wants(t, tt.one, tt.two)
			upgraded, err := r.Init(t.Context(), tofu.InitOptions{MayUpgrade: true})
			if (err != nil) != tt.fails || upgraded == tt.fails {
				t.Fatalf("upgraded %v, %v", upgraded, err)
			}
			now := m.locked(t)
			if n := strings.Count(now, `version     = "1.0.0"`); n != tt.oldOnes || strings.Count(now, "provider ") != 2 {
				t.Errorf("%d are as old as before, want %d:\n%s", n, tt.oldOnes, now)
			}
			if tt.fails && now != before {
				t.Errorf("the lock file was\n%s\nand is\n%s", before, now)
			}
		})
	}
}

// A root may spell Terraform's registry out. OpenTofu then writes the same
// addresses, and neither tool is refused for them.
func TestRegistriesThatAreSpelledOut(t *testing.T) {
	t.Parallel()
	const spelled = "terraform {\n  required_providers {\n    aws = {\n      source = \"registry.terraform.io/hashicorp/aws\"\n    }\n  }\n}\n"
	state := func(registries ...string) string {
		var list []string
		for i, r := range registries {
			list = append(list, fmt.Sprintf(`{"mode":"managed","type":"aws_iam_user","name":"u%d","provider":"provider[\"%s\"].main","instances":[{"attributes":{"id":"x"}}]}`, i, r))
		}
		return `{"version":4,"terraform_version":"1.9.0","lineage":"x","serial":1,"resources":[` + strings.Join(list, ",") + `]}`
	}
	const terraform, open, np = "registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws", "registry.terraform.io/nullplatform/nullplatform"
	for _, tt := range []struct {
		why, root, state string
		product          tofu.Product
		told             bool
	}{
		{"as Terraform writes it", simple, state(terraform), tofu.Terraform, true},
		{"as OpenTofu writes it", simple, state(open), tofu.OpenTofu, true},
		{"one of OpenTofu's is enough, wherever it stands", simple, state(np, terraform, open), tofu.OpenTofu, true},
		{"spelled out", spelled, state(terraform), "", false},
		{"spelled out for one of two", spelled, state(terraform, np), tofu.Terraform, true},
		{"spelled out beside one of OpenTofu's", spelled, state(terraform, open), tofu.OpenTofu, true},
		{"builtin alone", spelled, state("terraform.io/builtin/terraform"), "", false},
	} {
		for _, product := range []tofu.Product{tofu.Terraform, tofu.OpenTofu} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(tt.root), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := tofu.Open(tofu.Options{Dir: dir, Tool: tofu.Tool{Product: product, Version: tofu.Version{Major: 1, Minor: 9}}})
			if err != nil {
				t.Fatal(err)
			}
			s, err := tofu.ParseState([]byte(tt.state))
			if err != nil {
				t.Fatal(err)
			}
			if p, told := r.Wrote(s); p != tt.product || told != tt.told {
				t.Errorf("%s: %q, %v", tt.why, p, told)
			}
			if err := r.CheckTool(s); (err == nil) != (!tt.told || tt.product == product) {
				t.Errorf("%s, with %s: %v", tt.why, product, err)
			}
		}
	}
}

// The real tool, with a variable that no plan keeps and, in OpenTofu, with a
// state and plans that are encrypted by one.
func TestVariablesThatArePartOfTheWay(t *testing.T) {
	const ephemeral = "variable \"pass\" {\n  type      = string\n  ephemeral = true\n}\n"
	const encrypted = `variable "pass" {
  type = string
}
variable "folder" {
  type = string
}
terraform {
  backend "local" {
    path = "${var.folder}/here.tfstate"
  }
  encryption {
    key_provider "pbkdf2" "k" {
      passphrase = var.pass
      iterations = 200000
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.k
    }
    state {
      method   = method.aes_gcm.m
      enforced = true
    }
    plan {
      method   = method.aes_gcm.m
      enforced = true
    }
  }
}
`
	for product, tt := range map[tofu.Product]struct {
		from tofu.Version
		hcl  string
	}{
		tofu.Terraform: {tofu.Version{Major: 1, Minor: 10}, ephemeral},
		tofu.OpenTofu:  {tofu.Version{Major: 1, Minor: 11}, encrypted},
	} {
		t.Run(string(product), func(t *testing.T) {
			t.Parallel()
			kit := tofutest.Tool(t, product)
			if kit.Tool.Version.Before(tt.from) {
				t.Skipf("%s has no such variables; put %s %s or newer on the PATH to run this test", kit.Tool, product, tt.from)
			}
			w := kit.Bare(t)
			w.Write(t, "main.tf", tt.hcl+simple)
			w.Write(t, "common.tfvars", "pass   = \"correct-horse-battery-staple\"\nfolder = \".\"\n")
			r := w.Open(t, func(o *tofu.Options) { o.VarFiles = []string{"common.tfvars"} })
			if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
				t.Fatal(err)
			}
			if said, err := r.Validate(t.Context()); err != nil || slices.ContainsFunc(said, func(d tofu.Diagnostic) bool { return d.Error }) {
				t.Errorf("%v, %v", said, err)
			}
			saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Apply(t.Context(), saved, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := r.MoveState(t.Context(), []tofu.Move{{From: "terraform_data.a", To: "terraform_data.b"}}, filepath.Join(t.TempDir(), "b")); err != nil {
				t.Fatal(err)
			}
			if got := addressesOf(t, r); !slices.Equal(got, []string{"terraform_data.b"}) {
				t.Errorf("the state has %v", got)
			}
			if text, err := os.ReadFile(filepath.Join(w.Dir, "here.tfstate")); product == tofu.OpenTofu && (err != nil || !strings.Contains(string(text), "encrypted_data")) {
				t.Errorf("the state is not encrypted: %v\n%s", err, text)
			}
			nothingPrivate(t, w)
		})
	}
}
