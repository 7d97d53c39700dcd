package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// accessWords says grants in the words of a blueprint: its destinations have
// names, and all else is called by its pattern.
type accessWords struct {
	b     provision.Blueprint
	known []knownResource
	// anywhere are the actions that the blueprint allows on *: those for
	// tokens, which know no resource.
	anywhere []string
}

// knownResource is a resource pattern of the blueprint.
type knownResource struct {
	pattern string
	// name is the destination in a tree, short within a sentence.
	name, short string
}

func newAccessWords(b provision.Blueprint) accessWords {
	w := accessWords{b: b}
	for _, p := range b.Policies {
		d, err := policy.Parse(p.Document)
		if err != nil {
			continue // no names, so patterns stand for themselves
		}
		for _, s := range d.Statements {
			for _, r := range s.Resources {
				w.know(grantWord(b, p.Name), r, s.Actions)
			}
		}
	}
	if b.Role != nil {
		w.known = append(w.known, knownResource{b.Role.ARN, "the application role", "the application role"})
	}
	return w
}

func (w *accessWords) know(service, pattern string, actions []string) {
	switch {
	case pattern == "*":
		w.anywhere = append(w.anywhere, actions...)
		w.known = append(w.known, knownResource{"*", tokens, "*"})
	case service == "ECR":
		w.known = append(w.known, knownResource{pattern, "ECR, every repository", "every repository"})
	default:
		short := strings.TrimPrefix(pattern, w.b.Place.BucketARN(""))
		w.known = append(w.known, knownResource{pattern, service + ", " + short, short})
	}
}

const tokens = "sign-in tokens (on *)"

// principal says what sort of principal it is, and which.
func (w accessWords) principal(a provision.AccessChange) (kind, name string) {
	switch e := a.Principal; {
	case e.Type == provision.UserEntity && a.Via == "" && e.Name == w.b.User.Name:
		return "build user", e.Name
	case e.Type == provision.UserEntity:
		return "member", e.Name
	case e.Type == provision.RoleEntity:
		return "application role", e.Name
	case e.Type == provision.PrincipalEntity && e.Name == "*":
		return "anybody", "who signs in to AWS (*)"
	case e.Name == w.b.Spec.ApplicationManager:
		return "manager", e.Name
	default:
		return string(e.Type), e.Name
	}
}

// weight says how much there is to an effect.
type weight int

const (
	usual weight = iota
	// beyond is gained and not called for.
	beyond
	// needed is lost and called for.
	needed
)

// effect is what becomes of some actions at a destination.
type effect struct {
	stand  stand
	word   string
	weight weight
	// remark says what is special about it.
	remark    string
	actions   []string
	condition string
	by        string
}

// destination is a resource with all that happens there.
type destination struct {
	name    string
	rank    int
	effects []effect
}

// stays reports whether nothing changes there.
func (d destination) stays() bool {
	return !slices.ContainsFunc(d.effects, func(e effect) bool { return e.stand != settled })
}

// destinations sorts what becomes of an access: where something changes first,
// and then the destinations of the blueprint in its order before all others.
// What is special and only a part of a grant stands for itself, marked like
// what is not ours or keeps a plan from being carried out.
func (w accessWords) destinations(a provision.AccessChange) []destination {
	var out []destination
	add := func(list []policy.Grant, e effect) {
		for _, g := range list {
			out = w.place(out, g, e)
		}
	}
	gained, gainedBeyond, restBeyond := split(a.Gained, a.Beyond)
	lost, lostNeeded, restNeeded := split(a.Lost, a.Needed)
	add(gained, effect{stand: added, word: "gained"})
	add(gainedBeyond, effect{stand: added, word: "gained", weight: beyond, remark: "more than the spec calls for"})
	add(restBeyond, effect{stand: foreign, word: "beyond", weight: beyond, remark: "part of what is gained, and more than the spec calls for"})
	add(a.Kept, effect{stand: settled, word: "kept"})
	add(lost, effect{stand: removed, word: "lost"})
	add(lostNeeded, effect{stand: removed, word: "lost", weight: needed, remark: "although the spec calls for it"})
	add(restNeeded, effect{stand: blocked, word: "needed", weight: needed, remark: "part of what is lost, although the spec calls for it"})
	slices.SortStableFunc(out, func(x, y destination) int {
		switch {
		case x.stays() == y.stays():
			return cmp.Compare(x.rank, y.rank)
		case x.stays():
			return 1
		}
		return -1
	})
	return out
}

// split parts a list in what is not special and what is, and gives those
// special grants that are only parts of what is listed.
func split(list, special []policy.Grant) (plain, both, rest []policy.Grant) {
	in := func(list []policy.Grant, g policy.Grant) bool {
		return slices.ContainsFunc(list, func(h policy.Grant) bool { return sameRequests(g, h) })
	}
	for _, g := range list {
		if in(special, g) {
			both = append(both, g)
		} else {
			plain = append(plain, g)
		}
	}
	for _, g := range special {
		if !in(list, g) {
			rest = append(rest, g)
		}
	}
	return plain, both, rest
}

// sameRequests compares grants whoever gives them.
func sameRequests(g, h policy.Grant) bool {
	return g.Action == h.Action && g.Resource == h.Resource && g.Condition == h.Condition &&
		slices.Equal(g.ExceptActions, h.ExceptActions) && slices.Equal(g.AndResources, h.AndResources) &&
		slices.Equal(g.Except, h.Except)
}

// place puts a grant where it belongs, beside those that differ from it only
// in the action.
func (w accessWords) place(list []destination, g policy.Grant, e effect) []destination {
	name, rank := w.destination(g)
	at := slices.IndexFunc(list, func(d destination) bool { return d.name == name })
	if at < 0 {
		at = len(list)
		list = append(list, destination{name: name, rank: rank})
	}
	e.condition, e.by = onlyIf(g), w.by(g)
	effects := &list[at].effects
	for i, have := range *effects {
		if have.word == e.word && have.remark == e.remark && have.condition == e.condition && have.by == e.by {
			(*effects)[i].actions = append((*effects)[i].actions, actionWords(g))
			return list
		}
	}
	e.actions = []string{actionWords(g)}
	*effects = append(*effects, e)
	return list
}

// destination names what a grant is on, and ranks it.
func (w accessWords) destination(g policy.Grant) (name string, rank int) {
	name, rank = g.Resource, len(w.known)+1
	for i, k := range w.known {
		if k.pattern == g.Resource && (k.pattern != "*" || w.token(g)) {
			name, rank = k.name, i
		}
	}
	if name == "*" {
		name, rank = "every resource (*)", len(w.known)
	}
	if limits := limits(g); limits != "" {
		name += ", " + limits
	}
	return name, rank
}

// token reports whether a grant is one of the blueprint's on *.
func (w accessWords) token(g policy.Grant) bool {
	return limits(g) == "" && slices.ContainsFunc(w.anywhere, func(a string) bool { return strings.EqualFold(a, g.Action) })
}

// short names what a grant is on within a sentence.
func (w accessWords) short(g policy.Grant) string {
	name := g.Resource
	for _, k := range w.known {
		if k.pattern == g.Resource {
			name = k.short
		}
	}
	for _, more := range []string{limits(g), onlyIf(g)} {
		if more != "" {
			name += " (" + more + ")"
		}
	}
	return name
}

// limits says which of the resources are meant; "" for all.
func limits(g policy.Grant) string {
	var parts []string
	if len(g.AndResources) > 0 {
		parts = append(parts, "only what is also "+listed(g.AndResources, "and"))
	}
	if len(g.Except) > 0 {
		parts = append(parts, "but not "+listed(g.Except, "or"))
	}
	return strings.Join(parts, ", ")
}

// onlyIf is the condition of a grant; "" for none.
func onlyIf(g policy.Grant) string {
	if g.Condition == "" {
		return ""
	}
	return "only if " + g.Condition
}

// actionWords is the action of a grant.
func actionWords(g policy.Grant) string {
	if len(g.ExceptActions) == 0 {
		return g.Action
	}
	return g.Action + " (but not " + listed(g.ExceptActions, "or") + ")"
}

// by says which policies give a grant, and which did before.
func (w accessWords) by(g policy.Grant) string {
	switch {
	case len(g.By) == 0:
		return ""
	case len(g.Was) == 0:
		return "by " + said(w.routes(g.By, false))
	}
	now, was := w.routes(g.By, true), w.routes(g.Was, true)
	if len(now) != 1 || len(was) != 1 || now[0].policy != was[0].policy {
		return "by " + said(now) + "; was by " + said(was)
	}
	only := ""
	if !slices.ContainsFunc(was[0].paths, func(p string) bool { return !slices.Contains(now[0].paths, p) }) {
		only = "only "
	}
	return "by " + said(now) + "; was " + only + listed(was[0].paths, "and")
}

// route is a policy with the paths on which it comes.
type route struct {
	policy string
	paths  []string
}

// routes reads the sources of a grant. That a policy comes directly is only
// said when it matters.
func (w accessWords) routes(by []string, direct bool) []route {
	var out []route
	for _, b := range by {
		name, path, through := strings.Cut(b, " (through ")
		switch path = strings.TrimSuffix(path, ")"); {
		case !through && direct:
			path = "directly"
		case !through:
		case path == "group "+w.b.Group.Name:
			path = "via the publishers group"
		default:
			path = "via " + path
		}
		if name == "trust policy" {
			name = "the trust policy"
		}
		at := slices.IndexFunc(out, func(r route) bool { return r.policy == name })
		if at < 0 {
			at = len(out)
			out = append(out, route{policy: name})
		}
		if path != "" {
			out[at].paths = append(out[at].paths, path)
		}
	}
	return out
}

func said(list []route) string {
	words := make([]string, len(list))
	for i, r := range list {
		if words[i] = r.policy; len(r.paths) > 0 {
			words[i] += " " + listed(r.paths, "and")
		}
	}
	return listed(words, "and")
}

// listed is a list in words.
func listed(list []string, last string) string {
	n := len(list)
	if n < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:n-1], ", ") + " " + last + " " + list[n-1]
}
