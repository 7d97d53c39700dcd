package policy

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
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
	c.table = newActionTable(c.voices)
	return append(c.table.known(c.voices), c.unknownClasses(c.table)...)
}

// actionTable are the actions that are compared one by one, sorted.
type actionTable struct {
	names   []string          // as AWS spells them
	lower   []string          // the same, in lower case
	sets    map[string][]bool // what a pattern matches
	symbols map[string]string // patterns that go beyond the table, as spelled
	groups  []actionGroup     // wildcard patterns by which to name many at once
}

// actionGroup is a pattern that stands for several actions of the table.
type actionGroup struct {
	name    string
	members []int
}

// newActionTable takes the services of the vocabulary and the actions that
// the voices spell out in them.
func newActionTable(voices []voice) *actionTable {
	base := knownActions()
	t := &actionTable{sets: map[string][]bool{}, symbols: map[string]string{}, names: base.names, lower: base.lower}
	var extra []string
	for i := range voices {
		for _, a := range voices[i].statement.Actions {
			if !strings.ContainsAny(a, "*?") && inVocabulary(a) {
				if _, known := slices.BinarySearch(base.lower, lowerASCII(a)); !known {
					extra = append(extra, a)
				}
			}
		}
	}
	if len(extra) > 0 {
		t.names = slices.Concat(base.names, extra)
		t.sort()
	}
	for i := range voices {
		for j := range voices[i].statement.actions {
			t.match(&voices[i].statement.actions[j], voices[i].statement.Actions[j])
		}
	}
	t.group()
	return t
}

// group adds the whole services to the groups and puts the largest first.
func (t *actionTable) group() {
	for service := range vocabulary() {
		g := actionGroup{name: service + ":*"}
		for i, name := range t.lower {
			if strings.HasPrefix(name, service+":") {
				g.members = append(g.members, i)
			}
		}
		t.groups = append(t.groups, g)
	}
	slices.SortStableFunc(t.groups, func(a, b actionGroup) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), strings.Compare(a.name, b.name))
	})
}

// knownActions is the table of the vocabulary alone.
var knownActions = sync.OnceValue(func() *actionTable {
	t := &actionTable{}
	for _, list := range vocabulary() {
		t.names = append(t.names, list...)
	}
	t.sort()
	return t
})

// sort puts the names in order and drops repeated ones.
func (t *actionTable) sort() {
	slices.SortFunc(t.names, func(a, b string) int {
		return cmp.Or(strings.Compare(lowerASCII(a), lowerASCII(b)), strings.Compare(a, b))
	})
	t.names = slices.CompactFunc(t.names, func(a, b string) bool { return lowerASCII(a) == lowerASCII(b) })
	t.lower = make([]string, len(t.names))
	for i, name := range t.names {
		t.lower[i] = lowerASCII(name)
	}
}

// inVocabulary reports whether an action or pattern is of a known service.
func inVocabulary(action string) bool {
	service, _, ok := strings.Cut(lowerASCII(action), ":")
	return ok && vocabulary()[service] != nil
}

// match works out what a pattern matches, and notes whether it says anything
// about actions outside the table.
func (t *actionTable) match(p *pattern, spelled string) {
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
		t.symbols[p.text] = spelled
		return
	}
	if p.wild {
		g := actionGroup{name: spelled}
		for i := first; i < last; i++ {
			if set[i] {
				g.members = append(g.members, i)
			}
		}
		t.groups = append(t.groups, g)
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
	u := &comparison{index: map[string]int{}, notes: c.notes}
	intern := func(text string) int {
		if i, ok := u.index[text]; ok {
			return i
		}
		show, spelled := t.symbols[text]
		if !spelled {
			show = strings.ReplaceAll(text, string(rune(anyRun)), "*")
		}
		u.languages = append(u.languages, newLanguage(patternOf(text, true), show))
		u.index[text] = len(u.languages) - 1
		return len(u.languages) - 1
	}
	everything := intern(string(rune(anyRun)))
	var all, bases, services []int
	for _, s := range slices.Sorted(maps.Keys(t.symbols)) {
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
			text := v.statement.actions[j].text
			if _, beyond := t.symbols[text]; beyond {
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
