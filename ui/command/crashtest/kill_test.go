package crashtest_test

import (
	"testing"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// Wherever a run is killed, going on ends where an undisturbed run does, with
// one key, and its secret handed over.
func TestKilledAnywhereItGoesOn(t *testing.T) {
	for _, job := range []crashtest.Job{install(), extend()} {
		t.Run(job.Name, func(t *testing.T) {
			course := crashtest.Run(t, job)
			points := course.Points()
			taken := pick(points)
			report(t, "killed during "+job.Name, len(points), len(taken))
			for _, p := range taken {
				t.Run(p.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.KillAndGoOn(t, job, course, p, crashtest.Again())
				})
			}
		})
	}
}

// pick takes what is met in a run of the tests that is to be quick: every
// point at a call that changes something, and of the others one in eight.
func pick(points []crashtest.Point) []crashtest.Point {
	if everything() {
		return points
	}
	var out []crashtest.Point
	others := 0
	for _, p := range points {
		if p.Call.Writes {
			out = append(out, p)
			continue
		}
		if others%8 == 0 {
			out = append(out, p)
		}
		others++
	}
	return out
}
