//go:build unix

package handover

import (
	"errors"
	"fmt"
	"os"
)

// syncDirectory makes a new name survive a crash.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("flush directory %s: %w", path, err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("flush directory %s: %w", path, err)
	}
	return nil
}

// wayFromShared is the way out of a directory to which others may write.
func wayFromShared(dir string) string {
	return "use a directory of your own, or take the right away (chmod go-w " + dir + ")"
}
