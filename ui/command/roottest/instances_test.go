package roottest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// fromAFile calls the module of contract 3.4 over what a file says that slipway
// does not read.
func fromAFile(modules, repeat, cluster string) string {
	return bareRoot + fmt.Sprintf("\nmodule \"ecr\" {\n  source = %q\n  %s\n\n  cluster_name = %s\n}\n",
		filepath.ToSlash(filepath.Join(modules, "v3.4.0", "infrastructure/aws/iam/ecr")), repeat, cluster)
}

// asks is a root whose instances only the state tells, or a person.
type asks struct {
	why, main string
	clusters  []string
	instances string
}

func asking(modules string) []asks {
	const read = `split(",", file("${path.module}/clusters.txt"))`
	return []asks{
		{"for_each", fromAFile(modules, "for_each = toset("+read+")", "each.key"), []string{"acme-dev", "acme-prod"}, "ecr=acme-dev,acme-prod"},
		{"count", fromAFile(modules, "count = length("+read+")", `"acme-${count.index}"`), []string{"acme-0", "acme-1"}, "ecr=0,1"},
	}
}

// repeated is a world with such a root, applied, and a canary for each cluster.
func repeated(t *testing.T, a asks) (*tofutest.World, flock) {
	t.Helper()
	return severalWith(t, a.main, map[string]string{"clusters.txt": "acme-dev,acme-prod"}, a.clusters...)
}

// upgradedByPipeline has a pipeline apply an upgrade, and checks that every
// cluster has come over with its key, by a bridge of its own.
func upgradedByPipeline(t *testing.T, w *tofutest.World, birds flock, clusters []string, more ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH; install it to run this test")
	}
	before := w.Sandbox.Peek()
	patch := filepath.Join(t.TempDir(), "up.patch")
	args := append([]string{"upgrade", "--dir", w.Dir, "--patch", patch, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}, more...)
	slipway(t, w, 130, args...)
	for _, c := range clusters {
		if u, _ := w.Sandbox.Peek().User("nullplatform-" + c + "-build-workflow-user"); len(u.Attached) == 0 {
			t.Errorf("%s has no bridge while the pipeline applies", c)
		}
	}
	cmd := exec.CommandContext(t.Context(), "git", "apply", patch)
	cmd.Dir = w.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	slipway(t, w, 0, args...)
	for _, c := range clusters {
		was, _ := before.User("nullplatform-" + c + "-build-workflow-user")
		is, _ := w.Sandbox.Peek().User(was.Name)
		if was.ID != is.ID || len(is.Keys) != 1 || was.Keys[0].ID != is.Keys[0].ID || len(is.Attached)+len(is.Inline) > 0 ||
			!slices.Equal(is.Groups, []string{"nullplatform-" + c + "-asset-publishers"}) {
			t.Errorf("the user was %+v and is %+v", was, is)
		}
	}
	birds.wereHeard(t)
}

// What a call is repeated over is taken from the state, also where a pipeline
// applies.
func TestInstancesAreTakenFromTheState(t *testing.T) {
	sandboxtest.Long(t)
	for _, a := range asking(tofutestModules(t)) {
		t.Run(a.why, func(t *testing.T) {
			w, birds := repeated(t, a)
			upgradedByPipeline(t, w, birds, a.clusters)
		})
	}
}

// Where the state cannot be read they are asked for, with the flag that answers;
// an answer that is not true is refused before anything is done: an instance
// that is named and is not there has no build user.
func TestInstancesAreAskedFor(t *testing.T) {
	for _, a := range asking(tofutestModules(t)) {
		t.Run(a.why, func(t *testing.T) {
			if a.why != "for_each" {
				sandboxtest.Long(t)
			}
			w, birds := repeated(t, a)
			check := []string{"upgrade", "--dir", w.Dir, "--patch", filepath.Join(t.TempDir(), "x.patch"), "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--tool", "no-such-tool", "--check"}
			_, errs := slipway(t, w, 4, check...)
			says(t, errs, "does not tell", "--instances ecr=KEY,KEY")
			if _, errs := slipway(t, w, 4, append(check, "--instances", a.instances+",2")...); !strings.Contains(errs, "build-workflow-user") {
				t.Errorf("one too many: %s", errs)
			}
			if list, err := os.ReadDir(filepath.Dir(check[4])); err != nil || len(list) > 0 {
				t.Errorf("written: %v, %v", list, err)
			}
			upgradedByPipeline(t, w, birds, a.clusters, "--tool", "no-such-tool", "--instances", a.instances)
		})
	}
}

// What the configuration tells needs no state and no answer: each cluster of a
// call has its bridge.
func TestInstancesThatTheConfigurationTells(t *testing.T) {
	w, birds := several(t, oneRoot(tofutestModules(t), `toset(["acme-dev", "acme-prod"])`), "acme-dev", "acme-prod")
	upgradedByPipeline(t, w, birds, []string{"acme-dev", "acme-prod"}, "--tool", "no-such-tool")
}
