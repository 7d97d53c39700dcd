package wizard

import (
	"charm.land/huh/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// build makes the field that a question is answered with.
func build(q ask.Question) huh.Field {
	if !q.Chooses() {
		return huh.NewInput().Prompt("").Placeholder(q.Placeholder).Accessor(typed{q})
	}
	var options []huh.Option[int]
	for i, o := range q.Options {
		options = append(options, huh.NewOption(view.Inert(o.Text), i))
	}
	return huh.NewSelect[int]().Options(options...).Accessor(chosen{q})
}

// rowsOf is how many lines an open question takes.
func rowsOf(q ask.Question) int { return max(1, len(q.Options)) }

// typed is a question's text, for huh.
type typed struct{ q ask.Question }

// Get gives the text.
func (t typed) Get() string { return t.q.Text() }

// Set keeps the text.
func (t typed) Set(v string) { t.q.SetText(v) }

// chosen is a question's choice, for huh.
type chosen struct{ q ask.Question }

// Get gives the place of what is chosen.
func (c chosen) Get() int { return c.q.Chosen() }

// Set chooses.
func (c chosen) Set(i int) { c.q.Choose(i) }

// cut shortens a line that is made inert already.
func cut(c view.Canvas, line string, width int) string {
	return ansi.Truncate(line, max(1, width), c.Glyphs.Ellipsis)
}
