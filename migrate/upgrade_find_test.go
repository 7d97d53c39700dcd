package migrate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// rootOf writes a root of one file.
func rootOf(t *testing.T, dir, text string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600))
}

func ecrAt(ref, cluster string) string {
	return `module "ecr" {
  source       = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=` + ref + `"
  cluster_name = ` + cluster + `
}
`
}

// Roots are found below a directory, those that can be upgraded first.
func TestProjects(t *testing.T) {
	dir := t.TempDir()
	rootOf(t, filepath.Join(dir, "a"), ecrAt("v4.3.0", `"demo"`)+strings.Replace(ecrAt("v4.3.0", `"demo"`), `"ecr"`, `"again"`, 1))
	rootOf(t, filepath.Join(dir, "b", "c"), ecrAt("v4.3.0", `"demo"`))
	rootOf(t, filepath.Join(dir, "unrelated"), "locals {}\n")
	rootOf(t, filepath.Join(dir, ".terraform", "x"), ecrAt("v4.3.0", `"demo"`))
	var got []string
	for _, p := range migrate.Projects(dir) {
		rel, err := filepath.Rel(dir, p.Dir)
		must(t, err)
		got = append(got, rel)
	}
	if len(got) != 2 || got[0] != filepath.Join("b", "c") || got[1] != "a" {
		t.Errorf("found %v", got)
	}
	if none := migrate.Projects(filepath.Join(dir, "nowhere")); len(none) > 0 {
		t.Errorf("in a directory that is not there: %v", none)
	}
}

// Which routes are open, and why the others are not. Without a tool the files
// alone tell.
func TestFindRoot(t *testing.T) {
	for _, tc := range []struct {
		why, text          string
		tofu, pipeline     string
		refs, askedCluster bool
	}{
		{"files alone leave the pipeline", ecrAt("v4.3.0", `"demo"`), "was not found", "", false, false},
		{"a branch has to be agreed on first", ecrAt("main", `"demo"`), "follows the branch main", "follows the branch main", true, false},
		{"so has a cluster that is not told", "variable \"c\" {}\n" + ecrAt("v4.3.0", "var.c"), "var.c", "var.c", false, true},
		{
			"what refuses closes both", ecrAt("v4.3.0", `"demo"`) + strings.Replace(ecrAt("v4.3.0", `"demo"`), `"ecr"`, `"again"`, 1),
			"demo", "demo", false, false,
		},
	} {
		dir := t.TempDir()
		rootOf(t, dir, tc.text)
		f, err := migrate.FindRoot(t.Context(), migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: dir}}, []string{"PATH="})
		if err != nil {
			t.Errorf("%s: %v", tc.why, err)
			continue
		}
		for route, says := range map[migrate.Route]string{migrate.RouteTofu: tc.tofu, migrate.RoutePipeline: tc.pipeline, migrate.RouteAccount: "holds the installation"} {
			refusal := f.Offer(route).Refusal
			if says == "" && refusal != nil || says != "" && (refusal == nil || !strings.Contains(refusal.Error(), says)) {
				t.Errorf("%s: %s is refused by %v, want %q", tc.why, route, refusal, says)
			}
		}
		if f.AsksRefs() != tc.refs || f.AsksCluster() != tc.askedCluster {
			t.Errorf("%s: asks for refs %v, for the cluster %v", tc.why, f.AsksRefs(), f.AsksCluster())
		}
	}
	if _, err := migrate.FindRoot(t.Context(), migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: filepath.Join(t.TempDir(), "nowhere")}}, nil); err == nil {
		t.Error("a directory that is not there was read")
	}
}

// With the tool the state is read, and both ways are open.
func TestFindRootWithItsState(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	f, err := migrate.FindRoot(t.Context(), migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: w.Dir}}, w.Environ)
	must(t, err)
	if f.Untooled != nil || f.Tool.Product != tofu.Terraform || f.Offer(migrate.RouteTofu).Refusal != nil || f.Offer(migrate.RoutePipeline).Refusal != nil {
		t.Fatalf("found %+v", f)
	}
	if h := f.Layout.Identities[0].Holdings; len(h) != 1 || h[0].UserName != buildUser {
		t.Errorf("the state holds %+v", h)
	}
}

// The account route looks at the cluster's name before anything else, for the
// journal is opened by it.
func TestLookAtUpgradeChecksTheNameFirst(t *testing.T) {
	_, err := migrate.LookAtUpgrade(t.Context(), nil, migrate.UpgradeRequest{Cluster: "../x", Route: migrate.RouteAccount}, migrate.UpgradeDesk{})
	if err == nil || !strings.Contains(err.Error(), "cluster") {
		t.Errorf("got %v", err)
	}
}
