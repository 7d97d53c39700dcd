package tofu_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// private fails unless a file holds the secret and only its owner can read it.
func private(t *testing.T, path, secret string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", path, info.Mode())
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), secret) {
		t.Errorf("%s does not hold the secret, %v", path, err)
	}
}

// holding finds the files below a folder that hold the secret.
func holding(t *testing.T, dir, secret string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), secret) {
			rel, _ := filepath.Rel(dir, path)
			found = append(found, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
