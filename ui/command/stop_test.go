package command_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command"
)

// hookedAccount starts a sandbox with a hook, and points the
// environment of this process at it.
func hookedAccount(t *testing.T, hook func(sandbox.Entry, sandbox.Phase)) *sandbox.Sandbox {
	t.Helper()
	sb := sandboxtest.Start(t, sandbox.Options{Hook: hook})
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, v := range sb.Environment() {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	return sb
}

func install(t *testing.T, dir string, interrupts chan os.Signal) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr sandboxtest.Buffer
	code = command.Run(context.Background(), []string{
		"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:" + filepath.Join(dir, "creds.env"), "--yes",
	}, command.Edge{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Environ: os.Environ(), Now: time.Now, Interrupts: interrupts,
	})
	return code, stdout.String(), stderr.String()
}

// The first signal lets the call under way finish and stops; the same command
// goes on.
func TestASignalStopsAndTheSameCommandGoesOn(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	interrupts := make(chan os.Signal)
	var once sync.Once
	sb := hookedAccount(t, func(e sandbox.Entry, phase sandbox.Phase) {
		if e.Action == "AttachGroupPolicy" && phase == sandbox.Before {
			once.Do(func() { interrupts <- os.Interrupt })
		}
	})
	code, out, errs := install(t, dir, interrupts)
	if code != 130 || !strings.Contains(errs, "the same command goes on later") {
		t.Fatalf("exit code %d, want 130\n%s\n%s", code, out, errs)
	}
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	if len(user.Keys) != 0 {
		t.Error("a key was made after the signal")
	}
	if _, err := os.Stat(filepath.Join(dir, "creds.env")); err == nil {
		t.Error("there is a handover file without a key")
	}
	if code, out, errs = install(t, dir, interrupts); code != 0 {
		t.Fatalf("the second run ends with %d\n%s\n%s", code, out, errs)
	}
	user, _ = sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	text, err := os.ReadFile(filepath.Join(dir, "creds.env"))
	if err != nil || len(user.Keys) != 1 || !strings.Contains(string(text), secret) {
		t.Errorf("after the second run: %d keys, %v", len(user.Keys), err)
	}
	if strings.Contains(out+errs, secret) {
		t.Error("the secret is in the output")
	}
}

// A second signal no longer waits for a call that does not come back.
func TestASecondSignalDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	interrupts := make(chan os.Signal)
	release := make(chan struct{})
	var once sync.Once
	hookedAccount(t, func(e sandbox.Entry, phase sandbox.Phase) {
		if e.Action == "CreateUser" && phase == sandbox.Before {
			once.Do(func() {
				interrupts <- os.Interrupt
				interrupts <- os.Interrupt
				<-release
			})
		}
	})
	code, out, errs := install(t, dir, interrupts)
	close(release)
	if code != 130 {
		t.Fatalf("exit code %d, want 130\n%s\n%s", code, out, errs)
	}
}
