package sandboxtest

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// Everything reports whether the whole of every matrix is asked for, with
// SLIPWAY_MATRIX=all. Without it a test whose cases are many takes a sample.
func Everything() bool { return os.Getenv("SLIPWAY_MATRIX") == "all" }

// Long marks a case that takes seconds and is alike to others that every run
// has: it is skipped, aloud, unless everything is asked for.
func Long(t testing.TB) {
	t.Helper()
	if !Everything() {
		t.Skip("this case takes seconds and is alike to others; SLIPWAY_MATRIX=all runs it")
	}
}

// Draws has a test whose cases are long draw n of them, unless everything is
// asked for: then it is as many as rapid draws anywhere, or -rapid.checks says.
// The test is not to be parallel to others that draw.
func Draws(t testing.TB, n int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks == nil {
		t.Fatal("rapid is not linked in; there is nothing to draw with")
	}
	before := checks.Value.String()
	if now, err := strconv.Atoi(before); Everything() || err != nil || before != checks.DefValue || now < n {
		return
	}
	if err := flag.Set(checks.Name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(checks.Name, before); err != nil {
			t.Error(err)
		}
	})
}
