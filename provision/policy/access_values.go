package policy

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Values that stand for all values: for every key, a few that between them
// bring about every answer that the key's conditions can give together.

// family groups the comparisons that read a value in the same way.
type family uint8

const (
	noFamily family = iota // Null, which reads no value
	textFamily
	foldedFamily
	numberFamily
	dateFamily
	boolFamily
	binaryFamily
	addressFamily
)

// familyOf is the family of a comparison.
func familyOf(c comparator) family {
	switch c {
	case null:
		return noFamily
	case stringEquals, stringLike, arnLike:
		return textFamily
	case stringEqualsIgnoreCase:
		return foldedFamily
	case boolEquals:
		return boolFamily
	case binaryEquals:
		return binaryFamily
	case ipAddress:
		return addressFamily
	case dateEquals, dateLess, dateLessOrEqual, dateGreater, dateGreaterOrEqual:
		return dateFamily
	default:
		return numberFamily
	}
}

// mostSubsets bounds the values of which all combinations are tried, for the
// set operators.
const mostSubsets = 8

// contextsFor lists what a key may hold in a request, one list of values of
// each kind that the atoms can tell apart; the first is the absent key. It
// reports false when it cannot be sure to have them all.
func contextsFor(atoms []atom) ([][]string, bool) {
	kind, sets := noFamily, false
	var operands []*operand
	for _, a := range atoms {
		f := familyOf(a.condition.operator.compare)
		if f != noFamily && kind != noFamily && f != kind {
			return nil, false
		}
		kind = max(kind, f)
		sets = sets || a.condition.operator.set != single
		for i := range a.condition.values {
			o := &a.condition.values[i]
			if len(o.text.variables) > 0 {
				return nil, false
			}
			if f != noFamily && o.valid {
				operands = append(operands, o)
			}
		}
	}
	values, ok := valuesOf(kind, operands)
	if !ok {
		return nil, false
	}
	values = sorted(append(values, "", "-"))
	lists := [][]string{nil}
	for _, v := range values {
		lists = append(lists, []string{v})
	}
	if !sets {
		return lists, true
	}
	if len(values) > mostSubsets {
		return nil, false
	}
	for bits := range 1 << len(values) {
		var list []string
		for i, v := range values {
			if bits&(1<<i) != 0 {
				list = append(list, v)
			}
		}
		lists = append(lists, list)
	}
	return lists, true
}

// valuesOf picks values of one family around the operands.
func valuesOf(kind family, operands []*operand) ([]string, bool) {
	switch kind {
	case textFamily:
		return textValues(operands, false)
	case foldedFamily:
		return textValues(operands, true)
	case numberFamily:
		return numberValues(operands), true
	case dateFamily:
		return dateValues(operands), true
	case boolFamily:
		return []string{"true", "false"}, true
	case binaryFamily:
		return binaryValues(operands), true
	case addressFamily:
		return addressValues(operands), true
	default:
		return nil, true
	}
}

// textValues picks a text of each kind that the operands' patterns tell
// apart, and of each kind an ARN and something else.
func textValues(operands []*operand, fold bool) ([]string, bool) {
	c := newComparison(Access{}, Access{})
	intern := func(text string) int {
		if fold {
			text = lowerASCII(text)
		}
		if i, ok := c.index[text]; ok {
			return i
		}
		c.languages = append(c.languages, newLanguage(patternOf(text, fold), ""))
		c.index[text] = len(c.languages) - 1
		return len(c.languages) - 1
	}
	base := intern(string(rune(anyRun)))
	all := []int{intern(wildcards("arn:*:*:*:*:*"))}
	for _, o := range operands {
		if fold && strings.IndexFunc(o.text.text, func(r rune) bool { return r > '\x7f' }) >= 0 {
			return nil, false // Case beyond ASCII is not followed.
		}
		all = append(all, intern(o.text.text))
	}
	var out []string
	for _, x := range c.cells(base, distinct(all)) {
		out = append(out, x.sample)
	}
	return out, len(c.notes) == 0
}

// numberValues picks every operand, a number between each two, and one
// beyond either end.
func numberValues(operands []*operand) []string {
	var points []*big.Rat
	for _, o := range operands {
		points = append(points, o.number)
	}
	slices.SortFunc(points, func(a, b *big.Rat) int { return a.Cmp(b) })
	one, half := big.NewRat(1, 1), big.NewRat(1, 2)
	all := []*big.Rat{new(big.Rat)}
	for i, p := range points {
		all = append(all, p, new(big.Rat).Sub(p, one), new(big.Rat).Add(p, one))
		if i > 0 {
			middle := new(big.Rat).Add(points[i-1], p)
			all = append(all, middle.Mul(middle, half))
		}
	}
	out := make([]string, len(all))
	for i, n := range all {
		// Decimals have no factor but two and five below the line, and halving
		// keeps it so.
		digits, _ := n.FloatPrec()
		out[i] = n.FloatString(digits)
	}
	return out
}

// dateValues picks every operand, an instant between each two, and one
// beyond either end.
func dateValues(operands []*operand) []string {
	var points []time.Time
	for _, o := range operands {
		points = append(points, o.date)
	}
	slices.SortFunc(points, time.Time.Compare)
	var out []string
	add := func(t time.Time) { out = append(out, t.UTC().Format(time.RFC3339Nano)) }
	for i, p := range points {
		add(p)
		add(p.Add(-time.Second))
		add(p.Add(time.Second))
		if i > 0 {
			add(points[i-1].Add(p.Sub(points[i-1]) / 2))
		}
	}
	return out
}

// binaryValues picks every operand and one value that is none of them.
func binaryValues(operands []*operand) []string {
	var longest []byte
	var out []string
	for _, o := range operands {
		out = append(out, base64.StdEncoding.EncodeToString(o.binary))
		if len(o.binary) >= len(longest) {
			longest = o.binary
		}
	}
	return append(out, base64.StdEncoding.EncodeToString(append(slices.Clone(longest), 0)))
}

// addressValues picks the first address of every block and the first one
// after it: blocks are intervals, so that an answer can change only there.
func addressValues(operands []*operand) []string {
	out := []string{"0.0.0.0", "::"}
	for _, o := range operands {
		out = append(out, o.prefix.Addr().String())
		if next := lastAddress(o.prefix).Next(); next.IsValid() {
			out = append(out, next.String())
		}
	}
	return out
}

// lastAddress is the highest address of a block.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(b); bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
