package wizard

import (
	"context"
	"reflect"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// rootFound reads a root and, with the tool that works on it, its state, and
// says in words what it holds and what is in the way.
type rootFound struct {
	s     *session
	ask   errand[*migrate.RootFinding]
	watch stopwatch
	// of is the request that the finding is of.
	of  migrate.UpgradeRequest
	err error
}

var _ screen = (*rootFound)(nil)

func newRootFound(s *session) *rootFound { return &rootFound{s: s} }

// request is what is asked, whatever the route.
func (f *rootFound) request() migrate.UpgradeRequest {
	req := f.s.project.Request(f.s.upgrade)
	req.Route = ""
	return req
}

func (f *rootFound) enter() tea.Cmd {
	if f.s.finding != nil && reflect.DeepEqual(f.of, f.request()) {
		return nil
	}
	return f.again()
}

func (f *rootFound) again() tea.Cmd {
	req, environ := f.request(), f.s.opts.Environ
	f.s.finding, f.err, f.of = nil, nil, req
	return tea.Batch(f.watch.start(f.s), f.ask.start(f.s, func(ctx context.Context) (*migrate.RootFinding, error) {
		return migrate.FindRoot(ctx, req, environ)
	}))
}

func (f *rootFound) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := f.ask.take(msg); ok {
		f.s.finding, f.err = got.value, got.err
		if f.err == nil && f.s.finding.AsksCluster() {
			f.s.project.AskCluster() // The page before asks for it then.
		}
		if f.err == nil && len(f.s.finding.AsksInstances()) > 0 {
			f.s.project.AskInstances(f.s.finding.AsksInstances())
		}
		return nil, wish{}
	}
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return f.watch.take(f.s, msg, f.ask.underWay()), wish{}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	case key.Matches(k, acceptRefsKey()):
		f.s.project.AcceptRefs()
	}
	return f.again(), wish{}
}

func acceptRefsKey() key.Binding { return bind("a", "set them to a release", "a") }

// open reports whether there is a way on from here.
func (f *rootFound) open() bool {
	return f.s.finding != nil && len(ask.OpenRoutes(ask.Routes(f.s.finding))) > 0
}

func (f *rootFound) about() about {
	a := about{stage: atLayout, title: "This is how it is held", why: "Nothing has been changed. Which release of the modules made it tells what is to be done."}
	switch {
	case f.err != nil:
		a.title, a.why = "The root could not be read", f.s.soFar()
	case f.s.finding == nil:
		a.title, a.why = "Reading the root", "Its files first, then its state. Where nobody has run init yet, that is done, and nothing else."
	case !f.open():
		a.title, a.why = "This cannot be upgraded yet", f.s.soFar()+" What is in the way comes first, each with its way out."
	}
	return a
}

func (f *rootFound) keys() []key.Binding {
	known := f.s.finding != nil
	return []key.Binding{
		onlyIf(f.open(), nextKey("routes")),
		onlyIf(known && f.s.finding.AsksRefs(), acceptRefsKey()),
		onlyIf(known || f.err != nil, retryKey("look again")),
	}
}

func (f *rootFound) page(c view.Canvas) page {
	switch {
	case f.err != nil:
		return page{id: "error", lines: drawFaults(c, f.err)}
	case f.s.finding == nil:
		return page{id: "asking", lines: f.watch.waiting(c, "Reading files and state")}
	}
	var lines []string
	switch {
	case f.s.finding.AsksCluster():
		lines = append(labelled(c, "Next", "Press esc: the page before now asks for the cluster's name."), "")
	case len(f.s.finding.AsksInstances()) > 0:
		lines = append(labelled(c, "Next", "Press esc: the page before now asks for the instances."), "")
	}
	return page{id: "found", lines: append(lines, split(view.RootFound(c, f.s.finding))...)}
}

func (f *rootFound) applies() bool { return f.s.project.Kept }

func (f *rootFound) typing() bool { return false }

func (f *rootFound) leave() { f.ask.cancel() }
