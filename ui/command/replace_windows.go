package command

import "os"

// replaceFile writes the file; Windows has no rename that replaces and is sure
// to survive a crash.
func replaceFile(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }
