package view

import (
	"slices"
	"strconv"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/provision"
)

// Summary draws what an install came to: how it ended, what is there now,
// where the credentials are, what is left, and what to do next.
func Summary(c Canvas, s InstallSummary) string {
	return concluded(c, s.Status(), s.headline(), func(p *page) { p.summary(s) })
}

// summary is all below the headline.
func (p *page) summary(s InstallSummary) {
	p.blank()
	switch s.Status() {
	case StatusStopped, StatusFailed:
		p.ended(s)
	case StatusDone, StatusNothingToDo:
		p.facts(s.facts())
		p.repositoryPolicy(s)
	}
	p.blank()
	p.next(s.Next())
}

// ended says how far a run came that ended early.
func (p *page) ended(s InstallSummary) {
	p.failed(s.Status(), s.Err)
	const width = len("not done")
	for _, c := range s.Preview.Plan.Changes {
		mark, word := p.ending(s, c)
		p.row(
			column(markWidth, lipgloss.NewStyle(), ""),
			column(markWidth, mark.style, mark.text),
			column(width+columnGap, p.c.Theme.Muted, word),
			column(max(1, p.c.Width-2*markWidth-width-columnGap), lipgloss.NewStyle(), c.Title),
		)
	}
	p.blank()
	p.text(markWidth, p.c.Theme.Title, "Safe")
	for _, line := range s.safe() {
		p.hanging(plain("  "+p.c.Glyphs.Bullet+" "), lipgloss.NewStyle(), line)
	}
}

// ending is how one change ended.
func (p *page) ending(s InstallSummary, c provision.Change) (mark span, word string) {
	switch {
	case s.carriedOut(c):
		return span{p.c.Theme.Success, p.c.Glyphs.Done}, "done"
	case slices.ContainsFunc(failures(s.Err), func(f failure) bool { return f.step == c.ID }):
		return span{p.c.Theme.Danger, p.c.Glyphs.Failed}, "failed"
	}
	return span{p.c.Theme.Muted, p.c.Glyphs.NotRun}, "not done"
}

// facts are two columns. What would have to be broken for its column, but fits
// a line of its own, gets one: names and ARNs are there to be copied.
func (p *page) facts(list []fact) {
	width := 0
	for _, f := range list {
		width = max(width, widest(f.label))
	}
	for _, f := range list {
		room := p.c.Width - 2*markWidth
		if w := widest(f.value); w > room-width && w <= room {
			p.text(markWidth, p.c.Theme.Muted, f.label)
			p.line(plain("    "), plain(f.value))
			continue
		}
		p.row(
			column(markWidth, lipgloss.NewStyle(), ""),
			column(width+columnGap, p.c.Theme.Muted, f.label),
			column(max(1, p.c.Width-markWidth-width-columnGap), lipgloss.NewStyle(), f.value),
		)
	}
}

func (p *page) repositoryPolicy(s InstallSummary) {
	if doc := s.Preview.Plan.Blueprint.RepositoryPolicy; doc != "" {
		p.blank()
		p.text(markWidth, p.c.Theme.Title, "Repository policy, for nullplatform to set on repositories")
		p.code(markWidth, pretty(doc))
	}
}

// next are the steps to take, numbered when there are several. Commands stand
// on lines of their own, to be copied.
func (p *page) next(steps []NextStep) {
	p.text(markWidth, p.c.Theme.Title, "Next")
	for i, s := range steps {
		head := "  " + p.c.Glyphs.Bullet + " "
		if len(steps) > 1 {
			head = "  " + strconv.Itoa(i+1) + ". "
		}
		p.hanging(plain(head), lipgloss.NewStyle(), s.Text)
		if s.Command != "" {
			p.codeLine(widest(head), p.c.Theme.Accent, s.Command)
		}
	}
}
