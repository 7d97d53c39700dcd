package handover_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/ownfile"
	"github.com/nullplatform/slipway/provision/ownfile/ownfiletest"
)

const secretText = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

func credentials() provision.Credentials {
	return provision.Credentials{User: "u", KeyID: "AKIAEXAMPLE", Secret: provision.NewSecret(secretText), Region: "us-east-1"}
}

// privateDir is a directory that nobody else may write to, whatever the umask.
func privateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestParse(t *testing.T) {
	show := func(context.Context, provision.Credentials) error { return nil }
	for _, tt := range []struct {
		why, text string
		edge      handover.Edge
		says      string
	}{
		{why: "a file", text: "file:creds.env"},
		{why: "a drive letter has a colon of its own", text: `file:C:\creds.env`},
		{why: "standard output, by name", text: "stdout"},
		{why: "the keyring, under the usual service", text: "keyring:"},
		{why: "the colon is easily forgotten", text: "keyring"},
		{why: "the keyring, under a service of one's own", text: "keyring:ci/nullplatform"},
		{why: "a second line could be a command to a keyring tool", text: "keyring:a\nb", says: "keyring service"},
		{why: "a service must not look like a flag", text: "keyring:-w", says: "keyring service"},
		{why: "some keyrings limit the length", text: "keyring:" + strings.Repeat("a", 101), says: "at most 100"},
		{why: "the wizard may reveal", text: "reveal", edge: handover.Edge{Reveal: show}},
		{why: "without the wizard there is nobody to show it to", text: "reveal", says: "needs the wizard"},
		{why: "a file needs a path", text: "file:", says: "not a place"},
		{why: "a bare path could be a typing error", text: "creds.env", says: "not a place"},
		{why: "nothing is no place", text: "", says: "not a place"},
		{why: "who asks for another is told what there is", text: "vault:kv", says: "use file:PATH, age:RECIPIENT:PATH, keyring:SERVICE, platform or stdout"},
		{why: "stdout takes no path", text: "stdout:x", says: "not a place"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := handover.Parse(tt.text, tt.edge)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("err = %v, want %q", err, tt.says)
			}
		})
	}
}

func TestFileTakesTheSecret(t *testing.T) {
	dir := privateDir(t)
	path := filepath.Join(dir, "creds.env")
	place, err := handover.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for range 2 { // checking leaves nothing behind, so it can be done again
		if err := place.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := place.Put(ctx, credentials()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"BUILD_AWS_ACCESS_KEY=AKIAEXAMPLE", "BUILD_AWS_SECRET_ACCESS_KEY=" + secretText, "BUILD_AWS_REGION=us-east-1"} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("the file lacks %s", line)
		}
	}
	if exposed, err := ownfile.OthersMayRead(path); exposed || err != nil {
		t.Errorf("others may read it: %v, %v", exposed, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d files are left, want one", len(entries))
	}
}

func TestFileIsNeverOverwritten(t *testing.T) {
	path := filepath.Join(privateDir(t), "creds.env")
	place, err := handover.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := place.Check(ctx); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("Check = %v", err)
	}
	// Somebody may put a file there between check and put.
	if err := place.Put(ctx, credentials()); !errors.Is(err, os.ErrExist) {
		t.Errorf("Put = %v, want that it exists", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Errorf("the file now has %q", text)
	}
}

func TestFileRefusesUnsafePlaces(t *testing.T) {
	dir := privateDir(t)
	shared := filepath.Join(dir, "shared")
	sticky := filepath.Join(dir, "sticky")
	for path, mode := range map[string]os.FileMode{shared: 0, sticky: os.ModeSticky} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		ownfiletest.Share(t, path, mode)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(dir, "dangling")
	for _, tt := range []struct{ why, path, says string }{
		{"a link, even to nothing, leads elsewhere", dangling, "symbolic link"},
		{"anyone could put a file there first", filepath.Join(shared, "creds.env"), "other users"},
		{"sticky is still shared", filepath.Join(sticky, "creds.env"), "other users"},
		{"no directory", filepath.Join(dir, "none", "creds.env"), "cannot be used"},
		{"a file is no directory", filepath.Join(plain, "creds.env"), "not a directory"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if tt.path == dangling {
				ownfiletest.Symlink(t, filepath.Join(dir, "nowhere"), dangling)
			}
			place, err := handover.NewFile(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			if err := place.Check(context.Background()); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Check = %v, want %q", err, tt.says)
			}
		})
	}
}

func TestStdoutAndReveal(t *testing.T) {
	var out bytes.Buffer
	var shown string
	edge := handover.Edge{Stdout: &out, Reveal: func(_ context.Context, c provision.Credentials) error {
		shown = c.Secret.Reveal()
		return nil
	}}
	for _, text := range []string{"stdout", "reveal"} {
		place, err := handover.Parse(text, edge)
		if err != nil {
			t.Fatal(err)
		}
		if err := place.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := place.Put(context.Background(), credentials()); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(out.String(), secretText) || shown != secretText {
		t.Error("the secret did not arrive")
	}
}
