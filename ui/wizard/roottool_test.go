package wizard

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/ask"
)

func TestMain(m *testing.M) { tofutest.Main(m) }

// inWorld starts an upgrade of a root that was made with the real tool.
func inWorld(t *testing.T, w *tofutest.World, j *checklist.Journal) func(*Options) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	state := t.TempDir()
	return func(o *Options) {
		o.Start = ask.UpgradeTask
		o.Projects = func() []migrate.Project { return migrate.Projects(w.Dir) }
		o.Upgrade = migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: w.Dir, Source: filepath.Join(w.Modules, "v6.1.0")}}
		o.Environ = w.Environ
		o.State = func(string, string) (string, error) { return state, nil }
		o.Keep = keeping(j)
	}
}

func worldAccount(t *testing.T, w *tofutest.World) migrate.Account {
	t.Helper()
	acct, err := account.Open(context.Background(), account.Options{
		Endpoint: w.Sandbox.URL(), Region: w.Sandbox.Region(),
		KeyID: w.Sandbox.Operator().ID, Secret: provision.NewSecret(w.Sandbox.Operator().Secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	return acct
}

// The whole upgrade with the real tool, from the screen that asks what holds
// the installation to the proofs, while CI publishes.
func TestAnUpgradeWithTheRealTool(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	before, _ := w.Sandbox.Peek().User("nullplatform-demo-build-workflow-user")
	j := memory()
	d := drive(t, worldAccount(t, w), inWorld(t, w, j))
	d.until("enter yes, go on").press("enter").until("Directory")
	for d.r.flow.screens[d.r.at].about().stage == atProject {
		d.press("enter")
	}
	d.until("This is how it is held").has("which the state belongs to", before.Keys[0].ID).press("enter")
	d.has("> tofu", "plans with Terraform").lacks("> pipeline").press("enter").until("file 1 of")
	d.press("enter").until("enter apply").press("tab").has("Back the state up", "have the guard judge it")
	d.press("enter").until("Carry this out?").has("from here").press("demo", "enter")
	d.until("The installation is up to date").has("a fresh plan").press("enter").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Err != nil || !out.Applied || j.Past().Outcome != checklist.OutcomeDone {
		t.Fatalf("got %v, %v", err, out.Err)
	}
	after, _ := w.Sandbox.Peek().User("nullplatform-demo-build-workflow-user")
	if after.ID != before.ID || len(after.Keys) != 1 || after.Keys[0].ID != before.Keys[0].ID || len(after.Attached)+len(after.Inline) > 0 {
		t.Errorf("the user was %+v and is %+v", before, after)
	}
	if denied := w.Canary.Denied(); len(denied) > 0 || w.Canary.Calls() == 0 {
		t.Errorf("%d of %d calls were denied: %v", len(denied), w.Canary.Calls(), denied)
	}
	text, err := os.ReadFile(filepath.Join(w.Dir, "main.tf"))
	if err != nil || !strings.Contains(string(text), "group_name") {
		t.Errorf("the root is %s, %v", text, err)
	}
}

// A plan with changes that the upgrade is not about is refused until each is
// consented to by name, and then goes on from there.
func TestUnrelatedChangesAreConsentedTo(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	w.Write(t, "more.tf", "resource \"terraform_data\" \"somebodys\" {}\n")
	d := drive(t, worldAccount(t, w), inWorld(t, w, memory()))
	d.until("enter yes, go on").press("enter").until("Directory")
	for d.r.flow.screens[d.r.at].about().stage == atProject {
		d.press("enter")
	}
	d.until("This is how it is held").press("enter", "enter").until("file 1 of").press("enter").until("enter apply")
	d.press("enter").until("Carry this out?").press("demo", "enter").until("Something went wrong")
	d.has("The guard refuses the plan, nothing was applied", "a apply them too", "Edits that were written stay")
	d.press("a").has("May these be applied too?", "terraform_data.somebodys", "> no, back")
	d.press("enter").has("Something went wrong").press("a", "down", "enter").until("enter apply")
	d.press("enter").until("Carry this out?").press("demo", "enter").until("The installation is up to date")
	if denied := w.Canary.Denied(); len(denied) > 0 {
		t.Errorf("denied: %v", denied)
	}
}
