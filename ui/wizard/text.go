package wizard

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/view"
)

// wrap breaks text into lines of at most width cells: between words, and
// within a word only when it is longer than a line. Line feeds are kept, all
// else is made inert.
func wrap(text string, width int) []string {
	width = max(1, width)
	var out []string
	for _, paragraph := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line := ""
		flush := func() { out, line = append(out, line), "" }
		for _, word := range strings.Fields(view.Inert(paragraph)) {
			if line != "" {
				room := width - ansi.StringWidth(line) - 1
				if head := markedHead(word, room); head != "" && ansi.StringWidth(word) > width {
					line, word = line+" "+head, word[len(head):]
					flush()
				} else if ansi.StringWidth(word) > room {
					flush()
				} else {
					line += " " + word
					continue
				}
			}
			for ansi.StringWidth(word) > width {
				line = cmp.Or(markedHead(word, width), anyHead(word, width))
				word = word[len(line):]
				flush()
			}
			line = word
		}
		flush()
	}
	return out
}

// markedHead is the longest good beginning of a word that fits: one behind a
// mark that names and ARNs have, and not too short to be worth it.
func markedHead(word string, width int) string {
	const enough = 8
	head := ansi.Truncate(word, max(0, width), "")
	if i := strings.LastIndexAny(head, "-/:,=._"); i >= enough {
		return head[:i+1]
	}
	return ""
}

// anyHead is whatever fits of a word, and at least one character.
func anyHead(word string, width int) string {
	if head := ansi.Truncate(word, width, ""); head != "" {
		return head
	}
	_, size := utf8.DecodeRuneInString(word)
	return word[:size]
}

// split gives a drawing's lines.
func split(drawing string) []string {
	if drawing == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(drawing, "\n"), "\n")
}

// styled renders each line on its own, so that lines can be cut and scrolled.
func styled(render func(...string) string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = render(l)
	}
	return out
}

func muted(c view.Canvas, lines []string) []string { return styled(c.Theme.Muted.Render, lines) }

// indented puts the first prefix before the first line and the other before
// the rest.
func indented(first, rest string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = rest + l
		if i == 0 {
			out[i] = first + l
		}
	}
	return out
}

func atMost(n int, lines []string) []string { return lines[:min(n, len(lines))] }

// fact is a name and what it is.
type fact struct{ name, value string }

// facts draws names and values in two columns.
func facts(c view.Canvas, all []fact) []string {
	column := 0
	for _, f := range all {
		column = max(column, ansi.StringWidth(f.name))
	}
	column += 2
	var out []string
	for _, f := range all {
		name := c.Theme.Muted.Render(f.name) + strings.Repeat(" ", column-ansi.StringWidth(f.name))
		out = append(out, indented(name, strings.Repeat(" ", column), wrap(f.value, c.Width-column))...)
	}
	return out
}

// arrows are the keys that choose and scroll.
func (s *session) arrows() string {
	if s.opts.ASCII {
		return "up/down"
	}
	return "↑↓"
}
