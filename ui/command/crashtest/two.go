package crashtest

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// pauseAt is a hook that holds a run at a point, once. It tells when it is
// there and waits to be released.
func pauseAt(p Point) (hook func(Call, sandbox.Phase), there <-chan struct{}, release func()) {
	reached, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	return func(c Call, phase sandbox.Phase) {
		if c == p.Call && phase == p.Phase {
			once.Do(func() {
				close(reached)
				<-free
			})
		}
	}, reached, sync.OnceFunc(func() { close(free) })
}

// Beside starts the job a second time on the same machine while the first run
// is at the point. The second must refuse, name the process of the first and
// change nothing, and the first must not notice.
func Beside(t *testing.T, job Job, course Course, p Point) {
	t.Helper()
	w, m := ready(t, job)
	hook, there, release := pauseAt(p)
	first := m.Start(func(_ *Process, c Call, phase sandbox.Phase) { hook(c, phase) }, nil, job.Args...)
	defer release()
	select {
	case <-there:
	case <-first.ended:
		t.Fatalf("the run was over before the point: %s", first.Wait())
	}
	second := m.Run(job.Args...)
	mustBeAStop(t, second)
	if pid := strconv.Itoa(first.cmd.Process.Pid); !strings.Contains(second.Stderr, pid) {
		t.Errorf("it does not say that process %s has the cluster: %s", pid, second)
	}
	release()
	if e := first.Wait(); e.Code != 0 {
		t.Errorf("the first run noticed: %s", e)
	}
	if got, want := len(sandboxtest.Writes(w.Account)), course.writes(); got != want {
		t.Errorf("%d writes, want the %d of the first run: %s", got, want, second)
	}
	w.MustHold(m, job, course.End)
}

// Meet runs the job on one machine up to the point, then on another to its
// end, and then lets the first go on. There is no lock between machines: each
// run comes to its end or stops cleanly, and whoever runs again comes through.
// No key is alive whose secret nobody has, and nobody has the secret of a key
// that is gone.
func Meet(t *testing.T, job Job, course Course, p Point) {
	t.Helper()
	w := NewWorld(t, job)
	one, two := w.Machine(), w.Machine()
	hook, there, release := pauseAt(p)
	defer release()
	over := make(chan Ended, 1)
	go func() { over <- one.RunHere(hook, job.Args...) }()
	select {
	case <-there:
	case e := <-over:
		t.Fatalf("the run was over before the point: %s", e)
	}
	runs := []Ended{two.RunHere(nil, job.Args...)}
	release()
	runs = append(runs, <-over)
	for _, e := range runs {
		if e.Code != 0 {
			mustBeAStop(t, e)
		}
	}
	w.mustLoseNoKey(job)
	for _, m := range []*Machine{one, two} {
		runs = append(runs, mustComeThrough(t, m, job)...)
	}
	w.mustLoseNoKey(job)
	w.mustEqual(oneKeyEach(w.Account.Peek(), course.End, job))
	w.MustBeSafe(one, job)
	if t.Failed() {
		t.Logf("%v", runs)
	}
}

// attempts is how often a person would run the same command before asking for
// help.
const attempts = 3

// mustComeThrough runs the job until it is through, or does what it says is to
// be done: to see a new plan when the account is no longer what the first was
// made for.
func mustComeThrough(t *testing.T, m *Machine, job Job) []Ended {
	t.Helper()
	var runs []Ended
	for range attempts {
		e := m.RunHere(nil, job.Args...)
		runs = append(runs, e)
		if e.Code == 0 {
			return runs
		}
		mustBeAStop(t, e)
		if strings.Contains(e.Stderr, "slipway resume --new-plan") {
			runs = append(runs, m.RunHere(nil, append([]string{"resume", "--new-plan", "--yes"}, LogArgs()...)...))
		}
	}
	t.Errorf("it does not come through in %d runs: %v", attempts, runs)
	return runs
}

// mustLoseNoKey compares the keys of the job's user with what the handovers
// hold: the same ones, each with its secret. A key whose secret nobody has must
// at least have been named by the run that lost it.
func (w *World) mustLoseNoKey(job Job) {
	w.t.Helper()
	user, _ := w.Account.Peek().User(job.User)
	var handed, said string
	for _, m := range w.machines {
		text, err := os.ReadFile(m.Path(job.Handover))
		if err != nil && !os.IsNotExist(err) {
			w.t.Error(err)
		}
		handed += string(text)
		for _, e := range m.said() {
			said += e.Stderr
		}
	}
	alive := 0
	for _, k := range user.Keys {
		secret, _ := w.Account.TestOnlySecret(k.ID)
		switch {
		case k.Active && strings.Contains(handed, secret):
			alive++
		case !strings.Contains(said, k.ID):
			w.t.Errorf("key %s is there, nobody has its secret, and nobody was told", k.ID)
		}
	}
	if files := strings.Count(handed, "BUILD_AWS_SECRET_ACCESS_KEY="); files != alive {
		w.t.Errorf("%d secrets were handed over, and %d of their keys are alive", files, alive)
	}
}

// oneKeyEach is an end in which the job's user has the keys that it has: two
// machines that meet in the middle of making one may both have made it.
func oneKeyEach(now sandbox.Snapshot, end Standing, job Job) Standing {
	user, _ := plain(now).User(job.User)
	users := append([]sandbox.User(nil), end.Account.Users...)
	for i := range users {
		if users[i].Name == job.User {
			users[i].Keys = user.Keys
		}
	}
	end.Account.Users = users
	return end
}
