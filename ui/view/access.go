package view

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// Access draws what the plan changes in what each principal may do: a tree by
// principal, destination and action, each action with what becomes of it, and
// by which policy; what changes stands before what stays. Who has nothing to
// gain or to lose is one line. Members of a group that fare the same are drawn
// together. It is empty for a plan that does nothing.
func Access(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	w := newAccessWords(p.Plan.Blueprint)
	short := true
	for _, l := range w.lots(p.Access) {
		if !short || !steady(l.AccessChange) {
			out.blank()
		}
		out.lot(w, l)
		short = steady(l.AccessChange)
	}
	return out.String()
}

// AccessHeadline is what changes in what the build user may do, in one line,
// with how many others are concerned where there is room for it. It is empty
// for a plan that does nothing.
func AccessHeadline(c Canvas, p *migrate.InstallPreview) string {
	if len(p.Access) == 0 {
		return ""
	}
	first, others, unread := p.Access[0], 0, false
	for _, a := range p.Access {
		if !a.Quiet() && a.Principal != first.Principal {
			others++
		}
		unread = unread || len(a.Unread) > 0
	}
	kind, _ := newAccessWords(p.Plan.Blueprint).principal(first)
	words := kind + ": " + deltaWords(first.Delta)
	short := fmt.Sprintf("%s: +%d =%d -%d", kind, entries(first.Gained), entries(first.Kept), entries(first.Lost))
	if unread {
		words += "; not all was read"
		short += "; not all read"
	}
	if widest(words) > c.Width {
		words = short
	}
	if more := "; " + counted(others, "other changes", "others change") + " too"; others > 0 && widest(words+more) <= c.Width {
		words += more
	}
	out := page{c: c}
	out.line(plain(words))
	return out.String()
}

// steady reports whether there is no more to say of a principal than that
// nothing changes.
func steady(a provision.AccessChange) bool {
	return a.Quiet() && !slices.ContainsFunc(a.Kept, func(g policy.Grant) bool { return len(g.Was) > 0 })
}

// lot is principals that fare the same.
type lot struct {
	provision.AccessChange
	kind, name string
}

// lots puts members of a group together that gain, keep and lose the same.
func (w accessWords) lots(list []provision.AccessChange) []lot {
	var out []lot
	for _, a := range list {
		kind, name := w.principal(a)
		if n := len(out); n > 0 && a.Via != "" {
			like := out[n-1].AccessChange
			like.Principal = a.Principal
			if reflect.DeepEqual(like, a) {
				out[n-1].kind = "members"
				out[n-1].name += ", " + name
				continue
			}
		}
		out = append(out, lot{a, kind, name})
	}
	return out
}

// lot draws principals with what they may do.
func (p *page) lot(w accessWords, l lot) {
	head := "  " + l.kind + " "
	if steady(l.AccessChange) {
		style, words := p.c.Theme.Muted, ": unchanged, "
		if len(l.Unread) > 0 {
			style, words = lipgloss.NewStyle(), ": unchanged as far as could be read, "
		}
		p.paragraph([]span{{style, head}}, plain("    "), style, l.name+words+actionCount(l.Kept, "")+" kept")
		p.doubts(l.AccessChange, "    ")
		return
	}
	pipe := p.c.Glyphs.Pipe + "  "
	guide := "  " + pipe
	p.paragraph([]span{{p.c.Theme.Title, head}}, p.muted(guide), p.c.Theme.Title, l.name)
	if l.Via != "" {
		p.paragraph([]span{p.muted(guide)}, p.muted(guide), p.c.Theme.Muted, l.Via+", and compared only as far as that goes")
	}
	p.paragraph([]span{p.muted(guide)}, p.muted(guide), lipgloss.NewStyle(), deltaWords(l.Delta))
	p.doubts(l.AccessChange, guide)
	list := w.destinations(l.AccessChange)
	for i, d := range list {
		branch, below := p.c.Glyphs.Branch, pipe
		if i == len(list)-1 {
			branch, below = p.c.Glyphs.LastBranch, "   "
		}
		style := lipgloss.NewStyle()
		if d.stays() {
			style = p.c.Theme.Muted
		}
		p.paragraph([]span{p.muted("  " + branch + p.c.Glyphs.Dash + " ")}, p.muted("  "+below), style, d.name)
		for _, e := range d.effects {
			p.effect(e, below)
		}
	}
}

// doubts say what keeps a comparison from being the whole truth.
func (p *page) doubts(a provision.AccessChange, guide string) {
	say := func(text string) {
		p.paragraph([]span{p.muted(guide), {p.c.Theme.Warning, p.c.Glyphs.Unknown + " "}}, p.muted(guide+"  "), p.c.Theme.Warning, text)
	}
	if len(a.Unread) > 0 {
		say("not read: " + strings.Join(a.Unread, "; ") + ", so this may not be all")
	}
	if !a.Exact {
		say(inexact(a.Delta))
	}
}

// inexact says in which direction a comparison may be wrong, and why.
func inexact(d policy.Delta) string {
	s := "not exact: some of what is listed as gained or lost may not differ, but nothing that differs is left out"
	if len(d.Notes) > 0 {
		s += " (" + strings.Join(d.Notes, "; ") + ")"
	}
	return s
}

// effectWidth is the column of the words gained, kept and lost.
const effectWidth = 8

// effect draws what becomes of some actions at one destination.
func (p *page) effect(e effect, below string) {
	head := []span{spaced(p.c.mark(e.stand)), p.muted(below), {p.effectStyle(e), pad(e.word, effectWidth)}}
	rest := p.muted("  " + below + strings.Repeat(" ", effectWidth))
	style := lipgloss.NewStyle()
	if e.stand == settled {
		style = p.c.Theme.Muted
	}
	if p.c.Width < roomForNotes {
		p.line(head...)
		rest = p.muted("  " + below + "  ")
		head = []span{rest}
	}
	p.paragraph(head, rest, style, strings.Join(folded(e.actions), ", "))
	for _, more := range []span{
		{p.effectStyle(e), e.remark}, {lipgloss.NewStyle(), e.condition}, {p.c.Theme.Muted, e.by},
	} {
		if more.text != "" {
			p.paragraph([]span{rest}, rest, more.style, more.text)
		}
	}
}

func (p *page) effectStyle(e effect) lipgloss.Style {
	switch e.weight {
	case needed:
		return p.c.Theme.Danger
	case beyond:
		return p.c.Theme.Warning
	case usual:
	}
	return p.c.wordStyle(e.stand)
}

func (p *page) muted(text string) span { return span{p.c.Theme.Muted, text} }

// paragraph adds text behind a head of several spans, with its further lines
// behind another.
func (p *page) paragraph(head []span, rest span, style lipgloss.Style, s string) {
	for _, l := range wrap(Inert(s), p.c.Width-max(widthOf(head), widest(rest.text))) {
		p.line(append(slices.Clone(head), span{style, l})...)
		head = []span{rest}
	}
}

// deltaWords counts a delta.
func deltaWords(d policy.Delta) string {
	return fmt.Sprintf("%s gained, %s kept, %s lost",
		actionCount(d.Gained, "action"), actionCount(d.Kept, ""), actionCount(d.Lost, ""))
}
