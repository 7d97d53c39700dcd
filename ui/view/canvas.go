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

// wordsWidth is wide enough that a sentence stays in one line: what reads it
// aloud or wraps it knows better where to break.
const wordsWidth = 240

// WordsCanvas is for lines that are read aloud. Marks and the lines of trees
// are blank, for the words beside them say the same.
func WordsCanvas() Canvas {
	const blank = " "
	return Canvas{Width: wordsWidth, Theme: PlainTheme(), Glyphs: Glyphs{
		Add: blank, Update: blank, Remove: blank,
		Done: blank, Running: blank, Waiting: blank, Failed: blank, NotRun: blank,
		Warning: blank, Unknown: blank, Cursor: blank, Arrow: blank,
		Branch: blank, LastBranch: blank, Pipe: blank, Dash: blank,
		Bullet: blank, Ellipsis: "...",
	}}
}
