//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// terminal is a pseudo-terminal with an emulated screen, which is not safe for
// use by several goroutines without its lock.
type terminal struct {
	mu     sync.Mutex
	screen *vt.Emulator
	tty    *os.File
}

// take runs the program as far as the picture and gives it.
func (s shot) take(ctx context.Context, program, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, program, s.args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + dir, "PATH=" + os.Getenv("PATH"), "XDG_STATE_HOME=" + dir,
		"AWS_EC2_METADATA_DISABLED=true",
	}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(s.width), Rows: uint16(s.height)})
	if err != nil {
		return "", err
	}
	t := &terminal{screen: vt.NewEmulator(s.width, s.height), tty: tty}
	go func() { _, _ = io.Copy(io.Discard, t.screen) }() // Its answers to queries.
	watched := make(chan struct{})
	go t.watch(watched)
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = tty.Close()
		<-watched
	}()
	for _, step := range s.steps {
		if err := t.until(step[0]); err != nil {
			return "", err
		}
		if _, err := tty.WriteString(step[1]); err != nil {
			return "", err
		}
	}
	if err := t.until(s.shows); err != nil {
		return "", err
	}
	t.rest()
	t.mu.Lock()
	defer t.mu.Unlock()
	return svg(t.screen, s.width, s.height), nil
}

func (t *terminal) watch(done chan<- struct{}) {
	defer close(done)
	buf := make([]byte, 32<<10)
	for {
		n, err := t.tty.Read(buf)
		t.mu.Lock()
		_, _ = t.screen.Write(buf[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(strings.Fields(ansi.Strip(t.screen.Render())), " ")
}

// until waits for a text on the screen.
func (t *terminal) until(text string) error {
	late := time.Now().Add(time.Minute)
	for !strings.Contains(t.text(), text) {
		if time.Now().After(late) {
			return fmt.Errorf("%q is not on the screen, which has: %s", text, t.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// rest waits until nothing changes any more.
func (t *terminal) rest() {
	const calm = 300 * time.Millisecond
	for before := ""; before != t.text(); {
		before = t.text()
		time.Sleep(calm)
	}
}
