package crashtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// upgrades are upgrades of the account from each older contract. None makes a
// key: whoever the user was, and whichever keys it had, it still is and has.
func upgrades() []crashtest.Job {
	args := append([]string{"upgrade", "--cluster", "demo", "--yes"}, crashtest.LogArgs()...)
	return []crashtest.Job{
		{
			Name: "upgrade from 1.12", Scenario: "legacy-direct", Args: args, Handover: "none.env",
			Changes: []string{buildUser, "nullplatform-demo-application-role", "nullplatform-demo-ecr-manager-policy"},
		},
		{
			Name: "upgrade from 3.4", Scenario: "legacy", Args: args, Handover: "none.env",
			Changes: []string{buildUser}, Removes: []string{"nullplatform-demo-ecr-managers"},
		},
		{
			Name: "upgrade from 5.0", Scenario: "split", Args: args, Handover: "none.env",
			Changes: []string{"nullplatform-demo-asset-publishers"}, Removes: []string{"nullplatform-demo-s3-assets-policy"},
		},
	}
}

// Wherever an upgrade is killed, going on ends where an undisturbed one does.
func TestKilledAnywhereAnUpgradeGoesOn(t *testing.T) {
	for _, job := range upgrades() {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			points := course.Points()
			taken := pick(points, false)
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

// Wherever a rename is killed, it can be taken back, and the group has its ID
// as before. (What 5.0 and 1.12 leave behind has new IDs or versions.)
func TestKilledAnywhereAnUpgradeCanBeTakenBack(t *testing.T) {
	job := upgrades()[1]
	points := courseOf(t, job).Points()
	// Before the first intent there is nothing to take back.
	taken := slices.DeleteFunc(pick(points, false), func(p crashtest.Point) bool {
		return strings.HasPrefix(p.Write.At, "journal begin") || strings.HasPrefix(p.Write.At, "journal plan")
	})
	report(t, "killed during "+job.Name+" and taken back", len(points), len(taken))
	for _, p := range taken {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			crashtest.KillAndTakeBack(t, job, p)
		})
	}
}

// Whatever call goes wrong, an upgrade comes to its end or stops and says so.
func TestWhateverGoesWrongAnUpgradeEndsOrStops(t *testing.T) {
	for _, job := range upgrades() {
		t.Run(job.Name, func(t *testing.T) {
			course := courseOf(t, job)
			all := course.Disturbances()
			taken := some(all)
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
