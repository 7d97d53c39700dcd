package crashtest_test

import (
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// Two at once on one machine: the second refuses and says who is at it.
func TestOneRunAtATimeOnAMachine(t *testing.T) {
	job := install()
	course := courseOf(t, job)
	for _, c := range []string{"iam:CreateGroup", "iam:CreateAccessKey"} {
		for _, p := range writesOf(course, c) {
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				crashtest.Beside(t, job, course, p)
			})
		}
	}
}

// Two at once from two machines: the first is held at each of its writes while
// the second goes through.
func TestTwoMachinesMeetAtEveryWrite(t *testing.T) {
	job := install()
	course := courseOf(t, job)
	points := writesOf(course, "")
	taken := sample(points, 3)
	report(t, "met by another machine during "+job.Name, len(points), len(taken))
	for _, p := range taken {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			crashtest.Meet(t, job, course, p)
		})
	}
}

// writesOf are the points before and after the calls of a course that change
// something: those of one action, or all for "".
func writesOf(course crashtest.Course, action string) []crashtest.Point {
	var out []crashtest.Point
	for _, c := range course.Calls {
		if c.Writes && (action == "" || c.Action == action) {
			out = append(out, crashtest.Point{Call: c, Phase: sandbox.Before}, crashtest.Point{Call: c, Phase: sandbox.After})
		}
	}
	return out
}
