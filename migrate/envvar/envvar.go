// Package envvar reads an environment that was handed over as os.Environ gives
// it, by the rules of the system: Windows takes PATH and Path for one name, and
// writes the second.
package envvar

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Value gives a variable, or empty. The last one counts.
func Value(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(environ[i], "="); ok && canonical(k) == canonical(name) {
			return v
		}
	}
	return ""
}

// Without is the environment less the variables whose names drop says yes to.
// On Windows drop is given the names in upper case, in which all programs know
// them; the environment itself stays as it was.
func Without(environ []string, drop func(name string) bool) []string {
	var out []string
	for _, v := range environ {
		if name, _, _ := strings.Cut(v, "="); !drop(canonical(name)) {
			out = append(out, v)
		}
	}
	return out
}

// Program is the name of the file of a program: on Windows it ends in .exe.
func Program(name string) string { return name + programEnding }

// Look finds a program on the PATH of an environment, which need not be that of
// this process. Relative entries of the PATH are passed over, and so is what
// cannot be run. On Windows it finds NAME.exe alone: a batch file reads its
// arguments by rules of its own.
func Look(environ []string, name string) (path string, err error) {
	for _, dir := range filepath.SplitList(Value(environ, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, Program(name))
		if info, err := os.Stat(path); err == nil && runnable(info) {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s on the PATH", name)
}
