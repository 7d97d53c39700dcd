package handover

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

// tattler writes nothing and complains of all that it was given.
type tattler struct{}

func (tattler) Write(p []byte) (int, error) { return 0, fmt.Errorf("cannot write %s", p) }

// No place tells the secret, whatever the secret is and whoever makes the
// error: not in its error, not in what can be unwrapped from it, not in its
// name, and not when it is printed itself.
func TestNoPlaceTellsTheSecret(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z0-9/+]{40}`).Draw(t, "secret")
		c := provision.Credentials{User: "u", KeyID: "AKIAEXAMPLE", Secret: provision.NewSecret(text)}
		file := newFile{path: filepath.Join(root, "creds.json"), disk: &faultyDisk{faults: []string{rapid.SampledFrom(loud()[1:]).Draw(t, "fault"), failOpen}}}
		places := []Place{
			&stdout{w: tattler{}},
			&reveal{show: func(_ context.Context, c provision.Credentials) error {
				return fmt.Errorf("nobody read %s", c.Secret.Reveal())
			}},
			&File{file: file},
			testOnlyKeyring(&memoryRing{failAt: map[int]bool{2: true}}),
		}
		place := rapid.SampledFrom(places).Draw(t, "place")
		err := place.Put(context.Background(), c)
		if err == nil {
			t.Fatal("it was to fail")
		}
		for at := err; at != nil; at = errors.Unwrap(at) {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", at, at, at), text) {
				t.Fatalf("%v", at)
			}
		}
		if printed := fmt.Sprintf("%s %+v", place, place); strings.Contains(printed, text) {
			t.Fatal(printed)
		}
	})
}

// An error that tells nothing is left as it is, so that it can be judged.
func TestSealedLeavesOthersAlone(t *testing.T) {
	err := errors.New("disk full")
	if got := sealed(err, provision.NewSecret(planted)); !errors.Is(got, err) {
		t.Errorf("got %v", got)
	}
	if got := sealed(err, provision.Secret{}); !errors.Is(got, err) {
		t.Errorf("got %v without a secret", got)
	}
	if sealed(nil, provision.NewSecret(planted)) != nil {
		t.Error("an error where there is none")
	}
}
