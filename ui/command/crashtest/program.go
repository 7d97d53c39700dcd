package crashtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
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
	if isTool(os.Args[0]) {
		os.Exit(runTool())
	}
	if os.Getenv(envProgram) == "" {
		tofutest.Main(m)
	}
	edge := command.Process()
	edge.TestOnlyStaleness = staleness
	w, err := writesFrom(os.Getenv)
	if err != nil {
		panic(err)
	}
	if w != nil {
		edge.TestOnlyJournal = func(p checklist.WritePoint) { w.at(nameOf(p)) }
		edge.TestOnlyHandover = func(instant string) { w.at("handover " + instant) }
	}
	os.Exit(command.Run(context.Background(), os.Args[1:], edge))
}

// nameOf names an instant of a write to the journal.
func nameOf(p checklist.WritePoint) string {
	return strings.Join(strings.Fields(fmt.Sprintf("journal %s %s %s", p.Kind, p.Step, p.Phase)), " ")
}

// staleness is how long the account may show what was: not at all.
const staleness = time.Millisecond
