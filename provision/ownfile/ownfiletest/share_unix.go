//go:build unix

package ownfiletest

import (
	"io/fs"
	"os"
)

// share sets the mode after the file was made: the umask does not count then.
func share(path string, more fs.FileMode) error { return os.Chmod(path, 0o777|more) }

func onWine() bool { return false }
