package command

import (
	"io"
	"strings"

	"github.com/nullplatform/slipway/ui/view"
)

// canvasFor is what a stream can show: its width, its alphabet, its colours.
func canvasFor(e Edge, c *commonFlags, w io.Writer) view.Canvas {
	width, isTerminal := terminal(w)
	if !isTerminal {
		width = 100
	}
	return view.NewCanvas(max(40, min(width, 120)), utf8Locale(e), isTerminal && !noColor(e, c))
}

func noColor(e Edge, c *commonFlags) bool {
	return c.noColor || c.plain || e.Env("NO_COLOR") != "" || e.Env("TERM") == "dumb"
}

// utf8Locale reports whether the locale is one of UTF-8; without any locale
// the answer is yes, as every terminal of today.
func utf8Locale(e Edge) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := e.Env(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}
