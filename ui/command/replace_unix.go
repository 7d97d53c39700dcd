//go:build !windows

package command

import "github.com/google/renameio/v2"

// replaceFile puts the file there whole or not at all.
func replaceFile(path string, data []byte) error { return renameio.WriteFile(path, data, 0o600) }
