//go:build unix

package main

import (
	"fmt"
	"html"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// The size of a cell, in the units of the picture.
const (
	cellWidth  = 8.4
	cellHeight = 18
	border     = 12
)

// sheet gives each of the terminal's colours a shade that reads on the
// picture's own ground, which is light or dark as the reader's page is.
const sheet = `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:#1f2328}
.g{fill:#ffffff;stroke:#d0d7de}.b{font-weight:600}.f{opacity:.6}
.c1{fill:#b91c1c}.c2{fill:#15803d}.c3{fill:#92600a}.c6{fill:#0e7490}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.g{fill:#0d1117;stroke:#30363d}
.c1{fill:#ff7b72}.c2{fill:#56d364}.c3{fill:#e3b341}.c6{fill:#56d4dd}}`

// svg draws a screen: one text for each run of cells that look alike.
func svg(screen *vt.Emulator, width, height int) string {
	var b strings.Builder
	w, h := int(float64(width)*cellWidth)+2*border, height*cellHeight+2*border
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`, w, h, w, h)
	fmt.Fprintf(&b, "<style>%s</style>", sheet)
	fmt.Fprintf(&b, `<rect class="g" x=".5" y=".5" width="%d" height="%d" rx="8"/>`, w-1, h-1)
	for y := range height {
		line(&b, screen, width, y)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// line draws one line. A run ends where the look changes or a gap begins, and
// says how long it is, so that no font moves what follows.
func line(b *strings.Builder, screen *vt.Emulator, width, y int) {
	for x := 0; x < width; {
		look, text := lookAt(screen, x, y)
		from := x
		for x++; x < width; x++ {
			next, more := lookAt(screen, x, y)
			if next != look || strings.HasSuffix(text, "  ") {
				break
			}
			text += more
		}
		shown := strings.TrimRight(text, " ")
		if shown == "" {
			continue
		}
		cells := ansi.StringWidth(shown)
		fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%d" textLength="%.1f">%s</text>`,
			look, border+float64(from)*cellWidth, border+y*cellHeight+cellHeight-5, float64(cells)*cellWidth, html.EscapeString(shown))
	}
}

// lookAt gives the classes of a cell and what is in it.
func lookAt(screen *vt.Emulator, x, y int) (look, text string) {
	const bold, faint = 1, 2
	cell := screen.CellAt(x, y)
	if cell == nil || cell.Content == "" {
		return "", " "
	}
	var classes []string
	if c, ok := cell.Style.Fg.(ansi.BasicColor); ok {
		classes = append(classes, fmt.Sprintf("c%d", c%8))
	}
	if cell.Style.Attrs&bold != 0 {
		classes = append(classes, "b")
	}
	if cell.Style.Attrs&faint != 0 {
		classes = append(classes, "f")
	}
	return strings.Join(classes, " "), cell.Content
}
