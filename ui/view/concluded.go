package view

import "charm.land/lipgloss/v2"

// What a job came to has the same shape whatever the job: a headline with a
// mark that says how it ended, and the rest below it.

// concluded draws it for a terminal.
func concluded(c Canvas, s Status, headline string, rest func(*page)) string {
	out := page{c: c}
	mark := map[Status]span{
		StatusDone:        {c.Theme.Success, c.Glyphs.Done},
		StatusNothingToDo: {c.Theme.Success, c.Glyphs.Done},
		StatusStopped:     {c.Theme.Warning, c.Glyphs.Warning},
		StatusFailed:      {c.Theme.Danger, c.Glyphs.Failed},
	}[s]
	out.hanging(spaced(mark), c.Theme.Title, headline)
	rest(&out)
	return out.String()
}

// concluded goes on from a title in Markdown. What stands in the
// headline is to be inert.
func (m *markdown) concluded(headline string, rest func(*page)) string {
	m.paragraph("**%s**", headline)
	body := page{c: markdownCanvas()}
	rest(&body)
	m.fence("text", body.String())
	return m.String()
}

// failed draws why a run has failed, if it has.
func (p *page) failed(status Status, err error) {
	if status != StatusFailed {
		return
	}
	for _, f := range failures(err) {
		p.text(markWidth, lipgloss.NewStyle(), f.text)
	}
	p.blank()
}
