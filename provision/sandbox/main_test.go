package sandbox_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A sandbox that was closed leaves nothing running.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
