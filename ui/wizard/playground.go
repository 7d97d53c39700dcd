package wizard

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/view"
)

// playground asks what the emulated account should hold, and goes there.
type playground struct {
	s    *session
	at   int
	open errand[account.Options]
	err  error
}

var _ screen = (*playground)(nil)

func newPlayground(s *session) *playground { return &playground{s: s} }

func (p *playground) enter() tea.Cmd { return nil }

func (p *playground) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := p.open.take(msg); ok {
		return p.opened(got)
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, wish{}
	}
	all := sandbox.Scenarios()
	switch {
	case key.Matches(k, backKey()):
		return nil, wish{to: away}
	case key.Matches(k, bind("", "", "up", "k")):
		p.at = max(0, p.at-1)
	case key.Matches(k, bind("", "", "down", "j")):
		p.at = min(len(all)-1, p.at+1)
	default:
		play, scenario := p.s.opts.Play, all[p.at]
		return p.open.start(p.s, func(context.Context) (account.Options, error) { return play(scenario) }), wish{}
	}
	return nil, wish{}
}

func (p *playground) opened(got answerMsg[account.Options]) (tea.Cmd, wish) {
	if p.err = got.err; p.err != nil {
		return nil, wish{}
	}
	p.s.opts.Account, p.s.opts.Sandbox = got.value, sandbox.Scenarios()[p.at]
	return p.s.entry.ask(p.s), wish{to: away}
}

func (p *playground) about() about {
	return about{
		title: "What should the sandbox hold?",
		why:   "It is an AWS account that this program emulates. Nothing in it is real, and it ends with the program.",
	}
}

func (p *playground) keys() []key.Binding {
	return []key.Binding{
		bind(p.s.arrows(), "choose", "up", "down", "k", "j"),
		nextKey("open"),
		bind("esc", "back", "esc", "alt+esc"),
	}
}

func (p *playground) page(c view.Canvas) page {
	var out page
	width := 0
	for _, name := range sandbox.Scenarios() {
		width = max(width, ansi.StringWidth(name))
	}
	for i, name := range sandbox.Scenarios() {
		mark, shown := "  ", name
		if i == p.at {
			mark, shown = c.Theme.Selected.Render(c.Glyphs.Cursor)+" ", c.Theme.Selected.Render(name)
			out.from = len(out.lines)
		}
		first := mark + shown + strings.Repeat(" ", width+2-ansi.StringWidth(name))
		out.lines = append(out.lines, indented(first, strings.Repeat(" ", width+4), muted(c, wrap(sandbox.About(name), c.Width-width-4)))...)
		if i == p.at {
			out.to = len(out.lines)
		}
	}
	if p.err != nil {
		out.lines = append(append(out.lines, ""), drawFaults(c, p.err)...)
	}
	return out
}

func (p *playground) typing() bool { return false }

func (p *playground) leave() { p.open.cancel() }
