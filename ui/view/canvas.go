package view

// Canvas is what a drawing depends on besides what it shows.
type Canvas struct {
	// Width is how many cells a line may take.
	Width  int
	Glyphs Glyphs
	Theme  Theme
}

// defaultWidth is for callers that do not know how wide their output is.
const defaultWidth = 80

// NewCanvas makes a canvas. A width of zero or less stands for 80. Without
// utf8 all glyphs are ASCII; without color all styles leave text as it is, so
// that drawings hold no escape sequences at all.
func NewCanvas(width int, utf8, color bool) Canvas {
	if width <= 0 {
		width = defaultWidth
	}
	c := Canvas{Width: width, Glyphs: asciiGlyphs(), Theme: PlainTheme()}
	if utf8 {
		c.Glyphs = unicodeGlyphs()
	}
	if color {
		c.Theme = ColorTheme()
	}
	return c
}

// Narrower gives the same canvas with fewer columns, for drawings that are
// indented or framed by their caller. At least one column stays.
func (c Canvas) Narrower(columns int) Canvas {
	c.Width = max(1, c.Width-columns)
	return c
}
