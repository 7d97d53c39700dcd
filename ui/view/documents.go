package view

import (
	"strings"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/aymanbagabas/go-udiff"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// Documents draws the policy documents of the plan: new ones and those that
// stay whole, those that change as a difference of their canonical forms. What
// is new or changes has a sentence above it that says what it means.
func Documents(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	w := newAccessWords(p.Plan.Blueprint)
	for _, d := range documents(p) {
		out.blank()
		out.document(d, w.meaning(d))
	}
	return out.String()
}

// document is one policy document of a plan.
type document struct {
	title string
	kind  policy.Kind
	stand stand
	word  string
	// before is what is there when it changes, after what will be.
	before, after string
}

// documents lists the documents in the order of the tree of changes.
func documents(p *migrate.InstallPreview) []document {
	b := p.Plan.Blueprint
	var out []document
	for _, pol := range b.Policies {
		e := provision.Entity{Type: provision.PolicyEntity, Name: pol.Name}
		out = append(out, documentOf(p.Plan, e, policy.IdentityPolicy, "policy "+pol.Name, pol.Document))
	}
	if b.Role != nil {
		e := provision.Entity{Type: provision.RoleEntity, Name: b.Role.Name}
		out = append(out, documentOf(p.Plan, e, policy.TrustPolicy, "trust policy of role "+b.Role.Name, b.Role.Trust))
	}
	if b.Bucket != nil {
		e := provision.Entity{Type: provision.BucketEntity, Name: b.Bucket.Name}
		if d := documentOf(p.Plan, e, policy.ResourcePolicy, "policy of bucket "+b.Bucket.Name, ""); d.after != "" {
			out = append(out, d)
		}
	}
	if b.RepositoryPolicy != "" {
		out = append(out, document{
			title: "repository policy for other accounts", kind: policy.ResourcePolicy, stand: present,
			word: "for nullplatform to set on repositories", after: b.RepositoryPolicy,
		})
	}
	return out
}

// documentOf finds the change of an entity's document; without one the
// document stays as it is. One that changes in two steps is shown from where
// it is to where it ends.
func documentOf(plan provision.Plan, e provision.Entity, kind policy.Kind, title, text string) document {
	d := document{title: title, kind: kind, word: "unchanged", after: text}
	found := false
	for _, c := range plan.Changes {
		if c.Entity != e || !isObject(c.After) {
			continue
		}
		d.stand, d.word, d.after = added, "new", c.After
		if c.Mark == provision.Update {
			d.stand, d.word = changed, "changes"
			if !found {
				d.before = c.Before
			}
		}
		found = true
	}
	return d
}

// document draws one document below what it means.
func (p *page) document(d document, meaning string) {
	mark := spaced(p.c.mark(d.stand))
	if markWidth+widest(d.title)+columnGap+widest(d.word) <= p.c.Width {
		p.line(mark, span{p.c.Theme.Title, d.title}, plain("  "), span{p.c.wordStyle(d.stand), d.word})
	} else {
		p.hanging(mark, p.c.Theme.Title, d.title+" ("+d.word+")")
	}
	if meaning != "" {
		p.hanging(plain("  "), lipgloss.NewStyle(), meaning)
	}
	if d.stand != changed {
		p.code(2, pretty(d.after))
		return
	}
	p.text(2, p.c.Theme.Muted, differenceSentence)
	for _, l := range difference(d.before, d.after) {
		p.codeLine(2, p.diffStyle(l), l)
	}
}

const differenceSentence = "Compared in canonical form, in which order, spelling and white space do not count: " +
	"lines with - are there now, lines with + will be."

// difference is a unified difference of two documents in canonical form,
// without the file names.
func difference(before, after string) []string {
	before, after = canonicalPair(before, after)
	diff := udiff.Unified("now", "then", before+"\n", after+"\n")
	lines := strings.Split(strings.TrimRight(diff, "\n"), "\n")
	if len(lines) > 2 {
		lines = lines[2:]
	}
	return lines
}

func (p *page) diffStyle(line string) lipgloss.Style {
	switch {
	case strings.HasPrefix(line, "@@"):
		return p.c.Theme.Accent
	case strings.HasPrefix(line, "+"):
		return p.c.Theme.Added
	case strings.HasPrefix(line, "-"):
		return p.c.Theme.Removed
	}
	return lipgloss.NewStyle()
}

// code adds lines as they are, indented.
func (p *page) code(indent int, text string) {
	for _, l := range strings.Split(text, "\n") {
		p.codeLine(indent, lipgloss.NewStyle(), l)
	}
}

// codeLine adds one line of code. One that is too long goes on below, behind
// a mark, as far in as it began.
func (p *page) codeLine(indent int, style lipgloss.Style, line string) {
	line = Inert(line)
	lead := line[:len(line)-len(strings.TrimLeft(line, " +-"))]
	more := p.c.Glyphs.Arrow + " "
	room := p.c.Width - indent - widest(lead)
	p.line(plain(strings.Repeat(" ", indent)), span{style, clip(line, p.c.Width-indent)})
	rest := line[len(clip(line, p.c.Width-indent)):]
	for rest != "" && room > widest(more) {
		l := clip(rest, room-widest(more))
		p.line(plain(strings.Repeat(" ", indent+widest(lead))), span{p.c.Theme.Muted, more}, span{style, l})
		rest = rest[len(l):]
	}
}

// clip is the longest beginning of plain text that fits, at least one
// character.
func clip(s string, width int) string {
	if head := ansi.Truncate(s, max(1, width), ""); head != "" {
		return head
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}
