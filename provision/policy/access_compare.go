package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// How a comparison is laid out. The statements of both sides become voices.
// Requests are cut into cells in which every voice has one answer: first the
// actions into classes, then for each class the resources into cells, then
// for each cell the conditions into cases. In each case both sides are asked
// once, and the answers are put together again into grants.

// status is what became of a case.
type status int

const (
	gained status = iota
	kept
	lost
	statuses
)

// voice is one statement in a comparison.
type voice struct {
	statement *Statement
	deny      bool
	boundary  bool // of a permissions boundary
	side      int  // 0 before, 1 after
	term      int  // which union term of the side
	part      int  // which intersection part of the term
	source    string
	resources []int // languages
	block     int   // of conditions, -1 for none
}

// comparison is the work of one Compare.
type comparison struct {
	voices    []voice
	bounded   [2][][]bool // side, term, part: has a boundary
	languages []*language
	index     map[string]int // language by compiled text
	kinships  []kinship      // of each pair of languages, 0 when not worked out
	holes     map[string]rune
	blocks    []block
	blockIDs  map[string]int
	cases     map[string]cases
	table     *actionTable
	grants    [statuses]bundle
	notes     []string
	quiet     bool // both sides say the same, so that nothing can be doubtful
}

// newComparison gives every statement its voice.
func newComparison(before, after Access) *comparison {
	c := &comparison{
		index:    map[string]int{},
		holes:    map[string]rune{},
		blockIDs: map[string]int{},
		cases:    map[string]cases{},
	}
	for i := range c.grants {
		c.grants[i] = bundle{}
	}
	for side, access := range []Access{before, after} {
		for term, parts := range access.terms {
			var bounded []bool
			for part, p := range parts {
				bounded = append(bounded, p.Boundary != nil)
				for i := range p.Identity {
					c.source(&p.Identity[i], voice{side: side, term: term, part: part})
				}
				if p.Boundary != nil {
					c.source(p.Boundary, voice{side: side, term: term, part: part, boundary: true})
				}
			}
			c.bounded[side] = append(c.bounded[side], bounded)
		}
	}
	return c
}

// source adds the statements of one source; v says where they belong.
func (c *comparison) source(src *Source, v voice) {
	if src.Document == nil {
		return
	}
	v.source = src.label()
	for i := range src.Document.Statements {
		s := &src.Document.Statements[i]
		v.statement, v.deny = s, s.Effect == Deny
		v.block = c.block(s)
		v.resources = nil
		for j := range s.resources {
			v.resources = append(v.resources, c.language(&s.resources[j], s.Resources[j]))
		}
		c.voices = append(c.voices, v)
	}
}

// everything is the language of all resources.
func (c *comparison) everything() int {
	all := newTemplate("*", true, false, resourceARN)
	return c.language(&all, "*")
}

// firstHole is where the characters begin that stand for policy variables:
// private use, so that no text holds them.
const firstHole = '\U000F0000'

// language interns a resource pattern. A variable becomes a character of its
// own: it stands for a text that is fixed and not known. Wildcards stay within
// their component of the ARN, because no region or account holds a colon.
func (c *comparison) language(t *template, show string) int {
	text := t.text
	for _, v := range t.variables {
		name := v.lower + "\x00" + v.fallback
		hole, ok := c.holes[name]
		if !ok {
			hole = firstHole + rune(len(c.holes))
			c.holes[name] = hole
		}
		text = strings.Replace(text, string(rune(0x05)), string(hole), 1)
	}
	text = conditionARN.apply(text)
	if i, ok := c.index[text]; ok {
		return i
	}
	c.languages = append(c.languages, newLanguage(patternOf(text, false), show))
	c.index[text] = len(c.languages) - 1
	return len(c.languages) - 1
}

// kin is the kinship of two languages, worked out once. Two that are apart
// only as long as no variable has an unlucky value are noted.
func (c *comparison) kin(a, b int) kinship {
	if a == b {
		return within
	}
	n := len(c.languages)
	if len(c.kinships) != n*n {
		c.kinships = make([]kinship, n*n)
	}
	k := c.kinships[a*n+b]
	if k == unasked {
		k = c.languages[a].kin(c.languages[b])
		if k == unrelated && len(c.holes) > 0 && c.languages[a].opened().meets(c.languages[b].opened()) {
			k = doubtful
		}
		c.kinships[a*n+b] = k
	}
	if k == doubtful {
		c.note("a resource with a policy variable may or may not match another pattern")
		return unrelated
	}
	return k
}

// opened lets every variable of a language stand for any text.
func (a *language) opened() *language {
	text := strings.Map(func(r rune) rune {
		if r >= firstHole {
			return anyRun
		}
		return r
	}, a.text)
	return newLanguage(patternOf(text, a.fold), a.show)
}

// note says why the result is not exact.
func (c *comparison) note(why string) {
	if !c.quiet && !slices.Contains(c.notes, why) {
		c.notes = append(c.notes, why)
	}
}

// allowed asks one side, given what each voice says.
func (c *comparison) allowed(side int, says func(*voice) truth, voices []int) truth {
	answer := no
	for term, parts := range c.bounded[side] {
		all := yes
		for part, bounded := range parts {
			at := voice{side: side, term: term, part: part}
			all = min(all, c.partAllowed(at, bounded, says, voices))
		}
		answer = max(answer, all)
	}
	return answer
}

// partAllowed asks one part of one term.
func (c *comparison) partAllowed(at voice, bounded bool, says func(*voice) truth, voices []int) truth {
	allow, boundary, deny := no, truthOf(!bounded), no
	for _, i := range voices {
		v := &c.voices[i]
		if v.side != at.side || v.term != at.term || v.part != at.part {
			continue
		}
		switch t := says(v); {
		case v.deny:
			deny = max(deny, t)
		case v.boundary:
			boundary = max(boundary, t)
		default:
			allow = max(allow, t)
		}
	}
	return min(allow, boundary, deny.not())
}

// class compares one class of actions: it cuts the resources into cells and
// judges each.
func (c *comparison) class(class actionClass) {
	var bases, all []int
	for _, i := range class.voices {
		v := &c.voices[i]
		all = append(all, v.resources...)
		switch {
		case v.deny || v.boundary:
		case v.statement.NotResource || len(v.resources) == 0:
			bases = append(bases, c.everything())
		default:
			bases = append(bases, v.resources...)
		}
	}
	all = distinct(all)
	c.quiet = c.signature(class, 0) == c.signature(class, 1)
	for _, base := range c.widest(distinct(bases)) {
		cells := c.cells(base, all)
		results := make([][]result, len(cells))
		for i := range cells {
			results[i] = c.judge(&cells[i], class.voices)
		}
		c.emit(class, base, cells, results)
	}
}

// signature is equal for two sides that consist of the same statements, as
// far as one class of actions goes. Several terms are not worth the trouble.
func (c *comparison) signature(class actionClass, side int) string {
	if len(c.bounded[side]) != 1 {
		return "side " + strconv.Itoa(side)
	}
	var parts []string
	for _, i := range class.voices {
		if v := &c.voices[i]; v.side == side {
			parts = append(parts, fmt.Sprint(v.part, v.deny, v.boundary, v.statement.NotResource, distinct(v.resources), v.block))
		}
	}
	return fmt.Sprint(c.bounded[side], sorted(parts))
}

// distinct is a sorted copy without duplicates.
func distinct(list []int) []int {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// widest drops the languages that lie within another one. Of two that are
// equal as sets the first stays.
func (c *comparison) widest(list []int) []int {
	var out []int
	for i, a := range list {
		covered := func(j, b int) bool {
			return a != b && c.kin(a, b) == within && (c.kin(b, a) != within || j < i)
		}
		inside := false
		for j, b := range list {
			if covered(j, b) {
				inside = true
				break
			}
		}
		if !inside {
			out = append(out, a)
		}
	}
	return out
}
