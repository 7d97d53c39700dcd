// Package ownfile makes files and directories for their owner alone, and tells
// of those that are there whether they are.
//
// On Unix that is modes 0600 and 0700. Windows has no modes: what Go makes there
// has whatever access its directory hands down, and on a disk of data that is
// every user of the machine. There each file and directory gets an access list
// of its own, from the moment it is there: this user, the system and its
// administrators, and nothing from above.
package ownfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Create makes a file that is not there, for reading and writing. It fails with
// fs.ErrExist when something has that name, be it a link to nothing.
func Create(path string) (*os.File, error) { return create(path) }

// Append opens a file for writing at its end, and makes it if it is not there.
// One that is there keeps the access that it has.
func Append(path string) (*os.File, error) {
	f, err := create(path)
	switch {
	case err == nil:
		err = f.Close() // It was not opened for appending.
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
}

// Temp makes a file of a name that nothing has, as [os.CreateTemp] does.
func Temp(dir, pattern string) (*os.File, error) { return temp(dir, pattern) }

// MkdirTemp makes a directory of a name that nothing has, as [os.MkdirTemp]
// does. On Windows what is made in it is for its owner alone too.
func MkdirTemp(dir, pattern string) (string, error) { return mkdirTemp(dir, pattern) }

// MkdirAll makes a directory and those above it that are missing. One that is
// there stays as it is. Twice is safe.
func MkdirAll(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	err = mkdir(path)
	if err != nil {
		// Somebody else may have been faster.
		if info, look := os.Stat(path); look == nil && info.IsDir() {
			return nil
		}
	}
	return err
}

// Restrict takes a file that is there from everybody else. Twice is safe.
func Restrict(path string) error { return restrict(path) }

// OthersMayWrite reports whether somebody else could replace a file in the
// directory. It fails when that cannot be told.
func OthersMayWrite(dir string) (bool, error) { return othersMayWrite(dir) }

// OthersMayRead reports whether somebody else could read a file, as on a file
// system that does not keep who may. It fails when that cannot be told.
func OthersMayRead(file string) (bool, error) { return othersMayRead(file) }
