package crashtest

import (
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// RootDisturbances are the calls of a course that change something, and a sample
// of its reads, each with all that can go wrong. The tool's own provider waits
// for an answer for longer than a test does, so that for its calls an answer
// that never comes is left to connections that break.
func (c RootCourse) RootDisturbances(readsOneIn int) []Disturbance {
	var out []Disturbance
	counts, reads := map[string]int{}, 0
	for _, call := range c.Calls {
		counts[call.Action]++
		if !call.Writes {
			if reads++; reads%readsOneIn != 0 {
				continue
			}
		}
		for _, kind := range Faults() {
			if call.ByTool && kind == sandbox.FaultTimeoutAfter {
				continue
			}
			out = append(out, Disturbance{Action: call.Action, Nth: counts[call.Action], Kind: kind})
		}
	}
	return out
}

// DisturbRoot runs a job on a root with one call going wrong. It must come to
// its end, or stop with the exit code and the words of a stop, with CI never
// denied; the same command must then bring it to its end.
func DisturbRoot(t *testing.T, job Job, course RootCourse, d Disturbance) {
	t.Helper()
	w, m := ready(t, job)
	w.Account.Inject(sandbox.Fault{Kind: d.Kind, Action: d.Action, Nth: d.Nth, For: staleFor})
	if d.Kind == sandbox.FaultTimeoutAfter {
		m.AnswerWithin = impatience
	}
	runs := []Ended{m.RunHere(nil, job.Args...)}
	m.AnswerWithin = 0
	w.Account.ClearFaults()
	w.mustBeSafeRoot(m, job, course.Before, course.After)
	if runs[0].Code != job.Code {
		mustBeAStop(t, runs[0])
		runs = append(runs, m.RunHere(nil, job.Args...))
		if runs[1].Code != job.Code {
			t.Errorf("it does not go on: %s", runs[1])
		}
	}
	w.mustHoldRoot(m, job, course.Before, course.After)
	if t.Failed() {
		t.Logf("%v", runs)
	}
}
