package crashtest_test

import (
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

func TestMain(m *testing.M) { crashtest.Main(m) }

// buildUser is whose key it is all about.
const buildUser = "nullplatform-demo-build-workflow-user"

// install is the first installation for a cluster, in an account in which
// others have things.
func install() crashtest.Job {
	return crashtest.Job{
		Name: "install", User: buildUser, Handover: "creds.env",
		Args: append([]string{
			"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:{dir}/creds.env", "--yes",
		}, crashtest.LogArgs()...),
	}
}

// extend adds a destination to an installation that has its key.
func extend() crashtest.Job {
	job := install()
	job.Name = "extend"
	// Were a second key made by mistake, there would be a place for it.
	job.Args = append([]string{
		"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:{dir}/second.env", "--yes",
	}, crashtest.LogArgs()...)
	job.Changes = []string{"nullplatform-demo-asset-publishers"}
	job.Prepare = [][]string{{"install", "--cluster", "demo", "--ecr", "--handover", "file:{dir}/creds.env", "--yes"}}
	return job
}

// undo takes an installation back.
func undo() crashtest.Job {
	return crashtest.Job{
		Name: "undo", Handover: "creds.env",
		Prepare: [][]string{{"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:{dir}/creds.env", "--yes"}},
		Removes: []string{
			buildUser, "nullplatform-demo-asset-publishers", "nullplatform-demo-application-role",
			"nullplatform-demo-ecr-manager-policy", "nullplatform-demo-s3-policy",
		},
		Args: append([]string{"undo", "--cluster", "demo", "--yes"}, crashtest.LogArgs()...),
	}
}

// register installs and registers; the secret goes to nullplatform, which does
// not tell which key it holds.
func register() crashtest.Job {
	return crashtest.Job{
		Name: "register", User: buildUser, Handover: "none.env", Registered: true,
		Args: append([]string{
			"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--nrn", platform.NRN, "--handover", "platform", "--yes",
		}, crashtest.LogArgs()...),
	}
}

// update is the same where other values are registered already.
func update() crashtest.Job {
	job := register()
	job.Name, job.Platform = "update", platform.Options{Scenario: "different", ShowKeyID: true}
	job.Args = append(job.Args, "--update-registration")
	return job
}

// undoRegister takes a registration back, and the installation with it.
func undoRegister() crashtest.Job {
	job := undo()
	job.Name, job.Handover = "undo of register", "none.env"
	job.Prepare = [][]string{register().Args}
	job.Args = append(job.Args, "--allow-loss")
	return job
}
