package wizard

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
)

// withRoots starts an upgrade where the roots of testdata are found, and no
// tool is. Git is kept from looking after them: what somebody is at work on
// here is none of the test's business.
func withRoots(t testing.TB) func(*Options) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) {
		o.Start = ask.UpgradeTask
		o.Projects = func() []migrate.Project { return migrate.Projects("testdata/roots") }
		o.Environ = []string{"GIT_CEILING_DIRECTORIES=" + filepath.Join(here, "testdata"), "PATH="}
		o.State = func(string, string) (string, error) { return t.TempDir(), nil }
	}
}

// byPipeline is the same, with the patch in a directory of the test's own.
func byPipeline(t testing.TB, patch string, j *checklist.Journal) func(*Options) {
	t.Helper()
	roots := withRoots(t)
	return func(o *Options) {
		roots(o)
		o.Upgrade = migrate.UpgradeRequest{
			Route: migrate.RoutePipeline, Root: &migrate.RootRequest{Dir: "testdata/roots/infra", Patch: patch},
		}
		if j != nil {
			o.Keep = keeping(j)
		}
	}
}

// throughRoot goes from the start to the question whether to carry it out.
func (d *driver) throughRoot() *driver {
	d.until("enter yes, go on").press("enter").until("Directory").press("enter", "enter", "enter", "enter")
	for d.r.flow.screens[d.r.at].about().stage == atProject { // With options given, there are rows more.
		d.press("enter")
	}
	d.until("This is how it is held").press("enter").has("Who applies it?")
	d.press("enter").until("file 1 of 3").press("enter").until("enter apply")
	return d.press("enter").until("Carry this out?")
}

// applies does what the pipeline does: all that the plan says of the account.
func (f *fakeAccount) applies(t testing.TB, d *driver) {
	t.Helper()
	calls := d.s.look.Root.Clusters[0].Plan().Calls()
	f.change(func(inv *provision.Inventory) {
		for _, c := range calls {
			if err := inv.Apply(c); err != nil {
				t.Error(err)
			}
		}
	})
}

// From home to the proofs, by a pipeline that somebody else runs: the bridge is
// built, the person is waited for, and what counts is what is seen.
func TestAnUpgradeThroughAPipeline(t *testing.T) {
	patch := filepath.Join(t.TempDir(), "up.patch")
	f, j := legacyAccount(t), memory()
	d := drive(t, f, byPipeline(t, patch, j)).throughRoot()
	d.has("files are written and the account changes", "testdata/roots/infra", "your pipeline", "3 files in the patch").press("demo", "enter")
	d.until("It is your turn").has("Merge the patch", patch, "Seen so far", "not at contract 6.1 yet", "enter look")
	if !slices.Contains(f.done, "AttachUserPolicy") || slices.Contains(f.done, "DetachUserPolicy") {
		t.Errorf("while the person is asked, done is %v", f.done)
	}
	text, err := os.ReadFile(patch)
	if err != nil || !strings.Contains(string(text), "+moved {") {
		t.Errorf("the patch is %q, %v", text, err)
	}
	asked := d.s.job
	d.press("enter") // Too early: it is looked, and asked again.
	d.waitFor("the question again", func() bool {
		l := d.r.current().(*checklistScreen)
		return l.question != nil && l.question.since.After(d.clock().Add(-time.Millisecond)) && d.s.job == asked
	})
	f.applies(t, d)
	d.press("enter").until("The installation is up to date").has("the build user, its keys and their status are the same")
	d.press("enter").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Err != nil || !out.Applied || out.Look.Root == nil || len(out.Result.Upgrade.Proofs) == 0 {
		t.Fatalf("got %v, %+v", err, out)
	}
	if !slices.Contains(f.done, "DetachUserPolicy") {
		t.Errorf("the bridge is still there: %v", f.done)
	}
	if p := j.Past(); p.Outcome != checklist.OutcomeDone || p.Begin.Job != migrate.UpgradeJob {
		t.Errorf("the journal has %+v", p)
	}
}

// Who leaves while the pipeline has its turn goes on later, from home, and the
// bridge is known for slipway's own.
func TestTheTurnOfThePipelineIsLeftAndComeBackTo(t *testing.T) {
	patch := filepath.Join(t.TempDir(), "up.patch")
	f, j := legacyAccount(t), memory()
	d := drive(t, f, byPipeline(t, patch, j)).throughRoot().press("demo", "enter").until("It is your turn")
	f.applies(t, d)
	d.press("ctrl+c").until("Stopped").has("Safe", "what is built of the bridge stays", "slipway resume --cluster demo")
	d.press("esc").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Err == nil || !out.Applied {
		t.Fatalf("got %v, %+v", err, out)
	}

	req, err := migrate.UpgradeRequestOf(j.Past())
	if err != nil {
		t.Fatal(err)
	}
	roots := withRoots(t)
	d = drive(t, f, func(o *Options) {
		roots(o)
		atHome(o)
		o.Keep = keeping(j)
		o.OpenRuns = []ask.OpenRun{{Cluster: "demo", Upgrade: &req, Account: "123456789012", Done: 1, All: 2, Begun: d.clock()}}
	})
	d.until("you are").has("> Resume", "upgrade of demo in 123456789012").press("enter").until("enter yes, go on").press("enter")
	d.until("A run is open: this is what is left of it").has("Left by an earlier run")
	d.press("enter").until("Carry this out?").press("demo", "enter").until("The installation is up to date")
	if len(f.inv.User.Attached) > 0 {
		t.Errorf("the bridge is still there: %v", f.inv.User.Attached)
	}
	if out, err := d.outcome(); err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
		t.Errorf("got %v, %v", err, out.Err)
	}
}

// A key that was pressed ahead of the question answers nothing.
func TestTheTurnOfThePipelineTakesNoKeyAhead(t *testing.T) {
	f := legacyAccount(t)
	d := drive(t, f, byPipeline(t, filepath.Join(t.TempDir(), "up.patch"), nil)).throughRoot().press("demo", "enter")
	d.until("It is your turn")
	d.ahead("enter")
	d.has("It is your turn")
	if d.r.current().(*checklistScreen).question == nil {
		t.Error("the question was answered")
	}
	d.press("l").has("l list").press("l").has("It is your turn")
}

// Back from every screen, with the answers kept, and later ones derived again.
func TestBackThroughTheScreensOfARoot(t *testing.T) {
	d := drive(t, legacyAccount(t), byPipeline(t, filepath.Join(t.TempDir(), "up.patch"), nil)).throughRoot()
	for _, text := range []string{"This is what would be done", "This is what changes in the files", "Who applies it?", "This is how it is held", "What holds the installation"} {
		d.press("esc").until(text)
	}
	d.has("testdata/roots/infra")
	for d.r.current().(*project).open != "kept" {
		d.press("shift+tab")
	}
	// Another answer leads another way, and back again.
	d.press("down").has("Cluster", "Found").lacks("Route", "Directory")
	d.press("enter").has("Which installation is to be upgraded?").press("esc").has("What holds the installation")
	d.press("up").has("Directory", "testdata/roots/infra", "Route")
	d.press("esc").has("Is this the right account?")
}

// Without any root the account is what is asked about, as ever.
func TestWithoutARootTheAccountIsUpgraded(t *testing.T) {
	roots := withRoots(t)
	d := drive(t, legacyAccount(t), func(o *Options) {
		roots(o)
		o.Projects = func() []migrate.Project { return nil }
	})
	d.until("enter yes, go on").press("enter").has("> neither: made in the account").press("enter")
	d.has("Which installation is to be upgraded?").press("demo", "enter", "enter", "enter").until("This is what was found")
	d.press("enter").has("enter apply").lacks("Steps")
}

// What is in the way is told where it is found, with its way out.
func TestRootsThatCannotBeUpgradedYet(t *testing.T) {
	at := func(dir string) func(*Options) {
		roots := withRoots(t)
		return func(o *Options) {
			roots(o)
			o.Projects = func() []migrate.Project { return nil }
			o.Upgrade = migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: dir}}
		}
	}
	toLayout := func(d *driver) *driver {
		return d.until("enter yes, go on").press("enter").press("enter", "enter", "enter", "enter")
	}

	t.Run("a directory that is none", func(t *testing.T) {
		d := toLayout(drive(t, legacyAccount(t), at("testdata/nowhere")))
		d.until("The root could not be read").has("testdata/nowhere").lacks("enter routes").press("r").until("could not be read")
	})
	t.Run("a ref that is no release", func(t *testing.T) {
		d := toLayout(drive(t, legacyAccount(t), at("testdata/branch")))
		d.until("This cannot be upgraded yet").has("Has to be said first", "a set them to a release").lacks("enter routes")
		d.press("a").until("enter routes").lacks("Has to be said first")
		d.press("enter", "enter").until("file 1 of")
	})
	t.Run("a cluster that the files do not tell", func(t *testing.T) {
		dir := rootWith(t, `variable "cluster" {}
module "ecr" {
  source       = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0"
  cluster_name = var.cluster
}
`)
		d := toLayout(drive(t, legacyAccount(t), at(dir)))
		d.until("This cannot be upgraded yet").has("Press esc").press("esc").has("Cluster")
		d.press("shift+tab", "demo", "enter", "enter").until("This is how it is held").press("enter").has("Who applies it?")
	})
	t.Run("instances that the files do not tell", func(t *testing.T) {
		dir := rootWith(t, `variable "clusters" {}
module "ecr" {
  source       = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0"
  for_each     = var.clusters
  cluster_name = each.key
}
`)
		d := toLayout(drive(t, legacyAccount(t), at(dir)))
		d.until("This cannot be upgraded yet").has("asks for the instances").press("esc").has("Instances")
		d.press("shift+tab", "demo", "enter", "enter").until("This is how it is held").press("enter").has("Who applies it?")
	})
	t.Run("files that somebody is at work in", func(t *testing.T) {
		if _, err := exec.LookPath("git"); err != nil {
			t.Skip("git is not on the PATH; install it to run this test")
		}
		text, err := os.ReadFile("testdata/roots/infra/main.tf")
		if err != nil {
			t.Fatal(err)
		}
		dir := rootWith(t, string(text))
		if out, err := exec.Command("git", "init", dir).CombinedOutput(); err != nil {
			t.Fatalf("git init: %v\n%s", err, out)
		}
		d := toLayout(drive(t, legacyAccount(t), at(dir)))
		d.until("This is how it is held").press("enter", "enter").until("Somebody is at work in these files")
		d.has("main.tf has edits that are not committed", "a change them all the same")
		d.press("enter").has("This cannot be done yet", "--accept-edits").lacks("enter apply").press("esc")
		d.press("a").until("This is what changes in the files").lacks("not committed").press("enter").has("enter apply")
	})
	t.Run("an account that cannot be read", func(t *testing.T) {
		f := legacyAccount(t)
		f.readErr = denied()
		d := toLayout(drive(t, f, at("testdata/roots/infra")))
		d.until("This is how it is held").press("enter", "enter").until("This cannot be planned yet").has("r look again").lacks("enter preview")
	})
}

// rootWith is a root of one file.
func rootWith(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Whatever stands in somebody's files comes out as ink.
func TestFilesAreInert(t *testing.T) {
	const hostile = "\x1b[2J\x1b]0;owned\a"
	dir := rootWith(t, `terraform {
  backend "s3" {
    bucket = "b\u001b[31m"
    key    = "k`+"\u202e"+`"
  }
}
# `+hostile+`
module "ecr" {
  source       = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0"
  cluster_name = "demo"
}
`)
	roots := withRoots(t)
	d := drive(t, legacyAccount(t), func(o *Options) {
		roots(o)
		o.Projects = func() []migrate.Project { return migrate.Projects(dir) }
	})
	check := func() {
		t.Helper()
		for _, bad := range []string{"\x1b[2J", "\x1b]", "\a", "\x1b[31m", "\u202e"} {
			if strings.Contains(d.frame(), bad) {
				t.Fatalf("the frame has %q:\n%q", bad, d.frame())
			}
		}
	}
	d.until("enter yes, go on").press("enter").until("Directory")
	check()
	d.press("enter", "enter", "enter", "enter").until("This is how it is held").has(`\x1b[31m`)
	check()
	d.press("enter")
	check()
	d.press("enter").until("file 1").has(`\x1b[2J`)
	check()
	for _, key := range []string{"enter", "tab", "tab", "tab", "tab", "enter"} {
		d.press(key)
		check()
	}
}
