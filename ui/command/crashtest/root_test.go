package crashtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// rootUpgrade is the upgrade of a root of contract 3.4, by slipway with the
// tool.
func rootUpgrade() crashtest.Job {
	return crashtest.Job{
		Name: "upgrade of a root", Scenario: "legacy", Handover: "none.env",
		Root:    &crashtest.Root{Contract: tofutest.Contract34},
		Changes: []string{buildUser, "nullplatform-demo-ecr-manager-policy"}, Removes: []string{"nullplatform-demo-ecr-managers"},
		Args: append([]string{
			"upgrade", "--dir", "{dir}/root", "--tool", "{dir}/bin/terraform", "--module-source", "{modules}/v6.1.0", "--yes",
		}, crashtest.LogArgs()...),
	}
}

func rootJobs() []crashtest.Job { return []crashtest.Job{rootUpgrade()} }

// Wherever a run on a root is killed, or the tool that it has running, going on
// ends where an undisturbed run does, and CI can publish all the while.
func TestKilledAnywhereARootGoesOn(t *testing.T) {
	for _, job := range rootJobs() {
		t.Run(job.Name, func(t *testing.T) {
			course := crashtest.RunRoot(t, job)
			points := course.RootPoints()
			taken := pickRoot(points)
			report(t, "killed during "+job.Name, len(points), len(taken))
			for n, p := range taken {
				t.Run(p.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.KillRootAndGoOn(t, job, course, p, n%2 == 1)
				})
			}
		})
	}
}

// pickRoot takes a sample.
func pickRoot(points []crashtest.Point) []crashtest.Point {
	if everything() {
		return points
	}
	return slices.DeleteFunc(slices.Clone(points), func(p crashtest.Point) bool {
		return !strings.Contains(p.String(), "the tool after the tool's iam:")
	})
}
