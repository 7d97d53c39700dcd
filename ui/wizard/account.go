package wizard

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// accountScreen finds out which account this is and as whom it is entered, and
// has the person look at it.
type accountScreen struct {
	s       *session
	who     errand[ask.Opened]
	buckets errand[[]string]
	watch   stopwatch
	err     error
}

var _ screen = (*accountScreen)(nil)

func newAccountScreen(s *session) *accountScreen { return &accountScreen{s: s} }

func (a *accountScreen) enter() tea.Cmd {
	if a.s.acct != nil {
		return nil
	}
	return a.ask()
}

// ask opens the account anew: credentials may have been renewed meanwhile.
func (a *accountScreen) ask() tea.Cmd {
	a.s.acct, a.err = nil, nil
	open, options := a.s.opts.Open, a.s.opts.Account
	return tea.Batch(a.watch.start(a.s), a.who.start(a.s, func(ctx context.Context) (ask.Opened, error) {
		return ask.Open(ctx, open, options)
	}))
}

func (a *accountScreen) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := a.who.take(msg); ok {
		return a.arrived(got), wish{}
	}
	if got, ok := a.buckets.take(msg); ok {
		// Without the list the name is typed.
		a.s.found.Buckets = got.value
		return nil, wish{}
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if key.Matches(k, nextKey("")) {
			return nil, wish{to: onward}
		}
		return a.ask(), wish{}
	}
	return a.watch.take(a.s, msg, a.who.underWay()), wish{}
}

func (a *accountScreen) arrived(got answerMsg[ask.Opened]) tea.Cmd {
	if got.err != nil {
		a.err = got.err
		return nil
	}
	a.s.acct, a.s.identity = got.value.Account, got.value.Identity
	// What was shown of another account is not shown again.
	a.s.preview = nil
	if a.s.opts.Buckets == nil {
		return nil
	}
	return a.buckets.start(a.s, a.s.opts.Buckets)
}

func (a *accountScreen) about() about {
	return about{
		stage: atAccount, title: "Is this the right account?",
		why: "Everything that follows is read from this account, and later made in it.",
	}
}

func (a *accountScreen) keys() []key.Binding {
	known := a.s.acct != nil
	again := "ask again"
	if a.err != nil {
		again = "try again"
	}
	return []key.Binding{
		onlyIf(known, nextKey("yes, go on")),
		onlyIf(known || a.err != nil, retryKey(again)),
	}
}

func (a *accountScreen) page(c view.Canvas) page {
	switch {
	case a.err != nil:
		return page{id: "error", lines: drawFaults(c, a.err)}
	case a.s.acct == nil:
		return page{id: "asking", lines: a.watch.waiting(c, "Asking AWS who this is")}
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

func (a *accountScreen) leave() { a.who.cancel() }
