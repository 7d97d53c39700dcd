package handover

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/ownfile/ownfiletest"
)

func keptKey(id string) provision.Credentials {
	return provision.Credentials{User: "u", KeyID: id, Secret: provision.NewSecret("the-secret-of-" + id), Region: "us-east-1"}
}

func ownDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// After a run that ended in the middle, a place knows the key that it keeps,
// and no other.
func TestAPlaceKnowsItsKey(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, spec := range map[string]string{
		"dotenv": "file:%/c.env", "json": "file:%/c.json",
		"age": "age:" + identity.Recipient().String() + ":%/c.env.age", "post-quantum age": "age:" + hybrid.Recipient().String() + ":%/c.age",
	} {
		t.Run(name, func(t *testing.T) {
			dir := ownDirectory(t)
			p, err := Parse(strings.ReplaceAll(spec, "%", dir), Edge{})
			if err != nil {
				t.Fatal(err)
			}
			k := p.(Keeper)
			expect(t, k, "AKIA1", false)
			if err := p.Put(t.Context(), keptKey("AKIA1")); err != nil {
				t.Fatal(err)
			}
			expect(t, k, "AKIA1", true)
			expect(t, k, "AKIA", false)
			expect(t, k, "AKIA12", false)
		})
	}
}

func expect(t *testing.T, k Keeper, id string, want bool) {
	t.Helper()
	if got, err := k.Keeps(t.Context(), "u", id); err != nil || got != want {
		t.Errorf("keeps %s: %v, %v; want %v", id, got, err, want)
	}
}

// The mark in the header is no hindrance to reading.
func TestAMarkedFileIsDecrypted(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(ownDirectory(t), "c.env.age")
	p, err := NewAge(identity.Recipient().String(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Put(t.Context(), keptKey("AKIA1")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(bytes.NewReader(text), identity)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(plain); err != nil || string(got) != Dotenv(keptKey("AKIA1")) {
		t.Errorf("got %q, %v", got, err)
	}
}

// What an interrupted handover left half-written is removed, and what belongs
// to others is not.
func TestDraftsOfTheKeyAreRemoved(t *testing.T) {
	// A name that would mean something else in a pattern.
	dir := filepath.Join(ownDirectory(t), "[team] work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := NewFile(filepath.Join(dir, "c.env"))
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := filepath.Join(dir, ".slipway-1"), filepath.Join(dir, ".slipway-2")
	for path, id := range map[string]string{ours: "AKIA1", theirs: "AKIA2"} {
		if err := os.WriteFile(path, []byte(Dotenv(keptKey(id))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, f, "AKIA1", false)
	if _, err := os.Stat(ours); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the draft is left: %v", err)
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Errorf("another's draft: %v", err)
	}
}

// A link, or a text without a secret, is not taken for the file.
func TestWhatIsNoHandover(t *testing.T) {
	dir := ownDirectory(t)
	f, err := NewFile(filepath.Join(dir, "c.env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "BUILD_AWS_ACCESS_KEY=AKIA1\n", `{"access_key_id":"AKIA1"}`, "AKIA1"} {
		if err := os.WriteFile(f.file.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		expect(t, f, "AKIA1", false)
	}
	if err := os.Remove(f.file.path); err != nil {
		t.Fatal(err)
	}
	ownfiletest.Symlink(t, "elsewhere", f.file.path)
	if _, err := f.Keeps(t.Context(), "u", "AKIA1"); err == nil {
		t.Error("a link was followed")
	}
}

func TestAbsoluteMeansTheSameEverywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(filepath.Dir(here), "c.env")
	for in, want := range map[string]string{
		"file:c.env": "file:" + filepath.Join(here, "c.env"), "file:" + there: "file:" + there,
		"age:age1x:c.age": "age:age1x:" + filepath.Join(here, "c.age"),
		"keyring:team":    "keyring:team", "stdout": "stdout", "reveal": "reveal", "": "", "file:": "file:", "age:x": "age:x",
	} {
		if got, err := Absolute(in); err != nil || got != want {
			t.Errorf("Absolute(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}
