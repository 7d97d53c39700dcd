package view

import (
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// span is text of one style. Its text is made inert when it is drawn.
type span struct {
	style lipgloss.Style
	text  string
}

func plain(text string) span { return span{text: text} }

// page gathers the lines of one drawing and keeps the rules of the package for
// them.
type page struct {
	c     Canvas
	lines []string
	// copied is true where commands are to be copied out of the drawing.
	copied bool
}

// String is all lines, without empty ones at the end.
func (p *page) String() string {
	return strings.TrimRight(strings.Join(p.lines, "\n"), "\n")
}

// blank adds an empty line unless one is there, or nothing at all.
func (p *page) blank() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != "" {
		p.lines = append(p.lines, "")
	}
}

// line adds one line, cut to the canvas.
func (p *page) line(spans ...span) {
	for i := range spans {
		spans[i].text = Inert(spans[i].text)
	}
	for i := len(spans) - 1; i >= 0; i-- {
		if spans[i].text = strings.TrimRight(spans[i].text, " "); spans[i].text != "" {
			break
		}
	}
	var b strings.Builder
	for _, s := range p.c.fit(spans) {
		if s.text != "" {
			b.WriteString(s.style.Render(s.text))
		}
	}
	p.lines = append(p.lines, b.String())
}

// widthOf is how many cells spans take.
func widthOf(spans []span) int {
	total := 0
	for _, s := range spans {
		total += widest(s.text)
	}
	return total
}

// fit cuts spans to the width of the canvas, with a mark where they were cut.
func (c Canvas) fit(spans []span) []span {
	if widthOf(spans) <= c.Width {
		return spans
	}
	mark := c.Glyphs.Ellipsis
	if ansi.StringWidth(mark) >= c.Width {
		mark = ""
	}
	left := c.Width - ansi.StringWidth(mark)
	var out []span
	for _, s := range spans {
		w := ansi.StringWidth(s.text)
		if w > left {
			s.text = ansi.Truncate(s.text, left, "") + mark
			return append(out, s)
		}
		out, left = append(out, s), left-w
	}
	return out
}

// text adds wrapped paragraphs, one for each line of the text, indented.
func (p *page) text(indent int, style lipgloss.Style, s string) {
	for _, paragraph := range strings.Split(s, "\n") {
		p.hanging(plain(strings.Repeat(" ", indent)), style, strings.TrimSuffix(paragraph, "\r"))
	}
}

// behind is text behind a head.
func (p *page) behind(head span, s string) {
	first, rest, more := strings.Cut(s, "\n")
	p.hanging(head, lipgloss.NewStyle(), strings.TrimSuffix(first, "\r"))
	if more {
		p.text(widest(head.text), lipgloss.NewStyle(), rest)
	}
}

// hanging adds one paragraph behind a head; its further lines stand below the
// first.
func (p *page) hanging(head span, style lipgloss.Style, s string) {
	indent := widest(head.text)
	for _, l := range wrap(Inert(s), p.c.Width-indent) {
		p.line(head, span{style, l})
		head = plain(strings.Repeat(" ", indent))
	}
}

// cell is one column of a row. Its text wraps within its width.
type cell struct {
	span
	width int
	// rest is what stands in the column on the further lines of the row,
	// when the text is not to be wrapped into them.
	rest string
}

func column(width int, style lipgloss.Style, text string) cell {
	return cell{span: span{style, text}, width: width}
}

// row adds as many lines as its longest cell needs.
func (p *page) row(cells ...cell) {
	texts, height := make([][]string, len(cells)), 1
	for i, c := range cells {
		texts[i] = []string{Inert(c.text)}
		if c.rest == "" && ansi.StringWidth(texts[i][0]) > c.width {
			texts[i] = wrap(texts[i][0], c.width)
		}
		height = max(height, len(texts[i]))
	}
	for n := range height {
		var spans []span
		for i, c := range cells {
			text := c.rest
			if n < len(texts[i]) {
				text = texts[i][n]
			}
			pad := max(0, c.width-ansi.StringWidth(text))
			spans = append(spans, span{c.style, text}, plain(strings.Repeat(" ", pad)))
		}
		p.line(spans...)
	}
}

// widest is the width of the widest of some texts.
func widest(texts ...string) int {
	w := 0
	for _, t := range texts {
		w = max(w, ansi.StringWidth(Inert(t)))
	}
	return w
}

// pad fills text up with spaces.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-widest(text)))
}

// counted is a number with its noun in the right form.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
