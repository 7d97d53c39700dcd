package tofu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// private is a directory that only this person can look into, for files that
// hold secrets.
type private struct{ dir string }

// privatePrefix begins the names of private directories.
const privatePrefix = "slipway-tofu-"

// newPrivate makes one within another directory, or, without one, where
// temporary files go.
func newPrivate(parent string) (*private, error) {
	dir, err := ownfile.MkdirTemp(parent, privatePrefix)
	if err != nil {
		return nil, fmt.Errorf("make a private directory: %w; set %s to one that can be written", err, tempVariable)
	}
	return &private{dir: dir}, nil
}

// Sweep removes what runs that were killed have left in the directory that was
// their [Options.Private]. No run may be going on there. Twice is safe.
func Sweep(parent string) error {
	// Not by a pattern of paths: the parent's own name may look like one.
	left, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep %s: %w", parent, err)
	}
	var errs []error
	for _, e := range left {
		if strings.HasPrefix(e.Name(), privatePrefix) {
			errs = append(errs, (&private{dir: filepath.Join(parent, e.Name())}).remove())
		}
	}
	return errors.Join(errs...)
}

// path is where a file of the directory is or would be.
func (p *private) path(name string) string { return filepath.Join(p.dir, name) }

// file makes an empty file that only this person can read, and gives its path.
func (p *private) file(name string) (string, error) {
	return p.path(name), p.write(name, nil)
}

// write makes a new file with the content.
func (p *private) write(name string, content []byte) error {
	return writeNew(p.path(name), content)
}

// numbered makes a new file to be written to, under the name and a number:
// several commands may write one of that name.
func (p *private) numbered(name string) (*os.File, error) {
	f, err := ownfile.Temp(p.dir, name+"-")
	if err != nil {
		return nil, fmt.Errorf("write a file in %s: %w", p.dir, err)
	}
	return f, nil
}

// remove removes the directory and all in it. Twice is safe. What could not be
// removed is named, since it may hold a secret.
func (p *private) remove() error {
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("remove %s, which may hold secrets: %w; remove it by hand", p.dir, err)
	}
	return nil
}

// writeNew writes a file that was not there, whole on disk when it returns, for
// its owner alone.
func writeNew(path string, content []byte) error {
	f, err := ownfile.Create(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(path)))
	}
	return nil
}
