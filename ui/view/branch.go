package view

import "charm.land/lipgloss/v2"

// stand says how a row stands to the plan.
type stand int

const (
	// settled is there and stays as it is.
	settled stand = iota
	added
	changed
	removed
	// present is there and stays, but something about it changes.
	present
	// foreign is there, is not ours, and is left.
	foreign
	// blocked keeps the plan from being carried out.
	blocked
)

// branch is one row of a tree, with what hangs on it.
type branch struct {
	stand stand
	// kind says what sort of thing it is, name which.
	kind, name string
	// word says what happens to it.
	word string
	// notes are said below it, muted, where there is room.
	notes []string
	twigs []branch
}

func (c Canvas) mark(s stand) span {
	switch s {
	case added:
		return span{c.Theme.Added, c.Glyphs.Add}
	case changed:
		return span{c.Theme.Changed, c.Glyphs.Update}
	case removed:
		return span{c.Theme.Removed, c.Glyphs.Remove}
	case foreign:
		return span{c.Theme.Warning, c.Glyphs.Warning}
	case blocked:
		return span{c.Theme.Danger, c.Glyphs.Failed}
	}
	return plain(" ")
}

func (c Canvas) wordStyle(s stand) lipgloss.Style {
	if s == settled || s == present {
		return c.Theme.Muted
	}
	return c.mark(s).style
}

// forest draws trees whose columns line up: mark, guides with kind, name,
// word.
type forest struct {
	*page
	left, name, word int
	// stacked puts names below their kinds, where there is no room beside.
	stacked bool
}

// roomForNotes is the width from which on notes are drawn, and names that are
// too long for their column are wrapped in it instead of standing below.
const roomForNotes = 60

const (
	guideWidth = 3
	columnGap  = 2
	markWidth  = 2
)

// forest adds trees, with an empty line between those that have twigs or
// notes.
func (p *page) forest(roots []branch) {
	f := forest{page: p}
	f.measure(roots, 0)
	f.left = min(f.left+columnGap, p.c.Width/2)
	room := max(1, p.c.Width-markWidth-f.left-f.word-columnGap)
	f.stacked = f.name > room && p.c.Width < roomForNotes
	f.name = min(f.name, room)
	for i, r := range roots {
		if i > 0 && (len(roots[i-1].twigs) > 0 || f.noted(roots[i-1]) || len(r.twigs) > 0 || f.noted(r)) {
			p.blank()
		}
		f.branch(r, "", "")
	}
}

func (f *forest) noted(b branch) bool { return len(b.notes) > 0 && f.c.Width >= roomForNotes }

func (f *forest) measure(list []branch, depth int) {
	for _, b := range list {
		f.left = max(f.left, depth*guideWidth+widest(b.kind))
		f.name = max(f.name, widest(b.name))
		f.word = max(f.word, widest(b.word))
		f.measure(b.twigs, depth+1)
	}
}

// branch draws one row and what hangs on it. The guide stands before its first
// line, the rest before all below it.
func (f *forest) branch(b branch, guide, rest string) {
	below := rest
	if len(b.twigs) > 0 {
		below += f.c.Glyphs.Pipe
	}
	f.rows(b, guide, below)
	if f.noted(b) {
		for _, n := range b.notes {
			for _, l := range wrap(Inert(n), f.c.Width-markWidth-f.left) {
				f.line(f.below(below), span{f.c.Theme.Muted, l})
			}
		}
	}
	for i, t := range b.twigs {
		if i < len(b.twigs)-1 {
			f.branch(t, rest+f.c.Glyphs.Branch+f.c.Glyphs.Dash+" ", rest+f.c.Glyphs.Pipe+"  ")
		} else {
			f.branch(t, rest+f.c.Glyphs.LastBranch+f.c.Glyphs.Dash+" ", rest+"   ")
		}
	}
}

// rows are the lines of one row: as many as its name needs.
func (f *forest) rows(b branch, guide, below string) {
	if f.stacked {
		f.stack(b, guide, below)
		return
	}
	names := wrap(Inert(b.name), f.name)
	kind := pad(b.kind, f.left-widest(guide)-1) + " "
	f.line(
		spaced(f.c.mark(b.stand)), span{f.c.Theme.Muted, guide}, plain(kind),
		span{f.nameStyle(b), names[0]}, plain(pad("", f.name+columnGap-widest(names[0]))),
		span{f.c.wordStyle(b.stand), b.word},
	)
	for _, n := range names[1:] {
		f.line(f.below(below), span{f.nameStyle(b), n})
	}
}

// stack is one row with its name below.
func (f *forest) stack(b branch, guide, below string) {
	f.line(
		spaced(f.c.mark(b.stand)), span{f.c.Theme.Muted, guide},
		plain(pad(b.kind, f.left-widest(guide)-1)+" "), span{f.c.wordStyle(b.stand), b.word},
	)
	if b.name == "" {
		return
	}
	lead := span{f.c.Theme.Muted, "  " + pad(below, widest(guide)) + "  "}
	for _, n := range wrap(Inert(b.name), f.c.Width-widest(lead.text)) {
		f.line(lead, span{f.nameStyle(b), n})
	}
}

// below is what stands left of the name on all lines but the first.
func (f *forest) below(guide string) span {
	return span{f.c.Theme.Muted, "  " + pad(guide, f.left)}
}

func (f *forest) nameStyle(b branch) lipgloss.Style {
	if b.stand == foreign {
		return f.c.Theme.Warning
	}
	return lipgloss.NewStyle()
}
