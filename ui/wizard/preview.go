package wizard

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// preview shows what would be done, from four sides. What keeps it from being
// done is shown first, with the way out, and then there is no way on.
type preview struct {
	s   *session
	tab int
	// drawn are the drawings of a preview at one width.
	drawn      map[int][]string
	drawnOf    *migrate.InstallPreview
	drawnWidth int
}

var _ screen = (*preview)(nil)

func newPreview(s *session) *preview { return &preview{s: s} }

// side is one of the sides of a preview.
type side struct {
	name string
	draw func(c view.Canvas) string
}

// sides are those that there are. An upgrade by way of a root has its steps
// among them: what is changed where does not tell their order.
func (p *preview) sides() []side {
	v, r, up := p.s.look.Preview, p.s.look.Root, p.s.look.Up
	if r != nil {
		return []side{
			{"Changes", func(c view.Canvas) string { return view.RootChanges(c, r, up.Blocked()) }},
			{"Steps", func(c view.Canvas) string { return view.Steps(c, up.Steps()) }},
			{"Access", func(c view.Canvas) string { return view.RootAccess(c, r) }},
			{"Documents", func(c view.Canvas) string { return view.RootDocuments(c, r) }},
			{"Calls", func(c view.Canvas) string { return view.RootCalls(c, r) }},
		}
	}
	return []side{
		{"Changes", func(c view.Canvas) string { return p.changes(c, v) }},
		{"Access", func(c view.Canvas) string { return view.Access(c, v) }},
		{"Documents", func(c view.Canvas) string { return view.Documents(c, v) }},
		{"Calls", func(c view.Canvas) string { return view.Calls(c, v) }},
	}
}

func (p *preview) enter() tea.Cmd {
	cmd := p.s.glance.look(p.s)
	if cmd != nil {
		p.tab = 0
	}
	return cmd
}

// again reads the account anew.
func (p *preview) again() tea.Cmd {
	p.tab = 0
	return p.s.glance.again(p.s)
}

func (p *preview) update(msg tea.Msg) (tea.Cmd, wish) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return p.press(k)
	}
	return p.s.glance.update(p.s, msg), wish{}
}

func (p *preview) press(k tea.KeyPressMsg) (tea.Cmd, wish) {
	sides := len(p.sides())
	switch {
	case key.Matches(k, nextKey("")) && p.s.look.Nothing():
		p.s.finished = true
		return nil, wish{to: quit}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	case key.Matches(k, retryKey("")):
		return p.again(), wish{}
	case key.Matches(k, newPlanKey()):
		p.s.glance.newPlan = true
		return p.again(), wish{}
	case key.Matches(k, createKey()):
		p.s.answers.Create = true
		return p.again(), wish{}
	case key.Matches(k, bind("", "", "tab", "right", "l")):
		p.tab = (p.tab + 1) % sides
	case key.Matches(k, bind("", "", "shift+tab", "left", "h")):
		p.tab = (p.tab + sides - 1) % sides
	default:
		p.tab = min(int(k.Code-'1'), sides-1)
	}
	return nil, wish{}
}

// changed reports whether an open run cannot go on as it is.
func (p *preview) changed() bool {
	_, ok := ask.Changed(p.s.glance.err)
	return ok
}

func newPlanKey() key.Binding { return bind("n", "new plan", "n") }

func createKey() key.Binding { return bind("c", "create bucket", "c") }

func (p *preview) about() about {
	a := about{
		stage: atPreview, title: "This is what would be done",
		why: p.s.soFar() + " What is shown is what happens, in this order.",
	}
	if p.s.look.Ready() {
		a.mark = headline(p.s)
	}
	if p.s.look.Root != nil {
		a.why = p.s.soFar() + " Steps has the order in which it happens."
	}
	switch {
	case p.changed():
		a.title, a.why = "The account is not as the open run left it", "Nothing was changed since. A new plan keeps the run, so that all of it can be taken back later."
	case p.s.glance.err != nil:
		a.title, a.why = "The account could not be read", p.s.soFar()
	case p.s.glance.underWay():
		a.title, a.why = "Reading the account", "What is there already decides what is to be done."
	case p.s.look.GoesOn() && !p.s.look.Blocked() && !p.s.look.Nothing():
		a.title, a.why = "A run is open: this is what is left of it", "It began earlier and did not come to its end; this takes it there."
		if p.s.look.Other {
			a.why += " What you chose now comes after it."
		}
	case p.s.look.Nothing():
		a.title, a.why = "There is nothing to do", "Everything that was asked for is there already, as it should be."
	case p.s.look.Blocked():
		a.title, a.why = "This cannot be done yet", p.s.soFar()+" What is in the way comes first, each with its way out."
	}
	return a
}

// headline sums the plan up in one line of plain text.
func headline(s *session) string {
	if s.look.Root != nil {
		return view.Inert(view.RootHeadline(s.look.Root))
	}
	const wide = 1000
	text := view.Headline(view.NewCanvas(wide, !s.opts.ASCII, false), s.look.Preview)
	if registers := ask.RegistrationDeed(s.look.Preview); registers != "" {
		text += "; " + registers
	}
	return text
}

func (p *preview) keys() []key.Binding {
	shown := p.s.look.Preview != nil
	onwards := nextKey("apply" + p.s.canvas.Glyphs.Ellipsis)
	if p.s.look.Nothing() {
		onwards = nextKey("finish")
	}
	return []key.Binding{
		onlyIf(shown, bind("tab", "view", "tab", "shift+tab", "left", "right", "h", "l", "1", "2", "3", "4", "5")),
		onlyIf(p.s.look.Ready() || p.s.look.Nothing(), onwards),
		onlyIf(p.s.look.BucketMissing(), createKey()),
		onlyIf(p.s.glance.err != nil || p.s.look.Blocked(), retryKey("look again")),
		onlyIf(p.changed(), newPlanKey()),
	}
}

func (p *preview) page(c view.Canvas) page {
	switch {
	case p.changed():
		return page{id: "error", lines: drawChanged(c, p.s.glance.err)}
	case p.s.glance.err != nil:
		return page{id: "error", lines: drawFaults(c, p.s.glance.err)}
	case p.s.look.Preview == nil:
		return page{id: "asking", lines: p.s.glance.watch.waiting(c, "Asking IAM and S3 what is there")}
	}
	return page{id: p.sides()[p.tab].name, pinned: p.bar(c), lines: p.side(c)}
}

// bar names the sides.
func (p *preview) bar(c view.Canvas) []string {
	var parts []string
	for i, one := range p.sides() {
		if i == p.tab {
			parts = append(parts, c.Theme.Selected.Render("["+one.name+"]"))
		} else {
			parts = append(parts, " "+one.name+" ")
		}
	}
	line := strings.Join(parts, " ")
	if all := p.sides(); ansi.StringWidth(line) > c.Width { // The one in sight must be in sight.
		line = c.Theme.Selected.Render("["+all[p.tab].name+"]") + c.Theme.Muted.Render(fmt.Sprintf(" %d of %d", p.tab+1, len(all)))
	}
	return []string{line, ""}
}

// side draws the side that is in sight, once for a width.
func (p *preview) side(c view.Canvas) []string {
	if p.drawnOf != p.s.look.Preview || p.drawnWidth != c.Width {
		p.drawn, p.drawnOf, p.drawnWidth = map[int][]string{}, p.s.look.Preview, c.Width
	}
	if lines, ok := p.drawn[p.tab]; ok {
		return lines
	}
	v := p.s.look.Preview
	if p.tab == 0 && c.Width > maxText {
		p.drawn[0] = p.bothSides(c, v)
		return p.drawn[0]
	}
	lines := split(p.sides()[p.tab].draw(c))
	if len(lines) == 0 {
		lines = muted(c, []string{"Nothing."})
	}
	p.drawn[p.tab] = lines
	return lines
}

// spreads asks for the whole width where the changes have beside them what they
// come to.
func (p *preview) spreads() bool {
	return p.tab == 0 && p.s.look.Root == nil && p.s.look.Ready() && len(p.s.look.Preview.Access) > 0
}

// bothSides draws the changes, and beside them who may do what when they are
// done.
func (p *preview) bothSides(c view.Canvas, v *migrate.InstallPreview) []string {
	const gap = 3
	left, right := c, c
	left.Width = (c.Width - gap) * 12 / 20
	right.Width = c.Width - gap - left.Width
	graph := append([]string{c.Theme.Title.Render("Who may do what then"), ""}, split(view.Graph(right, v))...)
	return beside(c, left.Width, split(p.changes(left, v)), graph)
}

// changes puts what is in the way before the plan, and other remarks after it.
func (p *preview) changes(c view.Canvas, v *migrate.InstallPreview) string {
	parts := []string{view.Changes(c, v), "", view.Remarks(c, v)}
	if p.s.look.Upgrade != nil {
		parts[0] = view.Order(c, v.Plan) + "\n\n" + parts[0]
	}
	if !v.Plan.Empty() {
		parts[1] = view.AccessHeadline(c, v)
	}
	if registers := view.Registrations(c, v.Survey); registers != "" {
		parts = slices.Insert(parts, 2, registers)
	}
	if v.Plan.Blocked() != nil {
		slices.Reverse(parts)
	}
	if p.s.look.Refusal != nil {
		parts = append([]string{strings.Join(drawFaults(c, p.s.look.Refusal), "\n")}, parts...)
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

func (p *preview) leave() { p.s.glance.cancel() }
