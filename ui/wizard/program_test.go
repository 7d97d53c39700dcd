package wizard

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"go.uber.org/goleak"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

// screenOf is a terminal for the real program. The emulator is not safe for
// use by several goroutines, so one lock guards it all.
type screenOf struct {
	mu    sync.Mutex
	e     *vt.Emulator
	bytes int
}

func newScreenOf(t *testing.T) *screenOf {
	s := &screenOf{e: vt.NewEmulator(usualWidth, usualHeight)}
	// The emulator answers queries into a pipe, which must not run full.
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, s.e)
	}()
	t.Cleanup(func() {
		// Its Close races with a Read; the end of its pipe does not.
		if err := s.e.InputPipe().(io.Closer).Close(); err != nil {
			t.Error(err)
		}
		<-drained
	})
	return s
}

// Write takes the program's output. Without a terminal as its input the
// renderer writes bare line feeds.
func (s *screenOf) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += len(p)
	text := strings.ReplaceAll(strings.ReplaceAll(string(p), "\r\n", "\n"), "\n", "\r\n")
	_, err := s.e.WriteString(text)
	return len(p), err
}

func (s *screenOf) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(strings.Fields(ansi.Strip(s.e.Render())), " ")
}

func (s *screenOf) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

func (s *screenOf) until(t *testing.T, text string) {
	t.Helper()
	late := time.After(patienceOfTests)
	for !strings.Contains(s.text(), text) {
		select {
		case <-late:
			t.Fatalf("waited for %q in vain; the screen has\n%s", text, s.text())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// ended is what Run gave.
type ended struct {
	out ask.Outcome
	err error
}

// launch runs the real program on an emulated terminal.
func launch(ctx context.Context, t *testing.T, acct migrate.Account) (*screenOf, io.Writer, <-chan ended) {
	t.Helper()
	screen := newScreenOf(t)
	in, keys := io.Pipe()
	t.Cleanup(func() { _ = keys.Close() })
	done := make(chan ended, 1)
	go func() {
		out, err := Run(ctx, Options{
			Start: ask.InstallTask,
			Open:  func(context.Context, account.Options) (migrate.Account, error) { return acct, nil },
			Input: in, Output: screen, Width: usualWidth, Height: usualHeight,
			Environ: []string{"TERM=xterm-256color"}, Now: time.Now, Sandbox: "fresh",
		})
		done <- ended{out, err}
	}()
	return screen, keys, done
}

func typeIn(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// leavesNothing fails a test after which, terminal and all, something still
// runs.
func leavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// answerToPreview answers everything by hand.
func answerToPreview(t *testing.T, screen *screenOf, keys io.Writer) {
	t.Helper()
	screen.until(t, "enter yes, go on")
	typeIn(t, keys, "\r")
	screen.until(t, "Where should CI publish")
	typeIn(t, keys, " \x1b[B \r")
	screen.until(t, "not named yet")
	// All in one read, as from a person who knows the way.
	typeIn(t, keys, "demo\rdemo-assets\r\r"+filepath.Join(privateDir(t), "creds.env")+"\r\r")
	screen.until(t, "enter apply")
}

func TestProgramOnATerminal(t *testing.T) {
	leavesNothing(t)
	acct := freshAccount()
	screen, keys, done := launch(t.Context(), t, acct)
	answerToPreview(t, screen, keys)
	typeIn(t, keys, "\t\t")
	screen.until(t, "[Documents]")
	typeIn(t, keys, "\r")
	screen.until(t, "Carry this out?")
	time.Sleep(grace) // The clock is the real one here, and so is the grace.
	typeIn(t, keys, "\x1b[B\r")
	screen.until(t, "The publishing identity is in place")
	typeIn(t, keys, "\r")
	end := <-done
	if end.err != nil || end.out.Err != nil || !end.out.Applied {
		t.Errorf("got %v, %+v", end.err, end.out)
	}
	if s := screen.text(); strings.Contains(s, "CI can publish") {
		t.Errorf("something was left on the screen: %s", s)
	}
}

// Nothing moves on a screen that waits for a key: no cursor blinks, no clock
// ticks.
func TestProgramIsStillWhenIdle(t *testing.T) {
	screen, keys, done := launch(t.Context(), t, freshAccount())
	screen.until(t, "enter yes, go on")
	typeIn(t, keys, "\r \r")
	screen.until(t, "not named yet")
	time.Sleep(100 * time.Millisecond) // Let the renderer come to rest.
	before := screen.written()
	time.Sleep(1200 * time.Millisecond)
	if n := screen.written() - before; n > 0 {
		t.Errorf("%d bytes were written", n)
	}
	typeIn(t, keys, "\x03")
	if end := <-done; !errors.Is(end.err, ask.ErrCancelled) {
		t.Errorf("got %v", end.err)
	}
}

// A context that ends while calls are made lets the one in flight finish.
func TestProgramWhoseContextEnds(t *testing.T) {
	leavesNothing(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	acct := freshAccount()
	begun, release := held(acct, "iam:AddUserToGroup")
	screen, keys, done := launch(ctx, t, acct)
	answerToPreview(t, screen, keys)
	typeIn(t, keys, "\r")
	screen.until(t, "Carry this out?")
	time.Sleep(grace)
	typeIn(t, keys, "\x1b[B\r")
	<-begun
	cancel()
	time.AfterFunc(20*time.Millisecond, release)
	end := <-done
	if end.err != nil || !end.out.Applied || !errors.Is(end.out.Err, checklist.ErrStopped) {
		t.Errorf("got %v, %+v", end.err, end.out)
	}
}
