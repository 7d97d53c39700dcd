package guard

import (
	"regexp"
	"sync"
)

// pattern is compiled when it is first asked for, so that a start that needs
// none does not pay for it.
type pattern func() *regexp.Regexp

func lazy(text string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// MatchString reports whether the pattern matches s.
func (p pattern) MatchString(s string) bool { return p().MatchString(s) }

// FindStringSubmatch is what the pattern and its groups caught in s, or nil.
func (p pattern) FindStringSubmatch(s string) []string { return p().FindStringSubmatch(s) }
