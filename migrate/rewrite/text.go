package rewrite

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// block is a block that is written anew. Groups of arguments stand a blank
// line apart.
type block struct {
	comment string
	kind    string
	labels  []string
	groups  [][]argument
}

// text is the block as the language's own formatter writes it, without a line
// break at the end.
func (b block) text() string {
	var out strings.Builder
	for line := range strings.Lines(b.comment) {
		out.WriteString("# " + strings.TrimSuffix(line, "\n") + "\n")
	}
	out.WriteString(b.kind)
	for _, l := range b.labels {
		out.WriteString(` "` + l + `"`)
	}
	out.WriteString(" {\n")
	first := true
	for _, g := range b.groups {
		if len(g) == 0 {
			continue
		}
		if !first {
			out.WriteString("\n")
		}
		first = false
		for _, a := range g {
			out.WriteString(a.name + " = " + strings.ReplaceAll(a.value, "\r\n", "\n") + "\n")
		}
	}
	out.WriteString("}")
	return string(hclwrite.Format([]byte(out.String())))
}

// inStyle is a formatted block with a file's own line ends and indentation.
func (p *patch) inStyle(text string) string {
	unit := p.unit()
	var out strings.Builder
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " ")
		depth := (len(line) - len(bare)) / 2
		if unit != "  " {
			line = strings.Repeat(unit, depth) + bare
		}
		out.WriteString(strings.ReplaceAll(line, "\n", p.eol()))
	}
	return out.String()
}

// unit is how the file indents: by what its first attribute inside a block
// stands behind.
func (p *patch) unit() string {
	for _, b := range p.body.Blocks {
		for _, a := range attributes(b) {
			indent := string(p.file.Data[p.lineStart(a.NameRange.Start.Byte):a.NameRange.Start.Byte])
			if indent != "" && strings.TrimSpace(indent) == "" {
				return indent
			}
		}
	}
	return "  "
}

// expression is the text of an argument, or empty.
func (p *patch) expression(b *hclsyntax.Block, name string) string {
	a := b.Body.Attributes[name]
	if a == nil {
		return ""
	}
	r := a.Expr.Range()
	return string(p.file.Data[r.Start.Byte:r.End.Byte])
}
