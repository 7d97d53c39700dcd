package wizard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/ask"
)

// inSandbox points the wizard at an emulated account.
func inSandbox(t *testing.T, o sandbox.Options) (*sandbox.Sandbox, migrate.Account) {
	t.Helper()
	sb, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	})
	acct, err := account.Open(context.Background(), account.Options{
		Endpoint: sb.URL(), Region: sb.Region(),
		KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	return sb, acct
}

// privateDir is a directory that a handover accepts.
func privateDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// toPreview answers everything by hand: both destinations, secret to a file.
func (d *driver) toPreview(path string) *driver {
	d.until("enter yes, go on").press("enter")
	d.until("Where should CI publish").press("space", "down", "space", "enter")
	d.until("not named yet").press("demo", "enter", "demo-assets", "enter")
	d.press("enter").press(path, "enter")
	return d.press("enter").until("enter apply")
}

func TestInstallEndToEnd(t *testing.T) {
	sb, acct := inSandbox(t, sandbox.Options{})
	path := filepath.Join(privateDir(t), "creds.env")
	d := drive(t, acct, nil)

	d.toPreview(path).has("10 to add", "10 calls")
	d.press("enter").until("Carry this out?").has("no, back to the preview")
	d.press("down", "enter").until("The publishing identity is in place")
	d.press("enter").untilQuit()

	out, err := d.outcome()
	if err != nil || out.Err != nil || !out.Applied {
		t.Fatalf("got %v, %v, applied %v", err, out.Err, out.Applied)
	}
	if len(out.Result.Install.Done) != 10 || out.Result.Install.KeyID == "" || out.Result.Install.Inventory == nil {
		t.Errorf("done %d changes, key %q", len(out.Result.Install.Done), out.Result.Install.KeyID)
	}
	secret, _ := sb.TestOnlySecret(out.Result.Install.KeyID)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), secret) {
		t.Errorf("the file does not hold the secret: %v", err)
	}
	want := bothRequest()
	want.Spec.Contract, want.Handover = provision.DefaultContract, "file:"+path
	if !reflect.DeepEqual((*out.Task.Install), want) {
		t.Errorf("the request is\n%+v, want\n%+v", (*out.Task.Install), want)
	}
}

// What flags gave is only walked through, and a second run finds nothing to do.
func TestAgainIsNothing(t *testing.T) {
	_, acct := inSandbox(t, sandbox.Options{})
	req := bothRequest()
	req.Handover = "file:" + filepath.Join(privateDir(t), "creds.env")
	given := func(o *Options) { o.Request = req }
	through := func(d *driver) *driver {
		return d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter", "enter")
	}

	d := through(drive(t, acct, given)).until("enter apply")
	d.press("enter", "down", "enter").until("The publishing identity is in place")
	if out, err := d.outcome(); err != nil || out.Err != nil {
		t.Fatal(err, out.Err)
	}

	d = through(drive(t, acct, given)).until("There is nothing to do")
	d.press("enter").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Err != nil || out.Applied || out.Look.Preview == nil {
		t.Errorf("got %v, %+v", err, out)
	}
}

func TestBackFromEverywhereKeepsAnswers(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	path := filepath.Join(privateDir(t), "creds.env")
	d.toPreview(path)
	d.press("enter").until("Carry this out?")
	want := d.s.answers

	d.press("esc").until("This is what would be done")
	d.press("esc").until("Options")
	d.press("shift+tab").has(filepath.Base(path)).press("shift+tab", "shift+tab", "shift+tab").has("> Cluster demo")
	d.press("esc").until("Where should CI publish").has("[x] ECR", "[x] S3")
	// Two escapes in one read come as one key.
	d.press("alt+esc").until("Is this the right account?")
	d.press("esc").has("Is this the right account?")
	if d.s.answers != want {
		t.Errorf("answers were %+v, are %+v", want, d.s.answers)
	}
	d.press("enter", "enter", "tab", "tab", "tab", "tab", "enter").until("enter apply")
	if d.s.answers != want {
		t.Errorf("answers were %+v, are %+v", want, d.s.answers)
	}
}

// A preview is not read again for looking at the confirmation and back, but is
// for another answer.
func TestPreviewIsKeptForTheSameAnswers(t *testing.T) {
	acct := freshAccount()
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	shown := d.s.look.Preview
	d.press("enter", "esc").until("enter apply")
	d.press("esc", "enter").until("enter apply")
	if d.s.look.Preview != shown {
		t.Error("the account was read once more for nothing")
	}
	d.press("esc", "shift+tab", "shift+tab", "shift+tab", "shift+tab", "2", "tab", "tab", "tab", "tab", "enter")
	d.until("nullplatform-demo2-build").until("enter apply")
	if d.s.look.Preview == shown {
		t.Error("the account was not read for another answer")
	}
}

func TestLeavingBeforeAnyWrite(t *testing.T) {
	for _, tc := range []struct {
		why string
		to  func(d *driver)
	}{
		{"on the first screen", func(d *driver) { d.until("enter yes, go on") }},
		{"while typing", func(d *driver) {
			d.until("enter yes, go on").press("enter", "space", "enter", "de")
		}},
		{"on the preview", func(d *driver) { d.toPreview(filepath.Join(privateDir(t), "c.env")) }},
		{"on the confirmation", func(d *driver) {
			d.toPreview(filepath.Join(privateDir(t), "c.env")).press("enter").until("Carry this out?")
		}},
		{"in help", func(d *driver) { d.until("enter yes, go on").press("?").until("Help:") }},
	} {
		t.Run(tc.why, func(t *testing.T) {
			acct := freshAccount()
			d := drive(t, acct, nil)
			tc.to(d)
			d.press("ctrl+c").untilQuit()
			if _, err := d.outcome(); !errors.Is(err, ask.ErrCancelled) {
				t.Errorf("got %v", err)
			}
			if len(acct.done) > 0 {
				t.Errorf("it made %v", acct.done)
			}
		})
	}
}

func TestNoCredentialsCanBeTriedAgain(t *testing.T) {
	acct := freshAccount()
	var failure error = &account.Error{
		Op: "open the account", Why: "no AWS credentials were found", Way: "sign in (aws sso login)",
	}
	d := drive(t, nil, func(o *Options) {
		o.Open = func(context.Context, account.Options) (migrate.Account, error) { return acct, failure }
	})
	d.until("No AWS credentials were found").has("Sign in (aws sso login)", "r try again").lacks("enter")
	d.press("enter", "esc").has("No AWS credentials")
	failure = nil
	d.press("r").until("enter yes, go on").has("123456789012")
}

func TestAccountThatDoesNotAnswer(t *testing.T) {
	d := drive(t, nil, func(o *Options) {
		o.Open = func(ctx context.Context, _ account.Options) (migrate.Account, error) {
			return account.Open(ctx, account.Options{Endpoint: "http://127.0.0.1:1", Region: "us-east-1", KeyID: "AKIA", Secret: provision.NewSecret("s")})
		}
	})
	d.until("r try again").has("127.0.0.1:1")
}

func TestBlockersCloseTheWay(t *testing.T) {
	acct := freshAccount()
	call := provision.Call{Action: "iam:CreateUser", Resource: "arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user"}
	acct.missing = []provision.Call{call}
	d := drive(t, acct, nil)
	d.until("enter yes, go on").press("enter", "space", "enter")
	d.press("demo", "enter", "enter", filepath.Join(privateDir(t), "c.env"), "enter", "enter")
	d.until("This cannot be done yet").has("may not iam:CreateUser on").lacks("enter apply")
	d.press("enter").has("This cannot be done yet")

	acct.missing = nil
	d.press("r").until("enter apply").lacks("may not")
}

func TestMissingBucketIsOffered(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	d.until("enter yes, go on").press("enter", "down", "space", "enter")
	d.press("demo", "enter", "demo-new", "enter", "enter", filepath.Join(privateDir(t), "c.env"), "enter", "enter")
	d.until("This cannot be done yet").has("does not exist", "c create bucket")
	d.press("c").until("enter apply").has("demo-new")
	if !d.s.answers.Request().Spec.CreateBucket {
		t.Error("the request does not ask for the bucket")
	}
}

func TestPlaceIsLookedAtBeforeAnythingIsMade(t *testing.T) {
	dir := privateDir(t)
	path := filepath.Join(dir, "creds.env")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := drive(t, freshAccount(), nil)
	d.until("enter yes, go on").press("enter", "space", "enter", "demo", "enter", "enter", path, "enter", "enter")
	d.until("This cannot be done yet").has("exists already, and is not overwritten")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	d.press("r").until("enter apply")
}

func TestUnreadableAccount(t *testing.T) {
	acct := freshAccount()
	acct.readErr = &account.Error{Op: "read user x", Why: "AWS did not answer in time", Way: "check the network and run again"}
	d := drive(t, acct, nil)
	d.until("enter yes, go on").press("enter", "space", "enter", "demo", "enter", "enter", "enter", "enter")
	d.until("The account could not be read").has("AWS did not answer in time", "r look again").lacks("apply…")
	d.press("esc").has("Options")
}

// Keys that were pressed before the question could be read answer nothing.
func TestGrace(t *testing.T) {
	acct := freshAccount()
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "c.env"))
	d.press("enter")
	for _, k := range []string{"down", "enter", "enter"} {
		d.ahead(k)
	}
	d.has("Carry this out?", "> no, back to the preview")
	d.pass(grace)
	d.ahead("enter")
	d.until("This is what would be done")
	if len(acct.done) > 0 {
		t.Errorf("it made %v", acct.done)
	}
}

func TestChangingWhatIsThereTakesTheName(t *testing.T) {
	acct := driftedAccount(t)
	through := func(acct *fakeAccount, with func(*Options)) *driver {
		d := drive(t, acct, func(o *Options) {
			o.Request = bothRequest()
			o.Request.Handover = "reveal"
			if with != nil {
				with(o)
			}
		})
		d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter").until("enter apply")
		return d.press("enter").until("Carry this out?")
	}
	given := func(o *Options) { o.Request.Allow = migrate.Allow{Broadening: true} }
	through(thinAccount(t), nil).has("Type the cluster's name").lacks("no, back")
	through(thinAccount(t), given).has("no, back to the preview")
	// That word is about more access, not about less.
	through(acct, given).has("loss:", "Type the cluster's name")

	d := through(acct, nil).has("Type the cluster's name").lacks("no, back")
	d.press("enter").has("not the cluster's name")
	d.press("dem", "enter").has("not the cluster's name").press("o", "enter")
	d.until("The publishing identity is in place")
	if !reflect.DeepEqual(acct.done, []string{"CreatePolicyVersion"}) {
		t.Errorf("it made %v", acct.done)
	}
}

func TestAccountThatChangedInBetween(t *testing.T) {
	acct := freshAccount()
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "c.env"))
	acct.change(func(inv *provision.Inventory) {
		inv.Groups = append(inv.Groups, provision.Group{Name: "nullplatform-demo-asset-publishers"})
	})
	d.press("enter", "down", "enter").until("The account has changed since the preview")
	d.has("no longer needed: Create group nullplatform-demo-asset-publishers", "r new preview")
	if len(acct.done) > 0 {
		t.Fatalf("it made %v", acct.done)
	}
	d.press("r").until("9 to add")
	// Nothing was written, so the way back is open.
	d.press("esc").has("Options").press("enter").until("enter apply")
	d.press("enter", "down", "enter").until("The publishing identity is in place")
}

func TestCallThatFailsMidway(t *testing.T) {
	sb, acct := inSandbox(t, sandbox.Options{})
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	d.press("enter", "down", "enter").until("Something went wrong")
	d.has("may not iam:AttachGroupPolicy", "Safe", "No access key was made", "Next", "r try again", "esc leave (go on later)")
	d.press("l").has("l list", "AttachGroupPolicy").press("l")

	d.press("r").until("enter apply").has("to add", "What was done before stays done").lacks("esc back", "Nothing has been changed")
	d.press("esc").has("to add")
	d.press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
	out, err := d.outcome()
	if err != nil || out.Err != nil || !out.Applied || len(out.Result.Install.Done) != 10 {
		t.Errorf("got %v, %v, %d changes", err, out.Err, len(out.Result.Install.Done))
	}
}

func TestFailureCanBeLeft(t *testing.T) {
	acct := freshAccount()
	acct.onDo = func(_ context.Context, c provision.Call) error {
		if c.Action == "iam:CreateAccessKey" {
			return &account.Error{Op: "create an access key", Why: "a quota is reached", Way: "make room"}
		}
		return nil
	}
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	d.press("enter", "down", "enter").until("Something went wrong").has("A quota is reached", "Make room.")
	d.press("esc").untilQuit()
	out, err := d.outcome()
	var failure *account.Error
	if err != nil || !out.Applied || !errors.As(out.Err, &failure) {
		t.Errorf("got %v, %+v", err, out.Err)
	}
}

// held makes the first call of an action wait until it is let go or its
// context ends.
func held(acct *fakeAccount, action string) (begun <-chan struct{}, release func()) {
	started, free := make(chan struct{}), make(chan struct{})
	acct.onDo = func(ctx context.Context, c provision.Call) error {
		if c.Action != action {
			return nil
		}
		close(started)
		select {
		case <-free:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return started, func() { close(free) }
}

func TestStopMidway(t *testing.T) {
	acct := freshAccount()
	begun, release := held(acct, "iam:AddUserToGroup")
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	d.press("enter", "down", "enter").until("Carrying it out")
	d.untilClosed(begun)
	d.has("ctrl+c stop after this call").press("esc").has("Carrying it out")
	d.press("ctrl+c").until("Stopping after the call in flight").has("ctrl+c give this call up")
	release()
	d.until("Stopped").has("No access key was made", "r go on", "later with slipway install")

	acct.doing(nil)
	d.press("r").until("enter apply").press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
	if out, err := d.outcome(); err != nil || out.Err != nil || len(out.Result.Install.Done) != 10 {
		t.Errorf("got %v, %v, %v", err, out.Err, out.Result.Install.Done)
	}
}

func TestSecondInterruptGivesTheCallUp(t *testing.T) {
	acct := freshAccount()
	begun, _ := held(acct, "iam:AddUserToGroup")
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	d.press("enter", "down", "enter").until("Carrying it out")
	d.untilClosed(begun)
	d.press("ctrl+c", "ctrl+c").until("Stopped")
	d.press("ctrl+c").untilQuit()
	out, err := d.outcome()
	if err != nil || !out.Applied || !errors.Is(out.Err, checklist.ErrStopped) {
		t.Errorf("got %v, %v", err, out.Err)
	}
}

// A program that goes away while it writes lets the call in flight finish, and
// the outcome tells.
func TestGoneWhileWriting(t *testing.T) {
	acct := freshAccount()
	begun, release := held(acct, "iam:AddUserToGroup")
	d := drive(t, acct, nil)
	d.toPreview(filepath.Join(privateDir(t), "creds.env"))
	d.press("enter", "down", "enter").until("Carrying it out")
	d.untilClosed(begun)
	time.AfterFunc(10*time.Millisecond, release)
	out, err := d.outcome()
	if err != nil || !errors.Is(out.Err, checklist.ErrStopped) || !out.Applied {
		t.Errorf("got %v, %+v", err, out)
	}
	for _, op := range acct.done {
		if op == "CreateAccessKey" {
			t.Error("it went on to make the key")
		}
	}
}

func TestPasteIsTakenWhereTextIsTyped(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	d.until("enter yes, go on").press("enter", "space")
	d.send(tea.PasteMsg{Content: "xx x"})
	d.has("[x] ECR").press("enter")
	d.send(tea.PasteMsg{Content: "  demo\n"})
	d.has("user nullplatform-demo-build-workflow-user")
	if got := d.s.answers.Cluster; got != "demo" {
		t.Errorf("the cluster is %q", got)
	}
}
