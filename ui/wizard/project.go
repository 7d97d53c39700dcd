package wizard

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// project asks what holds the installation that is to be upgraded. Meanwhile it
// looks for roots, from the working directory down, and what is found is the
// answer unless the person gives another.
type project struct {
	*details
	find errand[[]migrate.Project]
}

var _ screen = (*project)(nil)

func newProject(s *session) *project {
	p := &project{}
	p.details = newQuestions(s, about{
		stage: atProject, title: "What holds the installation today?",
		why: "What OpenTofu or Terraform holds is changed through its root; else its next apply would take it all back.",
	}, func() []ask.Question { return ask.ProjectDetails(&s.project, &s.upgrade, s.projects) })
	p.only = s.offersRoots
	return p
}

func (p *project) enter() tea.Cmd {
	p.details.enter()
	if p.s.projects != nil || p.find.underWay() {
		return nil
	}
	look := p.s.opts.Projects
	return p.find.start(p.s, func(context.Context) ([]migrate.Project, error) { return look(), nil })
}

func (p *project) update(msg tea.Msg) (tea.Cmd, wish) {
	got, ok := p.find.take(msg)
	if !ok {
		return p.details.update(msg)
	}
	p.s.projects = append([]migrate.Project{}, got.value...)
	if !p.tried["kept"] { // What was passed over was agreed to.
		p.s.project.Found(got.value)
	}
	p.details.enter()
	return nil, wish{}
}

func (p *project) page(c view.Canvas) page {
	out := p.details.page(c)
	if p.find.underWay() {
		out.lines = append(out.lines, muted(c, wrap("Looking for roots in this directory and below it"+c.Glyphs.Ellipsis, c.Width))...)
	}
	return out
}
