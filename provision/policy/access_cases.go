package policy

import (
	"maps"
	"slices"
	"strings"
)

// Conditions in a comparison. The conditions of a statement form a block.
// In a cell some blocks matter; a case is a yes or no for each of them that
// some context can bring about. Cases are found by trying, for every key, one
// value of each kind that the conditions tell apart.

// block is the conditions of a statement.
type block struct {
	text       string // for a person
	conditions []condition
}

// mostBlocks and mostCases bound the work for one cell.
const (
	mostBlocks = 12
	mostCases  = 4096
)

// block interns the conditions of a statement; -1 stands for none.
func (c *comparison) block(s *Statement) int {
	if len(s.Conditions) == 0 {
		return -1
	}
	key := canonicalConditions(s.Conditions)
	for i := range s.conditions {
		for j := range s.conditions[i].values {
			if len(s.conditions[i].values[j].text.variables) > 0 {
				key += " with variables"
			}
		}
	}
	id, ok := c.blockIDs[key]
	if !ok {
		id = len(c.blocks)
		c.blockIDs[key] = id
		c.blocks = append(c.blocks, block{conditionText(s.Conditions), s.conditions})
	}
	return id
}

// conditionText says in one line what a statement's conditions ask.
func conditionText(list []Condition) string {
	parts := make([]string, len(list))
	for i, c := range list {
		values := sorted(canonicalValues(c))
		parts[i] = c.Operator + " " + c.Key + " [" + strings.Join(values, ", ") + "]"
		if len(values) == 1 {
			parts[i] = c.Operator + " " + c.Key + " " + values[0]
		}
	}
	return strings.Join(sorted(parts), " and ")
}

// cases are the answers of some blocks that can occur together, as bits in
// the order of the blocks. Unless exact, some of them may not occur.
type cases struct {
	vectors []uint32
	exact   bool
}

// casesOf finds the cases of some blocks, once.
func (c *comparison) casesOf(blocks []int) cases {
	id := string(key64(blocks))
	if found, ok := c.cases[id]; ok {
		return found
	}
	found := c.tryCases(blocks)
	c.cases[id] = found
	return found
}

// key64 makes a list of small numbers comparable.
func key64(list []int) []byte {
	out := make([]byte, 0, 2*len(list))
	for _, v := range list {
		out = append(out, byte(v), byte(v>>8))
	}
	return out
}

// atom is one condition of one block.
type atom struct {
	condition *condition
	block     int // bit of the block
}

// tryCases walks over the kinds of values of every key.
func (c *comparison) tryCases(blocks []int) cases {
	byKey := map[string][]atom{}
	for bit, id := range blocks {
		for i := range c.blocks[id].conditions {
			cond := &c.blocks[id].conditions[i]
			byKey[cond.lower] = append(byKey[cond.lower], atom{cond, bit})
		}
	}
	all := uint32(1)<<len(blocks) - 1
	vectors := map[uint32]bool{all: true}
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		answers, exact := keyAnswers(byKey[k], all)
		next := map[uint32]bool{}
		for v := range vectors {
			for _, a := range answers {
				next[v&a] = true
			}
		}
		if !exact || len(next) > mostCases {
			return everyCase(len(blocks))
		}
		vectors = next
	}
	return cases{vectors: slices.Sorted(maps.Keys(vectors)), exact: true}
}

// everyCase is what remains when the cases cannot be told: all there are.
func everyCase(blocks int) cases {
	out := cases{}
	for v := range uint32(1) << blocks {
		out.vectors = append(out.vectors, v)
	}
	return out
}

// keyAnswers are the answers that one key can bring about: in each, the bits
// of the blocks that the key rules out are zero. It reports whether they are
// all there are.
func keyAnswers(atoms []atom, all uint32) ([]uint32, bool) {
	lists, exact := contextsFor(atoms)
	if !exact {
		return nil, false
	}
	seen := map[uint32]bool{}
	for _, values := range lists {
		ctx := Context{Values: map[string][]string{atoms[0].condition.lower: values}}
		answer := all
		for _, a := range atoms {
			if a.condition.eval(&ctx) != yes {
				answer &^= 1 << a.block
			}
		}
		seen[answer] = true
	}
	return slices.Sorted(maps.Keys(seen)), true
}
