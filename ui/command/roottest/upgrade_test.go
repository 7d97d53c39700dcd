// Package roottest tries slipway's command line on root configurations, with
// the real Terraform or OpenTofu and a stand-in for the AWS provider.
package roottest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/command"
)

func TestMain(m *testing.M) { tofutest.Main(m) }

const buildUser = "nullplatform-demo-build-workflow-user"

// slipway runs a command line on a world and checks its exit code.
func slipway(t *testing.T, w *tofutest.World, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--endpoint-url", w.Sandbox.URL(), "--region", w.Sandbox.Region())
	got := command.Run(t.Context(), args, command.Edge{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: w.Environ, Now: time.Now,
	})
	if got != code {
		t.Fatalf("slipway %s: exit code %d, want %d\n%s\n%s", strings.Join(args, " "), got, code, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func world(t *testing.T, contract string, c tofutest.Calls) *tofutest.World {
	t.Helper()
	w := empty(t)
	w.Install(t, contract, c)
	return w
}

// empty is a world with an account in which there is nothing, and no root yet.
func empty(t *testing.T) *tofutest.World { return emptyWith(t, sandbox.Options{}) }

func emptyWith(t *testing.T, o sandbox.Options) *tofutest.World {
	t.Helper()
	w := tofutest.Need(t, tofu.Terraform).World(t, o)
	state := t.TempDir()
	w.Set("XDG_STATE_HOME", state)
	// The account package reads the process's environment, as the SDK does.
	t.Setenv("AWS_ACCESS_KEY_ID", w.Sandbox.Operator().ID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", w.Sandbox.Operator().Secret)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_PROFILE", "")
	return w
}

func says(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(text, s) {
			t.Errorf("it does not say %q:\n%s", s, text)
		}
	}
}

func TestUpgradeARoot(t *testing.T) {
	w := world(t, tofutest.Contract34, tofutest.Calls{})
	modules := filepath.Join(w.Modules, "v6.1.0")
	out, _ := slipway(t, w, 3, "upgrade", "--dir", w.Dir, "--module-source", modules, "--check")
	says(t, out, "from contract 3.4 to contract 6.1", "module ecr", "+moved {", "A bridge carries CI over the apply",
		"Stays the same", "0 actions gained, 14 kept, 0 lost")
	if before, _ := w.Sandbox.Peek().User(buildUser); before.Groups[0] != "nullplatform-demo-ecr-managers" {
		t.Fatalf("--check has changed %v", before.Groups)
	}
	_, errs := slipway(t, w, 2, "upgrade", "--dir", w.Dir, "--module-source", modules)
	says(t, errs, "without --yes")
	out, errs = slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", modules, "--yes")
	says(t, errs, "done     Apply exactly that plan")
	says(t, out, "Done: ", "the key's secret in the state of", "a fresh plan of", "Commit the edits")
	out, _ = slipway(t, w, 0, "upgrade", "--dir", w.Dir, "--module-source", modules, "--check")
	says(t, out, "Nothing to do")
	u, _ := w.Sandbox.Peek().User(buildUser)
	if len(u.Attached)+len(u.Inline) > 0 || u.Groups[0] != "nullplatform-demo-asset-publishers" {
		t.Errorf("the user is %+v", u)
	}
	if d := w.Canary.Denied(); len(d) > 0 {
		t.Errorf("denied: %v", d)
	}
}

// The pipeline route: the first run writes the papers, opens the bridge and
// waits; the second one, after the pipeline, closes it.
func TestUpgradeARootThroughAPipeline(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH; install it to run this test")
	}
	w := world(t, tofutest.Contract34, tofutest.Calls{})
	patch := filepath.Join(t.TempDir(), "upgrade.patch")
	args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--patch", patch, "--yes"}
	out, errs := slipway(t, w, 130, args...)
	says(t, out, "Waiting for you: Merge the patch", "so CI can publish as before")
	says(t, errs, "waits for you")
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 1 {
		t.Fatalf("the bridge is not open: %v", u.Attached)
	}
	cmd := exec.CommandContext(t.Context(), "git", "apply", patch)
	cmd.Dir = w.Dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, text)
	}
	w.Run(t, "init", "-input=false")
	w.Run(t, "plan", "-input=false", "-out=plan.bin")
	slipwayGuard(t, w)
	w.Run(t, "apply", "-input=false", "plan.bin")
	out, _ = slipway(t, w, 0, args...)
	says(t, out, "Done: ")
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 0 {
		t.Errorf("the bridge is still open: %v", u.Attached)
	}
	if d := w.Canary.Denied(); len(d) > 0 {
		t.Errorf("denied: %v", d)
	}
}

// slipwayGuard is the pipeline's own look at its plan.
func slipwayGuard(t *testing.T, w *tofutest.World) {
	t.Helper()
	var out bytes.Buffer
	plan := w.Run(t, "show", "-json", "plan.bin")
	code := command.Run(t.Context(), []string{"guard", "-", "--cluster", "demo"}, command.Edge{
		Stdin: strings.NewReader(plan), Stdout: &out, Stderr: &out, Environ: w.Environ, Now: time.Now,
	})
	if code != 0 {
		t.Fatalf("the guard ends with %d\n%s", code, out.String())
	}
}

func TestRootsThatCannotBeUpgraded(t *testing.T) {
	w := world(t, tofutest.Contract34, tofutest.Calls{})
	nothing, bare := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bare, "main.tf"), []byte("locals {\n  a = 1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		why  string
		code int
		args []string
		says string
	}{
		{why: "no configuration", code: 4, args: []string{"--dir", nothing}, says: "no .tf"},
		{why: "no module of ours", code: 4, args: []string{"--dir", bare}, says: "no module of the publishing identity"},
		{why: "another cluster", code: 4, args: []string{"--dir", w.Dir, "--cluster", "other"}, says: `"other"`},
		{why: "account and root", code: 2, args: []string{"--dir", w.Dir, "--route", "account"}, says: "leave --dir out"},
		{why: "a patch without a root", code: 2, args: []string{"--cluster", "demo", "--patch", "x"}, says: "--dir"},
		{why: "a way to move that is not there", code: 2, args: []string{"--dir", w.Dir, "--move", "sideways"}, says: "--move sideways"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, errs := slipway(t, w, tt.code, append([]string{"upgrade", "--check"}, tt.args...)...)
			says(t, errs, tt.says)
		})
	}
}

// An apply that breaks off half-way leaves the group without its grant: the
// bridge is what CI publishes over, until the same command has finished it.
func TestAnApplyThatBreaksOff(t *testing.T) {
	w := world(t, tofutest.Contract34, tofutest.Calls{})
	args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	out, errs := slipway(t, w, 1, args...)
	says(t, out, "Failed.", "so CI can publish as before")
	says(t, errs, "the bridge stays until the upgrade is through")
	g, _ := w.Sandbox.Peek().Group("nullplatform-demo-asset-publishers")
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 1 || len(g.Attached) != 0 {
		t.Fatalf("the user has %v and the group %v; the test shows nothing", u.Attached, g.Attached)
	}
	_, errs = slipway(t, w, 2, "undo", "--cluster", "demo", "--yes")
	says(t, errs, "whose apply has begun and has not come to its end", "slipway resume --cluster demo --yes")
	out, _ = slipway(t, w, 0, args...)
	says(t, out, "Done: ", "Left by an earlier run, and taken away at the end")
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 0 {
		t.Errorf("the bridge is still there: %v", u.Attached)
	}
	if d := w.Canary.Denied(); len(d) > 0 {
		t.Errorf("denied: %v", d)
	}
}

// What the guard refuses is not applied, no bridge is built for it, and the
// edits are taken back by undo.
func TestAPlanWithUnrelatedChangesIsRefused(t *testing.T) {
	w := world(t, tofutest.Contract34, tofutest.Calls{More: "\nresource \"aws_iam_group\" \"team\" {\n  name = \"team\"\n}\n"})
	w.Write(t, "team.tf", "resource \"aws_iam_group\" \"other\" {\n  name = \"other\"\n}\n")
	args := []string{"upgrade", "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
	before, err := os.ReadFile(filepath.Join(w.Dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	_, errs := slipway(t, w, 4, args...)
	says(t, errs, "the guard refuses the plan, nothing was applied", "aws_iam_group.other", "--allow-unrelated")
	if g, _ := w.Sandbox.Peek().Group("nullplatform-demo-ecr-managers"); len(g.Attached) != 1 {
		t.Errorf("the account was changed: %+v", g)
	}
	_, errs = slipway(t, w, 0, "undo", "--cluster", "demo", "--yes")
	says(t, errs, "main.tf goes back to what it was before")
	if now, err := os.ReadFile(filepath.Join(w.Dir, "main.tf")); err != nil || string(now) != string(before) {
		t.Errorf("main.tf is not what it was (%v)", err)
	}
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 0 {
		t.Errorf("the bridge is still there: %v", u.Attached)
	}
	out, _ := slipway(t, w, 0, append(args, "--allow-unrelated")...)
	says(t, out, "Done: ")
}

// tofutestModules is the folder of the modules, or the test is skipped.
func tofutestModules(t *testing.T) string {
	t.Helper()
	return tofutest.Need(t, tofu.Terraform).Modules
}
