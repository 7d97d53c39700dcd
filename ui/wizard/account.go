package wizard

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/view"
)

// accountScreen finds out which account this is and as whom it is entered, and
// has the person look at it.
type accountScreen struct{ s *session }

var _ screen = (*accountScreen)(nil)

func newAccountScreen(s *session) *accountScreen { return &accountScreen{s: s} }

func (a *accountScreen) enter() tea.Cmd { return a.s.entry.askOnce(a.s) }

func (a *accountScreen) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return a.s.entry.update(a.s, msg), wish{}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	}
	return a.s.entry.ask(a.s), wish{}
}

func (a *accountScreen) about() about {
	return about{
		stage: atAccount, title: "Is this the right account?",
		why: "Everything that follows is read from this account, and later made in it.",
	}
}

func (a *accountScreen) keys() []key.Binding {
	known := a.s.known()
	again := "ask again"
	if a.s.entry.err != nil {
		again = "try again"
	}
	return []key.Binding{
		onlyIf(known, nextKey("yes, go on")),
		onlyIf(known || a.s.entry.err != nil, retryKey(again)),
	}
}

func (a *accountScreen) page(c view.Canvas) page {
	switch {
	case a.s.entry.err != nil:
		return page{id: "error", lines: drawFaults(c, a.s.entry.err)}
	case !a.s.known():
		return page{id: "asking", lines: a.s.entry.watch.waiting(c, "Asking AWS who this is")}
	}
	id := a.s.identity
	lines := facts(c, append([]fact{
		{"account", id.Place.Account},
		{"region", id.Place.Region},
		{"you are", id.ARN},
	}, a.details()...))
	if strings.HasSuffix(id.ARN, ":root") {
		lines = append(lines, "")
		lines = append(lines, styled(c.Theme.Warning.Render, wrap(c.Glyphs.Warning+
			" This is the account's root user. It works, but a role for administrators leaves a better trace.", c.Width))...)
	}
	return page{id: "known", lines: lines}
}

// details are told only where they are not what one expects.
func (a *accountScreen) details() []fact {
	var out []fact
	if p := a.s.identity.Place.Partition; p != "aws" {
		out = append(out, fact{"partition", p})
	}
	if p := a.s.opts.Account.Profile; p != "" {
		out = append(out, fact{"profile", p})
	}
	if e := a.s.opts.Account.Endpoint; e != "" {
		if a.s.opts.Sandbox != "" {
			e += ", the built-in sandbox: nothing here is real"
		}
		out = append(out, fact{"endpoint", e})
	}
	return out
}

func (a *accountScreen) typing() bool { return false }

func (a *accountScreen) leave() {}
