package handover

import (
	"context"

	"github.com/nullplatform/slipway/provision"
)

// File is a new file that only its owner can read. A name that ends in .json
// makes it [JSON], any other makes it [Dotenv].
type File struct{ file newFile }

var _ Place = (*File)(nil)

// NewFile names the file. It fails for a path that cannot be made absolute.
func NewFile(path string) (*File, error) {
	f, err := newFileAt(path)
	if err != nil {
		return nil, err
	}
	return &File{file: f}, nil
}

// String is the path.
func (f *File) String() string { return "file " + f.file.path }

// Check refuses a path where something exists already, even a dangling link, a
// directory in which others could put a file of theirs in its place, and one
// that does not take a private file. It writes a trial file and removes it.
func (f *File) Check(context.Context) error { return f.file.check() }

// Put writes the file and reads it back. It is there whole or not at all, and
// an existing file is never replaced; then the error is an io/fs.ErrExist.
func (f *File) Put(_ context.Context, c provision.Credentials) error {
	return sealed(f.file.write([]byte(textFor(f.file.path, c))), c.Secret)
}
