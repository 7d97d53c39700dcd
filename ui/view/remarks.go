package view

import (
	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Remarks draws what is to be said beside the plan: why it must not be carried
// out, what is odd about it, what is found and left as it is, and what could
// not be checked. It is empty when there is nothing to say.
func Remarks(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	th, g := c.Theme, c.Glyphs
	if n := len(p.Plan.Blockers); n > 0 {
		out.heading(span{th.Danger, g.Failed}, counted(n, "reason", "reasons")+" not to go on")
		out.problems(p.Plan.Blockers)
	}
	if n := len(p.Warnings); n > 0 {
		out.heading(span{th.Warning, g.Warning}, counted(n, "warning", "warnings"))
		out.problems(p.Warnings)
	}
	if n := len(p.Plan.Notes); n > 0 {
		out.heading(span{th.Warning, g.Warning}, "Found, and left as it is")
		for _, note := range p.Plan.Notes {
			out.hanging(plain("  "+g.Bullet+" "), lipgloss.NewStyle(), note.Entity.String()+" "+note.Text)
		}
	}
	if n := len(p.Unchecked); n > 0 {
		out.heading(span{th.Warning, g.Unknown}, "Could not be checked beforehand")
		for _, u := range p.Unchecked {
			out.hanging(plain("  "+g.Bullet+" "), lipgloss.NewStyle(), u)
		}
	}
	return out.String()
}

func (p *page) heading(mark span, words string) {
	p.blank()
	p.hanging(spaced(mark), p.c.Theme.Title, words)
}

// problems are one paragraph each, with the way out below.
func (p *page) problems(list []provision.Problem) {
	for _, q := range list {
		p.hanging(plain("  "+p.c.Glyphs.Bullet+" "), lipgloss.NewStyle(), q.Field+" "+q.Rule)
		if q.Way != "" {
			p.hanging(span{p.c.Theme.Accent, "    " + p.c.Glyphs.Arrow + " "}, lipgloss.NewStyle(), q.Way)
		}
	}
}
