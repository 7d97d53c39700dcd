package policy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Set algebra of patterns: whether one contains another, whether two meet,
// and, for any number of them, a text that is in some and outside others. The
// answers are exact; they come from running the patterns' automata side by
// side.

// language is a pattern as a set of texts.
type language struct {
	pattern
	show   string // as a person reads it
	tokens []rune
	prefix string // literal text before the first wildcard
	suffix string // literal text after the last wildcard
	simple bool   // the prefix followed by one unbounded run
}

// newLanguage prepares a pattern for set algebra.
func newLanguage(p pattern, show string) *language {
	l := &language{pattern: p, show: show, tokens: []rune(p.text)}
	first := strings.IndexAny(p.text, reserved)
	if first < 0 {
		l.prefix, l.suffix = p.text, p.text
		return l
	}
	l.prefix = p.text[:first]
	l.suffix = p.text[strings.LastIndexAny(p.text, reserved)+1:]
	l.simple = p.text[first] == anyRun && first == len(p.text)-1
	return l
}

// kinship is how two languages relate.
type kinship uint8

const (
	unasked   kinship = iota // not worked out yet
	unrelated                // no common text
	within                   // every text of the first is in the second
	crossing                 // they meet, and the first has texts of its own
	doubtful                 // unrelated unless a policy variable interferes
)

// kin tells how a relates to b.
func (a *language) kin(b *language) kinship {
	switch {
	case b.all || a.text == b.text:
		return within
	case a.apart(b):
		return unrelated
	case !a.wild:
		if b.match(a.text) {
			return within
		}
		return unrelated
	case !b.wild:
		if a.match(b.text) {
			return crossing
		}
		return unrelated
	case b.simple && strings.HasPrefix(a.prefix, b.prefix):
		return within
	case !a.meets(b):
		return unrelated
	}
	if _, beyond := witness([]*language{a}, []*language{b}); !beyond {
		return within
	}
	return crossing
}

// apart is a quick sign that two languages have no common text: their literal
// beginnings or ends differ.
func (a *language) apart(b *language) bool {
	n, m := min(len(a.prefix), len(b.prefix)), min(len(a.suffix), len(b.suffix))
	return a.prefix[:n] != b.prefix[:n] ||
		a.suffix[len(a.suffix)-m:] != b.suffix[len(b.suffix)-m:]
}

// meets reports whether two languages have a common text, by walking over the
// pairs of positions once.
func (a *language) meets(b *language) bool {
	width := len(b.tokens) + 1
	seen := make([]bool, (len(a.tokens)+1)*width)
	stack := []int{0}
	push := func(i, j int) {
		if at := i*width + j; !seen[at] {
			seen[at] = true
			stack = append(stack, at)
		}
	}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i, j := at/width, at%width
		if i == len(a.tokens) && j == len(b.tokens) {
			return true
		}
		if i < len(a.tokens) && isRun(a.tokens[i]) {
			push(i+1, j) // The run ends here.
		}
		if j < len(b.tokens) && isRun(b.tokens[j]) {
			push(i, j+1)
		}
		if i == len(a.tokens) || j == len(b.tokens) || !share(a.tokens[i], b.tokens[j]) {
			continue
		}
		ni, nj := i+1, j+1
		if isRun(a.tokens[i]) {
			ni = i
		}
		if isRun(b.tokens[j]) {
			nj = j
		}
		push(ni, nj)
	}
	return false
}

// isRun reports whether a token stands for any number of characters.
func isRun(t rune) bool { return t == anyRun || t == segmentRun }

// share reports whether two tokens have a character in common.
func share(a, b rune) bool {
	if a > segmentOne && b > segmentOne {
		return a == b
	}
	return accepts(a, b) || accepts(b, a)
}

// accepts reports whether token a, if a wildcard, has a character in common
// with token b.
func accepts(a, b rune) bool {
	switch a {
	case anyRun, anyOne:
		return true
	case segmentRun, segmentOne:
		return b != ':'
	}
	return false
}

// explored bounds the states of one search. Beyond it the search gives up and
// says that there is a text, without knowing it.
const explored = 20000

// unfound stands for a text that the search gave up on.
const unfound = "\x00"

// witness finds a text that is in every one of in and in none of out, and
// whether there is one. It tries likely texts first and then walks over the
// states of all automata together.
func witness(in, out []*language) (string, bool) {
	for _, l := range in {
		for _, filler := range []string{"z", "", "zz"} {
			if w := l.sample(filler); belongs(w, in, out) {
				return w, true
			}
		}
	}
	return search(in, out)
}

// sample is a text of the language with its runs filled in.
func (a *language) sample(filler string) string {
	var b strings.Builder
	for _, t := range a.tokens {
		switch t {
		case anyRun, segmentRun:
			b.WriteString(filler)
		case anyOne, segmentOne:
			b.WriteByte('z')
		default:
			b.WriteRune(t)
		}
	}
	return b.String()
}

// belongs reports whether a text is in every one of in and in none of out.
func belongs(w string, in, out []*language) bool {
	for _, l := range in {
		if !l.match(w) {
			return false
		}
	}
	for _, l := range out {
		if l.match(w) {
			return false
		}
	}
	return true
}

// visit is a state of the joint automaton and how it was reached.
type visit struct {
	state  []uint64
	parent int
	letter rune
}

// search walks breadth first, so that the text it finds is a shortest one.
func search(in, out []*language) (string, bool) {
	m := newMachine(in, out)
	start := m.start()
	visits := []visit{{state: start, parent: -1}}
	seen := map[string]bool{key(start): true}
	for at := 0; at < len(visits); at++ {
		if m.accepts(visits[at].state) {
			return spell(visits, at), true
		}
		if len(visits) > explored {
			return unfound, true
		}
		for _, c := range m.letters {
			next, alive := m.step(visits[at].state, c)
			if !alive {
				continue
			}
			if k := key(next); !seen[k] {
				seen[k] = true
				visits = append(visits, visit{next, at, c})
			}
		}
	}
	return "", false
}

// spell reads the text off the way to a state.
func spell(visits []visit, at int) string {
	var letters []rune
	for ; visits[at].parent >= 0; at = visits[at].parent {
		letters = append(letters, visits[at].letter)
	}
	slices.Reverse(letters)
	return string(letters)
}

// key makes a state comparable.
func key(state []uint64) string {
	b := make([]byte, 0, 8*len(state))
	for _, w := range state {
		for shift := 0; shift < 64; shift += 8 {
			b = append(b, byte(w>>shift))
		}
	}
	return string(b)
}

// machine runs several patterns side by side. A state is the set of positions
// in each of them, as bits.
type machine struct {
	all     []*language // first those of in, then those of out
	in      int
	letters []rune
	offsets []int // of each pattern's bits, in words
	words   int
}

// newMachine lays out the bits and gathers the letters that matter: those of
// the patterns, the colon that bounds segments, and one that is in none.
func newMachine(in, out []*language) *machine {
	m := &machine{all: slices.Concat(in, out), in: len(in)}
	seen := map[rune]bool{':': true}
	for _, l := range m.all {
		m.offsets = append(m.offsets, m.words)
		m.words += len(l.tokens)/64 + 1
		for _, t := range l.tokens {
			if t > segmentOne {
				seen[t] = true
			}
		}
	}
	other := 'z'
	for seen[other] {
		other++
		if other == utf8.RuneSelf {
			other = '\u0100' // Beyond what a policy may hold.
		}
	}
	seen[other] = true
	for c := range seen {
		m.letters = append(m.letters, c)
	}
	slices.Sort(m.letters)
	return m
}

// start is the state before any letter.
func (m *machine) start() []uint64 {
	state := make([]uint64, m.words)
	for i, l := range m.all {
		set(state[m.offsets[i]:], 0, l.tokens)
	}
	return state
}

// set adds a position and those reached from it without a letter.
func set(bits []uint64, at int, tokens []rune) {
	for {
		bits[at/64] |= 1 << (at % 64)
		if at == len(tokens) || !isRun(tokens[at]) {
			return
		}
		at++
	}
}

// has reports whether a position is in the set.
func has(bits []uint64, at int) bool { return bits[at/64]&(1<<(at%64)) != 0 }

// step reads one letter. A state in which a pattern of in cannot match any
// more is dead.
func (m *machine) step(state []uint64, c rune) ([]uint64, bool) {
	next := make([]uint64, m.words)
	for i, l := range m.all {
		from, to := state[m.offsets[i]:], next[m.offsets[i]:]
		alive := false
		for at, t := range l.tokens {
			if !has(from, at) || t != c && !accepts(t, c) {
				continue
			}
			alive = true
			if !isRun(t) {
				at++
			}
			set(to, at, l.tokens)
		}
		if !alive && i < m.in {
			return nil, false
		}
	}
	return next, true
}

// accepts reports whether the text read so far is in all of in and in none of
// out.
func (m *machine) accepts(state []uint64) bool {
	for i, l := range m.all {
		if has(state[m.offsets[i]:], len(l.tokens)) != (i < m.in) {
			return false
		}
	}
	return true
}
