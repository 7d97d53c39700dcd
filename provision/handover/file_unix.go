//go:build !windows

package handover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const (
	groupMayWrite = 0o020
	allMayWrite   = 0o002
)

// writableByOthers reports whether somebody else could replace a file in the
// directory: everybody, its group, or an owner who is neither this user nor
// root. The sticky bit forbids replacing, yet a secret has no place in a
// directory that is shared. A group that is the user's own, as many systems
// give each user, is nobody else.
func writableByOthers(dir fs.FileInfo) bool {
	mode := dir.Mode().Perm()
	if mode&allMayWrite != 0 {
		return true
	}
	stat, ok := dir.Sys().(*syscall.Stat_t)
	if !ok {
		return mode&groupMayWrite != 0
	}
	me := os.Getuid()
	if owner := int(stat.Uid); owner != me && owner != 0 {
		return true
	}
	return mode&groupMayWrite != 0 && int(stat.Gid) != me
}

// readableByOthers reports whether a file that was made for its owner alone is
// not: some file systems, such as FAT, give every file the same mode.
func readableByOthers(file fs.FileInfo) bool { return file.Mode().Perm()&0o077 != 0 }

// syncDirectory makes a new name survive a crash.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("flush directory %s: %w", path, err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("flush directory %s: %w", path, err)
	}
	return nil
}
