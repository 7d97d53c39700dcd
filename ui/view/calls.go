package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Calls draws the requests that the plan sends, numbered in their order, each
// below the change that it belongs to. Long documents are shortened with a
// mark that says by how much; [Documents] has them whole.
func Calls(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	n, digits := 0, len(strconv.Itoa(len(p.Plan.Calls())))
	for _, change := range p.Plan.Changes {
		out.blank()
		out.hanging(spaced(c.mark(standOf(change.Mark))), c.Theme.Title, change.Title)
		for _, call := range change.Calls {
			n++
			out.call(fmt.Sprintf("%*d", digits, n), call)
		}
	}
	return out.String()
}

// spaced is a mark with the space behind it.
func spaced(s span) span { return span{s.style, s.text + " "} }

// call draws one call: in one line if it fits and is plain, else with one
// parameter a line.
func (p *page) call(number string, call provision.Call) {
	head := []span{{p.c.Theme.Muted, "  " + number + "  "}, {p.c.Theme.Accent, call.Service() + ":" + call.Operation()}}
	if call.Action != call.Service()+":"+call.Operation() {
		head = append(head, span{p.c.Theme.Muted, "  (permitted by " + call.Action + ")"})
	}
	indent := widest(head[0].text)
	params, short, width := parameters(call), "", 0
	for _, q := range params {
		short += "  " + q.Name + "=" + q.Value
		if !isObject(q.Value) {
			width = max(width, widest(q.Name)+columnGap)
		}
	}
	if used := widthOf(head) + widest(short); used <= p.c.Width && !strings.Contains(short, "{") && len(call.Tags) == 0 {
		p.line(append(head, plain(short))...)
		return
	}
	p.line(head...)
	width = min(width, max(1, p.c.Width/3))
	for _, q := range params {
		if isObject(q.Value) {
			p.hanging(plain(strings.Repeat(" ", indent+2)), p.c.Theme.Muted, q.Name)
			p.shortened(indent+4, pretty(q.Value))
			continue
		}
		p.row(
			column(indent+2, p.c.Theme.Muted, ""),
			column(width, p.c.Theme.Muted, q.Name),
			column(max(1, p.c.Width-indent-2-width), lipgloss.NewStyle(), q.Value),
		)
	}
}

// parameters are a call's parameters with its tags as one.
func parameters(call provision.Call) []provision.Param {
	params := slices.Clone(call.Params)
	if len(call.Tags) > 0 {
		params = append(params, provision.Param{Name: "Tags", Value: tagWords(call.Tags)})
	}
	return params
}

// linesOfDocument is how much of a document a call shows.
const linesOfDocument = 8

// shortened adds code, and says how many lines it left out.
func (p *page) shortened(indent int, text string) {
	lines := strings.Split(text, "\n")
	left := len(lines) - linesOfDocument
	if left > 1 {
		lines = lines[:linesOfDocument]
	}
	p.code(indent, strings.Join(lines, "\n"))
	if left > 1 {
		p.text(indent, p.c.Theme.Muted, fmt.Sprintf("%s %d more lines, whole under Documents", p.c.Glyphs.Ellipsis, left))
	}
}
