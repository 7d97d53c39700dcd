package sandboxtest_test

import (
	"flag"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// drawn counts how many cases a test draws.
func drawn(t *testing.T) int {
	t.Helper()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		rapid.Int().Draw(t, "anything")
		n++
	})
	return n
}

func TestFewerCasesAreDrawn(t *testing.T) {
	usual := drawn(t)
	for _, tt := range []struct {
		why    string
		matrix string
		asked  int
		want   int
	}{
		{why: "fewer than usual", asked: 3, want: 3},
		{why: "not more than usual", asked: usual + 1, want: usual},
		{why: "everything is asked for", matrix: "all", asked: 3, want: usual},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Setenv("SLIPWAY_MATRIX", tt.matrix)
			sandboxtest.Draws(t, tt.asked)
			if got := drawn(t); got != tt.want {
				t.Errorf("%d cases were drawn, want %d", got, tt.want)
			}
		})
	}
	if got := drawn(t); got != usual {
		t.Errorf("afterwards %d cases are drawn, want %d", got, usual)
	}
}

// Whoever asks for a number on the command line gets it.
func TestANumberThatWasAskedForStays(t *testing.T) {
	before := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", "7"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set("rapid.checks", before); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("SLIPWAY_MATRIX", "")
	sandboxtest.Draws(t, 3)
	if got := drawn(t); got != 7 {
		t.Errorf("%d cases were drawn, want 7", got)
	}
}
