//go:build !windows

package migrate

import (
	"io/fs"

	"github.com/google/renameio/v2"
)

// swap puts a file there whole or not at all, with the mode of the one that is
// there already.
func swap(path string, content []byte, mode fs.FileMode) error {
	return renameio.WriteFile(path, content, mode, renameio.WithExistingPermissions())
}
