package handover

import "io/fs"

// writableByOthers cannot be told from the mode bits that Windows gives; files
// in a user's own profile are private there by default.
func writableByOthers(fs.FileInfo) bool { return false }

// readableByOthers cannot be told from the mode bits either.
func readableByOthers(fs.FileInfo) bool { return false }

// syncDirectory has no counterpart on Windows, where a new name is durable
// with its file.
func syncDirectory(string) error { return nil }
