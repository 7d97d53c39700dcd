package crashtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command"
)

// patience bounds every run. It is long: a loaded machine is no failure.
const patience = 2 * time.Minute

// Machine is a place from which slipway is run: a directory, a state
// directory, an operator's key.
type Machine struct {
	// Dir is where its files are; "{dir}" in a command line means it, and
	// "{modules}" where the modules of its root are.
	Dir string
	// AnswerWithin is how long a run in the test's process waits for the
	// answer to one attempt of a call; zero means as long as for a person.
	AnswerWithin time.Duration

	t     testing.TB
	sb    *sandbox.Sandbox
	key   sandbox.Key
	calls calls
	// root is what the machine has of its world's root, nil for none, and
	// toolKey the key with which it has the tool work.
	root    *planted
	toolKey sandbox.Key

	mu   sync.Mutex
	tape []Ended
}

func newMachine(t testing.TB, sb *sandbox.Sandbox, key sandbox.Key) *Machine {
	t.Helper()
	m := &Machine{Dir: t.TempDir(), t: t, sb: sb, key: key}
	if err := os.Chmod(m.Dir, 0o700); err != nil { // or it is no place for a secret
		t.Fatal(err)
	}
	return m
}

// Ended is a run that is over.
type Ended struct {
	Args []string
	// Code is the exit code, -1 when the process was killed.
	Code           int
	Stdout, Stderr string
}

// String is the run as a failing test shows it.
func (e Ended) String() string {
	return "$ slipway " + strings.Join(e.Args, " ") + "\n" + e.Stdout + e.Stderr + fmt.Sprintf("exit code %d", e.Code)
}

// Path is a path in the machine's directory.
func (m *Machine) Path(name string) string { return filepath.Join(m.Dir, name) }

// StateDir is the machine's XDG state directory.
func (m *Machine) StateDir() string { return m.Path("state") }

// AtOnce has a program that was built with the race detector end when it is
// through. Else it sleeps for a second first, in case something races still.
const AtOnce = "GORACE=atexit_sleep_ms=0"

// environ is all that a run knows of its surroundings.
func (m *Machine) environ() []string {
	env := []string{
		AtOnce,
		"PATH=" + os.Getenv("PATH"), "HOME=" + m.Dir, "XDG_STATE_HOME=" + m.StateDir(),
		"TMPDIR=" + m.Dir, "LANG=C.UTF-8", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	env = append(env, m.sb.Environment()...)
	env = append(env, "AWS_ACCESS_KEY_ID="+m.key.ID, "AWS_SECRET_ACCESS_KEY="+m.key.Secret)
	return append(env, m.root.environ(m)...)
}

// expand fills in the machine's directory.
func (m *Machine) expand(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = strings.NewReplacer("{dir}", m.Dir, "{modules}", m.root.modules()).Replace(a)
	}
	return out
}

// Process is slipway running as a process of its own.
type Process struct {
	m              *Machine
	args           []string
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	begun, ended   chan struct{}
}

// Start runs slipway as a process of its own. Each call that it makes is told
// to at, before and after, which may be nil.
func (m *Machine) Start(at func(*Process, Call, sandbox.Phase), env []string, args ...string) *Process {
	m.t.Helper()
	self, err := os.Executable()
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	m.t.Cleanup(cancel)
	p := &Process{m: m, args: m.expand(args), begun: make(chan struct{}), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, self, p.args...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = m.Dir, &p.stdout, &p.stderr
	p.cmd.Env = append(append(m.environ(), envProgram+"=slipway"), env...)
	m.calls.begin(func(c Call, phase sandbox.Phase) {
		<-p.begun
		if at != nil {
			at(p, c, phase)
		}
	})
	if err := p.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	close(p.begun)
	go func() {
		// How it ended is in the process's state.
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

// Kill ends the process at once, as a power cut would, and waits until it is
// gone.
func (p *Process) Kill() {
	// It fails when the process has ended already, which is what is wanted.
	_ = kill(p.cmd.Process)
	<-p.ended
}

// Gone reports whether the process has ended.
func (p *Process) Gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Wait waits for the end of the process.
func (p *Process) Wait() Ended {
	<-p.ended
	e := Ended{Args: p.args, Code: p.cmd.ProcessState.ExitCode(), Stdout: p.stdout.String(), Stderr: p.stderr.String()}
	p.m.keep(e)
	return e
}

// Run runs slipway as a process of its own to its end.
func (m *Machine) Run(args ...string) Ended {
	m.t.Helper()
	return m.Start(nil, nil, args...).Wait()
}

// RunHere runs slipway in the test's process.
func (m *Machine) RunHere(at func(Call, sandbox.Phase), args ...string) Ended {
	m.t.Helper()
	m.calls.begin(at)
	var stdout, stderr sandboxtest.Buffer
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("the test waited long enough"))
	defer cancel()
	e := Ended{Args: m.expand(args)}
	e.Code = command.Run(ctx, e.Args, command.Edge{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Environ: m.environ(), Now: time.Now, TestOnlyAccount: m.reach, TestOnlyPlatform: m.patient, TestOnlyStaleness: staleness,
	})
	e.Stdout, e.Stderr = stdout.String(), stderr.String()
	m.keep(e)
	return e
}

// reach leads to the machine's account. The SDK would look into the
// environment of the test's process, which all tests share.
func (m *Machine) reach(o account.Options) account.Options {
	o.Region, o.Endpoint = m.sb.Region(), m.sb.URL()
	o.KeyID, o.Secret = m.key.ID, provision.NewSecret(m.key.Secret)
	o.AnswerWithin, o.LongestBackoff = m.AnswerWithin, 20*time.Millisecond
	return o
}

// patient waits for nullplatform as for the account.
func (m *Machine) patient(o platform.Options) platform.Options {
	o.Patience, o.Pause = m.AnswerWithin, 20*time.Millisecond
	return o
}

// keep remembers what was said, to be searched for secrets.
func (m *Machine) keep(e Ended) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tape = append(m.tape, e)
}

// said is all that the machine's runs have said.
func (m *Machine) said() []Ended {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Ended(nil), m.tape...)
}
