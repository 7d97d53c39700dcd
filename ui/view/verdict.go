package view

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// Judgement is a plan's verdict and what it was judged by.
type Judgement struct {
	Verdict guard.Verdict
	Want    guard.Expectation
}

// headline says in one sentence what came of it.
func (j Judgement) headline() string {
	v := j.Verdict
	switch refused, unrelated := len(v.Refusals), len(v.Unrelated); {
	case refused > 0 && unrelated > 0:
		return fmt.Sprintf("Refused: %s must not be applied, and %s consent.", counted(refused, "change", "changes"), needing(unrelated))
	case refused > 0:
		return fmt.Sprintf("Refused: %s must not be applied.", counted(refused, "change", "changes"))
	case unrelated > 0:
		return fmt.Sprintf("Refused: %s consent.", needing(unrelated))
	case len(v.Expected) > 0:
		return fmt.Sprintf("Nothing to refuse: %s, and %s.", counted(len(v.Expected), "change is expected", "changes are expected"), j.kept())
	}
	return fmt.Sprintf("Nothing to refuse: the plan changes nothing, and %s.", j.kept())
}

func needing(n int) string {
	if n == 1 {
		return "1 change needs"
	}
	return counted(n, "", "changes need")
}

func (j Judgement) kept() string {
	if n := j.Verdict.Kept; n != 1 {
		return counted(n, "", "resources stay as they are")
	}
	return "1 resource stays as it is"
}

// gapsSentence says what a plan with gaps would do to CI.
const gapsSentence = "An apply of this plan takes a grant from the build user for a moment, during which CI fails. Have the build user hold the same policies directly until it is done: slipway upgrade does that."

// Verdict draws what the guard says of a plan: what it refuses, why, and what
// to do; what needs consent; what is expected.
func Verdict(c Canvas, j Judgement) string {
	out := page{c: c}
	th, g := c.Theme, c.Glyphs
	mark := span{th.Success, g.Done}
	if j.Verdict.Refused() {
		mark = span{th.Danger, g.Failed}
	}
	out.hanging(spaced(mark), th.Title, j.headline())
	out.findings(span{th.Danger, g.Failed}, "Must not be applied", j.Verdict.Refusals)
	out.findings(span{th.Warning, g.Warning}, "Needs consent: --allow ADDRESS, or --allow-unrelated for all that destroys nothing", j.Verdict.Unrelated)
	out.findings(span{th.Changed, g.Update}, "Expected", j.Verdict.Expected)
	if list := forgotten(j.Verdict.Refusals); len(list) > 0 {
		out.heading(span{th.Accent, g.Arrow}, forgottenSentence)
		out.moves(list)
	}
	if len(j.Verdict.Gaps) > 0 && !j.Verdict.Refused() {
		out.blank()
		out.hanging(spaced(span{th.Warning, g.Warning}), lipgloss.NewStyle(), gapsSentence)
	}
	return out.String()
}

// findings draws one list, each finding with its address first.
func (p *page) findings(mark span, words string, list []guard.Finding) {
	if len(list) == 0 {
		return
	}
	p.heading(mark, words)
	p.list(list)
}

// list draws findings without a heading.
func (p *page) list(findings []guard.Finding) {
	for _, f := range findings {
		head := f.Address
		if head == "" {
			head = "the plan"
		}
		p.hanging(plain("  "+p.c.Glyphs.Bullet+" "), p.c.Theme.Accent, head)
		if f.Previous != "" && f.Previous != f.Address {
			p.hanging(plain("      "), p.c.Theme.Muted, "was "+f.Previous)
		}
		p.hanging(plain("      "), lipgloss.NewStyle(), f.Why)
		p.wayOut(f)
	}
}

// wayOut draws what to do. The blocks for moves that were forgotten stand
// together at the end, so that they can be copied.
func (p *page) wayOut(f guard.Finding) {
	words := f.Do
	if f.Move != nil {
		words = "a move was forgotten, see the blocks below"
	}
	if words != "" {
		p.hanging(span{p.c.Theme.Accent, "    " + p.c.Glyphs.Arrow + " "}, lipgloss.NewStyle(), words)
	}
}

// forgottenSentence stands above the blocks.
const forgottenSentence = "Forgotten moves: add this to the root and plan again"

// forgotten are the moves that findings say were forgotten.
func forgotten(list []guard.Finding) []tofu.Move {
	var out []tofu.Move
	for _, f := range list {
		if f.Move != nil {
			out = append(out, *f.Move)
		}
	}
	return out
}

// moves draws moved blocks.
func (p *page) moves(list []tofu.Move) {
	for _, m := range list {
		p.line(plain("moved {"))
		p.hanging(plain("  from = "), lipgloss.NewStyle(), m.From)
		p.hanging(plain("  to   = "), lipgloss.NewStyle(), m.To)
		p.line(plain("}"))
	}
}

// VerdictMarkdown writes a verdict for a pull request or a job summary. What
// comes from the plan stands behind fences.
func VerdictMarkdown(j Judgement) string {
	var m markdown
	m.paragraph("### slipway guard: %s", j.Want.Job)
	m.paragraph("**%s**", j.headline())
	list := func(findings []guard.Finding) string {
		out := page{c: markdownCanvas()}
		out.list(findings)
		return out.String()
	}
	if len(j.Verdict.Refusals) > 0 {
		m.paragraph("**Must not be applied**")
		m.fence("text", list(j.Verdict.Refusals))
	}
	if len(j.Verdict.Unrelated) > 0 {
		m.paragraph("**Needs consent**: `--allow ADDRESS`, or `--allow-unrelated` for all that destroys nothing")
		m.fence("text", list(j.Verdict.Unrelated))
	}
	if moves := forgotten(j.Verdict.Refusals); len(moves) > 0 {
		out := page{c: markdownCanvas()}
		out.moves(moves)
		m.paragraph("**%s**", forgottenSentence)
		m.fence("hcl", out.String())
	}
	if len(j.Verdict.Gaps) > 0 && !j.Verdict.Refused() {
		m.paragraph("%s", gapsSentence)
	}
	if n := len(j.Verdict.Expected); n > 0 {
		m.details(counted(n, "expected change", "expected changes"), func() { m.fence("text", list(j.Verdict.Expected)) })
	}
	return m.String()
}
