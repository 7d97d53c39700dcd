package handover

import (
	"io"
	"io/fs"
	"os"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// disk is what writing a new file needs of the operating system. It stands
// between them so that tests can have it fail at every point.
type disk interface {
	// draft makes a file of a name that nothing has, for the owner alone.
	draft(dir string) (draft, error)
	// exposed reports whether somebody else could read a file that was made
	// for the owner alone.
	exposed(path string) (bool, error)
	// link gives a file another name. It fails with fs.ErrExist if something
	// has that name.
	link(from, to string) error
	open(path string) (fs.File, error)
	// look does not follow a symbolic link.
	look(path string) (fs.FileInfo, error)
	remove(path string) error
	// flush makes the names in a directory survive a crash.
	flush(dir string) error
}

// draft is a file under a name that is not its last.
type draft interface {
	io.WriteCloser
	Name() string
	Stat() (fs.FileInfo, error)
	Sync() error
}

// draftPattern is what the names of drafts have in common.
const draftPattern = ".slipway-*"

// systemDisk is the operating system's own.
type systemDisk struct{}

var _ disk = systemDisk{}

func (systemDisk) draft(dir string) (draft, error) {
	f, err := ownfile.Temp(dir, draftPattern)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (systemDisk) exposed(path string) (bool, error) { return ownfile.OthersMayRead(path) }

func (systemDisk) link(from, to string) error { return os.Link(from, to) }

func (systemDisk) open(path string) (fs.File, error) { return os.Open(path) }

func (systemDisk) look(path string) (fs.FileInfo, error) { return os.Lstat(path) }

func (systemDisk) remove(path string) error { return os.Remove(path) }

func (systemDisk) flush(dir string) error { return syncDirectory(dir) }
