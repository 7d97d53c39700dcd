//go:build unix

package command_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// person sits at a real terminal: the program is a process of its own in a
// pseudo-terminal, and what it writes is shown by an emulator. The emulator
// answers no query, as some terminals do not.
type person struct {
	t   testing.TB
	cmd *exec.Cmd
	tty *os.File

	mu     sync.Mutex
	screen *vt.Emulator
	raw    strings.Builder

	done chan struct{} // closed when nothing more is written
	exit chan error
}

// atTerminal runs slipway in a terminal of that size, in an empty directory
// that only its owner can enter. The environment is as of a person without an
// account of their own.
func atTerminal(t *testing.T, w, h int, env []string, args ...string) *person {
	t.Helper()
	// The name is what makes the test binary the program; see TestMain.
	return sit(t, w, h, env, &exec.Cmd{Path: self(t), Args: append([]string{"slipway"}, args...)})
}

func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// sit runs a program in a terminal.
func sit(t testing.TB, w, h int, env []string, cmd *exec.Cmd) *person {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = dir
	cmd.Env = append([]string{
		crashtest.AtOnce,
		"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + dir, "XDG_STATE_HOME=" + filepath.Join(dir, "state"), "PATH=" + os.Getenv("PATH"),
		testSignals + "=" + os.Getenv(testSignals),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}, env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)})
	if err != nil {
		t.Fatal(err)
	}
	p := &person{
		t: t, cmd: cmd, tty: tty, screen: vt.NewEmulator(w, h),
		done: make(chan struct{}), exit: make(chan error, 1),
	}
	go func() { _, _ = io.Copy(io.Discard, p.screen) }() // Its answers to queries.
	go p.watch()
	go func() { p.exit <- cmd.Wait() }()
	t.Cleanup(p.leave)
	return p
}

func (p *person) watch() {
	defer close(p.done)
	buf := make([]byte, 32<<10)
	for {
		n, err := p.tty.Read(buf)
		p.mu.Lock()
		p.raw.Write(buf[:n])
		_, _ = p.screen.Write(buf[:n])
		p.mu.Unlock()
		if err != nil { // A terminal whose program has ended gives EIO.
			return
		}
	}
}

// leave ends what is left of the program.
func (p *person) leave() {
	_ = p.cmd.Process.Kill()
	_ = p.tty.Close()
	<-p.done
	_ = p.screen.InputPipe().(io.Closer).Close()
}

// sees gives the text on the screen in one line.
func (p *person) sees() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(strings.Fields(ansi.Strip(p.screen.Render())), " ")
}

// written is all that the program wrote so far.
func (p *person) written() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.raw.String()
}

// patience is how long something may take to appear.
const patience = 30 * time.Second

func (p *person) waits(what string, there func() bool) {
	p.t.Helper()
	late := time.After(patience)
	for !there() {
		select {
		case <-late:
			p.t.Fatalf("waited for %s in vain; the screen has\n%s\nwritten was\n%q", what, p.sees(), tail(p.written()))
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// until waits for a text on the screen.
func (p *person) until(text string) *person {
	p.t.Helper()
	p.waits(text, func() bool { return strings.Contains(p.sees(), text) })
	return p
}

// untilSaid waits for a text that may have scrolled away.
func (p *person) untilSaid(text string) *person {
	p.t.Helper()
	p.waits(text, func() bool { return strings.Contains(p.written(), text) })
	return p
}

func (p *person) types(text string) *person {
	p.t.Helper()
	if _, err := p.tty.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
	return p
}

func (p *person) resizes(w, h int) {
	p.t.Helper()
	p.mu.Lock()
	p.screen.Resize(w, h)
	p.mu.Unlock()
	if err := pty.Setsize(p.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the end of the program and gives its exit code, or minus the
// signal that ended it.
func (p *person) ends() int {
	p.t.Helper()
	select {
	case err := <-p.exit:
		<-p.done
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return 0
		}
		if s := exit.Sys().(syscall.WaitStatus); s.Signaled() {
			return -int(s.Signal())
		}
		return exit.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("it does not end; the screen has\n%s", p.sees())
	}
	return 0
}

// file reads a file that the program made in its directory.
func (p *person) file(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.cmd.Dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// In lines, the same flow and the same outcome, without one escape sequence.
func TestInLinesAtATerminal(t *testing.T) {
	sb := hookedAccount(t, nil)
	p := atTerminal(t, 80, 24, sb.Environment(), "install", "--plain")
	p.untilSaid("Is this the right account?").types("1\n")
	p.untilSaid("3. both").types("3\n")
	p.untilSaid("Cluster: ").types("demo\n")
	p.untilSaid("S3 bucket: ").types("demo-assets\n")
	p.untilSaid("tell nullplatform of it").types("\n")
	p.untilSaid("keyring").types("\n")
	p.untilSaid("File: ").types("creds.env\n")
	p.untilSaid("set them here").types("\n")
	p.untilSaid("tell the calls").types("1\n")
	p.untilSaid("Type yes to make these 10 calls").types("yes\n")
	if code := p.ends(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.written())
	}
	said := p.written()
	if strings.ContainsRune(said, '\x1b') || strings.ContainsFunc(said, func(r rune) bool { return r > 0x7e }) {
		t.Errorf("there is more than plain text: %q", said)
	}
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	if !strings.Contains(p.file("creds.env"), secret) || strings.Contains(said, secret) {
		t.Error("the secret is not in the file, or it is on the terminal")
	}
	if !strings.Contains(p.file("state/slipway/123456789012/demo/install.yaml"), "cluster: demo") {
		t.Error("the answers were not kept")
	}
	if !strings.Contains(said, "Done: 10 changes carried out") {
		t.Errorf("there is no summary:\n%s", said)
	}
}

// What asks for lines, and what lines are not for.
func TestWhenItAsksInLines(t *testing.T) {
	sb := hookedAccount(t, nil)
	for _, tc := range []struct {
		why  string
		env  []string
		args []string
		says string
	}{
		{"a flag", nil, []string{"install", "--plain"}, "Is this the right account?"},
		{"the variable that other programs know", []string{"ACCESSIBLE=1"}, []string{"install"}, "Is this the right account?"},
		{"a terminal that cannot move its cursor", []string{"TERM=dumb"}, []string{"upgrade"}, "Is this the right account?"},
		{"an audit", []string{"ACCESSIBLE=1"}, []string{"audit"}, "Is this the right account?"},
		{"slipway alone", []string{"TERM=dumb"}, nil, "What do you want to do?"},
	} {
		p := atTerminal(t, 80, 24, slices.Concat(sb.Environment(), tc.env), tc.args...)
		p.untilSaid(tc.says).types("quit\n")
		if code := p.ends(); code != 130 || strings.ContainsRune(p.written(), '\x1b') {
			t.Errorf("%s: exit code %d\n%q", tc.why, code, p.written())
		}
	}
	p := atTerminal(t, 80, 24, sb.Environment(), "install", "--plain", "--handover", "stdout")
	if code := p.ends(); code != 2 || !strings.Contains(p.written(), "needs --yes") {
		t.Errorf("a secret between questions: exit code %d\n%s", code, p.written())
	}
}

// The end of the input at a terminal is ctrl+d; ctrl+c at a question leaves.
func TestLeavingLines(t *testing.T) {
	sb := hookedAccount(t, nil)
	for _, key := range []string{"\x04", "\x03"} {
		p := atTerminal(t, 80, 24, sb.Environment(), "install", "--plain")
		p.untilSaid("Is this the right account?").types(key)
		if code := p.ends(); code != 130 || !strings.Contains(p.written(), "Nothing has been changed.") {
			t.Errorf("%q: exit code %d\n%q", key, code, p.written())
		}
	}
}
