package wizard

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/ui/view"
)

// unrelated asks whether changes that have nothing to do with the upgrade may
// be applied along with it. Each is named; a yes is for these alone.
type unrelated struct {
	s     *session
	list  []guard.Finding
	since time.Time
	field *field
	yes   bool
}

var _ screen = (*unrelated)(nil)

func newUnrelated(s *session, list []guard.Finding) *unrelated { return &unrelated{s: s, list: list} }

func (u *unrelated) enter() tea.Cmd {
	u.since, u.yes = u.s.opts.Now(), false
	u.field = newField(u.s.canvas, huh.NewSelect[bool]().Options(
		huh.NewOption("no, back", false),
		huh.NewOption("yes, apply them along with the upgrade", true),
	).Value(&u.yes), 2)
	return nil
}

func (u *unrelated) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok || u.s.opts.Now().Sub(u.since) < grace:
	case key.Matches(k, backKey()), key.Matches(k, nextKey("")) && !u.yes:
		return nil, wish{to: away}
	case key.Matches(k, nextKey("")):
		u.s.project.Consent(u.list)
		return nil, wish{to: anew}
	default:
		u.field.press(k)
	}
	return nil, wish{}
}

func (u *unrelated) about() about {
	return about{
		stage: atApply, title: "May these be applied too?", mark: fmt.Sprintf("%d in the plan", len(u.list)),
		why: "The plan has changes that the upgrade is not about. Nothing has been applied. Without a yes, apply them first, or take them out.",
	}
}

func (u *unrelated) keys() []key.Binding {
	return []key.Binding{chooseKey(u.s.arrows()), nextKey("answer"), bind("esc", "back", "esc", "alt+esc")}
}

func (u *unrelated) page(c view.Canvas) page {
	p := page{id: "unrelated", pinned: append(u.field.lines(c.Width), "")}
	for _, f := range u.list {
		p.lines = append(p.lines, indented(c.Theme.Changed.Render(c.Glyphs.Update)+" ", "  ", wrap(f.Address+": "+f.Why, c.Width-2))...)
	}
	return p
}

func (u *unrelated) typing() bool { return false }

func (u *unrelated) leave() {}
