package migrate_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// A root in which something changes with every plan, and which has got tags
// for everything since its last apply: both are listed and refused until they
// are agreed to, and then neither keeps the upgrade from its end.
func TestUpgradeBesideWhatChangesAnyway(t *testing.T) {
	const stamp = "\nresource \"terraform_data\" \"stamp\" {\n  input = plantimestamp()\n}\n"
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{More: stamp})
	root := w.Root(tofutest.Contract34, tofutest.Calls{More: stamp})
	tagged := strings.Replace(root, "provider \"aws\" {}", "provider \"aws\" {\n  default_tags {\n    tags = {\n      team = \"platform\"\n    }\n  }\n}", 1)
	if tagged == root {
		t.Fatal("the root has no provider block to put tags into")
	}
	w.Write(t, "main.tf", tagged)

	req := rootRequest(w, provision.Contract61)
	_, _, err := upgradeRoot(t, w, req)
	for _, address := range []string{"terraform_data.stamp", "module.ci_build_workflow_user.aws_iam_user.nullplatform_build_workflow_user", "the tags of the build user would change"} {
		if err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("without consent: %v; want %q", err, address)
		}
	}
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Tags) > 0 || u.Groups[0] != "nullplatform-demo-ecr-managers" {
		t.Errorf("without consent the user has become %+v", u)
	}

	req = rootRequest(w, provision.Contract61)
	req.Root.AllowUnrelated, req.Root.AcceptEdits = true, true
	_, result, err := upgradeRoot(t, w, req)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, result)
	again := func(p migrate.Proof) bool {
		return strings.Contains(p.Detail, "comes with every plan: terraform_data.stamp")
	}
	said := false
	for _, p := range result.Proofs {
		said = said || again(p)
	}
	if !said {
		t.Errorf("no proof says what comes with every plan: %+v", result.Proofs)
	}
	if u, _ := w.Sandbox.Peek().User(buildUser); u.Groups[0] != "nullplatform-demo-asset-publishers" || u.Tags["team"] != "platform" {
		t.Errorf("the user is %+v", u)
	}
	if d := w.Canary.Denied(); len(d) > 0 {
		t.Errorf("denied: %v", d)
	}
}
