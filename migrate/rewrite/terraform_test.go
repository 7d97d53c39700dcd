package rewrite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
)

func TestMain(m *testing.M) { tofutest.Main(m) }

// head is what every root begins with.
const head = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n\nprovider \"aws\" {}\n\n"

// The tool itself reads every rewritten root, moves what is said to move, and
// plans what was foretold and nothing else; after the apply there is nothing
// to do, for the tool and for the rewrite.
func TestTheToolPlansWhatWasForetold(t *testing.T) {
	const (
		ecr34 = "module \"ecr\" {\n  source = \"MODULES/v3.4.0/infrastructure/aws/iam/ecr\"\nMETA  cluster_name = CLUSTER\n}\n"
		used  = "output \"id\" {\n  value = module.ecr.build_workflow_access_key_id\n}\noutput \"secret\" {\n  value     = module.ecr.build_workflow_access_key_secret\n  sensitive = true\n}\n"
	)
	plain := strings.NewReplacer("META", "", "CLUSTER", `"demo"`).Replace(ecr34)
	for _, s := range []struct {
		why, root string
		opts      Options
		release   string
	}{
		{why: "3.4 to 5.0, and a bucket", root: plain + used, opts: Options{Contract: "5.0", Bucket: "demo-assets"}},
		{why: "3.4 to 6.1, a bucket, another name", root: plain + used, opts: Options{Bucket: "demo-assets", UserCall: "build-user"}},
		{why: "count", root: strings.NewReplacer("META", "  count = 2\n", "CLUSTER", `"demo-${count.index}"`).Replace(ecr34) +
			"output \"ids\" {\n  value = module.ecr[*].build_workflow_access_key_id\n}\n"},
		{why: "for_each", root: strings.NewReplacer("META", "  for_each = { a = \"demo\", \"b.c\" = \"other\" }\n", "CLUSTER", "each.value").Replace(ecr34) +
			"output \"all\" {\n  sensitive = true\n  value = { for k, m in module.ecr : k => [m.application_role_arn, m.build_workflow_access_key_secret] }\n}\noutput \"list\" {\n  value = values(module.ecr)[*].build_workflow_access_key_id\n}\n"},
		{why: "5.0 to 6.1 with S3", root: splitRoot()},
	} {
		for _, product := range tofutest.Products() {
			t.Run(s.why+", "+string(product), func(t *testing.T) {
				w := tofutest.Need(t, product).World(t, sandbox.Options{})
				w.Write(t, "main.tf", head+strings.ReplaceAll(s.root, "MODULES", filepath.ToSlash(w.Modules)))
				w.Run(t, "init", "-no-color", "-input=false")
				w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")

				release := "v6.1.0"
				if s.opts.Contract == provision.Contract50 {
					release = "v5.0.0"
				}
				s.opts.Source = filepath.ToSlash(w.Modules) + "/" + release
				got := rewritten(t, w, s.opts)
				w.Run(t, "init", "-no-color", "-input=false")
				foretold(t, w, got)

				w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
				if again := rewritten(t, w, s.opts); len(again.Edits)+len(again.Moves)+len(again.Effects) > 0 {
					t.Errorf("after the apply there is something left: %+v", again)
				}
				foretold(t, w, &Result{})
			})
		}
	}
}

// splitRoot is contract 5.0 with an S3 grant.
func splitRoot() string {
	const from = "\"MODULES/v5.0.0/infrastructure/aws/iam/"
	return "module \"user\" {\n  source = " + from + "ci-build-workflow-user\"\n  cluster_name = \"demo\"\n}\n" +
		"module \"ecr\" {\n  source = " + from + "ecr\"\n  cluster_name = \"demo\"\n  build_workflow_group_name = module.user.group_name\n}\n" +
		"module \"s3_assets\" {\n  source = " + from + "s3-assets\"\n  cluster_name = \"demo\"\n  build_workflow_group_name = module.user.group_name\n  assets_bucket = \"demo-assets\"\n}\n"
}

// found is the layout of a world's root as it is now.
func found(t *testing.T, w *tofutest.World) *layout.Layout {
	t.Helper()
	root, err := layout.Read(w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if root.State, err = layout.DecodeState([]byte(w.Run(t, "state", "pull")), []byte("salt")); err != nil {
		t.Fatal(err)
	}
	return layout.Find(layout.Input{Root: root})
}

// rewritten rewrites a world's root.
func rewritten(t *testing.T, w *tofutest.World, opts Options) *Result {
	t.Helper()
	got, err := Plan(found(t, w), opts)
	if err != nil {
		t.Fatal(err)
	}
	store(t, got.Edits)
	return got
}

func store(t *testing.T, edits []Edit) {
	t.Helper()
	for _, e := range edits {
		if err := os.WriteFile(filepath.Join(e.Root, e.File), e.After, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// foretold plans, and holds the plan against the result.
func foretold(t *testing.T, w *tofutest.World, r *Result) {
	t.Helper()
	saved, err := w.Open(t).Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = saved.Discard() }()
	want, got := map[string]string{}, map[string]string{}
	for _, m := range r.Moves {
		if m.FromRoot == m.ToRoot {
			want[m.To] = "from " + m.From + " "
		}
	}
	for _, e := range r.Effects {
		// The copies of asset/ecr register nothing.
		if e.Root == filepath.ToSlash(w.Dir) && !strings.HasSuffix(e.Address, "nullplatform_provider_config.ecr") {
			want[e.Address] += strings.Join(e.Actions, "+")
		}
	}
	for _, c := range saved.Plan.Changes {
		if c.Moved() {
			got[c.Address] = "from " + c.Previous + " "
		}
		if !c.Data && c.Action != tofu.NoOp {
			got[c.Address] += actions(c.Action)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the plan (-foretold +planned):\n%s", d)
	}
}

func actions(a tofu.Action) string {
	switch {
	case a.Creates() && a.Destroys():
		return "delete+create"
	case a.Destroys():
		return "delete"
	case a.Creates():
		return "create"
	}
	return fmt.Sprint(a)
}

// modules is a folder with the modules of 6.1 and a registration that keeps
// what it is given.
func modules(t *testing.T, w *tofutest.World) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(w.Modules, "v6.1.0"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "nullplatform", "asset", "ecr", "main.tf"), []byte(`
variable "nrn" { type = string }
variable "application_role_arn" { type = string }
variable "build_workflow_access_key_id" { type = string }
variable "build_workflow_access_key_secret" {
  type      = string
  sensitive = true
}
`))
	return filepath.ToSlash(dir)
}

const assetRoot = "module \"asset\" {\n  source       = \"MODULES/v1.12.4/nullplatform/asset/ecr\"\n  nrn          = \"organization=1\"\n  cluster_name = \"demo\"\n}\n"

// From contract 1.12, within a root.
func TestTheToolTakesTheUserOutOfTheRegistration(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Write(t, "main.tf", head+strings.ReplaceAll(assetRoot, "MODULES", filepath.ToSlash(w.Modules)))
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	opts := Options{Source: modules(t, w)}
	got := rewritten(t, w, opts)
	w.Run(t, "init", "-no-color", "-input=false")
	foretold(t, w, got)
	if again := rewritten(t, w, opts); len(again.Edits) > 0 || cmp.Diff(got.Moves, again.Moves) != "" || cmp.Diff(got.Effects, again.Effects) != "" {
		t.Errorf("before the apply, a second rewrite gives something else: %+v", again)
	}
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	if again := rewritten(t, w, opts); len(again.Edits)+len(again.Moves)+len(again.Effects) > 0 {
		t.Errorf("after the apply there is something left: %+v", again)
	}
}

// From contract 1.12 into another root, with `state mv`.
func TestTheToolTakesTheUserToAnotherRoot(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	infra := w.Another(t)
	receiver := filepath.ToSlash(infra.Dir)
	infra.Write(t, "main.tf", head+"terraform {\n  backend \"local\" {\n    path = \""+receiver+"/infra.tfstate\"\n  }\n}\noutput \"cluster_name\" {\n  value = \"demo\"\n}\n")
	w.Write(t, "main.tf", head+strings.ReplaceAll(assetRoot, "MODULES", filepath.ToSlash(w.Modules)))
	w.Write(t, "data.tf", "data \"terraform_remote_state\" \"infra\" {\n  backend = \"local\"\n  config = {\n    path = \""+receiver+"/infra.tfstate\"\n  }\n}\n")
	for _, root := range []*tofutest.World{infra, w} {
		root.Run(t, "init", "-no-color", "-input=false")
		root.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	}
	l := found(t, w)
	other, err := layout.Read(infra.Dir)
	if err != nil {
		t.Fatal(err)
	}
	in := layout.Input{Root: l.Root, Others: []layout.Root{other}}
	got, err := Plan(layout.Find(in), Options{Source: modules(t, w), Receiver: receiver})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.StateMoves {
		w.Run(t, "state", "mv", "-state="+filepath.Join(m.FromRoot, "terraform.tfstate"), "-state-out="+filepath.Join(m.ToRoot, "infra.tfstate"), m.From, m.To)
	}
	store(t, got.Edits)
	for _, root := range []*tofutest.World{infra, w} {
		root.Run(t, "init", "-no-color", "-input=false")
		foretold(t, root, got)
		root.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
		foretold(t, root, &Result{})
	}
}

// An account that an install through the modules makes, and one that was there
// before and is adopted: of what is there, nothing is made anew.
func TestTheToolTakesWhatIsEmitted(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	emit := func(inv *provision.Inventory) *Emission {
		t.Helper()
		got, err := Emit(EmitOptions{Spec: spec(), Root: layout.Root{Dir: w.Dir}, Source: filepath.ToSlash(w.Modules) + "/v6.1.0", Adopt: inv})
		if err != nil {
			t.Fatal(err)
		}
		store(t, got.Edits)
		return got
	}
	w.Write(t, "main.tf", head)
	emit(nil)
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	foretold(t, w, &Result{})
	l := found(t, w)
	if l.Contract() != provision.Contract61 || l.Refused() != nil || len(l.Open()) > 0 {
		t.Errorf("found %s: %v", l.Contract(), l.Problems)
	}

	// The state is lost; the account is still there.
	if err := os.Remove(filepath.Join(w.Dir, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	inv := account()
	inv.Place.Account = w.Sandbox.AccountID()
	arn := func(name string) string { return inv.Place.PolicyARN(name) }
	for i, p := range inv.Policies {
		inv.Policies[i].ARN = arn(p.Name)
	}
	for i, a := range inv.Groups[0].Attached {
		inv.Groups[0].Attached[i].ARN = arn(a.Name)
	}
	inv.Role.Attached[0].ARN = arn(inv.Role.Attached[0].Name)
	got := emit(inv)
	saved, err := w.Open(t).Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = saved.Discard() }()
	imported := map[string]bool{}
	for _, c := range saved.Plan.Changes {
		if c.Imports {
			imported[c.Address] = true
		}
		if c.Action != tofu.NoOp && !c.Data && c.Type != "aws_iam_access_key" && c.Type != "terraform_data" {
			t.Errorf("%s: %s", c.Address, c.Action)
		}
	}
	for _, i := range got.Imports {
		if !imported[i.To] {
			t.Errorf("%s is not imported", i.To)
		}
	}
	if len(got.Imports) != 9 {
		t.Errorf("%d imports", len(got.Imports))
	}
}
