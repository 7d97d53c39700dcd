package wizard

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// newAuditQuestions asks which clusters to look at.
func newAuditQuestions(s *session) *details {
	return newQuestions(s, about{
		stage: atCluster, title: "Which clusters are to be looked at?",
		why: "An audit only reads. It tells who can publish what, and what is not as it should be.",
	}, func() []ask.Question { return ask.AuditDetails(&s.audit, s.found) })
}

// overview makes the audit and shows how each cluster stands: in numbers, and
// for the one with the cursor who can publish what.
type overview struct {
	s     *session
	ask   errand[[]audit.Report]
	watch stopwatch
	// of is the request that the reports are of.
	of  migrate.AuditRequest
	err error
	at  int
	// progress is how far it is, told from where it is read.
	progress atomic.Pointer[migrate.AuditProgress]
}

var _ screen = (*overview)(nil)

func newOverview(s *session) *overview { return &overview{s: s} }

func (o *overview) enter() tea.Cmd {
	if o.s.reports != nil && sameAudit(o.of, o.s.audit) {
		o.s.finished = true
		return nil
	}
	return o.again()
}

func sameAudit(a, b migrate.AuditRequest) bool { return a.All == b.All && a.Cluster == b.Cluster }

func (o *overview) again() tea.Cmd {
	req, run := o.s.audit, o.s.opts.Audit
	o.s.reports, o.err, o.of, o.at = nil, nil, req, 0
	o.progress.Store(nil)
	return tea.Batch(o.watch.start(o.s), o.ask.start(o.s, func(ctx context.Context) ([]audit.Report, error) {
		return run(ctx, req, func(p migrate.AuditProgress) { o.progress.Store(&p) })
	}))
}

func (o *overview) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := o.ask.take(msg); ok {
		o.s.reports, o.err = got.value, got.err
		o.s.finished = got.err == nil
		return nil, wish{}
	}
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return o.watch.take(o.s, msg, o.ask.underWay()), wish{}
	case key.Matches(k, retryKey("")):
		return o.again(), wish{}
	case key.Matches(k, exportKey("")):
		return nil, wish{aside: newExport(o.s)}
	case key.Matches(k, nextKey("")):
		o.s.report = o.at
		return nil, wish{to: onward}
	case key.Matches(k, bind("", "", "up", "k")):
		o.at = max(0, o.at-1)
	case key.Matches(k, bind("", "", "down", "j")):
		o.at = min(len(o.s.reports)-1, o.at+1)
	}
	return nil, wish{}
}

func (o *overview) about() about {
	a := about{stage: atOverview, title: "How it stands", why: "Nothing was changed. What could not be read is told as unread, never as fine."}
	switch {
	case o.err != nil:
		a.title, a.why = "The account could not be read", "Half an audit must not look like a whole one, so there is none."
	case o.ask.underWay():
		a.title, a.why = "Reading the account", "Calmly, for whoever else works in the account shares its limits."
	}
	return a
}

func (o *overview) keys() []key.Binding {
	return []key.Binding{
		onlyIf(len(o.s.reports) > 1, bind(o.s.arrows(), "choose", "up", "down", "k", "j")),
		onlyIf(o.s.reports != nil, nextKey("findings")),
		onlyIf(o.s.reports != nil, exportKey("export"+o.s.canvas.Glyphs.Ellipsis)),
		onlyIf(o.err != nil || o.s.reports != nil, retryKey("read again")),
	}
}

func (o *overview) page(c view.Canvas) page {
	switch {
	case o.err != nil:
		return page{id: "error", lines: drawFaults(c, o.err)}
	case o.s.reports == nil:
		return page{id: "asking", lines: o.watch.waiting(c, o.doing())}
	}
	var p page
	width := 0
	for _, r := range o.s.reports {
		width = max(width, len(view.Inert(view.AuditName(r))))
	}
	width = min(width, c.Width/3)
	for i, r := range o.s.reports {
		name := cut(c, view.Inert(view.AuditName(r)), width)
		mark := "  "
		if i == o.at {
			p.from, p.to = i, i+1
			mark, name = c.Theme.Selected.Render(c.Glyphs.Cursor)+" ", c.Theme.Selected.Render(name)
		}
		gap := strings.Repeat(" ", max(1, width+2-len(view.Inert(view.AuditName(r)))))
		p.lines = append(p.lines, mark+name+gap+cut(c, view.AuditCounts(c.Narrower(width+4), r.Counts()), c.Width-width-4))
	}
	r := o.s.reports[o.at]
	if r.Contract != "" {
		p.lines = append(append(p.lines, ""), facts(c, []fact{{"contract", string(r.Contract)}, {"publishes", strings.Join(r.Destinations, ", ")}})...)
	}
	if graph := view.AuditGraph(c, r, o.s.opts.Now()); graph != "" {
		p.lines = append(p.lines, "", c.Theme.Title.Render("Who can publish"))
		p.lines = append(p.lines, split(graph)...)
	}
	return p
}

func exportKey(does string) key.Binding { return bind("e", does, "e") }

// doing says what is under way.
func (o *overview) doing() string {
	switch p := o.progress.Load(); {
	case p == nil:
		return "Reading who can publish"
	case p.Total == 0:
		return "Looking for clusters"
	default:
		return fmt.Sprintf("Read %d of %d clusters", p.Done, p.Total)
	}
}

func (o *overview) typing() bool { return false }

func (o *overview) leave() { o.ask.cancel() }
