package plain

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/ask"
)

const buildUser = "nullplatform-demo-build-workflow-user"

// inRoots starts an upgrade where the roots of testdata are found, and no tool
// is; git does not look after them.
func inRoots(t *testing.T, j *checklist.Journal) func(*Options) {
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
		o.Keep = func(account.Identity, string) (migrate.Keeping, error) {
			return migrate.Keeping{Journal: j, Run: "run-1"}, nil
		}
		o.Staleness = 10 * time.Millisecond
	}
}

// toTurn are the lines up to the pipeline's turn.
func toTurn() []string {
	return []string{
		"1",                                                             // The account.
		"", "", "", "2", "", "", "", "", "", "", "", "", "DIR/up.patch", // What holds it, and the options.
		"1", "", // What was found, and the only route that is open.
		"1", "demo", // The preview, and the word.
	}
}

// renames does what the pipeline's apply does in this account.
func renames(t *testing.T, sb *sandbox.Sandbox) {
	t.Helper()
	_, err := sandboxtest.IAM(sb).UpdateGroup(t.Context(), &iam.UpdateGroupInput{
		GroupName: aws.String("nullplatform-demo-ecr-managers"), NewGroupName: aws.String("nullplatform-demo-asset-publishers"),
	})
	if err != nil {
		t.Error(err)
	}
}

// The pipeline's way in lines: the person is waited for with the bridge open,
// is looked after when they are too quick, and the proofs come at the end.
func TestUpgradeThroughAPipelineInLines(t *testing.T) {
	j := checklist.MemoryJournal(time.Now)
	lines := append(toTurn(), "help", "back", "1", "1")
	s := newScript(t, sandbox.Options{Scenario: "legacy"}, lines...)
	s.before = func(i int) {
		if i != len(lines)-1 {
			return
		}
		if u, _ := s.sb.Peek().User(buildUser); len(u.Attached) != 1 {
			t.Errorf("while the person is asked, the bridge is not open: %v", u.Attached)
		}
		renames(t, s.sb)
	}
	before, _ := s.sb.Peek().User(buildUser)
	out, err := s.run(inRoots(t, j))
	if err != nil || out.Err != nil || !out.Applied || len(out.Result.Upgrade.Proofs) == 0 || j.Past().Outcome != checklist.OutcomeDone {
		t.Fatalf("got %v, %v\n%s", err, out.Err, s.text())
	}
	after, _ := s.sb.Peek().User(buildUser)
	if after.ID != before.ID || after.Keys[0].ID != before.Keys[0].ID || len(after.Attached) > 0 {
		t.Errorf("the user was %+v and is %+v", before, after)
	}
	patch, err := os.ReadFile(filepath.Join(s.dir, "up.patch"))
	if err != nil || !strings.Contains(string(patch), "+moved {") {
		t.Errorf("the patch is %q, %v", patch, err)
	}
	golden(t, "upgrade-pipeline", s.text())
}

// Who stops at the pipeline's turn, in whatever way, goes on later from what is
// offered first, and the bridge is taken away then.
func TestTheTurnOfThePipelineIsLeftInLines(t *testing.T) {
	for _, last := range [][]string{{"2", "2"}, {"quit", "quit"}, {}} {
		j := checklist.MemoryJournal(time.Now)
		s := newScript(t, sandbox.Options{Scenario: "legacy"}, append(toTurn(), last...)...)
		out, err := s.run(inRoots(t, j))
		if err != nil || !out.Applied || !errors.Is(out.Err, checklist.ErrStopped) {
			t.Fatalf("%v: got %v, %v\n%s", last, err, out.Err, s.text())
		}
		s.has("It is your turn", "what is built of the bridge stays")
		if u, _ := s.sb.Peek().User(buildUser); len(u.Attached) != 1 {
			t.Errorf("%v: the bridge is gone: %v", last, u.Attached)
		}
		renames(t, s.sb)
		req, err := migrate.UpgradeRequestOf(j.Past())
		if err != nil {
			t.Fatal(err)
		}
		again := &script{t: t, sb: s.sb, dir: s.dir, lines: []string{"3", "1", "1", "demo"}}
		out, err = again.run(func(o *Options) {
			inRoots(t, j)(o)
			o.Start = ""
			o.OpenRuns = []ask.OpenRun{{Cluster: "demo", Upgrade: &req, Account: "123456789012", Done: 1, All: 2}}
		})
		if err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
			t.Errorf("%v: got %v, %v\n%s", last, err, out.Err, again.text())
		}
		again.has("resume: upgrade of demo in 123456789012", "A run is open.")
		if u, _ := s.sb.Peek().User(buildUser); len(u.Attached) > 0 {
			t.Errorf("%v: the bridge is still there: %v", last, u.Attached)
		}
	}
}

// What is in the way of a root is told with what can be done about it.
func TestRootsThatCannotBeUpgradedYetInLines(t *testing.T) {
	for _, tc := range []struct {
		why, dir string
		lines    []string
		says     []string
	}{
		{
			"no directory",
			"testdata/nowhere",
			[]string{"1", "", "", "", "", "1", "back", "quit"},
			[]string{"The root could not be read", "Goes to"},
		},
		{
			"a branch is agreed to be set to a release",
			"testdata/branch",
			[]string{"1", "", "", "", "", "1", "1", "", "2", "3", "quit"},
			[]string{"Has to be said first", "agree that refs which are no release", "Not open: tofu.", "File main.tf, 9 lines added, 1 removed.", "Nothing has been changed."},
		},
		{
			"instances that nothing tells are named",
			"testdata/repeated",
			[]string{"1", "", "", "", "", "1", "demo", "", "1", "", "2", "3", "quit"},
			[]string{"name the instances", "Instances", "has, all of them", `module.ecr["demo"].aws_iam_access_key`, "Nothing has been changed."},
		},
	} {
		s := newScript(t, sandbox.Options{Scenario: "legacy"}, tc.lines...)
		_, err := s.run(func(o *Options) {
			inRoots(t, nil)(o)
			o.Keep = nil
			o.Upgrade = migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: tc.dir}}
		})
		if !errors.Is(err, ask.ErrCancelled) {
			t.Errorf("%s: got %v\n%s", tc.why, err, s.text())
		}
		s.has(tc.says...)
		if got := sandboxtest.Writes(s.sb); len(got) != 0 {
			t.Errorf("%s: made %v", tc.why, got)
		}
	}
}

// An upgrade of the account keeps the journal too: what failed is told as open,
// and gone on with.
func TestAnUpgradeOfTheAccountKeepsAJournal(t *testing.T) {
	j := checklist.MemoryJournal(time.Now)
	keep := func(o *Options) {
		inRoots(t, j)(o)
		o.Projects = nil
	}
	s := newScript(t, sandbox.Options{Scenario: "split"}, "1", "demo", "", "", "1", "demo", "2")
	s.sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:DetachGroupPolicy"})
	if out, err := s.run(keep); err != nil || out.Err == nil {
		t.Fatalf("got %v, %v\n%s", err, out.Err, s.text())
	}
	s.has("slipway resume --cluster demo")
	status, err := migrate.StatusOf(j.History())
	if err != nil || status.State != migrate.RunOpen || status.Job != migrate.UpgradeJob || status.Done() != 2 {
		t.Fatalf("the status is %+v, %v", status, err)
	}
	again := &script{t: t, sb: s.sb, dir: s.dir, lines: []string{"1", "demo", "", "", "1", "demo"}}
	if out, err := again.run(keep); err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
		t.Errorf("got %v, %v\n%s", err, out.Err, again.text())
	}
	again.has("A run is open.", "This is what is left of it")
}
