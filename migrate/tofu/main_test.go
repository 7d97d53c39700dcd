package tofu_test

import (
	"os"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

// The variables with which the test program plays slipway in a process of its
// own.
const (
	applierDir  = "SLIPWAY_TEST_APPLY"
	applierTool = "SLIPWAY_TEST_TOOL"
)

func TestMain(m *testing.M) {
	if code, played := play(); played {
		os.Exit(code)
	}
	if dir := os.Getenv(applierDir); dir != "" {
		os.Exit(applier(dir, os.Getenv(applierTool)))
	}
	tofutest.Main(m)
}
