//go:build unix

package envvar

import "io/fs"

const programEnding = ""

func canonical(name string) string { return name }

func runnable(info fs.FileInfo) bool { return info.Mode().IsRegular() && info.Mode()&0o111 != 0 }
