package wizard

import (
	"context"
	"errors"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/ask"
)

// atHome asks what to do.
func atHome(o *Options) { o.Start = "" }

// legacyAccount holds an installation of before the split, without S3.
func legacyAccount(t testing.TB) *fakeAccount {
	t.Helper()
	f := freshAccount()
	spec := provision.Spec{Cluster: "demo", Destinations: []provision.Destination{{Kind: provision.ECR}}}
	b, err := provision.NewBlueprint(spec, place())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range provision.NewPlan(b, f.inv).Calls() {
		if err := f.inv.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	old := provision.Contract34.Names("demo")
	for i := range f.inv.Groups {
		f.inv.Groups[i].Name = old.Group
	}
	f.inv.User.Groups = []string{old.Group}
	f.inv.User.ID = "AIDAIOSFODNN7EXAMPLE"
	f.inv.User.Keys = []provision.Key{{ID: "AKIAIOSFODNN7EXAMPLE", Active: true}}
	return f
}

func TestHomeLeadsToTheJobsAndBack(t *testing.T) {
	d := drive(t, freshAccount(), func(o *Options) {
		atHome(o)
		o.Clusters = func(context.Context) ([]string, error) { return []string{"demo", "prod"}, nil }
	})
	d.until("installed demo, prod").has("What do you want to do?", "> Install", "you are "+operator)
	d.press("esc").has("What do you want to do?")
	d.press("enter").until("Is this the right account?").has("slipway install", "esc back")
	d.press("enter", "space", "enter", "mine").has("> Cluster mine")
	d.press("esc", "esc", "esc").has("What do you want to do?").lacks("slipway install")
	// What was answered is kept, and not taken for another job's.
	d.press("down", "enter").has("slipway upgrade", "enter yes, go on").press("enter").has("Which installation", "The account has 2").lacks("mine")
	d.press("esc", "esc", "up", "enter", "enter", "enter").has("> Cluster mine")
	d.press("ctrl+c").untilQuit()
	if _, err := d.outcome(); !errors.Is(err, ask.ErrCancelled) {
		t.Errorf("got %v", err)
	}
}

// Without an account, home still leads to the sandbox, and there everything is
// as it is in an account.
func TestSandboxFromHome(t *testing.T) {
	var played string
	opened := 0
	d := drive(t, nil, func(o *Options) {
		atHome(o)
		o.Open = func(context.Context, account.Options) (migrate.Account, error) {
			if opened++; opened == 1 {
				return nil, &account.Error{Op: "open the account", Why: "no AWS credentials were found", Way: "sign in"}
			}
			return legacyAccount(t), nil
		}
		o.Play = func(scenario string) (account.Options, error) {
			if scenario == "messy" {
				return account.Options{}, errors.New("no room")
			}
			played = scenario
			return account.Options{Endpoint: "http://127.0.0.1:1"}, nil
		}
	})
	d.until("No AWS credentials were found").press("down", "down", "enter").until("What should the sandbox hold?")
	d.press("esc").has("What do you want to do?").press("enter")
	for range sandbox.Scenarios() {
		d.press("down")
	}
	d.has("> messy").press("enter").until("No room").press("up", "enter").until("sandbox drifted")
	if played != "drifted" {
		t.Errorf("it plays %q", played)
	}
	d.until("you are " + operator).has("What do you want to do?").lacks("No AWS credentials")
	d.press("up", "enter").has("the built-in sandbox: nothing here is real")
}

// An upgrade, from home to its proofs, on a real SDK and an emulated account.
func TestUpgradeEndToEnd(t *testing.T) {
	sb, acct := inSandbox(t, sandbox.Options{Scenario: "legacy"})
	before, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	d := drive(t, acct, atHome)
	d.until("you are").press("down", "enter").until("enter yes, go on").press("enter")
	d.press("demo", "enter", "enter", "enter").until("This is what was found")
	d.has("contract 3.4", "Stays the same", before.Keys[0].ID, "goes through its root instead")
	d.press("enter").has("This is what would be done", "In this order", "[Changes]")
	d.press("tab").has("[Access]").press("enter").until("Carry this out?").has("Type the cluster's name")
	d.press("dem", "enter").has("not the cluster's name").press("o", "enter")
	d.until("The installation is up to date").has("the build user, its keys and their status are the same")
	d.press("enter").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Err != nil || !out.Applied || len(out.Result.Upgrade.Done) != 1 || len(out.Result.Upgrade.Proofs) == 0 {
		t.Fatalf("got %v, %+v", err, out)
	}
	if out.Task.Name() != ask.UpgradeTask || out.Look.Upgrade == nil {
		t.Errorf("it is taken for %s", out.Task.Name())
	}
	after, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	if len(after.Keys) != 1 || after.Keys[0].ID != before.Keys[0].ID {
		t.Errorf("the keys were %v and are %v", before.Keys, after.Keys)
	}
}

// Where there is nothing to upgrade, or no telling, there is no way on.
func TestUpgradeThatCannotBe(t *testing.T) {
	upgrade := func(o *Options) { o.Start = ask.UpgradeTask }
	d := drive(t, freshAccount(), upgrade)
	d.until("enter yes, go on").press("enter", "nobody", "enter", "enter", "enter").until("This is what was found")
	d.has("nothing that the modules made").press("enter").has("This cannot be done yet").lacks("enter apply")
	d.press("enter").has("This cannot be done yet").press("esc", "esc").has("Which installation")

	broken := freshAccount()
	broken.readErr = &account.Error{Op: "read user x", Why: "AWS did not answer in time", Way: "check the network and run again"}
	d = drive(t, broken, upgrade)
	d.until("enter yes, go on").press("enter", "demo", "enter", "enter", "enter").until("It cannot be told what is there")
	d.has("AWS did not answer in time", "r look again").lacks("enter preview").press("esc").has("Which installation")

	done := installedAccount(t)
	d = drive(t, done, upgrade)
	d.until("enter yes, go on").press("enter", "demo", "enter", "enter", "enter").until("This is what was found")
	d.press("enter").has("There is nothing to do").press("enter").untilQuit()
	if out, err := d.outcome(); err != nil || out.Applied {
		t.Errorf("got %v, %+v", err, out)
	}
}

// A failure on the way says what is safe, and the same command goes on.
func TestUpgradeFailsAndGoesOn(t *testing.T) {
	sb, acct := inSandbox(t, sandbox.Options{Scenario: "split"})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	d := drive(t, acct, func(o *Options) {
		o.Start, o.Upgrade = ask.UpgradeTask, migrate.UpgradeRequest{Cluster: "demo"}
	})
	d.until("enter yes, go on").press("enter", "enter", "enter", "enter").until("This is what was found").press("enter", "enter")
	d.until("Carry this out?").press("demo", "enter").until("Something went wrong")
	d.has("may not iam:AttachGroupPolicy", "Safe", "CI still publishes", "r try again")
	d.press("r").until("enter apply").press("enter").until("Carry this out?").press("demo", "enter").until("The installation is up to date")
	if out, err := d.outcome(); err != nil || out.Err != nil {
		t.Errorf("got %v, %v", err, out.Err)
	}
}
