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

// remoteUpgrade is the same with a state behind HTTP that adds a bucket.
func remoteUpgrade() crashtest.Job {
	job := rootUpgrade()
	job.Name = "upgrade of a root with a remote state"
	job.Root = &crashtest.Root{Contract: tofutest.Contract34, Remote: true}
	job.Args = append(job.Args[:len(job.Args):len(job.Args)], "--s3", "demo-assets")
	return job
}

// renamedUpgrade is the upgrade from contract 5.0, in which the S3 policy gets
// another name.
func renamedUpgrade() crashtest.Job {
	job := rootUpgrade()
	job.Name, job.Scenario = "upgrade of a root from 5.0", "split"
	job.Root = &crashtest.Root{Contract: tofutest.Contract50, Calls: tofutest.Calls{Bucket: "demo-assets"}}
	job.Changes = []string{buildUser, "nullplatform-demo-asset-publishers", "nullplatform-demo-ecr-manager-policy"}
	job.Removes = []string{"nullplatform-demo-s3-assets-policy"}
	return job
}

// handedOver is the pipeline route up to where it waits for the pipeline.
func handedOver() crashtest.Job {
	job := rootUpgrade()
	job.Name, job.Code = "upgrade through a pipeline", 130
	job.Changes, job.Removes = []string{buildUser, "nullplatform-demo-ecr-manager-policy"}, nil
	job.Args = append([]string{
		"upgrade", "--dir", "{dir}/root", "--patch", "{dir}/up.patch", "--module-source", "{modules}/v6.1.0", "--yes",
	}, crashtest.LogArgs()...)
	return job
}

// takenUp is the rest of it, after the pipeline has applied.
func takenUp() crashtest.Job {
	job := handedOver()
	job.Name, job.Code = "upgrade after a pipeline", 0
	job.Prepare, job.PrepareCode, job.Removes = [][]string{job.Args}, 130, rootUpgrade().Removes
	job.Pipeline = "up.patch"
	return job
}

// rootUndo takes an upgrade back that was applied.
func rootUndo() crashtest.Job {
	job := rootUpgrade()
	job.Name, job.Passing = "undo of an applied upgrade", "slipway_moved_back.tf"
	job.Prepare, job.Removes = [][]string{job.Args}, []string{"nullplatform-demo-asset-publishers"}
	job.Args = append([]string{"undo", "--cluster", "demo", "--yes"}, crashtest.LogArgs()...)
	return job
}

// emitted is an install through the modules.
func emitted() crashtest.Job {
	return crashtest.Job{
		Name: "install through the modules", User: buildUser, Handover: "root/terraform.tfstate",
		Root: &crashtest.Root{},
		Args: append([]string{
			"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--emit", "tofu", "--dir", "{dir}/root",
			"--tool", "{dir}/bin/terraform", "--module-source", "{modules}/v6.1.0", "--yes",
		}, crashtest.LogArgs()...),
	}
}

// rootJobs are all jobs on roots; a plain run of the tests takes the first.
func rootJobs() []crashtest.Job {
	all := []crashtest.Job{rootUpgrade(), remoteUpgrade(), renamedUpgrade(), handedOver(), takenUp(), emitted(), rootUndo()}
	if everything() {
		return all
	}
	return all[:1]
}

// Wherever a run on a root is killed, or the tool that it has running, going on
// ends where an undisturbed run does, and taking it back where it began; and CI
// can publish all the while.
func TestKilledAnywhereOnARoot(t *testing.T) {
	for _, job := range rootJobs() {
		t.Run(job.Name, func(t *testing.T) {
			course := crashtest.RunRoot(t, job)
			points := course.RootPoints()
			on, back := pickRoot(points, job.Name)
			report(t, "killed during "+job.Name, len(points), len(on))
			report(t, "killed during "+job.Name+" and taken back", len(points), len(back))
			for n, p := range on {
				t.Run(p.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.KillRootAndGoOn(t, job, course, p, n%2 == 1 && job.Passing == "")
				})
			}
			for _, p := range back {
				t.Run(p.String()+", back", func(t *testing.T) {
					t.Parallel()
					crashtest.KillRootAndTakeBack(t, job, course, p)
				})
			}
		})
	}
}

// pickRoot takes all points to go on from, and to go back from those that are
// no reads; or those of each at which most is at stake. What a pipeline has
// applied is not slipway's to take back, and an undo itself is not taken back.
func pickRoot(points []crashtest.Point, name string) (on, back []crashtest.Point) {
	stakes := []string{"the tool after the tool's iam:UpdateGroup", "after the tool's iam:DetachGroupPolicy"}
	for _, p := range points {
		text := p.String()
		if everything() || slices.ContainsFunc(stakes, func(s string) bool { return strings.HasPrefix(text, s) }) {
			on = append(on, p)
		}
		read := p.Call != (crashtest.Call{}) && !p.Call.Writes
		if name != takenUp().Name && name != rootUndo().Name && (everything() && !read || strings.HasPrefix(text, "after terraform apply")) {
			back = append(back, p)
		}
	}
	return on, back
}

// Whatever call goes wrong in whatever way, slipway's or the tool's, a run on a
// root comes to its end or stops and says so, and CI can publish all the while.
func TestWhateverGoesWrongARootEndsOrStops(t *testing.T) {
	if !everything() {
		t.Skip("a run of the tool takes seconds; SLIPWAY_MATRIX=all runs this test")
	}
	for _, job := range rootJobs() {
		t.Run(job.Name, func(t *testing.T) {
			course := crashtest.RunRoot(t, job)
			all := course.RootDisturbances(7)
			report(t, "disturbed during "+job.Name, len(all), len(all))
			for _, d := range all {
				t.Run(d.String(), func(t *testing.T) {
					t.Parallel()
					crashtest.DisturbRoot(t, job, course, d)
				})
			}
		})
	}
}
