package rewrite

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
)

// argument is one to be added.
type argument struct{ name, value string }

// setSource changes the text of a source.
func (p *patch) setSource(b *hclsyntax.Block, raw string) {
	a := b.Body.Attributes["source"]
	r := a.Expr.Range()
	if sourceOf(b) == raw {
		return
	}
	p.replace(r.Start.Byte, r.End.Byte, layout.Quote(raw))
}

// sourceOf is the literal source of a block.
func sourceOf(b *hclsyntax.Block) string {
	v, diags := b.Body.Attributes["source"].Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type().FriendlyName() != "string" {
		return ""
	}
	return v.AsString()
}

// attributes are those of a block in the order of the text.
func attributes(b *hclsyntax.Block) []*hclsyntax.Attribute {
	var out []*hclsyntax.Attribute
	for _, a := range b.Body.Attributes {
		out = append(out, a)
	}
	slices.SortFunc(out, func(x, y *hclsyntax.Attribute) int { return x.SrcRange.Start.Byte - y.SrcRange.Start.Byte })
	return out
}

func lines(a *hclsyntax.Attribute) (first, last int) {
	return a.SrcRange.Start.Line, a.SrcRange.End.Line
}

// run is the attributes on the lines right above and below one, each on a line
// of its own: what terraform fmt lines up together.
func run(b *hclsyntax.Block, of *hclsyntax.Attribute) []*hclsyntax.Attribute {
	all := attributes(b)
	at := slices.Index(all, of)
	one := func(a *hclsyntax.Attribute) bool { first, last := lines(a); return first == last }
	from, to := at, at
	for from > 0 && one(all[from-1]) && all[from-1].SrcRange.Start.Line == all[from].SrcRange.Start.Line-1 {
		from--
	}
	for to+1 < len(all) && one(all[to+1]) && all[to+1].SrcRange.Start.Line == all[to].SrcRange.End.Line+1 {
		to++
	}
	return all[from : to+1]
}

// aligned reports whether the equals signs of a run stand under each other.
func aligned(run []*hclsyntax.Attribute) bool {
	for _, a := range run {
		if a.EqualsRange.Start.Column != run[0].EqualsRange.Start.Column {
			return false
		}
	}
	return true
}

// addArguments adds arguments near the one of the given name, or at the end of
// the block. Lines that are there are not realigned: where a new name does not
// fit under the equals signs, a blank line sets it apart, which terraform fmt
// accepts as it is.
func (p *patch) addArguments(b *hclsyntax.Block, near string, args []argument) {
	if len(args) == 0 {
		return
	}
	anchor := b.Body.Attributes[near]
	if anchor == nil {
		all := attributes(b)
		anchor = all[len(all)-1]
	}
	group := run(b, anchor)
	column := 0
	switch room := group[0].EqualsRange.Start.Column - anchor.NameRange.Start.Column - 1; {
	case len(group) > 1 && !aligned(group):
		group = []*hclsyntax.Attribute{anchor}
	case fits(args, room):
		column = room
	default:
		p.apart(b, group[len(group)-1], args)
		return
	}
	last := group[len(group)-1]
	at := p.lineEnd(last.SrcRange.End.Byte - 1)
	p.insert(at, p.written(anchor, args, column))
}

func fits(args []argument, room int) bool {
	for _, a := range args {
		if len(a.name) > room {
			return false
		}
	}
	return true
}

// apart adds arguments as a group of their own after an attribute.
func (p *patch) apart(b *hclsyntax.Block, after *hclsyntax.Attribute, args []argument) {
	at := p.lineEnd(after.SrcRange.End.Byte - 1)
	width := 0
	for _, a := range args {
		width = max(width, len(a.name))
	}
	text := p.eol() + p.written(after, args, width)
	if next := p.left(at); !p.blankAt(next) && !p.closes(b, next) {
		text += p.eol()
	}
	p.insert(at, text)
}

// written are the lines of arguments, indented as an attribute that is there.
func (p *patch) written(like *hclsyntax.Attribute, args []argument, width int) string {
	start := like.NameRange.Start.Byte
	indent := string(p.file.Data[p.lineStart(start):start])
	if strings.TrimSpace(indent) != "" {
		indent = "  "
	}
	var out strings.Builder
	for _, a := range args {
		pad := max(width-len(a.name), 0)
		out.WriteString(indent + a.name + strings.Repeat(" ", pad) + " = " + a.value + p.eol())
	}
	return out.String()
}

// renameArgument gives an argument another name, and keeps its equals sign in
// place where it is lined up with others.
func (p *patch) renameArgument(b *hclsyntax.Block, from, to string) {
	a := b.Body.Attributes[from]
	if a == nil {
		return
	}
	text := to
	if group := run(b, a); len(group) > 1 && aligned(group) && len(to) < len(from) {
		text += strings.Repeat(" ", len(from)-len(to))
	}
	p.replace(a.NameRange.Start.Byte, a.NameRange.End.Byte, text)
}

// removeArguments takes out the lines of arguments, the comments at their ends
// included, and a blank line that would be left before the end of the block or
// before another one.
func (p *patch) removeArguments(b *hclsyntax.Block, names []string) {
	var runs []cut
	for _, a := range attributes(b) {
		if !slices.Contains(names, a.Name) {
			continue
		}
		start := p.lineStart(a.SrcRange.Start.Byte)
		end := p.lineEnd(a.SrcRange.End.Byte - 1)
		if last := len(runs) - 1; last >= 0 && runs[last].end == start {
			runs[last].end = end
		} else {
			runs = append(runs, cut{start: start, end: end})
		}
	}
	for _, r := range runs {
		if before := p.lineStart(r.start - 1); p.blankAt(before) && (p.blankAt(r.end) || p.closes(b, r.end)) {
			r.start = before
		}
		p.replace(r.start, r.end, "")
		p.removed = append(p.removed, r)
	}
}

// closes reports whether the line that begins at a place has the block's
// closing brace.
func (p *patch) closes(b *hclsyntax.Block, at int) bool {
	return p.lineStart(b.CloseBraceRange.Start.Byte) == at
}

// left is the first place from at on that is not taken out.
func (p *patch) left(at int) int {
	for _, r := range p.removed {
		if r.start == at {
			at = r.end
		}
	}
	return at
}
