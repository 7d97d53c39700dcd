package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// holds reports whether a grant describes a request. Conditions are read by
// going back to the texts of the statements that the generator can make.
func (g *Grant) holds(t *rapid.T, r *Request, blocks map[string]*Statement) bool {
	matches := func(show, text string, fold bool) bool {
		p := newPattern(show, fold)
		if !fold {
			tmpl := newTemplate(show, true, false, conditionARN)
			p = tmpl.pattern
		}
		return p.match(text)
	}
	for part := range strings.SplitSeq(g.Action, " and ") {
		if !matches(part, r.Action, true) {
			return false
		}
	}
	for _, e := range g.ExceptActions {
		if matches(e, r.Action, true) {
			return false
		}
	}
	for _, q := range append([]string{g.Resource}, g.AndResources...) {
		if !matches(q, r.Resource, false) {
			return false
		}
	}
	for _, e := range g.Except {
		if matches(e, r.Resource, false) {
			return false
		}
	}
	rest := g.Condition
	for rest != "" {
		negated := strings.HasPrefix(rest, "not (")
		rest = strings.TrimPrefix(rest, "not (")
		best := ""
		for text := range blocks {
			if strings.HasPrefix(rest, text) && len(text) > len(best) {
				best = text
			}
		}
		if best == "" {
			t.Fatalf("condition %q is made of no block", g.Condition)
		}
		if (blocks[best].matchConditions(&r.Context) == yes) == negated {
			return false
		}
		rest = strings.TrimPrefix(rest, best)
		if negated {
			rest = strings.TrimPrefix(rest, ")")
		}
		rest = strings.TrimPrefix(rest, " and ")
	}
	return true
}

// blocksOf maps condition texts to statements that have them.
func blocksOf(list ...*Policies) map[string]*Statement {
	out := map[string]*Statement{}
	for _, p := range list {
		sources := p.Identity
		if p.Boundary != nil {
			sources = append(sources[:len(sources):len(sources)], *p.Boundary)
		}
		for _, src := range sources {
			for i := range src.Document.Statements {
				s := &src.Document.Statements[i]
				if len(s.Conditions) > 0 {
					out[conditionText(s.Conditions)] = s
				}
			}
		}
	}
	return out
}

// A request that was allowed and is not any more is in Lost, and nothing else
// is; the same for Gained and Kept.
func TestCompareAgreesWithDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawPolicies(t), drawPolicies(t)
		d := Compare(AccessOf(before), AccessOf(after))
		blocks := blocksOf(before, after)
		in := func(list []Grant, r *Request) bool {
			for i := range list {
				if list[i].holds(t, r, blocks) {
					return true
				}
			}
			return false
		}
		for range 30 {
			r := drawRequest(t)
			was := before.Decide(r).Outcome == Allowed
			is := after.Decide(r).Outcome == Allowed
			check := func(name string, list []Grant, want bool) {
				got := in(list, &r)
				if got != want && (d.Exact || want && name != "kept") {
					t.Fatalf("%+v\nallowed before %v, after %v, but in %s: %v\n%s: %+v\nnotes %v", r, was, is, name, got, name, list, d.Notes)
				}
			}
			check("gained", d.Gained, is && !was)
			check("kept", d.Kept, is && was)
			check("lost", d.Lost, was && !is)
		}
		if !d.Exact {
			t.Logf("not exact: %v", d.Notes)
		}
	})
}

// Compare is the same however often it runs, and comparing with itself
// loses and gains nothing.
func TestCompareWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicies(t)
		d := Compare(AccessOf(p), AccessOf(p))
		if len(d.Lost)+len(d.Gained) > 0 {
			t.Fatalf("lost %+v\ngained %+v", d.Lost, d.Gained)
		}
		if ok, missing := AccessOf(p).Covers(AccessOf(p)); !ok {
			t.Fatalf("an access does not cover itself: %+v", missing)
		}
	})
}

// Union allows what either allows, and Intersect what both allow.
func TestUnionAndIntersectAgreeWithDecisions(t *testing.T) {
	for name, op := range map[string]struct {
		join func(a, b Access) Access
		want func(p, q bool) bool
	}{
		"union":     {Access.Union, func(p, q bool) bool { return p || q }},
		"intersect": {Access.Intersect, func(p, q bool) bool { return p && q }},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p, q := drawPolicies(t), drawPolicies(t)
				joined := op.join(AccessOf(p), AccessOf(q))
				blocks := blocksOf(p, q)
				d := Compare(Access{}, joined)
				for range 20 {
					r := drawRequest(t)
					want := op.want(p.Decide(r).Outcome == Allowed, q.Decide(r).Outcome == Allowed)
					got := false
					for i := range d.Gained {
						got = got || d.Gained[i].holds(t, &r, blocks)
					}
					if got != want && (d.Exact || want) {
						t.Fatalf("%+v: allowed %v, in the joined access %v", r, want, got)
					}
				}
			})
		})
	}
}

// A part of something lies between its intersection and its union.
func TestIntersectAndUnionEnclose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := AccessOf(drawPolicies(t)), AccessOf(drawPolicies(t))
		for _, x := range []Access{a, b} {
			if ok, missing := x.Covers(a.Intersect(b)); !ok && Compare(a.Intersect(b), x).Exact {
				t.Fatalf("the intersection has more: %+v", missing)
			}
			if ok, missing := a.Union(b).Covers(x); !ok && Compare(x, a.Union(b)).Exact {
				t.Fatalf("the union lacks %+v", missing)
			}
		}
	})
}
