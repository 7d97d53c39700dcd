package tofu_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// gate holds up the nth call of an action, after it took effect and before it
// is answered.
type gate struct {
	action  string
	reached chan struct{}
	open    chan struct{}
	once    sync.Once
}

func newGate(action string) *gate {
	return &gate{action: action, reached: make(chan struct{}), open: make(chan struct{})}
}

func (g *gate) hook(e sandbox.Entry, p sandbox.Phase) {
	if p == sandbox.After && e.Action == g.action {
		g.once.Do(func() { close(g.reached) })
		<-g.open
	}
}

// planned is a root on a fresh account with a saved plan of a whole install,
// whose apply stops at a gate.
func planned(t *testing.T, g *gate) (*tofutest.World, *tofu.Root, *tofu.Saved) {
	t.Helper()
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{Hook: g.hook})
	w.Write(t, "main.tf", w.Root(tofutest.Contract61, tofutest.Calls{}))
	r := w.Open(t)
	if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
		t.Fatal(err)
	}
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := judge(saved, guard.Install).Err(); err != nil {
		t.Fatal(err)
	}
	return w, r, saved
}

// An apply tells what it does as it does it, holds the lock meanwhile, and
// leaves the secret in the state alone.
func TestApplyTellsAndLocks(t *testing.T) {
	t.Parallel()
	g := newGate("CreateAccessKey")
	w, r, saved := planned(t, g)
	secretFiles := func() []string {
		sb := w.Sandbox
		u, _ := sb.Peek().User(demoUser)
		secret, _ := sb.TestOnlySecret(u.Keys[0].ID)
		return append(holding(t, w.Dir, secret), holding(t, w.Temp, secret)...)
	}
	var events []tofu.Event
	done := make(chan error, 1)
	go func() { done <- r.Apply(t.Context(), saved, func(e tofu.Event) { events = append(events, e) }) }()
	<-g.reached
	_, err := w.Open(t).Plan(t.Context(), tofu.PlanOptions{}, nil)
	if e := want[*tofu.LockedError](t, err, "for Apply"); e.Who == "" || e.ID == "" || e.Created == "" {
		t.Errorf("%+v", e)
	}
	close(g.open)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	has := func(k tofu.EventKind, suffix string) bool {
		return slices.ContainsFunc(events, func(e tofu.Event) bool {
			return e.Kind == k && e.Action == "create" && strings.HasSuffix(e.Address, suffix)
		})
	}
	for _, suffix := range []string{"aws_iam_user.nullplatform_build_workflow_user", "aws_iam_access_key.nullplatform_build_workflow_user_key", "ecr_manager_policy_group"} {
		if !has(tofu.Started, suffix) || !has(tofu.Completed, suffix) {
			t.Errorf("nothing was told of %s: %v", suffix, events)
		}
	}
	if got := secretFiles(); !slices.Equal(got, []string{"terraform.tfstate"}) {
		t.Errorf("the secret is in %v", got)
	}
	nothingPrivate(t, w)
}

// A plan file can be read by its owner alone, while it is there, and so can what
// the tool has said of it.
func TestPlanFileIsPrivate(t *testing.T) {
	t.Parallel()
	w, r := initialised(t, tofutest.Need(t, tofu.Terraform), simple)
	var modes []string
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(w.Temp, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == w.Temp {
			return err
		}
		info, err := d.Info()
		modes = append(modes, info.Mode().String())
		return err
	})
	if err != nil || !slices.Equal(modes, []string{"drwx------", "-rw-------", "-rw-------", "-rw-------"}) {
		t.Errorf("modes %v, %v", modes, err)
	}
	for range 2 {
		if err := saved.Discard(); err != nil {
			t.Error(err)
		}
	}
	nothingPrivate(t, w)
}

// An apply that is interrupted ends by itself: it begins nothing more, writes
// its state and frees the lock. An upgrade that was interrupted in its gap goes
// on with one more plan, and keeps user, key and secret.
func TestAnInterruptedApplyGoesOn(t *testing.T) {
	t.Parallel()
	g := newGate("DetachGroupPolicy")
	calls := tofutest.Calls{}
	u := installed(t, tofutest.Contract34, calls, g.hook)
	after := calls
	after.More = tofutest.Moved(tofutest.Moves(calls))
	u.rewrite(t, tofutest.Contract61, after)
	saved := u.plan(t)
	stop := errors.New("the person has asked to stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	stopping := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- u.root.Apply(ctx, saved, func(e tofu.Event) {
			if e.Kind == tofu.Stopping {
				close(stopping)
			}
		})
	}()
	<-g.reached
	cancel(stop)
	<-stopping
	u.Sandbox.ClearLog()
	close(g.open)
	if err := <-done; !errors.Is(err, stop) {
		t.Fatalf("%v, want the cause of the stop", err)
	}
	if begun := slices.DeleteFunc(sandboxtest.Writes(u.Sandbox), func(a string) bool {
		return a == "DetachGroupPolicy" || a == "GetAuthorizationToken"
	}); len(begun) > 0 {
		t.Errorf("begun after the interrupt: %v", begun)
	}
	nothingPrivate(t, u.World)
	u.apply(t, u.plan(t), moves(calls)...)
	u.proofs(t, calls)
}

func TestNothingStartsOnceStopped(t *testing.T) {
	t.Parallel()
	w, r := initialised(t, tofutest.Need(t, tofu.Terraform), simple)
	stop := errors.New("stopped before")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := r.Plan(ctx, tofu.PlanOptions{}, nil); !errors.Is(err, stop) {
		t.Errorf("plan: %v", err)
	}
	if _, err := r.PullState(ctx); !errors.Is(err, stop) {
		t.Errorf("state: %v", err)
	}
	nothingPrivate(t, w)
}

// applier is what a process of its own does for the next test: it applies the
// root whose folder it is given, until it is killed.
func applier(dir, binary string) int {
	tool, err := tofu.Ask(context.Background(), binary, os.Environ(), dir)
	if err != nil {
		return 3
	}
	r, err := tofu.Open(tofu.Options{Dir: dir, Tool: tool, Environ: os.Environ()})
	if err != nil {
		return 4
	}
	saved, err := r.Plan(context.Background(), tofu.PlanOptions{}, nil)
	if err != nil {
		return 5
	}
	if err := r.Apply(context.Background(), saved, nil); err != nil {
		return 6
	}
	return 0
}

// When slipway is killed in the middle of an apply, the apply goes on to its
// end: everything is made, everything is in the state, and the lock is free.
func TestApplyOutlivesSlipway(t *testing.T) {
	t.Parallel()
	g := newGate("CreateAccessKey")
	w, _, saved := planned(t, g)
	if err := saved.Discard(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	slipway := exec.CommandContext(t.Context(), self)
	slipway.Env = append(w.Environ, applierDir+"="+w.Dir, applierTool+"="+w.Tool.Path)
	if err := slipway.Start(); err != nil {
		t.Fatal(err)
	}
	<-g.reached
	if err := slipway.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := slipway.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	close(g.open)
	// The lock is free when the tool has ended.
	r := w.Open(t, func(o *tofu.Options) { o.LockTimeout = time.Minute })
	rest, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := judge(rest, guard.Nothing).Err(); err != nil {
		t.Error(err)
	}
	if err := rest.Discard(); err != nil {
		t.Error(err)
	}
	if got := sandboxtest.Writes(w.Sandbox); !slices.Contains(got, "AttachGroupPolicy") {
		t.Errorf("the apply did not go on: %v", got)
	}
	// What the killed run has left goes with a sweep.
	if err := tofu.Sweep(w.Temp); err != nil {
		t.Error(err)
	}
	nothingPrivate(t, w)
}

// The account was changed, and the backend does not take the state: what to do
// is said, and nothing else is done until it was.
func TestUnsavedState(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	backend := tofutest.NewBackend(t)
	w, r := initialised(t, kit, simple+backend.HCL())
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	backend.OnWrite(func([]byte) bool { return false })
	e := want[*tofu.UnsavedStateError](t, r.Apply(t.Context(), saved, nil), "the apply has changed the account", "state push errored.tfstate")
	if info, err := os.Stat(e.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	backend.OnWrite(nil)
	_, err = r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	refuses[*tofu.UnsavedStateError](t, err, "nothing was changed")
	_, err = r.MoveState(t.Context(), []tofu.Move{{From: "a", To: "b"}}, filepath.Join(t.TempDir(), "b"))
	refuses[*tofu.UnsavedStateError](t, err, "nothing was changed")

	w.Run(t, "state", "push", "errored.tfstate")
	if err := os.Remove(e.Path); err != nil {
		t.Fatal(err)
	}
	rest, err := r.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil || slices.ContainsFunc(rest.Plan.Changes, func(c tofu.Change) bool { return !c.Action.Harmless() }) {
		t.Fatalf("%+v, %v", rest, err)
	}
	if err := rest.Discard(); err != nil {
		t.Error(err)
	}
	nothingPrivate(t, w)
}
