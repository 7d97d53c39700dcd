package wizard

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/view"
)

// layout is where everything goes. From lowRows rows up it looks like this;
// below, the blank lines are left out:
//
//	slipway  install · demo · 123456789012 us-east-1        sandbox fresh
//
//	✓ Account   ● Destinations   ○ Details   ○ Preview   ○ Apply   ○ Summary
//
//	Title
//	One sentence of why, in one or two lines.
//
//	the page: pinned lines, then those that scroll
//
//	keys                                                  lines 1–9 of 30
//
// What does not fit is cut, so that a frame is always exactly the terminal.
type layout struct {
	canvas        view.Canvas
	width, height int
	head          []string
	page          page
	foot          []string
	// low leaves the blank lines out, tight all but one line of words too.
	low, tight bool
	// room is how many lines are left for those that scroll.
	room int
}

// The smallest terminal that the wizard can be used on.
const (
	minWidth  = 40
	minHeight = 12
)

const (
	lowRows   = 20
	tightRows = 16
	margin    = 1
	// maxText is how wide text runs before it becomes hard to read.
	maxText = 100
)

func (r *router) tooSmall() bool { return r.width < minWidth || r.height < minHeight }

// layout works the frame out.
func (r *router) layout() layout {
	c := r.s.canvas
	l := layout{canvas: c, width: r.width, height: r.height, low: r.height < lowRows, tight: r.height < tightRows}
	if r.tooSmall() {
		return l
	}
	c.Width = min(r.width-2*margin, maxText)
	sc := r.current()
	a := sc.about()
	bindings := r.shownKeys(sc)
	l.page = sc.page(r.pageCanvas(c, sc))
	if r.help {
		a.title, a.why = "Help: "+a.title, ""
		l.page = helpPage(c, sc, r.s.arrows(), r.mayGoBack())
	}
	l.head = r.headLines(c, a, l)
	l.foot = keyLines(c, bindings)
	l.measure()
	if l.overflows() {
		l.foot = keyLines(c, r.withScrolling(sc, bindings))
		l.measure()
	}
	return l
}

// measure finds out how many lines the page has.
func (l *layout) measure() {
	rest := l.height - len(l.head) - len(l.foot)
	if !l.low {
		rest-- // The blank line above the keys, which tells how far down one is.
	}
	const least = 2
	l.page.pinned = l.page.pinned[:max(0, min(len(l.page.pinned), rest-least))]
	l.room = max(0, rest-len(l.page.pinned))
	left := l.room - len(l.page.below)
	if left < 2*least || l.page.spare && left < len(l.page.lines) {
		l.page.below = nil
	}
	l.room -= len(l.page.below)
}

// blankBelow is how many blank lines stand above the keys.
func (l layout) blankBelow() int {
	if l.low || l.page.below == nil {
		return 0
	}
	return 1
}

func (l layout) overflows() bool { return len(l.page.lines) > l.room }

// withScrolling adds the keys that scroll: first where a screen is to be read,
// behind the screen's own where it needs the arrows itself.
func (r *router) withScrolling(sc screen, bindings []key.Binding) []key.Binding {
	if r.help || !sc.typing() && !takes(sc, "up") {
		return append([]key.Binding{moveKeys(r.s.arrows())}, bindings...)
	}
	if takes(sc, "pgdown") {
		return bindings
	}
	own := len(enabled(sc.keys()))
	return slices.Insert(slices.Clone(bindings), own, bind("pgdn", "more", "pgdown"))
}

// takes reports whether a screen has a use of its own for a key.
func takes(sc screen, name string) bool {
	for _, b := range enabled(sc.keys()) {
		if slices.Contains(b.Keys(), name) {
			return true
		}
	}
	return false
}

// shownKeys are the screen's keys and the router's.
func (r *router) shownKeys(sc screen) []key.Binding {
	if r.help {
		return []key.Binding{bind("esc", "close help", "esc"), quitKey("leave")}
	}
	out := enabled(sc.keys())
	leaves := true // Unless the screen has a word of its own for leaving.
	for _, b := range out {
		leaves = leaves && b.Help().Key != "ctrl+c" && !strings.HasPrefix(b.Help().Desc, "leave")
	}
	var last []key.Binding
	if r.mayGoBack() && !takes(sc, "esc") {
		last = append(last, backKey())
	}
	last = append(last, helpKey(sc.typing()))
	if leaves {
		last = append(last, quitKey("leave"))
	}
	return append(out, last...)
}

// headLines are the lines above the page.
func (r *router) headLines(c view.Canvas, a about, l layout) []string {
	var out []string
	add := func(lines ...string) { out = append(out, lines...) }
	gap := func() {
		if !l.low {
			add("")
		}
	}
	add(r.banner())
	gap()
	if len(r.flow.stops()) > 0 {
		add(r.steps(a.stage))
		gap()
	}
	words := 2
	if l.tight {
		words = 1
	}
	title := titleLines(c, a)
	add(atMost(words, title)...)
	if a.why != "" {
		add(shortened(c, wrap(a.why, c.Width), words)...)
	}
	gap()
	return out
}

// shortened gives the first so many lines, with a mark where there are more.
func shortened(c view.Canvas, lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	out := append([]string(nil), lines[:most]...)
	cutAt := c.Width - ansi.StringWidth(c.Glyphs.Ellipsis)
	out[most-1] = ansi.Truncate(out[most-1], cutAt, "") + c.Glyphs.Ellipsis
	return out
}

// titleLines put the mark beside the title, or below where it does not fit.
func titleLines(c view.Canvas, a about) []string {
	title := c.Theme.Title.Render(ansi.Truncate(a.title, c.Width, c.Glyphs.Ellipsis))
	gap := c.Width - ansi.StringWidth(title) - ansi.StringWidth(a.mark)
	switch {
	case a.mark == "":
		return []string{title}
	case gap < 2:
		return append([]string{title}, wrap(a.mark, c.Width)...)
	}
	return []string{title + strings.Repeat(" ", gap) + a.mark}
}

// banner says what this is and what it is about.
func (r *router) banner() string {
	c, s := r.s.canvas, r.s
	width := r.width - 2*margin
	var words []string
	if r.flow.name != "" {
		words = append(words, r.flow.name)
	}
	if n := s.cluster(); n != "" && r.flow.name != "" {
		words = append(words, view.Inert(n))
	}
	if at := s.identity.Place; at.Account != "" {
		words = append(words, view.Inert(at.Account+" "+at.Region))
	}
	left := strings.TrimRight("slipway  "+strings.Join(words, " "+c.Glyphs.Bullet+" "), " ")
	right := ""
	if s.opts.Sandbox != "" {
		right = "sandbox " + view.Inert(s.opts.Sandbox)
		if ansi.StringWidth(left)+len(right)+2 > width {
			right = "sandbox"
		}
	}
	left = ansi.Truncate(left, width-ansi.StringWidth(right)-2, c.Glyphs.Ellipsis)
	gap := max(1, width-ansi.StringWidth(left)-ansi.StringWidth(right))
	if rest, ok := strings.CutPrefix(left, "slipway"); ok {
		left = c.Theme.Accent.Render("slipway") + rest
	}
	return left + strings.Repeat(" ", gap) + c.Theme.Warning.Render(right)
}

// steps is the step bar: all of it where there is room, else where one stands.
func (r *router) steps(now stage) string {
	c := r.s.canvas
	names := r.flow.stops()
	at := slices.Index(names, now)
	var parts []string
	for i, name := range names {
		switch {
		case i < at:
			parts = append(parts, c.Theme.Success.Render(c.Glyphs.Done)+" "+string(name))
		case i == at:
			parts = append(parts, c.Theme.Selected.Render(c.Glyphs.Running+" "+string(name)))
		default:
			parts = append(parts, c.Theme.Muted.Render(c.Glyphs.Waiting+" "+string(name)))
		}
	}
	for _, gap := range []string{"   ", "  "} {
		if bar := strings.Join(parts, gap); ansi.StringWidth(bar) <= r.width-2*margin {
			return bar
		}
	}
	return fmt.Sprintf("step %d of %d  %s", at+1, len(names),
		c.Theme.Selected.Render(c.Glyphs.Running+" "+string(now)))
}

// keyLines are the keys in as many lines as they need.
func keyLines(c view.Canvas, bindings []key.Binding) []string {
	sep := c.Theme.Muted.Render(" " + c.Glyphs.Bullet + " ")
	var lines []string
	line := ""
	for _, b := range bindings {
		h := b.Help()
		item := c.Theme.Key.Render(h.Key) + " " + c.Theme.Muted.Render(h.Desc)
		switch {
		case line == "":
			line = item
		case ansi.StringWidth(line)+ansi.StringWidth(sep)+ansi.StringWidth(item) <= c.Width:
			line += sep + item
		default:
			lines = append(lines, line)
			line = item
		}
	}
	lines = append(lines, line)
	if most := 3; len(lines) > most {
		// The last keys are the way out.
		lines = append(lines[:most-1], lines[len(lines)-1])
	}
	return lines
}

// draw puts the frame together.
func (l layout) draw(s *scroll) string {
	if l.page.lines == nil && l.head == nil {
		return l.drawTooSmall()
	}
	s.settle(l.page, l.room)
	lines := append([]string(nil), l.head...)
	lines = append(lines, l.page.pinned...)
	end := min(len(l.page.lines), s.offset+l.room)
	lines = append(lines, l.page.lines[s.offset:end]...)
	for len(lines) < l.height-len(l.foot)-len(l.page.below)-l.blankBelow() {
		lines = append(lines, "")
	}
	lines = append(lines, l.page.below...)
	for len(lines) < l.height-len(l.foot) {
		lines = append(lines, "")
	}
	foot := append([]string(nil), l.foot...)
	if l.overflows() {
		where := fmt.Sprintf("%d-%d of %d", s.offset+1, end, len(l.page.lines))
		if l.low {
			foot[len(foot)-1] = flushRight(l.canvas, foot[len(foot)-1], where, l.width-2*margin)
		} else {
			lines[len(lines)-1] = flushRight(l.canvas, "", where, l.width-2*margin)
		}
	}
	return fit(l.canvas, append(lines, foot...), l.width, l.height)
}

func (l layout) drawTooSmall() string {
	return fit(l.canvas, []string{
		"too small", fmt.Sprintf("needs %d x %d, has %d x %d", minWidth, minHeight, l.width, l.height), "ctrl+c leave",
	}, l.width, l.height)
}

// flushRight puts a mark at the end of a line, if there is room for it.
func flushRight(c view.Canvas, line, mark string, width int) string {
	gap := width - ansi.StringWidth(line) - len(mark)
	if gap < 2 && line != "" {
		return line
	}
	return line + strings.Repeat(" ", max(0, gap)) + c.Theme.Muted.Render(mark)
}

// fit cuts and fills lines to exactly width by height cells.
func fit(c view.Canvas, lines []string, width, height int) string {
	var b strings.Builder
	for i := range height {
		if i > 0 {
			b.WriteByte('\n')
		}
		line := ""
		if i < len(lines) && lines[i] != "" {
			line = strings.Repeat(" ", margin) + lines[i]
		}
		if ansi.StringWidth(line) > width {
			line = ansi.Truncate(line, width, c.Glyphs.Ellipsis)
		}
		b.WriteString(line)
		b.WriteString(strings.Repeat(" ", max(0, width-ansi.StringWidth(line))))
	}
	return b.String()
}
