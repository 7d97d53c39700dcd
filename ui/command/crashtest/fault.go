package crashtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// Disturbance is one call of a run that goes wrong.
type Disturbance struct {
	// Action is "iam:CreateUser", and Nth says which of its calls, from 1 in
	// the order in which they arrive.
	Action string
	Nth    int
	Kind   sandbox.FaultKind
}

// String is "iam:CreateUser throttled".
func (d Disturbance) String() string {
	text := d.Action
	if d.Nth > 1 {
		text += fmt.Sprintf(" (%d)", d.Nth)
	}
	return text + " " + d.Kind.String()
}

// staleFor is how long stale reads stay stale.
const staleFor = 300 * time.Millisecond

// impatience is how long a run waits for an answer that never comes.
const impatience = time.Second

// Faults are all the ways in which a call can go wrong.
func Faults() []sandbox.FaultKind {
	return []sandbox.FaultKind{
		sandbox.FaultThrottle, sandbox.FaultInternal, sandbox.FaultTimeoutAfter, sandbox.FaultReset,
		sandbox.FaultResetAfter, sandbox.FaultAccessDenied, sandbox.FaultStaleReads,
		sandbox.FaultNoSuchEntity, sandbox.FaultMalformed,
	}
}

// Disturbances are all calls of a course, each with all that can go wrong.
func (c Course) Disturbances() []Disturbance {
	var out []Disturbance
	counts := map[string]int{}
	for _, call := range c.Calls {
		counts[call.Action]++
		for _, kind := range Faults() {
			out = append(out, Disturbance{Action: call.Action, Nth: counts[call.Action], Kind: kind})
		}
	}
	return out
}

// Disturb runs the job, in the test's process, with one call going wrong. It
// must come to its end, or stop with the exit code and the words of a stop.
// Undisturbed, the same command must then bring it to its end. It reports
// whether the disturbed run came to its end.
func Disturb(t *testing.T, job Job, course Course, d Disturbance) (through bool) {
	t.Helper()
	w, m := ready(t, job)
	w.Account.Inject(sandbox.Fault{Kind: d.Kind, Action: d.Action, Nth: d.Nth, For: staleFor})
	if d.Kind == sandbox.FaultTimeoutAfter {
		m.AnswerWithin = impatience
	}
	first := m.RunHere(nil, job.Args...)
	met := w.countOf(d.Action)
	m.AnswerWithin = 0
	w.Account.ClearFaults()
	w.MustBeSafe(m, job)
	if met < d.Nth {
		t.Errorf("the call was not made: %s", first)
	}
	runs := []Ended{first}
	if through = first.Code == 0; !through {
		mustBeAStop(t, first)
		second := m.RunHere(nil, job.Args...)
		if runs = append(runs, second); second.Code != 0 {
			t.Errorf("it does not go on: %s", second)
		}
	}
	w.MustHold(m, job, course.End)
	if t.Failed() {
		t.Logf("%v", runs)
	}
	return through
}

// countOf is how many calls of an action were made.
func (w *World) countOf(action string) int {
	n := 0
	for _, e := range w.Account.Log() {
		if e.Service+":"+e.Action == action {
			n++
		}
	}
	return n
}

// mustBeAStop fails unless a run that did not come to its end says so: with the
// exit code of a failure or of a guard, with a reason and with what to do, and
// without a word of success.
func mustBeAStop(t testing.TB, e Ended) {
	t.Helper()
	if e.Code != 1 && e.Code != 4 {
		t.Errorf("exit code %d, want 1 or 4: %s", e.Code, e)
	}
	// Every error has its reason and, behind a semicolon, what to do.
	_, why, said := strings.Cut(e.Stderr, "slipway: ")
	if !said || !strings.Contains(why, "; ") {
		t.Errorf("it does not say why it stopped and what to do: %s", e)
	}
	if strings.Contains(e.Stdout, "Done") {
		t.Errorf("it stopped and says that it is done: %s", e)
	}
}
