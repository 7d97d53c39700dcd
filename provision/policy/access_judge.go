package policy

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// result is what became of the requests of a cell under one condition.
type result struct {
	status    status
	condition string
	by, was   []string
}

// judge asks both sides about every case of a cell.
func (c *comparison) judge(x *cell, voices []int) []result {
	var heard []int
	says := make(map[*voice]truth, len(voices))
	var blocks []int
	for _, i := range voices {
		v := &c.voices[i]
		if t := c.speaks(v, x); t != no {
			heard = append(heard, i)
			says[v] = t
			if v.block >= 0 {
				blocks = append(blocks, v.block)
			}
		}
	}
	blocks = distinct(blocks)
	// The longest first: of two that come to the same, the first is dropped.
	slices.SortStableFunc(blocks, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(c.blocks[b].text), len(c.blocks[a].text)), cmp.Compare(c.blocks[a].text, c.blocks[b].text))
	})
	if len(blocks) > mostBlocks {
		return c.judgeBlurred(heard, says)
	}
	found := c.casesOf(blocks)
	in := func(v *voice, vector uint32) truth {
		if v.block >= 0 && vector&(1<<slices.Index(blocks, v.block)) == 0 {
			return no
		}
		return says[v]
	}
	byStatus := [statuses][]uint32{}
	for _, vector := range found.vectors {
		hear := func(v *voice) truth { return in(v, vector) }
		for _, s := range outcome(c.allowed(0, hear, heard), c.allowed(1, hear, heard)) {
			byStatus[s] = append(byStatus[s], vector)
		}
	}
	if !found.exact && len(byStatus[gained])+len(byStatus[lost]) > 0 {
		c.note("conditions are combined that cannot be compared value by value")
	}
	var out []result
	for s, vectors := range byStatus {
		for _, m := range implicants(vectors, found.vectors, len(blocks)) {
			by, was := c.credit(status(s), heard, blocks, m)
			out = append(out, result{status(s), c.phrase(blocks, m), by, was})
		}
	}
	return out
}

// judgeBlurred gives up on telling conditions apart: each may hold or not.
func (c *comparison) judgeBlurred(heard []int, says map[*voice]truth) []result {
	c.note("more conditions meet than the comparison explores")
	blur := func(v *voice) truth {
		if v.block >= 0 {
			return min(says[v], unknown)
		}
		return says[v]
	}
	var out []result
	for _, s := range outcome(c.allowed(0, blur, heard), c.allowed(1, blur, heard)) {
		by, was := c.credit(s, heard, nil, implicant{})
		out = append(out, result{s, "some conditions", by, was})
	}
	return out
}

// outcome says what became of a case. What cannot be told counts as gained
// and as lost.
func outcome(before, after truth) []status {
	var out []status
	if after != no && before != yes {
		out = append(out, gained)
	}
	if before != no && after != yes {
		out = append(out, lost)
	}
	if before == yes && after == yes {
		out = append(out, kept)
	}
	return out
}

// implicant is a set of cases: those that agree with value in the bits of
// mask.
type implicant struct{ mask, value uint32 }

// implicants cover the wanted cases, and no other of all cases, with few
// conditions each. Conditions that do not hold are dropped first, so that
// what remains reads well.
func implicants(wanted, all []uint32, blocks int) []implicant {
	var out []implicant
	open := slices.Clone(wanted)
	for len(open) > 0 {
		m := implicant{uint32(1)<<blocks - 1, open[0]}
		for _, drop := range []uint32{m.mask &^ open[0], open[0]} {
			for ; drop != 0; drop &= drop - 1 {
				bit := uint32(1) << bits.TrailingZeros32(drop)
				wider := implicant{m.mask &^ bit, m.value &^ bit}
				if !slices.ContainsFunc(all, func(v uint32) bool {
					return wider.holds(v) && !slices.Contains(wanted, v)
				}) {
					m = wider
				}
			}
		}
		out = append(out, m)
		open = slices.DeleteFunc(open, m.holds)
	}
	return out
}

// holds reports whether a case is in the set.
func (m implicant) holds(v uint32) bool { return v&m.mask == m.value&m.mask }

// phrase says an implicant in words.
func (c *comparison) phrase(blocks []int, m implicant) string {
	var parts []string
	for bit, id := range blocks {
		switch {
		case m.mask&(1<<bit) == 0:
		case m.value&(1<<bit) != 0:
			parts = append(parts, c.blocks[id].text)
		default:
			parts = append(parts, "not ("+c.blocks[id].text+")")
		}
	}
	slices.SortFunc(parts, func(a, b string) int {
		if n := strings.HasPrefix(a, "not ("); n != strings.HasPrefix(b, "not (") {
			if n {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return strings.Join(parts, " and ")
}

// credit names the policies whose Allow statements give the grant: after, or
// for a lost grant before.
func (c *comparison) credit(s status, heard, blocks []int, m implicant) (by, was []string) {
	var sources [2][]string
	for _, i := range heard {
		v := &c.voices[i]
		if v.deny || v.boundary {
			continue
		}
		if bit := slices.Index(blocks, v.block); bit >= 0 && m.mask&(1<<bit) != 0 && m.value&(1<<bit) == 0 {
			continue
		}
		sources[v.side] = append(sources[v.side], v.source)
	}
	before, after := sorted(sources[0]), sorted(sources[1])
	switch {
	case s == lost:
		return before, nil
	case s == gained || slices.Equal(before, after):
		return after, nil
	default:
		return after, before
	}
}
