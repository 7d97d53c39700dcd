package migrate

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/provision/ownfile/ownfiletest"
)

// carry carries edits out as a step does.
func carry(t *testing.T, edits []rewrite.Edit) error {
	t.Helper()
	backups := filepath.Join(t.TempDir(), "files")
	run, err := checklist.New([]checklist.Step{{ID: "edit", Title: "edit", Do: func(ctx context.Context, task *checklist.Task) error {
		return editFiles(ctx, task, edits, backups)
	}}}, checklist.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return run.Do(t.Context())
}

func lay(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A link in a root stays one; what it leads to is written, with its mode.
func TestALinkIsWrittenThrough(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	shared := filepath.Join(elsewhere, "shared.tf")
	lay(t, shared, "before", 0o640)
	ownfiletest.Symlink(t, shared, filepath.Join(dir, "main.tf"))
	if err := carry(t, []rewrite.Edit{{Root: dir, File: "main.tf", Before: []byte("before"), After: []byte("after")}}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(filepath.Join(dir, "main.tf"))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v (%v)", info.Mode(), err)
	}
	if info, err := os.Stat(shared); err != nil || info.Mode().Perm() != 0o640 || text(t, shared) != "after" {
		t.Errorf("what it leads to is %q with mode %v (%v)", text(t, shared), info.Mode(), err)
	}
}

// One file that cannot be written leaves all the others as they are.
func TestNothingIsWrittenWhenOneFileCannotBe(t *testing.T) {
	for _, tt := range []struct {
		why, says string
		second    rewrite.Edit
		ready     func(path string)
	}{
		{
			why: "read-only", says: "it is read-only; nothing was written",
			second: rewrite.Edit{File: "z.tf", Before: []byte("before"), After: []byte("after")},
			ready:  func(path string) { lay(t, path, "before", 0o400) },
		},
		{
			why: "changed since", says: "has changed since the preview",
			second: rewrite.Edit{File: "z.tf", Before: []byte("before"), After: []byte("after")},
			ready:  func(path string) { lay(t, path, "somebody else's", 0o600) },
		},
		{
			why: "a new file that is there", says: "has changed since the preview",
			second: rewrite.Edit{File: "z.tf", After: []byte("after")},
			ready:  func(path string) { lay(t, path, "somebody else's", 0o600) },
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			dir := t.TempDir()
			lay(t, filepath.Join(dir, "a.tf"), "before", 0o600)
			tt.ready(filepath.Join(dir, "z.tf"))
			tt.second.Root = dir
			err := carry(t, []rewrite.Edit{{Root: dir, File: "a.tf", Before: []byte("before"), After: []byte("after")}, tt.second})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v; want %q", err, tt.says)
			}
			if got := text(t, filepath.Join(dir, "a.tf")); got != "before" {
				t.Errorf("the first file is %q", got)
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".slipway-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
		})
	}
}

// A private file of a run that was killed goes with the next one.
func TestWhatAKilledRunHasLeftIsSwept(t *testing.T) {
	private := filepath.Join(t.TempDir(), "backups", privateDir)
	for range 2 { // Twice is safe, also before there is anything.
		if err := sweep(private); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(private, "slipway-tofu-123")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	lay(t, filepath.Join(left, "plan"), "secret", 0o600)
	if err := sweep(private); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}
