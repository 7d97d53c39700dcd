package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Reasons for what was not decided by one statement: nothing matched, or the
// context leaves the answer open.

// unmatched is the implicit denial, with the statement that came closest.
func (p *Policies) unmatched(r *Request) Decision {
	why := "no policy allows " + r.Action + " on " + r.Resource
	if len(p.Identity) == 0 {
		why = "the principal has no policies, so nothing allows " + r.Action + " on " + r.Resource
	}
	closest, reason := 0, ""
	for i := range p.Identity {
		src := &p.Identity[i]
		if src.Document == nil {
			continue
		}
		for j := range src.Document.Statements {
			s := &src.Document.Statements[j]
			if near, but := s.nearMiss(r); near > closest {
				closest, reason = near, "; "+s.label+" of "+src.Name+but
			}
		}
	}
	return Decision{Statement: -1, Why: why + reason}
}

// nearMiss says how close an Allow statement came to allowing the request and
// what it lacks. Zero is not close at all.
func (s *Statement) nearMiss(r *Request) (int, string) {
	if s.Effect != Allow || !s.matchAction(r.Action) {
		return 0, ""
	}
	if s.matchResource(r.Resource, &r.Context) == no {
		return 1, " allows the action, but not on this resource"
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.eval(&r.Context) == no {
			return 2, " would allow it, but its condition " + c.operator.String() + " " + c.key + " does not hold"
		}
	}
	return 0, ""
}

// openKeys gathers the condition keys that a partial context leaves open.
type openKeys struct{ keys []string }

// verdict gathers the keys of the statements that keep a verdict open. A
// statement that allows no longer matters once another one surely allows.
func (k *openKeys) verdict(sources []Source, v *verdict, r *Request) {
	for i := range sources {
		if sources[i].Document == nil {
			continue
		}
		for j := range sources[i].Document.Statements {
			s := &sources[i].Document.Statements[j]
			open := v.deny == unknown
			if s.Effect == Allow {
				open = v.allow == unknown
			}
			if open && s.applies(r) == unknown {
				k.statement(s, &r.Context)
			}
		}
	}
}

// statement gathers the keys that one statement waits for.
func (k *openKeys) statement(s *Statement, ctx *Context) {
	for i := range s.resources {
		k.template(&s.resources[i], ctx)
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.eval(ctx) != unknown {
			continue
		}
		k.key(c.key, c.lower, ctx)
		for j := range c.values {
			k.template(&c.values[j].text, ctx)
		}
	}
}

// template gathers the open variables of a template.
func (k *openKeys) template(t *template, ctx *Context) {
	for i := range t.variables {
		k.key(t.variables[i].key, t.variables[i].lower, ctx)
	}
}

// key adds a key that the context does not know.
func (k *openKeys) key(key, lower string, ctx *Context) {
	if _, known := ctx.lookup(key, lower); known {
		return
	}
	k.add(key)
}

// add adds a key once, however it is spelled.
func (k *openKeys) add(key string) {
	if !slices.ContainsFunc(k.keys, func(have string) bool { return strings.EqualFold(have, key) }) {
		k.keys = append(k.keys, key)
	}
}

// sorted sorts the keys without regard to case.
func (k *openKeys) sorted() []string {
	slices.SortFunc(k.keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(lowerASCII(a), lowerASCII(b)), cmp.Compare(a, b))
	})
	return k.keys
}

// decision is the open answer. It names the Deny statement if one may apply,
// else the statement that may allow.
func (k *openKeys) decision(identity, boundary *verdict, r *Request) Decision {
	by, verb := identity.allower, " allows "
	switch {
	case identity.deny == unknown:
		by, verb = identity.denier, " denies "
	case boundary.deny == unknown:
		by, verb = boundary.denier, " denies "
	case identity.allow != unknown:
		by = boundary.allower
	}
	s := &by.source.Document.Statements[by.index]
	return Decision{
		Outcome:   Depends,
		Source:    by.source.Name,
		Statement: by.index,
		Why: "it depends on " + strings.Join(k.sorted(), ", ") + " whether " +
			by.source.sentence(s.label, verb, r.Action, r.Resource),
		Keys: k.keys,
	}
}
