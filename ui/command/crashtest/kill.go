package crashtest

import (
	"net/http"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// Point is a moment of a run at which the process is killed.
type Point struct {
	// Call is the call before or after which it is; a call after which the
	// process is killed took effect and was never answered.
	Call  Call
	Phase sandbox.Phase
	// Write is the write to the disk at which it is, instead of a call.
	Write Write
	// Step is the instant of the tool at which it is, instead of a call.
	Step Step
	// TheTool says that it is the tool that is killed, and not slipway.
	TheTool bool
}

// String names the point in words.
func (p Point) String() string {
	switch {
	case p.TheTool:
		p.TheTool = false
		return "the tool " + p.String()
	case p.Step != (Step{}):
		return p.Step.String()
	case p.Write != (Write{}):
		return p.Write.String()
	case p.Phase == sandbox.Before:
		return "before " + p.Call.String()
	}
	return "after " + p.Call.String()
}

// Points are all moments of a course at which it can be killed.
func (c Course) Points() []Point {
	var out []Point
	for _, call := range c.Calls {
		out = append(out, Point{Call: call, Phase: sandbox.Before}, Point{Call: call, Phase: sandbox.After})
	}
	for _, w := range c.Writes {
		out = append(out, Point{Write: w})
	}
	for _, s := range c.Steps {
		out = append(out, Point{Step: s})
	}
	return out
}

// Kill runs the job's command line and kills it at the point. A run that ends
// before fails the test: then the point was never met. How often something is
// read depends on how late readers are, so that a further read of the same may
// not come; that is skipped.
func (m *Machine) Kill(t testing.TB, p Point, args ...string) Ended {
	t.Helper()
	env := []string{envToolBook + "=" + m.Path("killed.book")}
	if p.Write != (Write{}) {
		env = append(env, envKillAt+"="+p.Write.String())
	}
	if p.Step != (Step{}) {
		env = append(env, envToolKill+"="+p.Step.String())
	}
	e := m.Start(func(proc *Process, c Call, phase sandbox.Phase) {
		if proc.Gone() && !c.ByTool {
			// The call was on its way when the process ended.
			panic(http.ErrAbortHandler)
		}
		if c != p.Call || phase != p.Phase {
			return
		}
		m.strike(proc, p)
	}, env, args...).Wait()
	if e.Code != killed && p.Call.Nth > 1 && !p.Call.Writes {
		t.Skipf("this run reads less often, and was through before %s", p)
	}
	if e.Code != killed && !p.TheTool {
		t.Fatalf("the run was over before the point: %s", e)
	}
	return e
}

// strike kills at the point. What slipway has started goes on without it.
func (m *Machine) strike(proc *Process, p Point) {
	switch {
	case p.TheTool:
		m.killTool()
		panic(http.ErrAbortHandler)
	case p.Call.ByTool:
		proc.Kill()
	default:
		proc.Kill()
		panic(http.ErrAbortHandler)
	}
}

// Resumption is a way to go on after a kill.
type Resumption struct {
	Name string
	// Do goes on and gives the last run, which must have brought the job to
	// its end.
	Do func(t testing.TB, w *World, m *Machine, job Job) Ended
}

// Again runs the same command again.
func Again() Resumption {
	return Resumption{Name: "again", Do: func(t testing.TB, _ *World, m *Machine, job Job) Ended {
		t.Helper()
		return m.Run(job.Args...)
	}}
}

// Resume asks slipway to go on. Only when there is nothing to go on with, since
// nothing was begun or all was done, may it refuse; then the same command is
// run again.
func Resume() Resumption {
	return Resumption{Name: "resume", Do: func(t testing.TB, w *World, m *Machine, job Job) Ended {
		t.Helper()
		begun := len(sandboxtest.Writes(w.Account))
		resumed := m.Run(append([]string{"resume", "--yes"}, LogArgs()...)...)
		if resumed.Code == 0 {
			return resumed
		}
		mustBeAStop(t, resumed)
		before := len(sandboxtest.Writes(w.Account))
		again := m.Run(job.Args...)
		if now := len(sandboxtest.Writes(w.Account)); begun > 0 && now > before {
			t.Errorf("it does not resume, although there was more to do: %s\nand then\n%s", resumed, again)
		}
		return again
	}}
}

// KillAndGoOn kills the job at the point in a world of its own, goes on, and
// checks that all is as after an undisturbed run.
func KillAndGoOn(t *testing.T, job Job, course Course, p Point, r Resumption) {
	t.Helper()
	w, m := ready(t, job)
	cut := m.Kill(t, p, job.Args...)
	w.MustBeSafe(m, job)
	on := r.Do(t, w, m, job)
	if on.Code != 0 {
		t.Errorf("it does not go on\n%s\nand then\n%s", cut, on)
	}
	w.MustHold(m, job, course.End)
	if t.Failed() {
		t.Logf("%s\nand then\n%s", cut, on)
	}
}

// KillAndTakeBack kills the job at the point in a world of its own and undoes
// it. Then the account is as if nothing had ever been run.
func KillAndTakeBack(t *testing.T, job Job, p Point) {
	t.Helper()
	w, m := ready(t, job)
	before := w.standing()
	cut := m.Kill(t, p, job.Args...)
	if len(sandboxtest.Writes(w.Account)) == 0 {
		// There is nothing to take back but what was done before.
		w.mustEqual(before)
		return
	}
	back := m.Run(append([]string{"undo", "--yes", "--allow-loss"}, LogArgs()...)...)
	if back.Code != 0 {
		t.Errorf("it cannot be taken back: %s\nand then\n%s", cut, back)
	}
	w.mustEqual(before)
	// The names of what the job changes are of what it leaves; here all must
	// be as it was.
	w.MustBeSafe(m, Job{Handover: job.Handover})
	w.mustLeaveNothing(m)
}
