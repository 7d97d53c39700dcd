package handover

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// newFile is a path where nothing is yet, and where a file is going to be that
// only its owner can read. It keeps three rules: what is there is never
// replaced, no link is followed, and the file is there whole or not at all.
type newFile struct {
	path string
	disk disk
}

// newFileAt fails for a path that cannot be made absolute.
func newFileAt(path string) (newFile, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return newFile{}, fmt.Errorf("find the handover file %s: %w", path, err)
	}
	return newFile{path: abs, disk: systemDisk{}}, nil
}

// check refuses a path where something exists already, even a dangling link,
// and a directory in which others could put a file of theirs in its place or
// which does not take a private file.
func (f newFile) check() error {
	info, err := f.disk.look(f.path)
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

func (f newFile) checkDirectory() error {
	dir := filepath.Dir(f.path)
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return problem(fmt.Sprintf("is in %s, which cannot be used: %v", dir, err), "make the directory first, or name another path")
	case !info.IsDir():
		return problem(fmt.Sprintf("is in %s, which is not a directory", dir), "name another path")
	}
	switch others, err := ownfile.OthersMayWrite(dir); {
	case err != nil:
		return problem(fmt.Sprintf("is in %s, and who may write there cannot be told: %v", dir, err), "name a path on another disk")
	case others:
		return problem(fmt.Sprintf("is in %s, to which other users may write", dir), wayFromShared(dir))
	}
	return f.rehearse(dir)
}

// rehearsal is about as much as there will be to write: a full disk takes a
// new name, but not what belongs under it.
const rehearsal = 4096

// rehearse does what write will do, with nothing of value, and leaves nothing.
func (f newFile) rehearse(dir string) error {
	d, _, err := f.stage(bytes.Repeat([]byte("\n"), rehearsal))
	if err != nil {
		err = problem(fmt.Sprintf("is in %s, where you cannot write: %v", dir, err), "name another path")
	}
	if err == nil {
		// What cannot be told counts as exposed.
		if exposed, look := f.disk.exposed(d); exposed || look != nil {
			err = problem(fmt.Sprintf("is in %s, whose file system lets other users read every file", dir), "name a path on another disk")
		}
	}
	var second string
	if err == nil {
		second = d + ".link"
		if linkErr := f.disk.link(d, second); linkErr != nil {
			err = problem(fmt.Sprintf("is in %s, whose file system cannot put a file in its place whole: %v", dir, linkErr), "name a path on another disk")
		}
	}
	if left := errors.Join(f.removeIfThere(second), f.removeIfThere(d)); err == nil && left != nil {
		return problem(fmt.Sprintf("is in %s, where files cannot be removed again: %v", dir, left), "name another path")
	}
	return err
}

// write puts the content under the path.
//
//  1. write and flush a draft that only the owner can read
//  2. give it its name, which fails if something has that name by now
//  3. take the draft's name away
//  4. read the file back and compare
//  5. flush the directory, so that the name survives a crash
//
// Whatever fails, nothing of the content is left; if that fails too, the error
// names the file that has to be removed.
func (f newFile) write(content []byte) error {
	d, own, err := f.stage(content)
	if err == nil {
		err = f.publish(d, own, content)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, errors.Join(err, f.withdraw(own), f.removeIfThere(d)))
	}
	return nil
}

// stage writes a draft beside the path. It gives the draft's name and identity
// as far as it came to them, also when it fails.
func (f newFile) stage(content []byte) (name string, own fs.FileInfo, err error) {
	d, err := f.disk.draft(filepath.Dir(f.path))
	if err != nil {
		return "", nil, err
	}
	own, err = d.Stat()
	if err == nil {
		_, err = bytes.NewReader(content).WriteTo(d)
	}
	if err == nil {
		err = d.Sync()
	}
	return d.Name(), own, errors.Join(err, d.Close())
}

func (f newFile) publish(d string, own fs.FileInfo, content []byte) error {
	if err := f.disk.link(d, f.path); err != nil {
		return err
	}
	if err := f.removeIfThere(d); err != nil {
		return err
	}
	if err := f.verify(own, content); err != nil {
		return err
	}
	return f.disk.flush(filepath.Dir(f.path))
}

// verify fails unless the path leads to the file that was written, and that
// file holds the content.
func (f newFile) verify(own fs.FileInfo, content []byte) (err error) {
	file, err := f.disk.open(f.path)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if !os.SameFile(own, info) {
		return errors.New("read back: another file has taken its place; see who else writes to that directory")
	}
	got, err := io.ReadAll(io.LimitReader(file, int64(len(content))+1))
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if subtle.ConstantTimeCompare(got, content) != 1 {
		return errors.New("read back: the file does not hold what was written; the disk cannot be trusted, name a path on another")
	}
	return nil
}

// withdraw removes the path if it is the file that was written, even if giving
// it that name was said to have failed, as network file systems can. A file of
// somebody else stays.
func (f newFile) withdraw(own fs.FileInfo) error {
	if own == nil {
		return nil
	}
	info, err := f.disk.look(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("it may be left at %s: %w", f.path, err)
	case !os.SameFile(own, info):
		return nil
	}
	return f.removeIfThere(f.path)
}

func (f newFile) removeIfThere(path string) error {
	if path == "" {
		return nil
	}
	if err := f.disk.remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s, which is left behind: %w", path, err)
	}
	return nil
}
