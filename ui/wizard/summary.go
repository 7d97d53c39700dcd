package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/ask"
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
	if f.s.task == ask.UpgradeTask {
		return about{
			stage: atProofs, title: "The installation is up to date",
			why: "The same user, the same key, the same access. This is printed once more when you leave.",
		}
	}
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
	sandbox := f.s.opts.Sandbox != ""
	switch {
	case out.Look.Preview == nil:
		return page{}
	case out.Look.Root != nil:
		return page{lines: split(view.RootSummaryText(c, rootSummary(out)))}
	case out.Look.Upgrade != nil:
		return page{lines: split(view.UpgradeSummaryText(c, view.UpgradeSummary{
			Preview: out.Look.Upgrade, Result: out.Result.Upgrade, Err: out.Err, Sandbox: sandbox,
		}))}
	}
	return page{lines: split(view.Summary(c, view.InstallSummary{
		Preview: out.Look.Preview, Result: out.Result.Install, Err: out.Err, Sandbox: sandbox,
		Registered: out.Result.Registered, Proved: out.Result.Proved,
	}))}
}

func rootSummary(out ask.Outcome) view.RootSummary {
	return view.RootSummary{
		Preview: out.Look.Root, Route: out.Look.Up.Request.Route, Result: out.Result.Upgrade, Err: out.Err, Resume: out.Look.Up.Resume(),
	}
}

func (f *summary) typing() bool { return false }

func (f *summary) leave() {}
