package wizard

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// preview shows what would be done, from four sides. What keeps it from being
// done is shown first, with the way out, and then there is no way on.
type preview struct {
	s   *session
	ask errand[ask.Look]
	// of is the request that the session's preview is of.
	of      migrate.InstallRequest
	refusal error
	err     error
	tab     int
	watch   stopwatch
	// drawn are the drawings of the preview at one width.
	drawn      map[int][]string
	drawnWidth int
}

var _ screen = (*preview)(nil)

func newPreview(s *session) *preview { return &preview{s: s} }

// tabs are the sides of a preview.
func tabs() []string { return []string{"Changes", "Access", "Documents", "Calls"} }

// enter keeps a preview that is still of what is asked for.
func (p *preview) enter() tea.Cmd {
	if p.s.preview != nil && p.refusal == nil && reflect.DeepEqual(p.of, p.s.answers.Request()) {
		return nil
	}
	return p.again()
}

// again reads the account anew.
func (p *preview) again() tea.Cmd {
	req, acct, places := p.s.answers.Request(), p.s.acct, p.s.places()
	p.s.preview, p.err, p.refusal = nil, nil, nil
	p.drawn, p.tab, p.of = nil, 0, req
	return tea.Batch(p.watch.start(p.s), p.ask.start(p.s, func(ctx context.Context) (ask.Look, error) {
		return ask.NewLook(ctx, acct, req, places)
	}))
}

func (p *preview) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := p.ask.take(msg); ok {
		p.s.preview, p.refusal, p.err = got.value.Preview, got.value.Refusal, got.err
		p.drawn = nil
		return nil, wish{}
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return p.press(k)
	}
	return p.watch.take(p.s, msg, p.ask.underWay()), wish{}
}

func (p *preview) press(k tea.KeyPressMsg) (tea.Cmd, wish) {
	sides := len(tabs())
	switch {
	case key.Matches(k, nextKey("")) && p.seen().Nothing():
		p.s.finished = true
		return nil, wish{to: quit}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	case key.Matches(k, retryKey("")):
		return p.again(), wish{}
	case key.Matches(k, createKey()):
		p.s.answers.Create = true
		return p.again(), wish{}
	case key.Matches(k, bind("", "", "tab", "right", "l")):
		p.tab = (p.tab + 1) % sides
	case key.Matches(k, bind("", "", "shift+tab", "left", "h")):
		p.tab = (p.tab + sides - 1) % sides
	default:
		p.tab = int(k.Code - '1')
	}
	return nil, wish{}
}

// seen is what the preview showed, with what keeps it from being carried out.
func (p *preview) seen() ask.Look { return ask.Look{Preview: p.s.preview, Refusal: p.refusal} }

func createKey() key.Binding { return bind("c", "create bucket", "c") }

func (p *preview) about() about {
	a := about{
		stage: atPreview, title: "This is what would be done",
		why: p.s.soFar() + " What is shown is what happens, in this order.",
	}
	if p.seen().Ready() {
		a.mark = headline(p.s)
	}
	switch {
	case p.err != nil:
		a.title, a.why = "The account could not be read", p.s.soFar()
	case p.ask.underWay():
		a.title, a.why = "Reading the account", "What is there already decides what is to be done."
	case p.seen().Nothing():
		a.title, a.why = "There is nothing to do", "Everything that was asked for is there already, as it should be."
	case p.seen().Blocked():
		a.title, a.why = "This cannot be done yet", p.s.soFar()+" What is in the way comes first, each with its way out."
	}
	return a
}

// headline sums the plan up in one line of plain text.
func headline(s *session) string {
	const wide = 1000
	return view.Headline(view.NewCanvas(wide, !s.opts.ASCII, false), s.preview)
}

func (p *preview) keys() []key.Binding {
	shown := p.s.preview != nil
	onwards := nextKey("apply" + p.s.canvas.Glyphs.Ellipsis)
	if p.seen().Nothing() {
		onwards = nextKey("finish")
	}
	return []key.Binding{
		onlyIf(shown, bind("tab", "view", "tab", "shift+tab", "left", "right", "h", "l", "1", "2", "3", "4")),
		onlyIf(p.seen().Ready() || p.seen().Nothing(), onwards),
		onlyIf(p.seen().BucketMissing(), createKey()),
		onlyIf(p.err != nil || p.seen().Blocked(), retryKey("look again")),
	}
}

func (p *preview) page(c view.Canvas) page {
	switch {
	case p.err != nil:
		return page{id: "error", lines: drawFaults(c, p.err)}
	case p.s.preview == nil:
		return page{id: "asking", lines: p.watch.waiting(c, "Asking IAM and S3 what is there")}
	}
	return page{id: tabs()[p.tab], pinned: p.bar(c), lines: p.side(c)}
}

// bar names the sides.
func (p *preview) bar(c view.Canvas) []string {
	var parts []string
	for i, name := range tabs() {
		if i == p.tab {
			parts = append(parts, c.Theme.Selected.Render("["+name+"]"))
		} else {
			parts = append(parts, " "+name+" ")
		}
	}
	return []string{strings.Join(parts, " "), ""}
}

// side draws the side that is in sight, once for a width.
func (p *preview) side(c view.Canvas) []string {
	if p.drawn == nil || p.drawnWidth != c.Width {
		p.drawn, p.drawnWidth = map[int][]string{}, c.Width
	}
	if lines, ok := p.drawn[p.tab]; ok {
		return lines
	}
	v := p.s.preview
	draw := []func(view.Canvas, *migrate.InstallPreview) string{p.changes, view.Access, view.Documents, view.Calls}
	lines := split(draw[p.tab](c, v))
	if len(lines) == 0 {
		lines = muted(c, []string{"Nothing."})
	}
	p.drawn[p.tab] = lines
	return lines
}

// changes puts what is in the way before the plan, and other remarks after it.
func (p *preview) changes(c view.Canvas, v *migrate.InstallPreview) string {
	parts := []string{view.Changes(c, v), "", view.Remarks(c, v)}
	if !v.Plan.Empty() {
		parts[1] = view.AccessHeadline(c, v)
	}
	if v.Plan.Blocked() != nil {
		slices.Reverse(parts)
	}
	if p.refusal != nil {
		parts = append([]string{strings.Join(drawFaults(c, p.refusal), "\n")}, parts...)
	}
	var out []string
	for _, part := range parts {
		if part = strings.Trim(part, "\n"); part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, "\n\n")
}

func (p *preview) typing() bool { return false }

func (p *preview) leave() { p.ask.cancel() }
