package envvar

import (
	"io/fs"
	"strings"
)

const programEnding = ".exe"

// canonical is the name in upper case: names that differ in case alone are one.
// https://learn.microsoft.com/windows/win32/procthread/environment-variables
func canonical(name string) string { return strings.ToUpper(name) }

// runnable asks for no mode: Windows has none, and runs a file for its name.
func runnable(info fs.FileInfo) bool { return info.Mode().IsRegular() }
