package crashtest_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// Wherever a run is killed that registers with nullplatform, going on ends
// where an undisturbed run does: each destination registered once, with the one
// key and its secret.
func TestKilledAnywhereARegistrationGoesOn(t *testing.T) {
	for _, job := range []crashtest.Job{register(), update(), undoRegister()} {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			points := course.Points()
			taken := pickRegistering(points)
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

// Wherever it is killed it can be taken back, and neither account nor
// nullplatform has anything of it.
func TestKilledAnywhereARegistrationCanBeTakenBack(t *testing.T) {
	job := register()
	points := courseOf(t, job).Points()
	taken := pickRegistering(points)
	report(t, "killed during "+job.Name+" and taken back", len(points), len(taken))
	for _, p := range taken {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			crashtest.KillAndTakeBack(t, job, p)
		})
	}
}

// Whatever goes wrong at nullplatform or in the account, it ends or stops.
func TestWhateverGoesWrongARegistrationEndsOrStops(t *testing.T) {
	for _, job := range []crashtest.Job{register(), undoRegister()} {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			all := course.Disturbances()
			taken := sample(all, 113)
			report(t, "disturbed during "+job.Name, len(all), len(taken))
			for _, d := range taken {
				t.Run(d.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.Disturb(t, job, course, d)
				})
			}
		})
	}
}

// pickRegistering takes every point at a write to nullplatform, and a sample of
// the others.
func pickRegistering(points []crashtest.Point) []crashtest.Point {
	if everything() {
		return points
	}
	var must, others []crashtest.Point
	for _, p := range points {
		if p.Call.Writes && isPlatform(p) {
			must = append(must, p)
		} else {
			others = append(others, p)
		}
	}
	return append(must, sample(others, 179)...)
}

func isPlatform(p crashtest.Point) bool { return strings.HasPrefix(p.Call.Action, "platform:") }
