package crashtest_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// Wherever a run is killed, going on ends where an undisturbed run does, with
// one key, and its secret handed over. What is gone on with makes no
// difference: the same command, or resume.
func TestKilledAnywhereItGoesOn(t *testing.T) {
	for _, job := range []crashtest.Job{install(), extend(), undo()} {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			points := course.Points()
			taken := pick(points, job.Name == "install")
			report(t, "killed during "+job.Name, len(points), len(taken))
			for n, p := range taken {
				for _, r := range resumptions(job, n) {
					t.Run(p.String()+", "+r.Name, func(t *testing.T) {
						t.Parallel()
						crashtest.KillAndGoOn(t, job, course, p, r)
					})
				}
			}
		})
	}
}

// resumptions are the ways to go on at the nth point: both, or in turn. What
// is taken back is gone on with by undo alone.
func resumptions(job crashtest.Job, n int) []crashtest.Resumption {
	both := []crashtest.Resumption{crashtest.Again(), crashtest.Resume()}
	switch {
	case strings.HasPrefix(job.Name, "undo"):
		return both[:1]
	case everything():
		return both
	}
	return both[n%2 : n%2+1]
}

// Wherever a run is killed, it can be taken back, and nothing of it is left.
func TestKilledAnywhereItCanBeTakenBack(t *testing.T) {
	for _, job := range []crashtest.Job{install(), extend()} {
		t.Run(job.Name, func(t *testing.T) {
			points := courseOf(t, job).Points()
			taken := sample(points, 61)
			report(t, "killed during "+job.Name+" and taken back", len(points), len(taken))
			for _, p := range taken {
				t.Run(p.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.KillAndTakeBack(t, job, p)
				})
			}
		})
	}
}
