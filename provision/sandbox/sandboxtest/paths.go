package sandboxtest

import (
	"path/filepath"
	"regexp"
	"sync"
)

var backslash = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\w.\]])\\([\w.])`) })

// Slashes writes the paths in what was shown to a person as they are on Unix,
// so that one golden is right on every system. It changes nothing there, and no
// backslash that stands before a quote or a space.
func Slashes(text string) string {
	if filepath.Separator == '/' {
		return text
	}
	for range 2 { // A name of one letter stands between two.
		text = backslash().ReplaceAllString(text, "$1/$2")
	}
	return text
}
