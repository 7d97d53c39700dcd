package roottest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// flock is a canary for each cluster of an account: its build user's key is
// used after every change of anybody else.
type flock map[string]*tofutest.Canary

// several is a world with a root that holds several clusters.
func several(t *testing.T, main string, clusters ...string) (*tofutest.World, flock) {
	t.Helper()
	return severalWith(t, main, nil, clusters...)
}

// severalWith is the same with more files beside it.
func severalWith(t *testing.T, main string, files map[string]string, clusters ...string) (*tofutest.World, flock) {
	t.Helper()
	birds := flock{}
	for _, c := range clusters {
		birds[c] = &tofutest.Canary{}
	}
	w := emptyWith(t, sandbox.Options{Hook: func(e sandbox.Entry, p sandbox.Phase) {
		for _, b := range birds {
			if b.Uses(e.KeyID) {
				return // They need not watch one another.
			}
		}
		for _, b := range birds {
			b.Watch(e, p)
		}
	}})
	w.Write(t, "main.tf", main)
	for name, text := range files {
		w.Write(t, name, text)
	}
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	for _, c := range clusters {
		u, _ := w.Sandbox.Peek().User("nullplatform-" + c + "-build-workflow-user")
		secret, _ := w.Sandbox.TestOnlySecret(u.Keys[0].ID)
		birds[c].Live(w.Sandbox)
		birds[c].With(sandbox.Key{ID: u.Keys[0].ID, Secret: secret})
	}
	return w, birds
}

// publish lets every canary put objects into a bucket too.
func (f flock) publish(bucket string) {
	for _, b := range f {
		b.Publish(bucket)
	}
}

// wereHeard fails the test unless every canary has called and none was denied.
func (f flock) wereHeard(t *testing.T) {
	t.Helper()
	for c, b := range f {
		if b.Calls() == 0 || len(b.Denied()) > 0 {
			t.Errorf("%s: %d calls, denied: %v", c, b.Calls(), b.Denied())
		}
	}
}

// oneRoot calls the modules of contract 3.4 once for each cluster, by the way of
// repeating that is asked for.
func oneRoot(modules, repeat string, clusters ...string) string {
	source := filepath.ToSlash(filepath.Join(modules, "v3.4.0", "infrastructure/aws/iam/ecr"))
	b := bareRoot
	if repeat != "" {
		return b + fmt.Sprintf("\nmodule \"ecr\" {\n  source   = %q\n  for_each = %s\n\n  cluster_name = each.%s\n}\n\noutput \"ids\" {\n  value = { for k, m in module.ecr : k => m.build_workflow_access_key_id }\n}\n",
			source, repeat, map[bool]string{true: "key", false: "value"}[strings.HasPrefix(repeat, "toset")])
	}
	for _, c := range clusters {
		name := "ecr_" + strings.ReplaceAll(c, "-", "_")
		b += fmt.Sprintf("\nmodule %q {\n  source       = %q\n  cluster_name = %q\n}\n\noutput \"%s_id\" {\n  value = module.%s.build_workflow_access_key_id\n}\n", name, source, c, name, name)
	}
	return b
}

// Several clusters in one root are upgraded at once, each with its own key and
// its own bridge.
func TestSeveralClustersInOneRoot(t *testing.T) {
	modules := tofutestModules(t)
	for why, main := range map[string]string{
		"a call for each":     oneRoot(modules, "", "acme-dev", "acme-prod"),
		"for_each over a set": oneRoot(modules, `toset(["acme-dev", "acme-prod"])`),
		"for_each over a map": oneRoot(modules, `{ dev = "acme-dev", prod = "acme-prod" }`),
	} {
		t.Run(why, func(t *testing.T) {
			if why != "for_each over a set" {
				sandboxtest.Long(t)
			}
			w, birds := several(t, main, "acme-dev", "acme-prod")
			before := w.Sandbox.Peek()
			args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
			out, _ := slipway(t, w, 0, args...)
			says(t, out, "acme-dev", "acme-prod", "Done: ")
			for _, c := range []string{"acme-dev", "acme-prod"} {
				was, _ := before.User("nullplatform-" + c + "-build-workflow-user")
				is, _ := w.Sandbox.Peek().User(was.Name)
				if was.ID != is.ID || was.Keys[0].ID != is.Keys[0].ID || len(is.Keys) != 1 || len(is.Attached)+len(is.Inline) > 0 ||
					!slices.Equal(is.Groups, []string{"nullplatform-" + c + "-asset-publishers"}) {
					t.Errorf("the user was %+v and is %+v", was, is)
				}
			}
			birds.wereHeard(t)
			out, _ = slipway(t, w, 0, args...)
			says(t, out, "Nothing to do")
		})
	}
}

// today calls the modules of today's contract for one cluster.
func today(modules, cluster string) string {
	path := func(name string) string {
		return filepath.ToSlash(filepath.Join(modules, "v6.1.0", "infrastructure/aws/iam", name))
	}
	return fmt.Sprintf(`
module "user_prod" {
  source       = %q
  cluster_name = %q
}

module "ecr_prod" {
  source                    = %q
  cluster_name              = %q
  build_workflow_group_name = module.user_prod.group_name
}
`, path("ci-build-workflow-user"), cluster, path("ecr"), cluster)
}

// fleet calls the modules of contract 5.0 with an S3 grant, or those of 1.12, once
// for each cluster.
func fleet(modules, contract string, clusters ...string) string {
	b := bareRoot
	for _, c := range clusters {
		name := strings.ReplaceAll(c, "-", "_")
		path := func(module string) string {
			return filepath.ToSlash(filepath.Join(modules, map[string]string{"5.0": "v5.0.0", "1.12": "v1.12.4"}[contract], module))
		}
		if contract == tofutest.Contract112 {
			b += fmt.Sprintf("\nmodule \"assets_%s\" {\n  source       = %q\n  cluster_name = %q\n  nrn          = %q\n}\n", name, path("nullplatform/asset/ecr"), c, platform.NRN)
			continue
		}
		b += fmt.Sprintf(`
module "user_%[1]s" {
  source       = %[3]q
  cluster_name = %[2]q
}

module "ecr_%[1]s" {
  source                    = %[4]q
  cluster_name              = %[2]q
  build_workflow_group_name = module.user_%[1]s.group_name
}

module "s3_%[1]s" {
  source                    = %[5]q
  cluster_name              = %[2]q
  build_workflow_group_name = module.user_%[1]s.group_name
  assets_bucket             = "demo-assets"
}
`, name, c, path("infrastructure/aws/iam/ci-build-workflow-user"), path("infrastructure/aws/iam/ecr"), path("infrastructure/aws/iam/s3-assets"))
	}
	return b
}

// Several clusters of the other contracts are upgraded at once too: each of
// their bridges is its own.
func TestSeveralClustersOfOtherContracts(t *testing.T) {
	modules := tofutestModules(t)
	for _, contract := range []string{tofutest.Contract50, tofutest.Contract112} {
		t.Run(contract, func(t *testing.T) {
			if contract == tofutest.Contract112 {
				sandboxtest.Long(t)
			}
			w, birds := several(t, fleet(modules, contract, "acme-dev", "acme-prod"), "acme-dev", "acme-prod")
			args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
			if contract == tofutest.Contract112 {
				w.Platform(t)
				args = append(args, "--allow-unrelated")
			} else {
				birds.publish("demo-assets")
			}
			slipway(t, w, 0, args...)
			birds.wereHeard(t)
			for _, c := range []string{"acme-dev", "acme-prod"} {
				u, _ := w.Sandbox.Peek().User("nullplatform-" + c + "-build-workflow-user")
				if len(u.Attached)+len(u.Inline) > 0 || !slices.Equal(u.Groups, []string{"nullplatform-" + c + "-asset-publishers"}) {
					t.Errorf("the user is %+v", u)
				}
			}
			out, _ := slipway(t, w, 0, args...)
			says(t, out, "Nothing to do")
		})
	}
}

// Of two clusters in one root, one that is at the contract of today stays as it
// is, and the other is upgraded.
func TestOneOfTwoClustersIsUpgraded(t *testing.T) {
	modules := tofutestModules(t)
	main := oneRoot(modules, "", "acme-dev") + today(modules, "acme-prod")
	w, birds := several(t, main, "acme-dev", "acme-prod")
	before := w.Sandbox.Peek()
	slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes")
	birds.wereHeard(t)
	was, _ := before.Group("nullplatform-acme-prod-asset-publishers")
	is, _ := w.Sandbox.Peek().Group(was.Name)
	same(t, "the group that was there", was, is)
	if g, there := w.Sandbox.Peek().Group("nullplatform-acme-dev-asset-publishers"); !there || len(g.Attached) != 1 {
		t.Errorf("the group of the other: %+v", g)
	}
	text, err := os.ReadFile(filepath.Join(w.Dir, "main.tf"))
	if err != nil || !strings.Contains(string(text), "build_workflow_group_name = module.user_prod.group_name") {
		t.Errorf("the calls of the cluster that was there have changed (%v):\n%s", err, text)
	}
}

// Asked for one cluster of two that are both old, slipway upgrades that one and
// leaves the other as it is, also in the files.
func TestOneClusterIsAskedFor(t *testing.T) {
	modules := tofutestModules(t)
	w, birds := several(t, oneRoot(modules, "", "acme-dev", "acme-prod"), "acme-dev", "acme-prod")
	before := w.Sandbox.Peek()
	args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
	slipway(t, w, 0, append(args, "--cluster", "acme-prod")...)
	birds.wereHeard(t)
	was, _ := before.Group("nullplatform-acme-dev-ecr-managers")
	is, _ := w.Sandbox.Peek().Group(was.Name)
	same(t, "the group of the other", was, is)
	if _, there := w.Sandbox.Peek().Group("nullplatform-acme-prod-asset-publishers"); !there {
		t.Error("the one that was asked for is not upgraded")
	}
	// And then the rest.
	slipway(t, w, 0, args...)
	birds.wereHeard(t)
	out, _ := slipway(t, w, 0, args...)
	says(t, out, "Nothing to do")
}

// Where one call holds several clusters none can be upgraded alone.
func TestOneClusterOfACallIsAskedFor(t *testing.T) {
	modules := tofutestModules(t)
	w, _ := several(t, oneRoot(modules, `toset(["acme-dev", "acme-prod"])`), "acme-dev", "acme-prod")
	_, errs := slipway(t, w, 2, "upgrade", "--dir", w.Dir, "--cluster", "acme-dev", "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--check")
	says(t, errs, "acme-dev is held by the same call as the others", "leave --cluster out")
}
