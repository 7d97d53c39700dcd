package view

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks plain text into lines of at most width cells: between words,
// within words that are longer than a line behind punctuation that names and
// ARNs have, and anywhere where there is none. Empty text is one empty line.
func wrap(s string, width int) []string {
	width = max(1, width)
	var lines []string
	line := ""
	flush := func() { lines, line = append(lines, line), "" }
	for _, word := range strings.Fields(s) {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) > width {
			flush()
		}
		for line == "" && ansi.StringWidth(word) > width {
			head := breakWord(word, width)
			lines, word = append(lines, head), word[len(head):]
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" || lines == nil {
		flush()
	}
	return lines
}

// breakWord gives the longest good beginning of a word that fits.
func breakWord(word string, width int) string {
	head := ansi.Truncate(word, width, "")
	if head == "" {
		// One wide character in one column: progress counts more.
		for i := range word {
			if i > 0 {
				return word[:i]
			}
		}
		return word
	}
	if i := strings.LastIndexAny(head, "-/:,=.@_"); i >= len(head)/3 {
		return head[:i+1]
	}
	return head
}

// cut shortens plain text to width cells, with a mark where it was cut.
func (c Canvas) cut(s string, width int) string {
	s = Inert(s)
	if ansi.StringWidth(s) <= width {
		return s
	}
	mark := c.Glyphs.Ellipsis
	if ansi.StringWidth(mark) >= width {
		mark = ""
	}
	return ansi.Truncate(s, max(0, width), mark)
}
