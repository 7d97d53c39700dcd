package wizard

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/view"
)

// destinations asks where assets go, and draws what that adds.
type destinations struct {
	s      *session
	field  *field
	choice *huh.MultiSelect[provision.Kind]
	chosen []provision.Kind
	// refused is set when the person wanted to go on without a destination.
	refused bool
}

var _ screen = (*destinations)(nil)

func newDestinations(s *session) *destinations { return &destinations{s: s} }

func (d *destinations) enter() tea.Cmd {
	d.refused = false
	d.chosen = nil
	if d.s.answers.ECR {
		d.chosen = append(d.chosen, provision.ECR)
	}
	if d.s.answers.S3 {
		d.chosen = append(d.chosen, provision.S3)
	}
	d.choice = huh.NewMultiSelect[provision.Kind]().
		Options(
			huh.NewOption("ECR  container images", provision.ECR),
			huh.NewOption("S3   Lambda zips and bundles", provision.S3),
		).
		Filterable(false).
		Value(&d.chosen)
	d.field = newField(d.s.canvas, d.choice, 2)
	return nil
}

func (d *destinations) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, wish{}
	}
	if key.Matches(k, nextKey("")) {
		if len(d.chosen) == 0 {
			d.refused = true
			return nil, wish{}
		}
		if d.field.submit(k) {
			return nil, wish{to: onward}
		}
		return nil, wish{}
	}
	d.field.press(k)
	a := &d.s.answers
	a.ECR = slices.Contains(d.chosen, provision.ECR)
	a.S3 = slices.Contains(d.chosen, provision.S3)
	return nil, wish{}
}

func (d *destinations) about() about {
	return about{
		stage: atDestinations, title: "Where should CI publish build assets?",
		why: "Each destination adds one grant to the publishers group. More can be added later by running install again.",
	}
}

func (d *destinations) keys() []key.Binding {
	return []key.Binding{
		bind(d.s.arrows()+" space", "choose", "space", "x", "up", "down", "k", "j"),
		nextKey("next"),
	}
}

func (d *destinations) page(c view.Canvas) page {
	lines := d.field.lines(c.Width)
	p := page{pinned: append(lines, "")}
	switch {
	case len(d.chosen) == 0 && d.refused:
		p.lines = styled(c.Theme.Danger.Render, wrap(c.Glyphs.Failed+" Choose at least one.", c.Width))
	case len(d.chosen) == 0:
		p.lines = muted(c, wrap("Nothing is chosen yet. Space chooses the line with the cursor.", c.Width))
	default:
		p.lines = append([]string{c.Theme.Title.Render("What this adds")}, sketchLines(c, d.s)...)
	}
	return p
}

func (d *destinations) typing() bool { return false }

func (d *destinations) leave() {}
