package handover_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/handover"
)

// Tests that end a process in the middle of a handover rely on every step of
// it being told, in this order.
func TestEveryStepOfAHandoverIsTold(t *testing.T) {
	dir := privateDir(t)
	var told []string
	place, err := handover.Parse("file:"+filepath.Join(dir, "creds.env"), handover.Edge{
		TestOnlyDisk: func(instant string) { told = append(told, instant) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := place.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, " "); got != "drafted written synced linked removed removed" {
		t.Errorf("a trial is %s", got)
	}
	told = nil
	if err := place.Put(t.Context(), credentials()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, " "); got != "drafted written synced linked removed flushed" {
		t.Errorf("a handover is %s", got)
	}
}
