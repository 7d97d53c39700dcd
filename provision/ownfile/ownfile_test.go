package ownfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/ownfile"
	"github.com/nullplatform/slipway/provision/ownfile/ownfiletest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// private fails when somebody else may read, or may write to, what is there.
func private(t *testing.T, path string) {
	t.Helper()
	if others, err := ownfile.OthersMayRead(path); others || err != nil {
		t.Errorf("others may read %s: %v, %v", path, others, err)
	}
	if others, err := ownfile.OthersMayWrite(path); others || err != nil {
		t.Errorf("others may write %s: %v, %v", path, others, err)
	}
}

// Whatever is made is for its owner alone, in a directory too that lets
// everybody do everything and hands that down.
func TestWhatIsMadeIsItsOwners(t *testing.T) {
	shared := t.TempDir()
	ownfiletest.Share(t, shared, 0)
	deep := filepath.Join(shared, "a", "b", "c")
	must(t, ownfile.MkdirAll(deep))
	must(t, ownfile.MkdirAll(deep)) // Twice is safe.
	for _, dir := range []string{filepath.Join(shared, "a"), filepath.Join(shared, "a", "b"), deep} {
		private(t, dir)
	}
	created, err := ownfile.Create(filepath.Join(shared, "created"))
	must(t, err)
	temp, err := ownfile.Temp(shared, "draft-*.txt")
	must(t, err)
	for _, f := range []*os.File{created, temp} {
		_, err := f.WriteString("secret")
		must(t, errors.Join(err, f.Sync(), f.Close()))
		private(t, f.Name())
		if text, err := os.ReadFile(f.Name()); err != nil || string(text) != "secret" {
			t.Errorf("%s holds %q, %v", f.Name(), text, err)
		}
	}
	if name := filepath.Base(temp.Name()); !strings.HasPrefix(name, "draft-") || !strings.HasSuffix(name, ".txt") || filepath.Dir(temp.Name()) != shared {
		t.Errorf("the temporary file is %s", temp.Name())
	}
	dir, err := ownfile.MkdirTemp(shared, "work-")
	must(t, err)
	private(t, dir)
	if name := filepath.Base(dir); !strings.HasPrefix(name, "work-") || name == "work-" {
		t.Errorf("the temporary directory is %s", dir)
	}
}

func TestTwoNamesAreTwo(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for range 50 {
		f, err := ownfile.Temp(dir, "x")
		must(t, err)
		must(t, f.Close())
		sub, err := ownfile.MkdirTemp(dir, "x")
		must(t, err)
		if seen[f.Name()] || seen[sub] {
			t.Fatalf("%s or %s was there already", f.Name(), sub)
		}
		seen[f.Name()], seen[sub] = true, true
	}
	f, err := ownfile.Temp("", "ownfile-test-*")
	must(t, err)
	must(t, errors.Join(f.Close(), os.Remove(f.Name())))
}

// What is appended to is made once, for its owner alone, and stays as it is
// after that.
func TestAppend(t *testing.T) {
	shared := t.TempDir()
	ownfiletest.Share(t, shared, 0)
	path := filepath.Join(shared, "log")
	for range 2 {
		f, err := ownfile.Append(path)
		must(t, err)
		_, err = f.WriteString("line\n")
		must(t, errors.Join(err, f.Close()))
		private(t, path)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "line\nline\n" {
		t.Errorf("it holds %q, %v", text, err)
	}
	ownfiletest.Share(t, path, 0)
	f, err := ownfile.Append(path)
	must(t, err)
	must(t, f.Close())
	if others, err := ownfile.OthersMayRead(path); !others || err != nil {
		t.Errorf("others may read what was shared: %v, %v", others, err)
	}
	if _, err := ownfile.Append(shared); err == nil {
		t.Error("a directory is opened for appending")
	}
	if _, err := ownfile.Append(filepath.Join(shared, "none", "log")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where no directory is: %v", err)
	}
}

func TestNothingIsReplaced(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	must(t, os.WriteFile(there, []byte("precious"), 0o600))
	if _, err := ownfile.Create(there); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a file: %v", err)
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "precious" {
		t.Errorf("the file now holds %q, %v", text, err)
	}
	if err := ownfile.MkdirAll(there); err == nil {
		t.Error("a file is taken for a directory")
	}
	if err := ownfile.MkdirAll(filepath.Join(there, "below")); err == nil {
		t.Error("a directory is made below a file")
	}
	if _, err := ownfile.Create(filepath.Join(dir, "none", "file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Create where no directory is: %v", err)
	}
	if _, err := ownfile.Temp(filepath.Join(dir, "none"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Temp where no directory is: %v", err)
	}
	if _, err := ownfile.MkdirTemp(filepath.Join(dir, "none"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("MkdirTemp where no directory is: %v", err)
	}
}

// A directory that is there keeps the access that somebody gave it.
func TestADirectoryStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	ownfiletest.Share(t, dir, 0)
	must(t, ownfile.MkdirAll(dir))
	if others, err := ownfile.OthersMayWrite(dir); !others || err != nil {
		t.Errorf("others may write: %v, %v", others, err)
	}
}

func TestADirectoryThatIsShared(t *testing.T) {
	dir := t.TempDir()
	ownfiletest.Share(t, dir, fs.ModeSticky)
	if others, err := ownfile.OthersMayWrite(dir); !others || err != nil {
		t.Errorf("others may write: %v, %v", others, err)
	}
}

func TestRestrict(t *testing.T) {
	ownfiletest.NotOnWine(t, "takes no right away from a file that is there")
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	must(t, ownfile.Restrict(file))
	private(t, file)
	ownfiletest.Share(t, file, 0)
	if others, err := ownfile.OthersMayRead(file); !others || err != nil {
		t.Errorf("others may read what is shared: %v, %v", others, err)
	}
	must(t, ownfile.Restrict(file))
	must(t, ownfile.Restrict(file)) // Twice is safe.
	private(t, file)
}

// What cannot be looked at is told, and never taken for private.
func TestWhatIsNotThere(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	if _, err := ownfile.OthersMayRead(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OthersMayRead: %v", err)
	}
	if _, err := ownfile.OthersMayWrite(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OthersMayWrite: %v", err)
	}
	if err := ownfile.Restrict(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Restrict: %v", err)
	}
}
