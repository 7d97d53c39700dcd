package wizard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// confirm asks for the word. A plan that only adds is confirmed by choosing so;
// one that changes what is there has the cluster's name typed. Then the account
// is read once more, and only if it still is as it was shown the checklist
// begins.
type confirm struct {
	s     *session
	since time.Time
	field *field
	yes   bool
	typed string
	// wrong is set when another name than the cluster's was typed.
	wrong bool
	check errand[ask.Work]
	watch stopwatch
	err   error
}

var _ screen = (*confirm)(nil)

// grace is how long a screen that matters must have been in sight before it
// takes a key: one that was pressed ahead confirms nothing.
const grace = 500 * time.Millisecond

func newConfirm(s *session) *confirm { return &confirm{s: s} }

func (q *confirm) enter() tea.Cmd {
	q.since = q.s.opts.Now()
	q.err = nil
	q.ask()
	return nil
}

// ask builds the question anew, with nothing confirmed.
func (q *confirm) ask() {
	q.yes, q.typed = false, ""
	if q.byName() {
		q.field = newField(q.s.canvas, huh.NewInput().Prompt("").Value(&q.typed), 1)
		return
	}
	q.field = newField(q.s.canvas, huh.NewSelect[bool]().Options(
		huh.NewOption("no, back to the preview", false),
		huh.NewOption("yes, "+q.s.look.Deed(), true),
	).Value(&q.yes), 2)
}

// byName reports whether the cluster's name has to be typed.
func (q *confirm) byName() bool {
	return q.s.look.ByName(q.s.allowed())
}

func (q *confirm) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := q.check.take(msg); ok {
		return q.checked(got)
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		q.field.press(msg)
	case tea.KeyPressMsg:
		return q.press(msg)
	}
	return q.watch.take(q.s, msg, q.check.underWay()), wish{}
}

func (q *confirm) press(k tea.KeyPressMsg) (tea.Cmd, wish) {
	switch {
	case q.s.opts.Now().Sub(q.since) < grace:
		return nil, wish{}
	case q.err != nil:
		// Both keys that are open then ask for a new preview.
		return nil, wish{to: anew}
	case !key.Matches(k, nextKey("")):
		q.wrong = false
		q.field.press(k)
		return nil, wish{}
	case q.byName() && strings.TrimSpace(q.typed) != q.s.cluster():
		q.wrong = true
		return nil, wish{}
	case !q.byName() && !q.yes:
		return nil, wish{to: backward}
	}
	q.field.submit(k)
	return q.recheck(), wish{}
}

// recheck prepares the install and reads the account once more.
func (q *confirm) recheck() tea.Cmd {
	look, given, acct, places := q.s.look, q.s.allowed(), q.s.acct, q.s.places()
	return tea.Batch(q.watch.start(q.s), q.check.start(q.s, func(ctx context.Context) (ask.Work, error) {
		return look.Prepare(ctx, given, acct, places)
	}))
}

func (q *confirm) checked(got answerMsg[ask.Work]) (tea.Cmd, wish) {
	if got.err != nil {
		q.err = got.err
		return nil, wish{}
	}
	q.s.work = got.value
	return nil, wish{to: onward}
}

func (q *confirm) about() about {
	a := about{stage: atPreview, title: "Carry this out?", why: "From here on the account changes. " + q.s.soFar()}
	switch {
	case errors.As(q.err, new(*migrate.ChangedError)):
		a.title, a.why = "The account has changed since the preview", q.s.soFar()+" What was shown is no longer what would be done."
	case q.err != nil:
		a.title, a.why = "The account could not be read once more", q.s.soFar()
	case q.check.underWay():
		a.title, a.why = "Looking once more", "Only a plan that was shown is carried out, so the account must still be as it was."
	case q.byName() && q.s.look.Root != nil:
		a.why = "From here on files are written and the account changes. Type the cluster's name to have it done."
	case q.byName():
		a.why = "The plan changes what is there already. Type the cluster's name to have it done."
	}
	return a
}

func (q *confirm) keys() []key.Binding {
	asking := q.err == nil && !q.check.underWay()
	word := "confirm"
	if q.byName() {
		word = "have it done"
	}
	return []key.Binding{
		onlyIf(asking && !q.byName(), chooseKey(q.s.arrows())),
		onlyIf(asking, nextKey(word)),
		onlyIf(q.err != nil, bind("r", "new preview", "r", "enter")),
	}
}

func (q *confirm) page(c view.Canvas) page {
	switch {
	case q.err != nil:
		return page{id: "error", lines: q.drawError(c)}
	case q.check.underWay():
		return page{id: "asking", lines: q.watch.waiting(c, "Reading the account once more")}
	case q.s.look.Preview == nil:
		return page{}
	}
	v := q.s.look.Preview
	all := []fact{
		{"account", v.Identity.Place.Account + " " + v.Identity.Place.Region},
		{"as", v.Identity.ARN},
		{"does", headline(q.s)},
	}
	if r := q.s.look.Root; r != nil {
		all = append(all, fact{"in", r.Request.Dir}, fact{"applies", applier(r)})
	}
	if v.MakesKey() {
		if where, err := ask.PlacesBeside(q.s.places(), q.s.look.Registering)(v.Request.Handover); err == nil {
			all = append(all, fact{"secret", "to " + where.String()})
		}
	}
	if where := ask.RegistersAt(v); where != "" {
		all = append(all, fact{"tells", where})
	}
	told := consequences(c, ask.Consequences(v))
	if r := q.s.look.Root; r != nil {
		told = nil
		for _, cluster := range r.Clusters {
			told = append(told, consequences(c, cluster.Account.Consent)...)
		}
	}
	p := page{lines: append(append(facts(c, all), told...), "")}
	p.from = len(p.lines)
	if q.byName() {
		p.lines = append(p.lines, indented(c.Theme.Selected.Render(c.Glyphs.Cursor)+" ", "  ", q.field.lines(c.Width-2))...)
		if q.wrong {
			p.lines = append(p.lines, styled(c.Theme.Danger.Render,
				wrap(fmt.Sprintf("%s This is not the cluster's name, which is %s.", c.Glyphs.Failed, q.s.cluster()), c.Width))...)
		}
	} else {
		p.lines = append(p.lines, q.field.lines(c.Width)...)
	}
	p.to = len(p.lines)
	return p
}

// applier says who applies a root.
func applier(r *migrate.RootPreview) string {
	if r.Tool.Path == "" {
		return "your pipeline, when the bridge is open"
	}
	return r.Tool.String() + ", from here"
}

// consequences say what the plan does to access beyond adding its grants.
func consequences(c view.Canvas, all provision.Consent) []string {
	var out []string
	tell := func(style lipgloss.Style, mark, word string, list []string) {
		for _, text := range list {
			lines := wrap(word+": "+text, c.Width-2)
			lines[0] = style.Render(mark) + " " + lines[0]
			out = append(out, indented("", "  ", lines)...)
		}
	}
	tell(c.Theme.Danger, c.Glyphs.Remove, "loss", all.Loss)
	tell(c.Theme.Warning, c.Glyphs.Warning, "broader", all.Broadening)
	tell(c.Theme.Changed, c.Glyphs.Update, "narrower", all.Narrowing)
	if len(out) > 0 {
		out = append([]string{""}, out...)
	}
	return out
}

func (q *confirm) drawError(c view.Canvas) []string {
	var changed *migrate.ChangedError
	if !errors.As(q.err, &changed) {
		return drawFaults(c, q.err)
	}
	lines := difference(c, changed)
	return append(append(lines, ""), labelled(c, "Next", "Press r for a new preview, and look at it.")...)
}

// difference tells how the plan would be another one now.
func difference(c view.Canvas, e *migrate.ChangedError) []string {
	marks := map[provision.Mark]string{
		provision.Add:    c.Theme.Added.Render(c.Glyphs.Add),
		provision.Update: c.Theme.Changed.Render(c.Glyphs.Update),
		provision.Remove: c.Theme.Removed.Render(c.Glyphs.Remove),
	}
	var out []string
	for _, d := range ask.Differences(e) {
		out = append(out, indented(marks[d.Mark]+" ", "  ", wrap(d.Word+": "+d.Title, c.Width-2))...)
	}
	return out
}

// drawChanged tells how the account is not as an open run left it.
func drawChanged(c view.Canvas, err error) []string {
	e, ok := ask.Changed(err)
	if !ok {
		return drawFaults(c, err)
	}
	var lines []string
	for _, what := range e.What {
		lines = append(lines, indented(c.Theme.Changed.Render(c.Glyphs.Update)+" ", "  ", wrap(what, c.Width-2))...)
	}
	return append(append(lines, ""), labelled(c, "Next", "Press n for a new plan, and look at it. Or put the account back as it was and press r.")...)
}

func (q *confirm) typing() bool { return q.byName() && q.err == nil && !q.check.underWay() }

// leave gives the recheck up. After a failed one the preview is out of date.
func (q *confirm) leave() {
	q.check.cancel()
	if q.err != nil {
		q.s.look = ask.Look{}
	}
}
