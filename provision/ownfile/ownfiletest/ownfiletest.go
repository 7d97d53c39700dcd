// Package ownfiletest makes what package ownfile has to find: files and
// directories that are not their owner's alone, and links.
package ownfiletest

import (
	"io/fs"
	"os"
	"testing"
)

// Share lets everybody do everything with a file or a directory. More is added
// to its mode, where there are modes.
func Share(t *testing.T, path string, more fs.FileMode) {
	t.Helper()
	if err := share(path, more); err != nil {
		t.Fatalf("share %s: %v", path, err)
	}
}

// Symlink makes a symbolic link, or skips the test aloud where this user may
// make none, as on Windows without the developer mode.
func Symlink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Skipf("SKIPPED ALOUD: this user may make no symbolic links here (on Windows turn the developer mode on): %v", err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skipf("SKIPPED ALOUD: this system says that it made a symbolic link, and did not: %v", err)
	}
}

// NotOnWine skips the test aloud where Windows is an emulated one that lacks
// what the test is about.
func NotOnWine(t *testing.T, lacks string) {
	t.Helper()
	if onWine() {
		t.Skip("SKIPPED ALOUD: Wine " + lacks)
	}
}
