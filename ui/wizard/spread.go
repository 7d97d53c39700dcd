package wizard

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/view"
)

// spread is a screen that can use more width than text runs well in.
type spread interface {
	// spreads reports whether it would, as things stand.
	spreads() bool
}

// Where two drawings fit beside each other, and how wide that gets.
const (
	spreadFrom = 120
	maxSpread  = 160
)

// pageCanvas is what a screen draws its page on.
func (r *router) pageCanvas(c view.Canvas, sc screen) view.Canvas {
	if s, ok := sc.(spread); ok && r.width >= spreadFrom && s.spreads() {
		c.Width = min(r.width-2*margin, maxSpread)
	}
	return c
}

// beside puts two columns of lines next to each other, the first so wide.
func beside(c view.Canvas, width int, left, right []string) []string {
	rule := c.Theme.Muted.Render(" " + c.Glyphs.Pipe + " ")
	var out []string
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out = append(out, strings.TrimRight(l+strings.Repeat(" ", max(0, width-ansi.StringWidth(l)))+rule+r, " "))
	}
	return out
}
