package policy

import "slices"

// Access is what a principal may do, as a set of requests: action × resource
// × condition. It is kept as the policies that define it, so that Deny
// statements, NotAction, NotResource and boundaries count in full. The zero
// value allows nothing. It is not changed by any method.
//
// It is a union of terms, of which each is an intersection of parts.
type Access struct{ terms [][]*Policies }

// AccessOf is the access that policies give. The policies must not be changed
// afterwards.
func AccessOf(p *Policies) Access {
	if p == nil {
		return Access{}
	}
	return Access{terms: [][]*Policies{{p}}}
}

// Union is the access of whoever may act as either: what one of them allows
// is allowed, whatever the other denies.
func (a Access) Union(b Access) Access {
	return Access{terms: slices.Concat(a.terms, b.terms)}
}

// Intersect is the access that both have: what either lacks or denies is not
// allowed.
func (a Access) Intersect(b Access) Access {
	var out Access
	for _, x := range a.terms {
		for _, y := range b.terms {
			out.terms = append(out.terms, slices.Concat(x, y))
		}
	}
	return out
}

// Difference is the part of a that b does not have.
func (a Access) Difference(b Access) []Grant { return Compare(a, b).Lost }

// Covers reports whether everything that b allows is allowed by a, and what
// is missing if not.
func (a Access) Covers(b Access) (bool, []Grant) {
	missing := b.Difference(a)
	return len(missing) == 0, missing
}

// Grants lists the access in normal form.
func (a Access) Grants() []Grant { return Compare(Access{}, a).Gained }

// Grant is one part of an access: the requests with this action, on this
// resource, under this condition.
type Grant struct {
	// Action is an action, or a pattern for several: a pattern of one of the
	// policies, service:* for every known action of a service, or * for all
	// services.
	Action string `json:"action"`
	// ExceptActions are patterns of actions that Action matches and the grant
	// leaves out.
	ExceptActions []string `json:"exceptActions,omitempty"`
	// Resource is a resource pattern as written in a policy.
	Resource string `json:"resource"`
	// AndResources are further patterns that the resource matches too.
	AndResources []string `json:"andResources,omitempty"`
	// Except are resource patterns that Resource matches and the grant leaves
	// out.
	Except []string `json:"except,omitempty"`
	// Condition is the condition in words; empty for none.
	Condition string `json:"condition,omitempty"`
	// By are the policies that give the grant, sorted; of a lost grant those
	// that gave it.
	By []string `json:"by"`
	// Was are the policies that gave a kept grant before, when they differ.
	Was []string `json:"was,omitempty"`
}

// Delta is how one access differs from another. Each list is sorted by
// action, resource and condition.
type Delta struct {
	// Gained is allowed after and not before.
	Gained []Grant `json:"gained"`
	// Kept is allowed before and after, by whatever path.
	Kept []Grant `json:"kept"`
	// Lost is allowed before and not after.
	Lost []Grant `json:"lost"`
	// Exact says that the lists are exact. When false, Gained and Lost may
	// name requests that cannot occur or do not differ, but leave out none
	// that do.
	Exact bool `json:"exact"`
	// Notes say why a delta is not exact.
	Notes []string `json:"notes,omitempty"`
}

// Compare compares two accesses as sets of requests. A grant that comes by
// another path, such as through a group instead of directly, or from one
// statement instead of two, is kept.
//
// Actions and resources are compared exactly, with the wildcards in the first
// five components of an ARN kept to their component: an asterisk can reach
// beyond a colon, but no partition, service, region or account has one. Actions of the services in the
// vocabulary are compared one by one, which says nothing about actions that
// AWS adds later; other services by pattern. Conditions are compared exactly
// as long as each key is tested by one family of operators against fixed
// values; plain operators are taken to see at most one value, as AWS
// requires. Not exact, and said so in the result, are:
//
//   - conditions on the same key by operators of several families, or with
//     policy variables in their values, unless both sides have the same;
//   - resources with a policy variable, against patterns that only some of
//     the variable's values would match;
//   - a set of more patterns or conditions than the comparison explores.
//
// Keys that AWS ties to each other, such as aws:username and
// aws:PrincipalArn, are taken to be independent.
func Compare(before, after Access) Delta {
	c := newComparison(before, after)
	for _, class := range c.classes() {
		c.class(class)
	}
	d := Delta{
		Gained: c.grants[gained].list(c.table),
		Kept:   c.grants[kept].list(c.table),
		Lost:   c.grants[lost].list(c.table),
		Exact:  len(c.notes) == 0,
		Notes:  sorted(c.notes),
	}
	return d
}
