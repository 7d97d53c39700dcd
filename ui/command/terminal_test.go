//go:build unix

package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// What happens to a terminal while the wizard runs in it, with the real
// program as a process of its own.

// gate lets the first call of an action wait until it is let go.
type gate struct {
	action string
	once   sync.Once
	begun  chan struct{}
	free   chan struct{}
}

func newGate(action string) *gate {
	return &gate{action: action, begun: make(chan struct{}), free: make(chan struct{})}
}

func (g *gate) hook(e sandbox.Entry, phase sandbox.Phase) {
	if e.Action == g.action && phase == sandbox.Before {
		g.once.Do(func() {
			close(g.begun)
			<-g.free
		})
	}
}

// reached waits until the call is made.
func (g *gate) reached(t *testing.T) {
	t.Helper()
	select {
	case <-g.begun:
	case <-time.After(patience):
		t.Fatalf("%s was not called", g.action)
	}
}

func (g *gate) open() { close(g.free) }

// installs runs the wizard with everything filled in.
func installs(t *testing.T, sb *sandbox.Sandbox, w, h int, args ...string) *person {
	t.Helper()
	return atTerminal(t, w, h, sb.Environment(), append([]string{
		"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:creds.env",
	}, args...)...)
}

// toQuestion walks through what is filled in, up to the question.
func (p *person) toQuestion() *person {
	p.t.Helper()
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r")
	p.until("Every name in the account").types("\r\r\r\r\r\r")
	return p.until("enter apply").types("\r").until("Carry this out?")
}

// confirms says yes, once the question has been in sight for the grace period:
// keys that come earlier are not taken, and a second one takes the first back.
func (p *person) confirms() *person {
	p.t.Helper()
	time.Sleep(grace)
	return p.types("\x1b[B").until("> yes").types("\r")
}

// grace is how long the wizard does not take a word for the account to change.
const grace = 500 * time.Millisecond

func keysOf(sb *sandbox.Sandbox) int {
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	return len(user.Keys)
}

// leftAs reports what is wrong with how the terminal was left.
func (p *person) leftAs() string {
	var wrong []string
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen.IsAltScreen() {
		wrong = append(wrong, "it still is on the alternate screen")
	}
	raw := p.raw.String()
	if strings.LastIndex(raw, "\x1b[?25l") > strings.LastIndex(raw, "\x1b[?25h") {
		wrong = append(wrong, "the cursor is hidden")
	}
	for _, mode := range []string{"1000", "1002", "1003", "1006", "2004"} {
		if strings.LastIndex(raw, "\x1b[?"+mode+"h") > strings.LastIndex(raw, "\x1b[?"+mode+"l") {
			wrong = append(wrong, "mode "+mode+" is still set")
		}
	}
	return strings.Join(wrong, "; ")
}

func TestResizeWhileApplying(t *testing.T) {
	g := newGate("AddUserToGroup")
	sb := hookedAccount(t, g.hook)
	p := installs(t, sb, 80, 24).toQuestion().confirms()
	g.reached(t)
	p.until("Carrying it out").until("group AddUserToGroup")
	for _, size := range [][2]int{{120, 40}, {60, 16}, {40, 12}, {200, 60}} {
		p.resizes(size[0], size[1])
		p.until("ctrl+c stop after this call").until("● Put the build user into t")
	}
	p.resizes(39, 11)
	p.until("too small")
	p.resizes(80, 24)
	p.until("Carrying it out")
	g.open()
	p.until("The publishing identity is in place").types("\r")
	if code := p.ends(); code != 0 || keysOf(sb) != 1 {
		t.Errorf("exit code %d, %d keys", code, keysOf(sb))
	}
	if wrong := p.leftAs(); wrong != "" {
		t.Error(wrong)
	}
}

// A window that is dragged about sends sizes faster than frames can follow. In
// the end the screen is right, to the cell.
func TestStormOfSizes(t *testing.T) {
	sb := hookedAccount(t, nil)
	p := installs(t, sb, 80, 24)
	p.until("enter yes, go on").types("\r").until("Where should CI publish")
	for i := range 300 {
		p.resizes(40+i%161, 12+i%49)
	}
	p.resizes(100, 30)
	still := atTerminal(t, 100, 30, sb.Environment(), p.cmd.Args[1:]...)
	still.until("enter yes, go on").types("\r").until("Where should CI publish")
	p.waits("the frame of a terminal that always had this size", func() bool { return p.cells() == still.cells() })
	p.types("\x03")
	if code := p.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// cells is the screen as it stands.
func (p *person) cells() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ansi.Strip(p.screen.Render())
}

func TestInterruptWhileApplying(t *testing.T) {
	g := newGate("AddUserToGroup")
	sb := hookedAccount(t, g.hook)
	p := installs(t, sb, 80, 24).toQuestion().confirms()
	g.reached(t)
	p.until("group AddUserToGroup").types("\x03").until("Stopping after the call in flight")
	g.open()
	p.until("r go on").until("No access key was made").types("\x1b")
	if code := p.ends(); code != 130 || keysOf(sb) != 0 {
		t.Errorf("exit code %d, %d keys", code, keysOf(sb))
	}
	if wrong := p.leftAs(); wrong != "" {
		t.Error(wrong)
	}
	// What it came to stays in the scrollback.
	if !strings.Contains(p.sees(), "Run the same command again") {
		t.Errorf("nothing was left behind:\n%s", p.sees())
	}
}

// Suspended as any program is, and back where one was. A shell with job control
// stands between, as it does in life.
func TestSuspendAndBack(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is missing, which is the shell with job control here")
	}
	sb := hookedAccount(t, nil)
	p := sit(t, 80, 24, sb.Environment(), exec.Command("bash", "-c",
		`set -m; (exec -a slipway "$0" "$@"); echo SUSPENDED; read -r line; fg >/dev/null`, self(t), "install", "--cluster", "demo"))
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types(" ").until("[x] ECR")
	p.types("\x1a").until("SUSPENDED")
	if wrong := p.leftAs(); wrong != "" {
		t.Errorf("suspended: %s", wrong)
	}
	p.types("\n").until("[x] ECR").until("What this adds").types("\r").until("Every name in the account").types("\x03")
	if code := p.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	if wrong := p.leftAs(); wrong != "" {
		t.Errorf("left: %s", wrong)
	}
}

// A terminal that is lost, as when a connection breaks, ends the program: what
// is in flight is finished, nothing more is begun, and no key is made.
func TestLostTerminal(t *testing.T) {
	g := newGate("AddUserToGroup")
	sb := hookedAccount(t, g.hook)
	heard := filepath.Join(t.TempDir(), "heard")
	t.Setenv(testSignals, heard)
	p := installs(t, sb, 80, 24).toQuestion().confirms()
	g.reached(t)
	p.until("group AddUserToGroup")
	if err := p.tty.Close(); err != nil {
		t.Fatal(err)
	}
	p.waits("the signal", func() bool { _, err := os.Stat(heard); return err == nil })
	g.open()
	if code := p.ends(); code == 0 {
		t.Error("it says that all is done")
	}
	if keysOf(sb) != 0 {
		t.Error("a key was made for nobody")
	}
	// The same command goes on from there.
	q := installs(t, sb, 80, 24).toQuestion().confirms()
	q.until("The publishing identity is in place").types("\r")
	if code := q.ends(); code != 0 || keysOf(sb) != 1 {
		t.Errorf("the second time: exit code %d, %d keys", code, keysOf(sb))
	}
}

// Text that was copied from a page or from a terminal comes with spaces and
// line feeds around it and in it.
func TestPasteOfAnARN(t *testing.T) {
	sb := hookedAccount(t, nil)
	p := installs(t, sb, 80, 24, "--permissions-boundary", "arn:aws:iam::123456789012:policy/none")
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r")
	p.until("Every name in the account").types("\r\r\r\r\r\r\r\r\r").until("> Boundary")
	p.types("\x15\x1b[200~ arn:aws:iam::123456789012:\r\n   policy/teams/\nboundary \n\x1b[201~")
	p.until("arn:aws:iam::123456789012:policy/teams/boundary").types("\r").until("> Tags")
	if s := p.sees(); !strings.Contains(s, "Boundary arn:aws:iam::123456789012:policy/teams/boundary") || strings.Contains(s, "✗") {
		t.Errorf("it was not taken:\n%s", s)
	}
	p.types("\x03")
	if code := p.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// The secret that was shown is gone with the screen that showed it.
func TestShownSecretIsNotLeftBehind(t *testing.T) {
	sb := hookedAccount(t, nil)
	p := atTerminal(t, 80, 24, sb.Environment(), "install", "--cluster", "demo", "--ecr", "--handover", "reveal")
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r")
	p.until("Every name in the account").types("\r\r\r\r")
	p.until("enter apply").types("\r").until("Carry this out?").confirms()
	p.until("shown once")
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	if !strings.Contains(p.sees(), secret) {
		t.Fatalf("the secret is not shown:\n%s", p.sees())
	}
	for strings.Contains(p.sees(), "shown once") {
		p.types("\r")
		time.Sleep(50 * time.Millisecond)
	}
	p.until("The publishing identity is in place").types("\r")
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.mu.Lock()
	left := p.screen.Render() + fmt.Sprint(p.screen.Scrollback())
	p.mu.Unlock()
	if strings.Contains(ansi.Strip(left), secret) {
		t.Error("the secret is in the scrollback")
	}
	after := p.written()[strings.LastIndex(p.written(), "\x1b[?1049l"):]
	if strings.Contains(after, secret) {
		t.Error("the secret was written after the screen was gone")
	}
}

// A screen that waits for a key writes nothing.
func TestIdleAtATerminal(t *testing.T) {
	sb := hookedAccount(t, nil)
	p := installs(t, sb, 200, 60)
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r").until("Every name in the account")
	time.Sleep(200 * time.Millisecond) // Let the renderer come to rest.
	before := len(p.written())
	time.Sleep(1200 * time.Millisecond)
	if n := len(p.written()) - before; n != 0 {
		t.Errorf("%d bytes were written while nothing happened: %q", n, p.written()[before:])
	}
	p.types("\x03")
	if code := p.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// Nothing but the terminal's own sixteen colours, and none where they are not
// wanted; nothing beyond ASCII where the locale has no more.
func TestProfiles(t *testing.T) {
	sb := hookedAccount(t, nil)
	colour := regexp.MustCompile(`\x1b\[[0-9;]*(3[0-9]|4[0-9]|9[0-7])m`)
	many := regexp.MustCompile(`\x1b\[[0-9;]*[34]8[;:][25]`)
	for _, tc := range []struct {
		why           string
		env, args     []string
		colour, ascii bool
	}{
		{"colour", nil, nil, true, false},
		{"NO_COLOR with any value", []string{"NO_COLOR=yes"}, nil, false, false},
		{"the flag", nil, []string{"--no-color"}, false, false},
		{"a locale of ASCII", []string{"LANG=C"}, nil, true, true},
		{"true colour is not asked for", []string{"COLORTERM=truecolor"}, nil, true, false},
	} {
		p := atTerminal(t, 80, 24, append(sb.Environment(), tc.env...), append([]string{"install", "--cluster", "demo", "--ecr"}, tc.args...)...)
		p.until("enter yes, go on").types("\r").until("What this adds").types("\x03")
		if code := p.ends(); code != 130 {
			t.Errorf("%s: exit code %d", tc.why, code)
		}
		raw := p.written()
		if got := colour.MatchString(raw); got != tc.colour {
			t.Errorf("%s: colour is %v", tc.why, got)
		}
		if many.MatchString(raw) {
			t.Errorf("%s: there are more than sixteen colours", tc.why)
		}
		beyond := strings.ContainsFunc(ansi.Strip(raw), func(r rune) bool { return r > 0x7e })
		if beyond == tc.ascii {
			t.Errorf("%s: characters beyond ASCII: %v", tc.why, beyond)
		}
	}
}

// A run that was interrupted is what slipway alone offers first.
func TestInterruptedAndFoundAgain(t *testing.T) {
	g := newGate("AddUserToGroup")
	sb := hookedAccount(t, g.hook)
	env := append(sb.Environment(), "XDG_STATE_HOME="+t.TempDir())
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p := atTerminal(t, 80, 24, env, "install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:"+filepath.Join(dir, "creds.env"))
	p.toQuestion().confirms()
	g.reached(t)
	p.until("group AddUserToGroup").types("\x03").until("Stopping after the call in flight")
	g.open()
	p.until("r go on").types("\x1b")
	if code := p.ends(); code != 130 {
		t.Fatalf("exit code %d", code)
	}
	q := atTerminal(t, 80, 24, env)
	q.until("> Resume").until("demo in 123456789012").types("\r").until("enter yes, go on").types("\r")
	q.until("A run is open: this is what is left").types("\r").until("Carry this out?").confirms()
	q.until("The publishing identity is in place").types("\r")
	if code := q.ends(); code != 0 || keysOf(sb) != 1 {
		t.Errorf("exit code %d, %d keys", code, keysOf(sb))
	}
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	text, err := os.ReadFile(filepath.Join(dir, "creds.env"))
	if err != nil || !strings.Contains(string(text), secret) {
		t.Errorf("the secret is not where it was to go: %v", err)
	}
}
