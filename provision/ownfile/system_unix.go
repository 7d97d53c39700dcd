//go:build unix

package ownfile

import (
	"os"
	"syscall"
)

const (
	ownFile      = 0o600
	ownDirectory = 0o700

	groupMayWrite = 0o020
	allMayWrite   = 0o002
)

func create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, ownFile)
}

func temp(dir, pattern string) (*os.File, error) { return os.CreateTemp(dir, pattern) } // 0600 from the start

func mkdirTemp(dir, pattern string) (string, error) { return os.MkdirTemp(dir, pattern) }

func mkdir(path string) error { return os.Mkdir(path, ownDirectory) }

func restrict(path string) error { return os.Chmod(path, ownFile) }

// othersMayWrite finds everybody, the directory's group, or an owner who is
// neither this user nor root. The sticky bit forbids replacing, yet a secret
// has no place in a directory that is shared. A group that is the user's own,
// as many systems give each user, is nobody else.
func othersMayWrite(dir string) (bool, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	mode := info.Mode().Perm()
	if mode&allMayWrite != 0 {
		return true, nil
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return mode&groupMayWrite != 0, nil
	}
	me := os.Getuid()
	if owner := int(stat.Uid); owner != me && owner != 0 {
		return true, nil
	}
	return mode&groupMayWrite != 0 && int(stat.Gid) != me, nil
}

func othersMayRead(file string) (bool, error) {
	info, err := os.Lstat(file)
	return err == nil && info.Mode().Perm()&0o077 != 0, err
}
