package command

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// replaceFile puts a file there whole or not at all. Windows replaces a file by
// a rename, but does not promise that the rename survives a loss of power.
func replaceFile(path string, data []byte) error {
	f, err := ownfile.Temp(filepath.Dir(path), ".slipway-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
