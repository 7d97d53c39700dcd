package command_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// victim is a run of slipway that can be killed at a request to nullplatform.
type victim struct {
	sb   *sandbox.Sandbox
	dir  string
	env  []string
	at   int64 // the instant at which it is killed, from 1; 0 for never
	seen atomic.Int64
	now  atomic.Pointer[process]
}

// process is a program that runs, and is dead when the channel is closed.
type process struct {
	cmd  *exec.Cmd
	dead chan struct{}
}

// newVictim starts an account whose requests to nullplatform are counted,
// before and after their effect. So are those of the probe.
func newVictim(t *testing.T, at int64) *victim {
	t.Helper()
	v := &victim{dir: t.TempDir(), at: at}
	if err := os.Chmod(v.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	v.sb = sandboxtest.Start(t, sandbox.Options{Platform: platform.Options{ShowKeyID: true}, Hook: func(e sandbox.Entry, _ sandbox.Phase) {
		late := e.Service == "platform" || e.Service == "s3" && strings.HasSuffix(e.Action, "Object")
		if late && v.seen.Add(1) == v.at {
			if p := v.now.Load(); p != nil {
				_ = p.cmd.Process.Kill()
				<-p.dead
			}
		}
	}})
	v.env = append(os.Environ(), v.sb.Environment()...)
	v.env = append(v.env, crashtest.AtOnce, "XDG_STATE_HOME="+filepath.Join(v.dir, "state"), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "LANG=C.UTF-8")
	return v
}

// run runs the program to its end, or to the instant at which it is killed.
func (v *victim) run(t *testing.T, args ...string) (ok bool, said string) {
	t.Helper()
	var out sandboxtest.Buffer
	cmd := exec.CommandContext(context.Background(), "slipway", args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = v.dir, v.env, &out, &out
	p := &process{cmd: cmd, dead: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.now.Store(p)
	err := cmd.Wait()
	v.now.Store(nil)
	close(p.dead)
	return err == nil, out.String()
}

// again runs the same command until it ends well. Where the secret was handed
// over already it is given, as a person would.
func (v *victim) again(t *testing.T, place string) (runs int, said string) {
	t.Helper()
	var all strings.Builder
	for runs = 1; runs <= 4; runs++ {
		args := []string{"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--nrn", platform.NRN, "--handover", place, "--yes"}
		if _, err := os.Stat(filepath.Join(v.dir, "creds.env")); err == nil {
			args = append(args, "--credentials", "file:creds.env")
		}
		ok, text := v.run(t, args...)
		fmt.Fprintf(&all, "run %d: %v\n%s\n", runs, ok, text)
		if ok {
			break
		}
	}
	return runs, all.String()
}

// Killed at any request to nullplatform, before or after it took effect, and
// at any request of the probe, the same command ends in the same place: one
// key, and each destination registered once, with the secret. Every eleventh
// instant is tried; with SLIPWAY_MATRIX=all, every one.
func TestKilledWhileRegistering(t *testing.T) {
	for _, place := range []string{"platform", "file:creds.env"} {
		whole := newVictim(t, 0)
		if runs, said := whole.again(t, place); runs != 1 {
			t.Fatal(said)
		}
		instants := whole.seen.Load()
		if instants < 40 {
			t.Fatalf("only %d instants", instants)
		}
		step := int64(11)
		if sandboxtest.Everything() {
			step = 1
		}
		for at := int64(1); at <= instants; at += step {
			t.Run(fmt.Sprintf("%s/%d", place[:4], at), func(t *testing.T) {
				v := newVictim(t, at)
				runs, said := v.again(t, place)
				u, _ := v.sb.Peek().User("nullplatform-demo-build-workflow-user")
				if runs < 2 || runs > 3 || len(u.Keys) != 1 {
					t.Fatalf("%d runs, %d keys\n%s", runs, len(u.Keys), said)
				}
				secret, _ := v.sb.TestOnlySecret(u.Keys[0].ID)
				got := map[string]map[string]string{}
				for _, c := range v.sb.Platform().Configurations() {
					if got[c.Slug] != nil {
						t.Errorf("%s is registered twice", c.Slug)
					}
					got[c.Slug] = c.Attributes
				}
				if got["ecr"]["ci.secret_key"] != secret || got["s3-configuration"]["bucket.name"] != "demo-assets" {
					t.Errorf("registered: %s, %v\n%s", got["ecr"]["ci.access_key"], got["s3-configuration"], said)
				}
				if strings.Contains(said, secret) {
					t.Error("the secret is in the output")
				}
			})
		}
	}
}
