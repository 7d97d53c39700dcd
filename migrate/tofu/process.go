package tofu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// process is the border to the tool: every one of its commands is started
// here.
type process struct {
	tool    string
	dir     string
	environ []string
}

// quiet are the variables that the tool does not get. Its logs, and even more
// those of the providers, hold whole requests with what is secret in them.
func quiet() []string { return []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH"} }

// childEnviron is a person's environment for the tool, with additions.
func childEnviron(environ []string, more ...string) []string {
	out := envvar.Without(environ, func(name string) bool {
		return slices.Contains(quiet(), name) || strings.HasPrefix(name, "TF_LOG_PROVIDER_")
	})
	return append(append(out, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"), more...)
}

// exitError is a command that ended with another code than 0.
type exitError struct {
	code int
	// stderr is its last words, cut to a size for a person.
	stderr string
}

func (e *exitError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return fmt.Sprintf("exit code %d: %s", e.code, e.stderr)
}

// output runs a command and gives what it wrote to standard output.
func (p process) output(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := p.run(ctx, &out, &tail{most: mostWords}, args...)
	return out.Bytes(), err
}

// stream runs a command and hands its standard output over as it comes. What
// read leaves is thrown away, so that the tool never waits for a reader.
func (p process) stream(ctx context.Context, read func(io.Reader) error, args ...string) error {
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := read(r)
		_, drain := io.Copy(io.Discard, r)
		done <- errors.Join(err, drain)
	}()
	err := p.run(ctx, w, &tail{most: mostWords}, args...)
	_ = w.Close() // The writing end of a pipe in memory; it cannot fail.
	if readErr := <-done; err == nil {
		return readErr
	}
	return err
}

// run runs a command to its end. It gives an [*exitError] when the command
// fails, and the context's cause when it was interrupted and then failed. A
// command that came to a good end in spite of an interrupt has succeeded.
func (p process) run(ctx context.Context, stdout, stderr io.Writer, args ...string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	cmd := exec.CommandContext(ctx, p.tool, args...)
	cmd.Dir, cmd.Env = p.dir, p.environ
	apart(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case cmd.ProcessState != nil && cmd.ProcessState.Success():
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &exit):
		words, _ := stderr.(fmt.Stringer)
		e := &exitError{code: exit.ExitCode()}
		if words != nil {
			e.stderr = strings.TrimSpace(words.String())
		}
		return e
	}
	return fmt.Errorf("run %s: %w", p.tool, err)
}

// mostWords is how much of a command's standard error is kept.
const mostWords = 64 << 10

// tail keeps the end of what is written to it.
type tail struct {
	most int
	b    []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 2*t.most {
		t.b = slices.Clone(t.b[len(t.b)-t.most:])
	}
	return len(p), nil
}

// String is the end of it, without colours: some commands have no switch for
// them.
func (t *tail) String() string { return plain(t.b[max(0, len(t.b)-t.most):]) }

var colour = lazy("\x1b\\[[0-9;]*m")

func plain(text []byte) string { return colour().ReplaceAllString(string(text), "") }
