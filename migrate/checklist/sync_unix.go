//go:build !windows

package checklist

import (
	"errors"
	"os"
)

// syncDirectory makes a new name survive a crash.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
