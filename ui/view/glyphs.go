package view

// Glyphs are the signs of a drawing. Each is one cell wide, but for Ellipsis,
// which is three in ASCII.
type Glyphs struct {
	// Add, Update and Remove mark changes.
	Add, Update, Remove string
	// Done, Running, Waiting, Failed and NotRun mark steps.
	Done, Running, Waiting, Failed, NotRun string
	// Warning and Unknown mark remarks.
	Warning, Unknown string
	// Cursor stands before the row that a key would act on.
	Cursor string
	// Arrow stands between old and new.
	Arrow string
	// Branch, LastBranch, Pipe and Dash draw trees.
	Branch, LastBranch, Pipe, Dash string
	// Bullet stands before or between items.
	Bullet string
	// Ellipsis stands where text was cut.
	Ellipsis string
}

func unicodeGlyphs() Glyphs {
	return Glyphs{
		Add: "+", Update: "~", Remove: "-",
		Done: "✓", Running: "●", Waiting: "○", Failed: "✗", NotRun: "–",
		Warning: "!", Unknown: "?",
		Cursor: ">", Arrow: "→",
		Branch: "├", LastBranch: "└", Pipe: "│", Dash: "─",
		Bullet: "·", Ellipsis: "…",
	}
}

func asciiGlyphs() Glyphs {
	return Glyphs{
		Add: "+", Update: "~", Remove: "-",
		Done: "v", Running: "*", Waiting: "o", Failed: "x", NotRun: "-",
		Warning: "!", Unknown: "?",
		Cursor: ">", Arrow: ">",
		Branch: "|", LastBranch: "`", Pipe: "|", Dash: "-",
		Bullet: "-", Ellipsis: "...",
	}
}
