package crashtest

import (
	"context"
	"os"
	"testing"

	"github.com/nullplatform/slipway/ui/command"
)

// The variables that make a copy of the test binary slipway.
const (
	envProgram = "CRASHTEST_PROGRAM"
	envKillAt  = "CRASHTEST_KILL_AT"
	envWrites  = "CRASHTEST_WRITES"
)

// Main is for TestMain. A copy of the test binary that a [Machine] started
// becomes slipway: the real one, built the way the tests were.
func Main(m *testing.M) {
	if os.Getenv(envProgram) == "" {
		os.Exit(m.Run())
	}
	os.Exit(command.Run(context.Background(), os.Args[1:], command.Process()))
}
