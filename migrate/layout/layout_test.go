package layout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/layout/layouttest"
	"github.com/nullplatform/slipway/provision"
)

// What is found of one root, in full: calls, state, uses through locals and
// outputs, and in another root.
func TestLayout(t *testing.T) {
	in := read(t, `
-- main.tf --
module "ecr" {
  source    = "MODULESinfrastructure/aws/iam/ecr?ref=v4.2.0"
  count     = 1
  providers = { aws = aws.stg }

  cluster_name = local.cluster
}

locals {
  cluster = lower("${var.prefix}-Demo")
  key     = module.ecr[0].build_workflow_access_key_id
  keys    = { ci = local.key }
}
-- outputs.tf --
output "ids" {
  value = values(local.keys)
}
output "secret" {
  value     = module.ecr[0].build_workflow_access_key_secret
  sensitive = true
}
-- backend.tf --
terraform {
  backend "s3" {
    bucket     = "state"
    key        = "infrastructure.tfstate"
    access_key = "AKIANOTHERE"
    region     = var.region
  }
}
-- variables.tf --
variable "prefix" {
  default = "dev"
}
-- prod.tfvars --
prefix = "acme"
-- bindings/main.tf --
data "terraform_remote_state" "infra" {
  count   = 1
  backend = "s3"
  config  = { bucket = "state", key = "infrastructure.tfstate" }
}
data "terraform_remote_state" "other" {
  backend = "s3"
  config  = { bucket = "state", key = "other.tfstate" }
}
locals {
  secret = data.terraform_remote_state.infra[0].outputs.secret
  not    = data.terraform_remote_state.other.outputs.secret
}
`)
	in.Root.State = stateOf(t, (&layouttest.State{OpenTofu: true}).Legacy(layouttest.Module{Call: "ecr", Key: 0}, "acme-demo"))
	in.Inventory = &provision.Inventory{Groups: []provision.Group{{
		Name: LegacyGroup("acme-demo"), Members: []string{UserName("acme-demo"), "ana"},
		Attached: []provision.AttachedPolicy{{Name: "nullplatform-acme-demo-ecr-manager-policy"}, {Name: "by-hand"}},
		Inline:   []provision.InlinePolicy{{Name: "more"}},
	}}}
	l := Find(in)

	at := func(file string, line, column int) Position {
		return Position{Root: "root", File: file, Line: line, Column: column}
	}
	cluster := Cluster{Expression: "local.cluster", Value: "acme-demo", Known: true, From: "local cluster"}
	ecr := &Call{
		Name: "ecr", Kind: ECRModule, Position: at("main.tf", 1, 1), Source: ParseSource(modules + "infrastructure/aws/iam/ecr?ref=v4.2.0"),
		Contract: Contract34, Repeat: Repeat{Mode: "count", Expression: "1", Keys: []string{"[0]"}, Known: true}, Cluster: cluster,
		Providers: "{ aws = aws.stg }", Arguments: []string{"source", "count", "providers", "cluster_name"},
	}
	h := "module.ecr[0]."
	want := &Identity{
		Contract: Contract34, Written: Contract34, Cluster: cluster, Owner: ecr, ECR: ecr,
		Holdings: []Holding{{
			Instance: "[0]", Module: "module.ecr[0]", Cluster: "acme-demo", UserName: UserName("acme-demo"), KeyID: "AKIATEST",
			User: h + "aws_iam_user.nullplatform_build_workflow_user", AccessKey: h + "aws_iam_access_key.nullplatform_build_workflow_user_key",
			Group: h + "aws_iam_group.nullplatform_ecr_managers", Membership: h + "aws_iam_user_group_membership.build_workflow_ecr_managers",
			GroupAttachment: h + "aws_iam_group_policy_attachment.ecr_manager_policy_group", Role: h + "aws_iam_role.nullplatform_application_role",
			Policy: h + "aws_iam_policy.nullplatform_ecr_manager_policy", RoleAttachment: h + "aws_iam_role_policy_attachment.ecr_manager_policy",
			Validations: h + "terraform_data.validations",
		}},
		Foreign: []string{
			"user ana is in group nullplatform-acme-demo-ecr-managers too",
			"policy by-hand is attached to group nullplatform-acme-demo-ecr-managers too",
			"group nullplatform-acme-demo-ecr-managers has the inline policy more",
		},
	}
	want.Holdings[0].SecretDigest = l.Identities[0].Holdings[0].SecretDigest
	if d := cmp.Diff([]*Identity{want}, l.Identities); d != "" || want.Holdings[0].SecretDigest == "" {
		t.Errorf("identities (-want +got):\n%s", d)
	}
	uses := []Use{
		{How: Direct, Call: "ecr", Output: OutputKeyID, In: "local key", Position: at("main.tf", 11, 13), RootOutput: "ids"},
		{How: Direct, Call: "ecr", Output: OutputKeySecret, In: `output "secret"`, Position: at("outputs.tf", 5, 15), RootOutput: "secret"},
		{How: Remote, Call: "ecr", Output: OutputKeySecret, In: "local secret", Position: Position{Root: "bindings", File: "main.tf", Line: 11, Column: 12}, RootOutput: "secret"},
	}
	for i := range l.Uses {
		l.Uses[i].Start, l.Uses[i].End, l.Uses[i].Form = 0, 0, ""
	}
	if d := cmp.Diff(uses, l.Uses); d != "" {
		t.Errorf("uses (-want +got):\n%s", d)
	}
	backend := Backend{Type: "s3", Settings: map[string]string{"bucket": "state", "key": "infrastructure.tfstate"}, Position: at("backend.tf", 2, 3)}
	if d := cmp.Diff(backend, l.Backend); d != "" {
		t.Errorf("backend (-want +got):\n%s", d)
	}
	if got := said(l); cmp.Diff([]string{"foreign-grants@1", "foreign-grants@1", "foreign-grants@1"}, got) != "" {
		t.Errorf("problems = %v", got)
	}
	if l.Root.State.Tool != OpenTofu || l.Call("nothing") != nil {
		t.Errorf("tool %q", l.Root.State.Tool)
	}
}

// The environment counts before the default and after a variable file.
func TestEnvironment(t *testing.T) {
	const root = "-- main.tf --\nmodule \"ecr\" {\n  source = \"MODULESinfrastructure/aws/iam/ecr?ref=v4.2.0\"\n  cluster_name = var.cluster\n}\nvariable \"cluster\" {\n  default = \"dev\"\n}\n"
	for _, tt := range []struct{ environ, file, want string }{
		{"", "", "dev"},
		{"TF_VAR_cluster=prod", "", "prod"},
		{"TF_VAR_other=prod", "", "dev"},
		{"TF_VAR_cluster=prod", "-- terraform.tfvars --\ncluster = \"qa\"\n", "qa"},
	} {
		in := read(t, root+tt.file)
		in.Root.Environ = []string{tt.environ}
		if got := Find(in).Identities[0].Cluster; got.Value != tt.want {
			t.Errorf("%s, %q: %+v", tt.environ, tt.file, got)
		}
	}
}

// Files are read as the tools read them.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.tf": "a", "main.tofu": "b", "out.tf.json": "{}", ".hidden.tf": "x", "old.tf~": "x", "README.md": "x", "note.tf.disabled": "x",
		"terraform.tfvars": "v1", "b.auto.tfvars": "v3", "a.auto.tfvars": "v2", "terraform.tfvars.json": "{}", "b.auto.tfvars.json": "{}", "unused.tfvars": "x", "common.tfvars": "v4",
		".terraform/environment": "stg\n", ".terraform/modules/x/main.tf": "x",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Read(dir, filepath.Join(dir, "common.tfvars"))
	if err != nil {
		t.Fatal(err)
	}
	var files, vars []string
	for _, f := range r.Files {
		files = append(files, f.Name)
	}
	for _, f := range r.Vars {
		vars = append(vars, f.Name+"="+string(f.Data))
	}
	if d := cmp.Diff([]string{"main.tofu", "out.tf.json"}, files); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"terraform.tfvars=v1", "terraform.tfvars.json={}", "a.auto.tfvars=v2", "b.auto.tfvars=v3", "b.auto.tfvars.json={}", "common.tfvars=v4"}, vars); d != "" {
		t.Errorf("variable files (-want +got):\n%s", d)
	}
	if r.Workspace != "stg" {
		t.Errorf("workspace %q", r.Workspace)
	}
	if _, err := Read(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), ".tf files") {
		t.Errorf("a directory that is not there: %v", err)
	}
	if _, err := Read(dir, filepath.Join(dir, "none.tfvars")); err == nil {
		t.Error("a variable file that is not there is no error")
	}
}

// A repository is searched for the roots in it.
func TestSearch(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"infrastructure/aws/main.tf": ecr34, "bindings/main.tf": "module \"a\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=v4.2.0\"\n}\n",
		"nullplatform/main.tf": "module \"x\" {\n  source = \"./x\"\n}\n", "infrastructure/aws/.terraform/modules/m/main.tf": ecr34, "a/b/c/d/e/f/main.tf": ecr34,
		"broken/main.tf": "module {",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "MODULES", modules)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{filepath.Join(dir, "bindings"), filepath.Join(dir, "infrastructure", "aws")}
	if d := cmp.Diff(want, Search(dir)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
