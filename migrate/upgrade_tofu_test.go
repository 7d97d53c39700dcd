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

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { tofutest.Main(m) }

// release is the folder of the modules of a contract.
func release(w *tofutest.World, tag string) string { return filepath.Join(w.Modules, tag) }

// rootRequest upgrades the world's root to a release.
func rootRequest(w *tofutest.World, to provision.Contract) migrate.UpgradeRequest {
	tags := map[provision.Contract]string{provision.Contract50: "v5.0.0", provision.Contract61: "v6.1.0"}
	return migrate.UpgradeRequest{
		Cluster: "demo", To: to, Route: migrate.RouteTofu,
		Root: &migrate.RootRequest{Dir: w.Dir, Source: release(w, tags[to])},
	}
}

// previewRoot previews an upgrade of which the journal says what has been done
// before.
func previewRoot(t testing.TB, w *tofutest.World, a migrate.Account, req migrate.UpgradeRequest, past migrate.PastCalls) (*migrate.RootPreview, error) {
	t.Helper()
	p, err := migrate.PreviewRoot(t.Context(), a, req, w.Environ)
	if err == nil {
		p.Keep(filepath.Join(t.TempDir(), "backups"), past)
	}
	return p, err
}

// upgradeRoot carries an upgrade out and gives its ends and its result.
func upgradeRoot(t testing.TB, w *tofutest.World, req migrate.UpgradeRequest) ([]string, migrate.UpgradeResult, error) {
	t.Helper()
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := previewRoot(t, w, a, req, nil)
	if err != nil {
		return nil, migrate.UpgradeResult{}, err
	}
	u, err := migrate.NewRootUpgrade(p, a, time.Now)
	if err != nil {
		return nil, migrate.UpgradeResult{}, err
	}
	defer func() { must(t, u.Close()) }()
	ends, err := runSteps(t, u.Steps())
	return ends, u.Result(), err
}

// holds fails for every proof that does not hold, and when there is none.
func holds(t testing.TB, r migrate.UpgradeResult) {
	t.Helper()
	if len(r.Proofs) < 5 {
		t.Errorf("only %d proofs", len(r.Proofs))
	}
	for _, p := range r.Proofs {
		if !p.Holds {
			t.Errorf("not so: %s (%s)", p.What, p.Detail)
		}
	}
}

// everyTool runs a test with each tool that is there.
func everyTool(t *testing.T, do func(t *testing.T, kit *tofutest.Kit)) {
	for _, product := range tofutest.Products() {
		t.Run(string(product), func(t *testing.T) { do(t, tofutest.Need(t, product)) })
	}
}

// The whole upgrade, with a canary that is never denied.
func TestUpgradeThroughTofu(t *testing.T) {
	for _, tt := range []struct {
		why    string
		from   string
		to     provision.Contract
		calls  tofutest.Calls
		set    func(*migrate.RootRequest)
		bucket string
		again  bool
		// long: alike to what package tofu tries with every plan.
		long bool
	}{
		{why: "3.4 to 6.1", from: tofutest.Contract34, to: provision.Contract61, again: true},
		{why: "3.4 to 5.0", from: tofutest.Contract34, to: provision.Contract50},
		{why: "3.4 to 6.1 with a bucket on the way", from: tofutest.Contract34, to: provision.Contract61, bucket: "demo-assets"},
		{why: "3.4 to 6.1 by state mv", from: tofutest.Contract34, to: provision.Contract61, set: func(r *migrate.RootRequest) { r.StateMoves = true }, long: true},
		{why: "3.4 to 6.1 with count", from: tofutest.Contract34, to: provision.Contract61, calls: tofutest.Calls{Key: "[0]"}, long: true},
		{why: "3.4 to 6.1 with for_each", from: tofutest.Contract34, to: provision.Contract61, calls: tofutest.Calls{Key: `["prod"]`}},
		{why: "5.0 to 6.1 with S3", from: tofutest.Contract50, to: provision.Contract61, calls: tofutest.Calls{Bucket: "demo-assets"}},
		{why: "1.12 to 6.1", from: tofutest.Contract112, to: provision.Contract61, set: func(r *migrate.RootRequest) { r.AllowUnrelated = true }},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if tt.long {
				sandboxtest.Long(t)
			}
			everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
				w := kit.World(t, sandbox.Options{})
				if tt.calls.Bucket != "" {
					w.Canary.Publish(tt.calls.Bucket)
				}
				if tt.from == tofutest.Contract112 {
					w.Platform(t) // its call of asset/ecr stays, and registers
				}
				w.Install(t, tt.from, tt.calls)
				before, _ := w.Sandbox.Peek().User(buildUser)
				req := rootRequest(w, tt.to)
				req.Bucket = tt.bucket
				if tt.set != nil {
					tt.set(req.Root)
				}
				ends, result, err := upgradeRoot(t, w, req)
				if err != nil {
					t.Fatalf("%v\n%s", err, strings.Join(ends, "\n"))
				}
				holds(t, result)
				after, _ := w.Sandbox.Peek().User(buildUser)
				if before.ID != after.ID || !slices.Equal(before.Keys, after.Keys) && before.Keys[0].ID != after.Keys[0].ID {
					t.Errorf("the user was %+v and is %+v", before, after)
				}
				if len(after.Attached)+len(after.Inline) > 0 {
					t.Errorf("a bridge is left: %v %v", after.Attached, after.Inline)
				}
				if d := w.Canary.Denied(); len(d) > 0 || w.Canary.Calls() == 0 {
					t.Errorf("%d of %d calls were denied: %v", len(d), w.Canary.Calls(), d)
				}
				if !tt.again {
					return
				}
				if ends, _, err = upgradeRoot(t, w, req); err != nil {
					t.Errorf("again: %v\n%s", err, strings.Join(ends, "\n"))
				}
			})
		})
	}
}

// A binary that is not on the PATH is used when it is named, and one that is
// not there is an error, not a reason to take another.
func TestTheToolThatIsNamed(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	req := rootRequest(w, provision.Contract61)
	req.Root.Tool = filepath.Join(t.TempDir(), envvar.Program("pinned"))
	if _, err := previewRoot(t, w, a, req, nil); !is[*tofu.MissingToolError](err) {
		t.Errorf("err = %v", err)
	}
	must(t, tofutest.Rename(w.Tool.Path, req.Root.Tool))
	w.Set("PATH", t.TempDir())
	p, err := previewRoot(t, w, a, req, nil)
	must(t, err)
	if p.Tool.Path != req.Root.Tool || p.Tool.Version != w.Tool.Version {
		t.Errorf("the tool is %s at %s", p.Tool, p.Tool.Path)
	}
	req.Root.Tool = ""
	if _, err := previewRoot(t, w, a, req, nil); !is[*tofu.MissingToolError](err) {
		t.Errorf("with nothing on the PATH, err = %v", err)
	}
}

// Without the bridge the canary is denied: it is the bridge that helps.
func TestWithoutTheBridgeCIIsDenied(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	req := rootRequest(w, provision.Contract61)
	req.Root.NoBridge = true
	if _, _, err := upgradeRoot(t, w, req); err != nil {
		t.Fatal(err)
	}
	if len(w.Canary.Denied()) == 0 {
		t.Error("nothing was denied, so the other tests show nothing")
	}
}

// Somebody else in the group stays in it.
func TestAForeignMemberStays(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	api := sandboxtest.IAM(w.Sandbox)
	_, err := api.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ana")})
	must(t, err)
	_, err = api.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: aws.String("ana"), GroupName: aws.String("nullplatform-demo-ecr-managers")})
	must(t, err)
	_, result, err := upgradeRoot(t, w, rootRequest(w, provision.Contract61))
	must(t, err)
	holds(t, result)
	g, _ := w.Sandbox.Peek().Group("nullplatform-demo-asset-publishers")
	if !slices.Contains(g.Members, "ana") {
		t.Errorf("members are %v", g.Members)
	}
}

// A forgotten move would destroy the user and its key: the guard refuses the
// plan, and nothing is applied.
func TestAForgottenMoveIsRefused(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := previewRoot(t, w, a, rootRequest(w, provision.Contract61), nil)
	must(t, err)
	// Somebody takes the moved blocks out of what is to be written.
	p.Rewrite.Edits = slices.DeleteFunc(p.Rewrite.Edits, func(e rewrite.Edit) bool { return e.File == "moved.tf" })
	for i, e := range p.Rewrite.Edits {
		text, _, _ := strings.Cut(string(e.After), "\nmoved {")
		p.Rewrite.Edits[i].After = []byte(text)
	}
	u, err := migrate.NewRootUpgrade(p, a, time.Now)
	must(t, err)
	defer func() { must(t, u.Close()) }()
	before := w.Sandbox.Peek()
	_, err = runSteps(t, u.Steps())
	var refused *guard.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("err = %v", err)
	}
	after := w.Sandbox.Peek()
	was, _ := before.User(buildUser)
	is, _ := after.User(buildUser)
	if was.ID != is.ID || len(is.Keys) != 1 || is.Keys[0].ID != was.Keys[0].ID {
		t.Errorf("the user was %+v and is %+v", was, is)
	}
}

// What is not committed is not written over, unless somebody says so; what has
// changed since the preview is not either.
func TestFilesThatPeopleWorkOn(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	p, err := previewRoot(t, w, a, rootRequest(w, provision.Contract61), nil)
	must(t, err)
	u, err := migrate.NewRootUpgrade(p, a, time.Now)
	must(t, err)
	main := filepath.Join(w.Dir, "main.tf")
	text, err := os.ReadFile(main)
	must(t, err)
	must(t, os.WriteFile(main, append(text, "\n# mine\n"...), 0o600))
	_, err = runSteps(t, u.Steps())
	if !is[*migrate.ChangedFileError](err) {
		t.Errorf("err = %v", err)
	}
	if now, _ := os.ReadFile(main); !strings.HasSuffix(string(now), "# mine\n") {
		t.Error("the file was written over")
	}
}

// Contract 1.12 in the bindings root, and the user goes to the infrastructure
// root: states are moved across, the receiver is applied first.
func TestUpgradeAcrossTwoRoots(t *testing.T) {
	everyTool(t, func(t *testing.T, kit *tofutest.Kit) {
		w := kit.World(t, sandbox.Options{})
		infra := w.Another(t)
		state := filepath.Join(infra.Dir, "infrastructure.tfstate")
		infra.Write(t, "main.tf", `terraform {
  backend "local" {
    path = "`+state+`"
  }
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

output "cluster_name" {
  value = "demo"
}
`)
		infra.Run(t, "init", "-input=false")
		infra.Run(t, "apply", "-input=false", "-auto-approve")
		w.Write(t, "remote.tf", `data "terraform_remote_state" "infrastructure" {
  backend = "local"
  config = {
    path = "`+state+`"
  }
}
`)
		w.Platform(t) // the call of asset/ecr stays, and registers
		w.Install(t, tofutest.Contract112, tofutest.Calls{})
		before, _ := w.Sandbox.Peek().User(buildUser)
		req := rootRequest(w, provision.Contract61)
		req.Root.Others, req.Root.Receiver, req.Root.AllowUnrelated = []string{infra.Dir}, infra.Dir, true
		ends, result, err := upgradeRoot(t, w, req)
		if err != nil {
			t.Fatalf("%v\n%s", err, strings.Join(ends, "\n"))
		}
		holds(t, result)
		after, _ := w.Sandbox.Peek().User(buildUser)
		if before.ID != after.ID || len(after.Keys) != 1 || after.Keys[0].ID != before.Keys[0].ID || len(after.Attached) > 0 {
			t.Errorf("the user was %+v and is %+v", before, after)
		}
		if d := w.Canary.Denied(); len(d) > 0 || w.Canary.Calls() == 0 {
			t.Errorf("%d of %d calls were denied: %v", len(d), w.Canary.Calls(), d)
		}
		if list := infra.Run(t, "state", "list"); !strings.Contains(list, "aws_iam_access_key.nullplatform_build_workflow_user_key") {
			t.Errorf("the receiver has no key:\n%s", list)
		}
	})
}
