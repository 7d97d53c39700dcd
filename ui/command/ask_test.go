//go:build unix

package command_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// onATerminal runs verify on a terminal of its own. When the prompt is there,
// it types.
func onATerminal(t *testing.T, sb *sandbox.Sandbox, typed string) (said string, code int) {
	t.Helper()
	cmd := exec.Command("slipway", "verify", "--cluster", "demo")
	cmd.Env = append(os.Environ(), sb.Environment()...)
	cmd.Env = append(cmd.Env, "TERM=xterm", "LANG=C.UTF-8", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 110})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	watchdog := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	var out strings.Builder
	buffer := make([]byte, 4096)
	for asked := false; ; {
		n, err := terminal.Read(buffer)
		out.Write(buffer[:n])
		if !asked && strings.Contains(out.String(), "goes on without): ") {
			asked = true
			if _, err := io.WriteString(terminal, typed); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			break // a terminal ends with an error when its program does
		}
	}
	_ = cmd.Wait()
	return out.String(), cmd.ProcessState.ExitCode()
}

// The secret is asked for where there is a person, and never shown.
func TestTheSecretIsAskedFor(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current"})
	u, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(u.Keys[0].ID)
	for _, tt := range []struct {
		why, typed, say string
		code            int
	}{
		{"the secret", secret + "\r", "published 3 of 3 times in a row", 0},
		{"another secret", "not-the-secret\r", "the secret does not belong to the key", 3},
		{"nothing", "\r", "the build user's secret was not given", 0},
		{"ctrl+c ends it while the terminal waits", "\x03", "stopped", 130},
	} {
		t.Run(tt.why, func(t *testing.T) {
			said, code := onATerminal(t, sb, tt.typed)
			if code != tt.code || !strings.Contains(said, tt.say) {
				t.Errorf("exit code %d, want %d and %q\n%s", code, tt.code, tt.say, said)
			}
			if typed := strings.Trim(tt.typed, "\r\x03"); typed != "" && strings.Contains(said, typed) {
				t.Errorf("what was typed is shown:\n%s", said)
			}
		})
	}
}
