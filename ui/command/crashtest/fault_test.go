package crashtest_test

import (
	"sync/atomic"
	"testing"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// Whatever call goes wrong in whatever way, a run comes to its end or stops
// and says so, and never says that it is done when it is not.
func TestWhateverGoesWrongItEndsOrStops(t *testing.T) {
	for _, job := range []crashtest.Job{install(), extend()} {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			all := course.Disturbances()
			taken := some(all)
			var through atomic.Int32
			t.Cleanup(func() {
				t.Logf("%d came to their end at once, %d stopped and went on", through.Load(), len(taken)-int(through.Load()))
			})
			report(t, "disturbed during "+job.Name, len(all), len(taken))
			for _, d := range taken {
				t.Run(d.String(), func(t *testing.T) {
					t.Parallel()
					if crashtest.Disturb(t, job, course, d) {
						through.Add(1)
					}
				})
			}
		})
	}
}
