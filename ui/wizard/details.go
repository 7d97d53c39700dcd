package wizard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// details asks for names and for the place of the secret, one row a field. One
// row is open at a time; what is wrong with it is told while one types. Rows
// can be left in any state, but the screen only when all are right.
type details struct {
	s *session
	// heading and questions say what is asked, and why.
	heading   about
	questions func() []ask.Question
	// open is the name of the row that is being edited, in field.
	open  string
	field *field
	// tried holds the rows that were left or refused once, whose emptiness
	// is worth a word.
	tried map[string]bool
	// only says whether the questions apply; nil means always.
	only func() bool
	// pick is the place in the list of what was found; -1 is the text itself.
	pick int
}

var _ screen = (*details)(nil)

func newDetails(s *session) *details {
	return newQuestions(s, about{
		stage: atDetails, title: "What is it called, and where does the secret go?",
		why: "Every name in the account derives from the cluster's name, exactly as the modules derive it.",
	}, func() []ask.Question {
		found := s.found
		found.Platform = s.opts.Platform.KeyFrom()
		return ask.Details(&s.answers, found, true)
	})
}

func newQuestions(s *session, heading about, questions func() []ask.Question) *details {
	return &details{s: s, heading: heading, questions: questions, tried: map[string]bool{}, pick: -1}
}

func (d *details) enter() tea.Cmd {
	rows := d.rows()
	first := rows[0].Name
	for _, q := range rows {
		if q.Name == d.open {
			first = d.open
		}
	}
	d.edit(first)
	return nil
}

// edit opens a row.
func (d *details) edit(name string) {
	d.open, d.pick = name, -1
	q := d.row(name)
	d.field = newField(d.s.canvas, build(q), rowsOf(q))
}

// rows are the questions that apply to the answers so far, in their order.
func (d *details) rows() []ask.Question { return d.questions() }

func (d *details) row(name string) ask.Question {
	rows := d.rows()
	i := slices.IndexFunc(rows, func(q ask.Question) bool { return q.Name == name })
	return rows[max(0, i)]
}

// move opens the row so many further, if there is one.
func (d *details) move(by int) bool {
	rows := d.rows()
	i := slices.IndexFunc(rows, func(q ask.Question) bool { return q.Name == d.open }) + by
	d.tried[d.open] = true
	if i < 0 || i >= len(rows) {
		return false
	}
	d.edit(rows[i].Name)
	return true
}

func (d *details) update(msg tea.Msg) (tea.Cmd, wish) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		msg.Content = d.row(d.open).Pasted(msg.Content)
		d.field.press(msg)
		d.pick = -1
	case tea.KeyPressMsg:
		return nil, d.press(msg)
	}
	return nil, wish{}
}

func (d *details) press(k tea.KeyPressMsg) wish {
	choosing := d.row(d.open).Chooses()
	switch {
	case key.Matches(k, nextKey("")):
		return d.accept(k)
	case key.Matches(k, bind("", "", "tab")):
		d.move(1)
	case key.Matches(k, bind("", "", "shift+tab")):
		d.move(-1)
	case !choosing && key.Matches(k, chooseKey("")):
		d.arrow(k)
	default:
		d.field.press(k)
		d.pick = -1
	}
	return wish{}
}

// arrow walks through a list of what was found where there is one, and through the
// rows elsewhere.
func (d *details) arrow(k tea.KeyPressMsg) {
	by := 1
	if key.Matches(k, bind("", "", "up")) {
		by = -1
	}
	matches := d.matches()
	if len(matches) > 0 && d.pick+by >= -1 && (by < 0 && d.pick >= 0 || by > 0) {
		d.pick = min(d.pick+by, len(matches)-1)
		return
	}
	d.move(by)
}

// accept takes the open row's value and goes on: to the next row, or from the
// last one to the next screen.
func (d *details) accept(k tea.KeyPressMsg) wish {
	q := d.row(d.open)
	if m := d.matches(); d.pick >= 0 && d.pick < len(m) {
		q.SetText(m[d.pick])
		d.edit(d.open)
	} else if !q.Chooses() && q.Text() == "" && q.Suggested != "" {
		q.SetText(q.Suggested)
		d.edit(d.open)
	}
	d.tried[d.open] = true
	if !d.field.submit(k) || len(ask.Wrong(d.row(d.open).Problems())) > 0 {
		d.edit(d.open)
		return wish{}
	}
	if d.move(1) {
		return wish{}
	}
	for _, q := range d.rows() {
		if len(ask.Wrong(q.Problems())) > 0 {
			d.tried[q.Name] = true
			d.edit(q.Name)
			return wish{}
		}
	}
	d.edit(d.open)
	return wish{to: onward}
}

// matches are what was found in the account that holds what was typed so far.
func (d *details) matches() []string {
	if q := d.row(d.open); !q.Chooses() {
		return q.Matches()
	}
	return nil
}

func (d *details) about() about { return d.heading }

func (d *details) keys() []key.Binding {
	choosing := d.row(d.open).Chooses()
	return []key.Binding{
		nextKey("next"),
		bind("tab", "move", "tab", "shift+tab"),
		onlyIf(choosing || len(d.matches()) > 0, chooseKey(d.s.arrows())),
		// Shown or not, the arrows move between text fields.
		onlyIf(false, chooseKey("")),
	}
}

func (d *details) applies() bool { return d.only == nil || d.only() }

func (d *details) typing() bool { return !d.row(d.open).Chooses() }

func (d *details) leave() {}

// labelColumn is how wide the names of the fields are, where they stand beside
// their values.
const (
	labelColumn = 23
	sideBySide  = 64
)

func (d *details) page(c view.Canvas) page {
	var p page
	for _, q := range d.rows() {
		from := len(p.lines)
		p.lines = append(p.lines, d.drawRow(c, q)...)
		if q.Name == d.open {
			p.from, p.to = from, len(p.lines)
		}
	}
	return p
}

// drawRow draws a row: open with its field and all that there is to say about
// it, closed in one line with its value.
func (d *details) drawRow(c view.Canvas, q ask.Question) []string {
	isOpen := q.Name == d.open
	mark, label := "  ", q.Label
	if isOpen {
		label = c.Theme.Selected.Render(label)
		if !q.Chooses() { // A list has a cursor of its own.
			mark = c.Theme.Selected.Render(c.Glyphs.Cursor) + " "
		}
	}
	indent, width := strings.Repeat(" ", labelColumn), c.Width-labelColumn
	if c.Width < sideBySide {
		indent, width = "    ", c.Width-4
	}
	var body []string
	if isOpen {
		body = d.drawOpen(c, q, width)
	} else {
		body = d.drawClosed(c, q, width)
	}
	if c.Width < sideBySide {
		return append([]string{mark + label}, indented(indent, indent, body)...)
	}
	first := mark + label + strings.Repeat(" ", labelColumn-len(mark0)-len(q.Label))
	return indented(first, indent, body)
}

// mark0 is a mark's width.
const mark0 = "  "

func (d *details) drawClosed(c view.Canvas, q ask.Question, width int) []string {
	text := view.Inert(q.Text())
	if text == "" {
		text = c.Theme.Muted.Render(q.Empty)
	}
	out := []string{cut(c, text, width)}
	if d.tried[q.Name] {
		for _, p := range q.Problems() {
			out = append(out, drawProblem(c, provision.Problem{Field: p.Field, Rule: p.Rule, Warning: p.Warning}, width)...)
		}
	}
	return out
}

func (d *details) drawOpen(c view.Canvas, q ask.Question, width int) []string {
	out := d.field.lines(width)
	problems := q.Problems()
	if q.Text() == "" && !d.tried[q.Name] {
		problems = nil // Nothing typed yet is nothing wrong yet.
	}
	if q.Text() == "" && len(problems) > 0 {
		out = append(out, styled(c.Theme.Danger.Render, wrap(c.Glyphs.Failed+" This is needed.", width))...)
		problems = nil
	}
	out = append(out, drawProblems(c, problems, width)...)
	// A list of what matches says more than the hint on something typed.
	if len(problems) == 0 && (q.Text() == "" || len(d.matches()) == 0) {
		out = append(out, muted(c, wrap(q.Hint(), width))...)
	}
	out = append(out, d.drawMatches(c, width)...)
	return append(out, "")
}

// shownMatches is how many values are listed at once.
const shownMatches = 6

func (d *details) drawMatches(c view.Canvas, width int) []string {
	matches := d.matches()
	if len(matches) == 0 {
		return nil
	}
	from := max(0, min(d.pick-shownMatches/2, len(matches)-shownMatches))
	of := cmp.Or(d.row(d.open).Of, "The account has")
	title := fmt.Sprintf("%s %d, type a part of a name to find one:", of, len(matches))
	if d.row(d.open).Text() != "" {
		title = fmt.Sprintf("%s %d with this in the name:", of, len(matches))
	}
	out := muted(c, wrap(title, width))
	for i := from; i < min(len(matches), from+shownMatches); i++ {
		line := cut(c, "  "+view.Inert(matches[i]), width)
		if i == d.pick {
			line = c.Theme.Selected.Render(c.Glyphs.Cursor + " " + cut(c, view.Inert(matches[i]), width-2))
		}
		out = append(out, line)
	}
	return out
}

func drawProblems(c view.Canvas, all []provision.Problem, width int) []string {
	var out []string
	for _, p := range all {
		out = append(out, drawProblem(c, p, width)...)
	}
	return out
}

func drawProblem(c view.Canvas, p provision.Problem, width int) []string {
	glyph, style := c.Glyphs.Failed, c.Theme.Danger
	if p.Warning {
		glyph, style = c.Glyphs.Warning, c.Theme.Warning
	}
	out := styled(style.Render, wrap(glyph+" "+ask.Sentence(p), width))
	if p.Way != "" {
		out = append(out, muted(c, indented("  ", "  ", wrap(ask.UpperFirst(p.Way)+".", width-2)))...)
	}
	return out
}
