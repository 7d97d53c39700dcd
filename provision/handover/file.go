package handover

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nullplatform/slipway/provision"
)

// File is a new file that only its owner can read.
type File struct{ path string }

// NewFile names the file. It fails for a path that cannot be made absolute.
func NewFile(path string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the handover file %s: %w", path, err)
	}
	return &File{path: abs}, nil
}

// String is the path.
func (f *File) String() string { return "file " + f.path }

// Check refuses a path where something exists already, even a dangling link,
// and a directory in which others could put a file of theirs in its place.
func (f *File) Check(context.Context) error {
	info, err := os.Lstat(f.path)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return problem(fmt.Sprintf("%s is a symbolic link, and a secret must not follow one", f.path), "name a path where nothing is")
	case err == nil:
		return problem(fmt.Sprintf("%s exists already, and is not overwritten", f.path), "move it away or name another path")
	case !errors.Is(err, fs.ErrNotExist):
		return problem(fmt.Sprintf("%s cannot be looked at: %v", f.path, err), "name another path")
	}
	return f.checkDirectory()
}

func (f *File) checkDirectory() error {
	dir := filepath.Dir(f.path)
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return problem(fmt.Sprintf("is in %s, which cannot be used: %v", dir, err), "make the directory first, or name another path")
	case !info.IsDir():
		return problem(fmt.Sprintf("is in %s, which is not a directory", dir), "name another path")
	case writableByOthers(info):
		return problem(fmt.Sprintf("is in %s, to which other users may write", dir),
			fmt.Sprintf("use a directory of your own, or take the right away (chmod go-w %s)", dir))
	}
	return tryWrite(dir)
}

// tryWrite finds out whether the directory takes a file, and leaves none.
func tryWrite(dir string) error {
	probe, err := os.CreateTemp(dir, ".slipway-*")
	if err != nil {
		return problem(fmt.Sprintf("is in %s, to which you may not write: %v", dir, err), "name another path")
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if err != nil {
		return problem(fmt.Sprintf("is in %s, where files cannot be removed again: %v", dir, err), "name another path")
	}
	return nil
}

// Put writes the file under another name and links it into its place, so that
// it is there whole or not at all, and an existing file is never replaced.
//
//  1. write and flush a file that only the owner can read
//  2. give it its name, which fails if something has that name by now
//  3. flush the directory, so that the name survives a crash
func (f *File) Put(_ context.Context, c provision.Credentials) (err error) {
	dir := filepath.Dir(f.path)
	tmp, err := os.CreateTemp(dir, ".slipway-*") // 0600 from the start
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	defer func() {
		err = errors.Join(err, removeIfThere(tmp.Name()))
	}()
	_, err = tmp.WriteString(Dotenv(c))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if err := os.Link(tmp.Name(), f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return syncDirectory(dir)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return nil
}
