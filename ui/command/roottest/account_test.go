package roottest

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command"
)

// shell runs command lines on one account and one state directory.
type shell struct {
	sb      *sandbox.Sandbox
	environ []string
}

func newShell(t *testing.T, scenario string) *shell {
	t.Helper()
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: scenario})
	t.Setenv("AWS_ACCESS_KEY_ID", sb.Operator().ID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", sb.Operator().Secret)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_PROFILE", "")
	return &shell{sb: sb, environ: append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())}
}

func (s *shell) run(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if args[0] != "status" {
		args = append(args, "--endpoint-url", s.sb.URL(), "--region", s.sb.Region())
	}
	got := command.Run(t.Context(), args, command.Edge{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Environ: s.environ, Now: time.Now,
		TestOnlyStaleness: time.Millisecond,
	})
	if got != code {
		t.Fatalf("slipway %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, out.String())
	}
	return out.String()
}

// An upgrade that broke off is told by status, gone on with by resume, and
// taken back by undo, each in a process of its own.
func TestAnUpgradeOverManyProcesses(t *testing.T) {
	s := newShell(t, "split")
	before, _ := s.sb.Peek().User(buildUser)
	s.sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:DetachGroupPolicy"})
	says(t, s.run(t, 1, "upgrade", "--cluster", "demo", "--yes"), "Failed after 2 of 4 changes")
	says(t, s.run(t, 0, "status"), "upgrade is open, 2 of 4 changes done")
	says(t, s.run(t, 4, "install", "--cluster", "demo", "--ecr", "--handover", "stdout", "--yes"), "a run of upgrade for cluster demo is open")

	says(t, s.run(t, 0, "resume", "--cluster", "demo", "--yes"), "Done: demo is at contract 6.1")
	says(t, s.run(t, 0, "status"), "upgrade is done")
	if _, there := s.sb.Peek().Policy("nullplatform-demo-s3-assets-policy"); there {
		t.Error("the old policy is still there")
	}

	says(t, s.run(t, 2, "undo", "--cluster", "demo"), "Take back: Delete policy nullplatform-demo-s3-assets-policy", "without --yes")
	says(t, s.run(t, 0, "undo", "--cluster", "demo", "--yes"), "done     Wait until every reader sees what came back")
	says(t, s.run(t, 0, "status"), "taken back")
	says(t, s.run(t, 3, "upgrade", "--cluster", "demo", "--check"), "from contract 5.0 to contract 6.1", "Create policy nullplatform-demo-s3-policy")
	after, _ := s.sb.Peek().User(buildUser)
	if after.ID != before.ID || len(after.Keys) != 1 || after.Keys[0].ID != before.Keys[0].ID {
		t.Errorf("the user was %+v and is %+v", before, after)
	}
	says(t, s.run(t, 0, "undo", "--cluster", "demo", "--yes"), "nothing to take back")
}

// What others have changed since is in the way of going back.
func TestUndoStopsAtTheChangesOfOthers(t *testing.T) {
	s := newShell(t, "legacy-direct")
	s.run(t, 0, "upgrade", "--cluster", "demo", "--yes")
	g, _ := s.sb.Peek().Group("nullplatform-demo-asset-publishers")
	if len(g.Members) != 1 {
		t.Fatalf("members %v", g.Members)
	}
	joinGroup(t, s.sb, "operator", g.Name)
	says(t, s.run(t, 4, "undo", "--cluster", "demo", "--yes"), "cannot be taken back")
	if u, _ := s.sb.Peek().User(buildUser); len(u.Attached) > 0 || len(u.Groups) != 1 {
		t.Errorf("a refused way back has changed the user: %+v", u)
	}
}

func joinGroup(t *testing.T, sb *sandbox.Sandbox, user, group string) {
	t.Helper()
	if _, err := sandboxtest.IAM(sb).AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: &user, GroupName: &group}); err != nil {
		t.Fatal(err)
	}
}
