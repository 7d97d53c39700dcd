package tofu

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
