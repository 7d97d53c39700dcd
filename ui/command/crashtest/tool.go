package crashtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// The variables of the tool that a [Machine] gives to slipway: a copy of the
// test binary that runs the real one, and knows when it begins and ends.
const (
	envTool       = "CRASHTEST_TOOL"
	envToolDir    = "CRASHTEST_TOOL_DIR"
	envToolKey    = "CRASHTEST_TOOL_KEY"
	envToolSecret = "CRASHTEST_TOOL_SECRET"
	envToolBook   = "CRASHTEST_TOOL_BOOK"
	envToolKill   = "CRASHTEST_TOOL_KILL"
)

// toolName is the name under which the test binary is the tool.
const toolName = "terraform"

func isTool(name string) bool {
	return strings.TrimSuffix(filepath.Base(name), ".exe") == toolName && os.Getenv(envTool) != ""
}

// Step is one instant of a run of the tool: before it begins, or after it has
// ended and before slipway knows.
type Step struct {
	// Command is "plan" or "state pull", and Nth says which of its runs,
	// from 1.
	Command string
	Nth     int
	After   bool
}

// String is "before terraform plan (2)".
func (s Step) String() string {
	when := "before"
	if s.After {
		when = "after"
	}
	text := fmt.Sprintf("%s terraform %s", when, s.Command)
	if s.Nth > 1 {
		text += fmt.Sprintf(" (%d)", s.Nth)
	}
	return text
}

// The files by which a test and the tool know of each other.
func toolLock(dir string) string { return filepath.Join(dir, "tool.lock") }
func toolPID(dir string) string  { return filepath.Join(dir, "tool.pid") }

// runTool runs the real tool:
//
//  1. share the lock, which the system gives back however the process ends
//  2. write down that it begins; at the point asked for, kill slipway
//  3. run the real one, with a key of its own
//  4. at the point asked for, kill slipway
func runTool() (code int) {
	slipway := os.Getppid()
	dir := os.Getenv(envToolDir)
	lock := flock.New(toolLock(dir))
	err := errors.Join(lock.RLock(), os.WriteFile(toolPID(dir), []byte(strconv.Itoa(os.Getpid())), 0o600))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	step := Step{Command: commandOf(os.Args[1:])}
	if step.Nth, err = note(os.Getenv(envToolBook), step.Command); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	strike := func(after bool) {
		step.After = after
		if p, err := os.FindProcess(slipway); err == nil && os.Getenv(envToolKill) == step.String() {
			// It fails when slipway has ended already, as is wanted.
			_ = kill(p)
		}
	}
	strike(false)
	code = runReal()
	strike(true)
	return code
}

// runReal runs the real tool to its end and gives its exit code.
func runReal() int {
	cmd := exec.Command(os.Getenv(envTool), os.Args[1:]...) //nolint:noctx // It ends when the real one does.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CRASHTEST_") })
	cmd.Env = append(cmd.Env, "AWS_ACCESS_KEY_ID="+os.Getenv(envToolKey), "AWS_SECRET_ACCESS_KEY="+os.Getenv(envToolSecret))
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		for s := range interrupts {
			_ = cmd.Process.Signal(s)
		}
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// commandOf names a command: its words before the first option or file.
func commandOf(args []string) string {
	words := args[:1:1]
	if len(args) > 1 && slices.Contains([]string{"state", "workspace"}, args[0]) {
		words = args[:2]
	}
	return strings.Join(words, " ")
}

// note writes a command down and tells which of its name it is. Without a book
// it is the first.
func note(book, command string) (nth int, err error) {
	if book == "" {
		return 1, nil
	}
	f, err := os.OpenFile(book, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintln(f, command); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	steps, err := readBook(book)
	for _, s := range steps {
		if s == command {
			nth++
		}
	}
	return nth, errors.Join(err, f.Close())
}

// readBook gives the commands of a run in their order.
func readBook(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), err
}

// awaitTool waits until no tool of the machine is running any more.
func (m *Machine) awaitTool() {
	m.t.Helper()
	if m.root == nil {
		return
	}
	lock := flock.New(toolLock(m.Dir))
	if err := errors.Join(lock.Lock(), lock.Unlock()); err != nil {
		m.t.Error(err)
	}
}

// killTool kills the tool that is running, and all that it has started, as a
// machine that runs out of memory does.
func (m *Machine) killTool() {
	m.t.Helper()
	text, err := os.ReadFile(toolPID(m.Dir))
	if err != nil {
		m.t.Error(err)
		return
	}
	pid, err := strconv.Atoi(string(text))
	if err == nil {
		err = killGroup(pid)
	}
	if err != nil {
		m.t.Error(err)
	}
}
