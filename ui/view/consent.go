package view

import (
	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
)

// ConsentText draws what of the plan needs a word beyond going ahead, each
// with the word. It is empty when nothing does.
func ConsentText(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	th, g := c.Theme, c.Glyphs
	for _, part := range []struct {
		mark  span
		words string
		list  []string
		way   string
	}{
		{span{th.Warning, g.Warning}, "Access beyond what the spec calls for would be given", p.Consent.Broadening, "to allow this, say so with --allow-broadening"},
		{span{th.Danger, g.Warning}, "Access that may be in use would be lost", p.Consent.Loss, "to allow this, say so with --allow-loss"},
		{span{th.Changed, g.Update}, "Access beyond what the spec calls for would be taken away", p.Consent.Narrowing, "this is included in going ahead"},
	} {
		if len(part.list) == 0 {
			continue
		}
		out.heading(part.mark, part.words)
		for _, s := range part.list {
			out.hanging(plain("  "+g.Bullet+" "), lipgloss.NewStyle(), s)
		}
		out.hanging(span{th.Accent, "  " + g.Arrow + " "}, lipgloss.NewStyle(), part.way)
	}
	return out.String()
}
