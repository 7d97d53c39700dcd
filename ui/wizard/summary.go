package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/view"
)

// summary says what there is now and what comes next. The command prints the
// same once more when the wizard is gone.
type summary struct{ s *session }

var _ screen = (*summary)(nil)

func newSummary(s *session) *summary { return &summary{s: s} }

func (f *summary) enter() tea.Cmd {
	f.s.finished = true
	return nil
}

func (f *summary) update(msg tea.Msg) (tea.Cmd, wish) {
	if k, ok := msg.(tea.KeyPressMsg); ok && key.Matches(k, f.keys()...) {
		return nil, wish{to: quit}
	}
	return nil, wish{}
}

func (f *summary) about() about {
	return about{
		stage: atSummary, title: "The publishing identity is in place",
		why: "Everything was read back and is as planned. This is printed once more when you leave.",
	}
}

func (f *summary) keys() []key.Binding {
	return []key.Binding{bind("enter", "leave", "enter", "q")}
}

func (f *summary) page(c view.Canvas) page {
	out := f.s.outcome()
	if out.Preview == nil {
		return page{}
	}
	return page{lines: split(view.Summary(c, view.InstallSummary{
		Preview: out.Preview, Result: out.Result, Err: out.Err, Sandbox: f.s.opts.Sandbox != "",
	}))}
}

func (f *summary) typing() bool { return false }

func (f *summary) leave() {}
