package wizard

import (
	"cmp"
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

// entry is the way into the account: who we are, and what is there to choose
// from. Home and the account's screen share it, so that what one has asked the
// other need not ask again.
type entry struct {
	who      errand[ask.Opened]
	buckets  errand[[]string]
	clusters errand[[]string]
	watch    stopwatch
	err      error
}

// known reports whether the account is open.
func (s *session) known() bool { return s.acct != nil }

// ask opens the account anew: credentials may have been renewed meanwhile.
func (e *entry) ask(s *session) tea.Cmd {
	s.acct, s.identity, s.found, e.err = nil, account.Identity{}, ask.Found{}, nil
	e.buckets.cancel()
	e.clusters.cancel()
	open, options := s.opts.Open, s.opts.Account
	return tea.Batch(e.watch.start(s), e.who.start(s, func(ctx context.Context) (ask.Opened, error) {
		return ask.Open(ctx, open, options)
	}))
}

// askOnce opens the account unless that is done or under way.
func (e *entry) askOnce(s *session) tea.Cmd {
	if s.known() || e.who.underWay() {
		return nil
	}
	return e.ask(s)
}

// update takes what comes of asking.
func (e *entry) update(s *session, msg tea.Msg) tea.Cmd {
	if got, ok := e.who.take(msg); ok {
		return e.arrived(s, got)
	}
	// Without the lists, names are typed.
	if got, ok := e.buckets.take(msg); ok {
		s.found.Buckets = got.value
	}
	if got, ok := e.clusters.take(msg); ok {
		s.found.Clusters = got.value
		s.upgrade.Cluster = cmp.Or(s.upgrade.Cluster, s.found.Only())
	}
	return e.watch.take(s, msg, e.who.underWay())
}

func (e *entry) arrived(s *session, got answerMsg[ask.Opened]) tea.Cmd {
	if got.err != nil {
		e.err = got.err
		return nil
	}
	s.acct, s.identity = got.value.Account, got.value.Identity
	// What was shown of another account is not shown again.
	s.look = ask.Look{}
	var cmds []tea.Cmd
	if s.opts.Buckets != nil {
		cmds = append(cmds, e.buckets.start(s, s.opts.Buckets))
	}
	if s.opts.Clusters != nil {
		cmds = append(cmds, e.clusters.start(s, s.opts.Clusters))
	}
	return tea.Batch(cmds...)
}
