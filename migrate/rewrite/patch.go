package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/nullplatform/slipway/migrate/layout"
)

// patch is the changes of one file: pieces of text that are cut out and what
// comes in their place. All else is kept to the byte.
type patch struct {
	root string
	file layout.File
	// fresh is a file that is not there yet.
	fresh bool
	// neighbour is the text of another file of the root.
	neighbour []byte
	body      *hclsyntax.Body
	cuts      []cut
	// removed are whole lines that are cut out.
	removed []cut
	// blocks are whole blocks to be put at a place.
	blocks map[int][]string
}

// cut is one piece.
type cut struct {
	start, end int
	text       string
}

// replace cuts a piece out and puts text in its place. The same cut twice is
// one.
func (p *patch) replace(start, end int, text string) {
	c := cut{start, end, text}
	if string(p.file.Data[start:end]) == text || slices.Contains(p.cuts, c) && start != end {
		return
	}
	p.cuts = append(p.cuts, c)
}

// insert puts text at a place. Texts at the same place follow each other.
func (p *patch) insert(at int, text string) {
	p.cuts = append(p.cuts, cut{at, at, text})
}

// apply gives the new text. Cuts that overlap, and a result that does not
// parse, are defects here, and refused before anything is written.
func (p *patch) apply() ([]byte, error) {
	p.settle()
	cuts := slices.Clone(p.cuts)
	slices.SortStableFunc(cuts, func(a, b cut) int {
		// What is put in comes before what is cut out at the same place.
		return cmp.Or(a.start-b.start, min(a.end-a.start, 1)-min(b.end-b.start, 1))
	})
	var out bytes.Buffer
	at := 0
	for _, c := range cuts {
		if c.start < at || c.end < c.start || c.end > len(p.file.Data) {
			return nil, fmt.Errorf("rewrite %s: two changes meet at byte %d; nothing was written; make the change by hand", p.file.Name, c.start)
		}
		out.Write(p.file.Data[at:c.start])
		out.WriteString(c.text)
		at = c.end
	}
	out.Write(p.file.Data[at:])
	if err := p.sound(cuts); err != nil {
		return nil, err
	}
	return p.formatted(out.Bytes()), nil
}

// formatted lines up again what stood beside lines that were taken out, in a
// file that terraform fmt accepted as it was. Any other file stays as it is.
func (p *patch) formatted(after []byte) []byte {
	if len(p.removed) == 0 || !bytes.Equal(hclwrite.Format(p.file.Data), p.file.Data) {
		return after
	}
	return hclwrite.Format(after)
}

// eol is the file's way to end a line; a new file ends them as its neighbours.
func (p *patch) eol() string {
	data := p.file.Data
	if len(data) == 0 {
		data = p.neighbour
	}
	crlf := bytes.Count(data, []byte("\r\n"))
	if crlf*2 > bytes.Count(data, []byte("\n")) {
		return "\r\n"
	}
	return "\n"
}

// lineEnd is the place after the line break of the line that at is in, or the
// end of the file.
func (p *patch) lineEnd(at int) int {
	if i := bytes.IndexByte(p.file.Data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(p.file.Data)
}

// lineStart is the place where the line that at is in begins.
func (p *patch) lineStart(at int) int {
	return bytes.LastIndexByte(p.file.Data[:at], '\n') + 1
}

// blankAt reports whether the line that begins at a place is empty, or the
// file ends there.
func (p *patch) blankAt(at int) bool {
	return strings.TrimSpace(string(p.file.Data[at:p.lineEnd(at)])) == ""
}

// module finds a module block.
func (p *patch) module(name string) *hclsyntax.Block {
	for _, b := range p.body.Blocks {
		if b.Type == "module" && len(b.Labels) == 1 && b.Labels[0] == name {
			return b
		}
	}
	return nil
}

// afterBlock puts a block behind another one, a blank line apart from what is
// around it.
func (p *patch) afterBlock(b *hclsyntax.Block, text string) {
	at := p.lineEnd(b.CloseBraceRange.End.Byte)
	p.put(at, text)
}

// atEnd puts a block at the end of the file.
func (p *patch) atEnd(text string) { p.put(len(p.file.Data), text) }

// put adds a block at a place. Blocks at one place are set together in
// [patch.settle].
func (p *patch) put(at int, text string) {
	if p.blocks == nil {
		p.blocks = map[int][]string{}
	}
	p.blocks[at] = append(p.blocks[at], text)
}

// settle turns the blocks that were put into insertions.
func (p *patch) settle() {
	eol := p.eol()
	for at, texts := range p.blocks {
		text := strings.Join(texts, eol+eol)
		data := p.file.Data
		switch {
		case at == 0:
			p.insert(at, text+eol)
		case data[at-1] != '\n':
			// The file ends without a line break, and goes on doing so.
			p.insert(at, eol+eol+text)
		case at < len(data) && !p.blankAt(at):
			p.insert(at, eol+text+eol+eol)
		default:
			p.insert(at, p.gap(at)+text+eol)
		}
	}
	p.blocks = nil
}

// gap is the blank line before what is put at a place, unless there is one.
func (p *patch) gap(at int) string {
	if before := p.lineStart(at - 1); at == len(p.file.Data) && p.blankAt(before) {
		return ""
	}
	return p.eol()
}
