package wizard

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// routes has the person choose who applies. Ways that are not open stay in
// sight, with the reason.
type routes struct {
	s  *session
	at int
}

var _ screen = (*routes)(nil)

func newRoutes(s *session) *routes { return &routes{s: s} }

func (r *routes) all() []ask.RouteChoice {
	if r.s.finding == nil {
		return nil
	}
	return ask.Routes(r.s.finding)
}

// enter puts the cursor on the answer that was given, or on the first that can
// be.
func (r *routes) enter() tea.Cmd {
	r.at = 0
	all := r.all()
	for i, choice := range all {
		if choice.Refusal == nil {
			r.at = i
			break
		}
	}
	for i, choice := range all {
		if choice.Refusal == nil && choice.Route == r.s.project.Route {
			r.at = i
		}
	}
	return nil
}

func (r *routes) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(k, nextKey("")):
		r.s.project.Route = r.all()[r.at].Route
		return nil, wish{to: onward}
	case key.Matches(k, bind("", "", "up", "k")):
		r.at = max(0, r.at-1)
	default:
		r.at = min(len(r.all())-1, r.at+1)
	}
	return nil, wish{}
}

func (r *routes) about() about {
	return about{
		stage: atRoute, title: "Who applies it?",
		why: "Whichever it is, the build user and its key stay, and CI can publish all the while.",
	}
}

func (r *routes) keys() []key.Binding {
	all := r.all()
	return []key.Binding{
		bind(r.s.arrows(), "choose", "up", "down", "k", "j"),
		onlyIf(r.at < len(all) && all[r.at].Refusal == nil, nextKey("go this way")),
	}
}

func (r *routes) page(c view.Canvas) page {
	const column = 10
	rest := strings.Repeat(" ", 2+column)
	width := c.Width - 2 - column
	var p page
	for i, choice := range r.all() {
		from := len(p.lines)
		mark, name := "  ", choice.Name
		if i == r.at {
			mark, name = c.Theme.Selected.Render(c.Glyphs.Cursor)+" ", c.Theme.Selected.Render(name)
		}
		first := mark + name + strings.Repeat(" ", column-ansi.StringWidth(choice.Name))
		text := wrap(choice.Does, width)
		if choice.Refusal == nil {
			text = append(text, muted(c, wrap(choice.Fits, width))...)
		} else {
			text = muted(c, text)
			for _, f := range ask.FaultsOf(choice.Refusal) {
				why := "Not open: " + f.Why
				if f.Way != "" {
					why += "; " + f.Way
				}
				lines := wrap(c.Glyphs.NotRun+" "+strings.Join(strings.Fields(why), " ")+".", width)
				if i != r.at { // In full where the cursor is.
					lines = shortened(c.Narrower(c.Width-width), lines, 2)
				}
				text = append(text, styled(c.Theme.Warning.Render, lines)...)
			}
		}
		if i > 0 {
			p.lines = append(p.lines, "")
			from++
		}
		p.lines = append(p.lines, indented(first, rest, text)...)
		if i == r.at {
			p.from, p.to = from, len(p.lines)
		}
	}
	return p
}

func (r *routes) applies() bool { return r.s.project.Kept }

func (r *routes) typing() bool { return false }

func (r *routes) leave() {}
