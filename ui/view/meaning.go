package view

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// What a document means, in a sentence. It comes from comparing what two
// documents allow, and so sees through order, spelling and wildcards.

// meaning says what a new or changed document means beside the one that is
// there; "" for one that stays.
func (w accessWords) meaning(d document) string {
	if d.stand != added && d.stand != changed {
		return ""
	}
	after, err := policy.Parse(d.after)
	if err != nil {
		return ""
	}
	var before *policy.Document
	if d.stand == changed {
		if before, err = policy.Parse(d.before); err != nil {
			return "What is there now cannot be understood as a policy, so there is nothing to compare."
		}
	}
	if d.kind != policy.IdentityPolicy {
		return trustMeaning(d.kind, before, after)
	}
	delta := policy.Compare(accessOf(before), accessOf(after))
	var parts []string
	for _, p := range []struct {
		verb string
		list []policy.Grant
	}{{"adds", delta.Gained}, {"takes away", delta.Lost}, {"keeps", delta.Kept}} {
		if len(p.list) > 0 {
			parts = append(parts, p.verb+" "+w.grantsInShort(p.list))
		}
	}
	switch {
	case before != nil && len(delta.Gained)+len(delta.Lost) == 0:
		return "Says the same in other words."
	case len(parts) == 0:
		return "Allows nothing."
	}
	return sentence(parts, delta.Exact)
}

// sentence joins parts, and says when they are not exact.
func sentence(parts []string, exact bool) string {
	s := strings.Join(parts, "; ")
	s = strings.ToUpper(s[:1]) + s[1:]
	if !exact {
		s += " (at most: it cannot be compared exactly)"
	}
	return s + "."
}

func accessOf(d *policy.Document) policy.Access {
	if d == nil {
		return policy.Access{}
	}
	return policy.AccessOf(&policy.Policies{Identity: []policy.Source{{Document: d}}})
}

// mostActions is how many actions a sentence names one by one.
const mostActions = 3

// grantsInShort says grants in few words: actions together by resource.
func (w accessWords) grantsInShort(list []policy.Grant) string {
	var order []string
	on := map[string][]policy.Grant{}
	for _, g := range list {
		name := w.short(g)
		if on[name] == nil {
			order = append(order, name)
		}
		on[name] = append(on[name], g)
	}
	parts := make([]string, len(order))
	for i, name := range order {
		parts[i] = actionsInShort(on[name]) + " on " + name
	}
	return strings.Join(parts, ", and ")
}

// actionsInShort names few actions and counts many, by their service if it is
// one.
func actionsInShort(list []policy.Grant) string {
	var names []string
	for _, g := range list {
		if name := actionWords(g); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) <= mostActions {
		return listed(names, "and")
	}
	noun := "action"
	service, _, _ := strings.Cut(names[0], ":")
	for _, n := range names {
		if !strings.HasPrefix(n, service+":") {
			return actionCount(list, noun)
		}
	}
	return actionCount(list, service+" "+noun)
}

// trustMeaning says of a trust or resource policy whom it lets in.
func trustMeaning(kind policy.Kind, before, after *policy.Document) string {
	do := " in"
	if kind == policy.TrustPolicy {
		do = " assume the role"
	}
	var parts, still []string
	exact := true
	for _, p := range bothTrusted(before, after) {
		was, errWas := policy.TrustOf(before, p, "*", "")
		is, errIs := policy.TrustOf(after, p, "*", "")
		if errWas != nil || errIs != nil {
			return ""
		}
		d := policy.Compare(was, is)
		exact = exact && d.Exact
		name := p.ID
		if name == "*" {
			name = "anybody"
		}
		if len(d.Kept) > 0 && len(d.Gained)+len(d.Lost) == 0 {
			still = append(still, "still lets "+name+do)
		}
		parts = append(parts, entry(d, name, do)...)
	}
	switch {
	case before != nil && len(parts) == 0:
		return "Says the same in other words."
	case len(parts) == 0:
		return "Lets nobody in by itself; it only denies."
	}
	return sentence(append(parts, still...), exact)
}

// entry says what changes for one whom a policy names.
func entry(d policy.Delta, name, do string) []string {
	var parts []string
	switch kept := actionsInShort(d.Kept); {
	case len(d.Kept) == 0 && len(d.Gained) > 0:
		parts = append(parts, "lets "+name+do+conditions(d.Gained))
	case len(d.Kept) == 0 && len(d.Lost) > 0:
		parts = append(parts, "no longer lets "+name+do)
	default:
		if gained := actionsInShort(d.Gained); gained == kept {
			parts = append(parts, "lets "+name+do+" in more cases than before"+conditions(d.Gained))
		} else if gained != "" {
			parts = append(parts, "gives "+name+" "+gained+" too"+conditions(d.Gained))
		}
		if lost := actionsInShort(d.Lost); lost == kept {
			parts = append(parts, "lets "+name+do+" in fewer cases than before"+conditions(d.Kept))
		} else if lost != "" {
			parts = append(parts, "takes "+lost+" away from "+name+conditions(d.Lost))
		}
	}
	return parts
}

// bothTrusted lists whom either document names.
func bothTrusted(docs ...*policy.Document) []policy.Principal {
	var out []policy.Principal
	seen := map[policy.Principal]bool{}
	for _, d := range docs {
		if d == nil {
			continue
		}
		for _, p := range d.Trusted() {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// conditions says under which conditions grants hold.
func conditions(list []policy.Grant) string {
	var texts []string
	for _, g := range list {
		if g.Condition != "" {
			texts = append(texts, g.Condition)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return " (only if " + listed(texts, "or") + ")"
}
