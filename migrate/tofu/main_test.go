package tofu_test

import (
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

func TestMain(m *testing.M) { tofutest.Main(m) }
