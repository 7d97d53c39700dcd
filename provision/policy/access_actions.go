package policy

import (
	"encoding/binary"
	"slices"
	"strings"
)

// actionClass is a set of actions that no statement tells apart.
type actionClass struct {
	// actions are known actions, or one pattern with its exceptions.
	actions []string
	except  []string
	voices  []int // those that are about the class, in order
}

// classes cuts the actions that some Allow statement is about: the known ones
// one by one, the rest by pattern.
func (c *comparison) classes() []actionClass {
	t := newActionTable(c.voices)
	return append(t.known(c.voices), c.unknownClasses(t)...)
}

// actionTable are the actions that are compared one by one, sorted.
type actionTable struct {
	names   []string          // as AWS spells them
	lower   []string          // the same, in lower case
	sets    map[string][]bool // what a pattern matches
	symbols []string          // patterns that go beyond the table
}

// newActionTable takes the services of the vocabulary and the actions that
// the voices spell out in them.
func newActionTable(voices []voice) *actionTable {
	t := &actionTable{sets: map[string][]bool{}}
	known := map[string]bool{}
	add := func(name string) {
		if l := lowerASCII(name); !known[l] {
			known[l] = true
			t.names = append(t.names, name)
		}
	}
	for _, list := range vocabulary() {
		for _, name := range list {
			add(name)
		}
	}
	for i := range voices {
		for _, a := range voices[i].statement.Actions {
			if inVocabulary(a) && !strings.ContainsAny(a, "*?") {
				add(a)
			}
		}
	}
	slices.SortFunc(t.names, func(a, b string) int { return strings.Compare(lowerASCII(a), lowerASCII(b)) })
	for _, name := range t.names {
		t.lower = append(t.lower, lowerASCII(name))
	}
	for i := range voices {
		for j := range voices[i].statement.actions {
			t.match(&voices[i].statement.actions[j])
		}
	}
	return t
}

// inVocabulary reports whether an action or pattern is of a known service.
func inVocabulary(action string) bool {
	service, _, ok := strings.Cut(lowerASCII(action), ":")
	return ok && vocabulary()[service] != nil
}

// match works out what a pattern matches, and notes whether it says anything
// about actions outside the table.
func (t *actionTable) match(p *pattern) {
	if t.sets[p.text] != nil {
		return
	}
	set := make([]bool, len(t.names))
	t.sets[p.text] = set
	found := false
	first, last := 0, len(t.lower)
	if head, _, wild := strings.Cut(p.text, string(rune(anyRun))); wild || p.wild {
		head = head[:max(0, strings.IndexByte(head+"\x02", anyOne))]
		first, _ = slices.BinarySearch(t.lower, head)
		last, _ = slices.BinarySearch(t.lower, head+"\x7f")
	}
	if !p.wild {
		if i, ok := slices.BinarySearch(t.lower, p.text); ok {
			set[i], found = true, true
		}
	} else {
		for i := first; i < last; i++ {
			set[i] = p.match(t.lower[i])
			found = found || set[i]
		}
	}
	if !found || !inVocabulary(p.text) {
		t.symbols = append(t.symbols, p.text)
	}
}

// known groups the actions of the table by the voices that are about them.
func (t *actionTable) known(voices []voice) []actionClass {
	about := make([][]bool, len(voices))
	for i := range voices {
		about[i] = t.about(voices[i].statement)
	}
	var classes []actionClass
	byVoices := map[string]int{}
	var key []byte
	for a := range t.names {
		key = key[:0]
		allows := false
		for i := range voices {
			if about[i][a] {
				key = binary.AppendUvarint(key, uint64(i))
				allows = allows || !voices[i].deny && !voices[i].boundary
			}
		}
		if !allows {
			continue
		}
		at, ok := byVoices[string(key)]
		if !ok {
			at = len(classes)
			byVoices[string(key)] = at
			classes = append(classes, actionClass{})
			for i := range voices {
				if about[i][a] {
					classes[at].voices = append(classes[at].voices, i)
				}
			}
		}
		classes[at].actions = append(classes[at].actions, t.names[a])
	}
	return classes
}

// about is the set of actions that a statement is about.
func (t *actionTable) about(s *Statement) []bool {
	out := make([]bool, len(t.names))
	for i := range s.actions {
		for a, in := range t.sets[s.actions[i].text] {
			out[a] = out[a] || in
		}
	}
	if s.NotAction {
		for a := range out {
			out[a] = !out[a]
		}
	}
	return out
}

// unknownClasses cuts what lies beyond the table: actions of other services,
// and patterns that match no known action.
func (c *comparison) unknownClasses(t *actionTable) []actionClass {
	u := &comparison{
		index: map[string]int{}, kinships: map[[2]int]kinship{}, doubtful: map[[2]int]bool{}, notes: c.notes,
	}
	intern := func(text string) int {
		if i, ok := u.index[text]; ok {
			return i
		}
		show := strings.NewReplacer(string(rune(anyRun)), "*", string(rune(anyOne)), "?").Replace(text)
		u.languages = append(u.languages, newLanguage(patternOf(text, true), show))
		u.index[text] = len(u.languages) - 1
		return len(u.languages) - 1
	}
	everything := intern(string(rune(anyRun)))
	var all, bases, services []int
	for _, s := range sorted(t.symbols) {
		all = append(all, intern(s))
	}
	for i := range c.voices {
		v := &c.voices[i]
		if v.deny || v.boundary {
			continue
		}
		if v.statement.NotAction {
			bases = append(bases, everything)
			continue
		}
		for j := range v.statement.actions {
			if text := v.statement.actions[j].text; slices.Contains(t.symbols, text) {
				bases = append(bases, intern(text))
			}
		}
	}
	for service := range vocabulary() {
		services = append(services, intern(service+":"+string(rune(anyRun))))
	}
	slices.SortFunc(services, func(a, b int) int { return strings.Compare(u.languages[a].text, u.languages[b].text) })

	var classes []actionClass
	for _, base := range u.widest(distinct(bases)) {
		for _, x := range u.cellsOutside(base, services, distinct(all)) {
			if class, ok := c.unknownClass(u, &x); ok {
				classes = append(classes, class)
			}
		}
	}
	c.notes = u.notes
	return classes
}

// cellsOutside cuts a base after taking the known services out of it.
func (c *comparison) cellsOutside(base int, services, all []int) []cell {
	x := cell{in: []int{base}, sample: c.languages[base].sample("z")}
	for _, s := range services {
		if c.kin(base, s) == crossing {
			x.out = append(x.out, s)
		}
	}
	if len(x.out) > 0 {
		var ok bool
		if x.sample, ok = c.find(x.in, x.out); !ok {
			return nil
		}
	}
	return c.cut([]cell{x}, base, all)
}

// unknownClass names a cell of unknown actions and finds its voices.
func (c *comparison) unknownClass(u *comparison, x *cell) (actionClass, bool) {
	names, except := u.describe(x)
	class := actionClass{actions: names[:1], except: except}
	for _, more := range names[1:] {
		// Two patterns that cross: the second can only be shown in words.
		class.actions[0] += " and " + more
	}
	allows := false
	for i := range c.voices {
		v := &c.voices[i]
		some := slices.ContainsFunc(v.statement.actions, func(p pattern) bool {
			q, ok := u.index[p.text]
			return ok && u.contains(x, q) != no
		})
		if some != v.statement.NotAction {
			class.voices = append(class.voices, i)
			allows = allows || !v.deny && !v.boundary
		}
	}
	return class, allows
}
