package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
)

// sound reads again what a patch has touched: each block with a change in it,
// and each text that was put between blocks. The rest is as it was, and was
// read before, so that a large file does not have to be read twice.
func (p *patch) sound(cuts []cut) error {
	blocks := slices.Clone(p.body.Blocks)
	slices.SortFunc(blocks, func(a, b *hclsyntax.Block) int { return a.TypeRange.Start.Byte - b.TypeRange.Start.Byte })
	for len(cuts) > 0 {
		first := cuts[0]
		b := around(blocks, first)
		if b == nil {
			if err := p.reads(first.text); err != nil {
				return err
			}
			cuts = cuts[1:]
			continue
		}
		start, end := b.TypeRange.Start.Byte, b.CloseBraceRange.End.Byte
		var text strings.Builder
		at := start
		for len(cuts) > 0 && cuts[0].start < end {
			text.Write(p.file.Data[at:cuts[0].start])
			text.WriteString(cuts[0].text)
			at = cuts[0].end
			cuts = cuts[1:]
		}
		text.Write(p.file.Data[at:end])
		if err := p.reads(text.String()); err != nil {
			return err
		}
	}
	return nil
}

// around is the block that a change is in.
func around(blocks []*hclsyntax.Block, c cut) *hclsyntax.Block {
	i, found := slices.BinarySearchFunc(blocks, c.start, func(b *hclsyntax.Block, at int) int {
		switch {
		case b.CloseBraceRange.End.Byte <= at:
			return -1
		case b.TypeRange.Start.Byte > at:
			return 1
		}
		return 0
	})
	if !found {
		return nil
	}
	return blocks[i]
}

func (p *patch) reads(text string) error {
	if _, err := layout.Parse(layout.File{Name: p.file.Name, Data: []byte(text)}); err != nil {
		return fmt.Errorf("rewrite %s: the result does not parse (%w); nothing was written; make the change by hand", p.file.Name, err)
	}
	return nil
}
