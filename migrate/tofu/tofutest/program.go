package tofutest

import (
	"errors"
	"io"
	"os"
	"runtime"
)

// Rename gives a program another name, and leaves it its old one. It is one
// file with two names where that can be; Windows removes no name of a program
// that runs, so there it is a copy.
func Rename(program, to string) error {
	if runtime.GOOS != "windows" && os.Symlink(program, to) == nil {
		return nil
	}
	in, err := os.Open(program)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, in.Close(), out.Close())
}
