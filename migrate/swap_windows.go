package migrate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// swap puts a file there whole or not at all. Windows replaces a file by a
// rename, but does not promise that the rename survives a loss of power.
func swap(path string, content []byte, _ fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".slipway-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
