package provision

import (
	"encoding/json"
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// Make before break, for documents. A document that decides for the build user
// today is changed last, when every grant that takes its place is linked. If
// two such documents would hand something over to each other, so that neither
// can go first, one of them says both the old and the new for a while.

// inEffect reports whether the build user has the policy today.
func (p *planner) inEffect(arn string) bool {
	u := p.inv.User
	if u == nil {
		return false
	}
	return hasPolicy(u.Attached, arn) || slices.ContainsFunc(u.Groups, func(name string) bool {
		g := p.inv.Group(name)
		return g != nil && hasPolicy(g.Attached, arn)
	})
}

// documentsFirst are the changes of documents that come before links: what is
// linked must say the right thing from the first moment.
func (p *planner) documentsFirst() []string {
	return p.needs("update-ecr-policy", "update-s3-policy")
}

// linked are the changes that link one entity to another.
func (p *planner) linked() []string {
	var out []string
	for _, c := range p.plan.Changes {
		if c.Links() {
			out = append(out, c.ID)
		}
	}
	return out
}

// documents adds the changes of documents that are in effect, one after
// another, in an order in which no access is missing on the way.
func (p *planner) documents() {
	if len(p.late) == 0 {
		return
	}
	orders := [][]Change{p.late}
	if len(p.late) == 2 {
		orders = append(orders, []Change{p.late[1], p.late[0]}, p.widened(p.late[0], p.late[1]), p.widened(p.late[1], p.late[0]))
	}
	for _, order := range orders {
		if p.keepsAccess(order) {
			p.chain(order)
			return
		}
	}
	p.chain(p.late)
	p.block("documents", "cannot be changed in any order without a moment in which the build user lacks access that it has before and after",
		"change the policies by hand to what the contract says, one statement at a time, and run again")
}

// chain appends changes that wait for all links and for one another.
func (p *planner) chain(order []Change) {
	needs := p.linked()
	for _, c := range order {
		c.Needs = append(slices.Clone(needs), c.Needs...)
		p.change(c)
		needs = []string{c.ID}
	}
}

// boundaries adds the changes of permissions boundaries, after everything else
// that decides on access.
func (p *planner) boundaries() {
	needs := p.linked()
	for _, c := range p.late {
		needs = append(needs, p.needs(c.ID)...)
	}
	for _, c := range p.bounds {
		c.Needs = slices.Clone(needs)
		p.change(c)
	}
}

// widened is the order in which the first document says both, until the second
// is changed.
func (p *planner) widened(first, second Change) []Change {
	both, err := joined(first.Before, first.After)
	if err != nil {
		return nil
	}
	wide, narrow := first, first
	wide.ID = "widen-" + first.ID
	wide.Title = "Let policy " + first.Entity.Name + " say the old and the new"
	wide.Why = "Another policy gives up what this one takes over; in between both have it."
	wide.After = both
	wide.Calls = []Call{p.calls.newVersion(first.Calls[0].Resource, both)}
	narrow.Before = both
	narrow.Why = "The other policy is changed, so the old statements can go."
	// Either undo leads back to the version of before.
	return []Change{wide, second, narrow}
}

// joined is a document with the statements of both.
func joined(a, b string) (string, error) {
	var all []json.RawMessage
	for _, text := range []string{a, b} {
		var d struct{ Statement json.RawMessage }
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return "", err
		}
		var list []json.RawMessage
		if err := json.Unmarshal(d.Statement, &list); err != nil {
			list = []json.RawMessage{d.Statement}
		}
		all = append(all, list...)
	}
	out, err := json.Marshal(struct {
		Statement []json.RawMessage
		Version   string
	}{all, documentVersion})
	return string(out), err
}

// keepsAccess reports whether the build user, on the way through the plan with
// this end, always has what it has both before and after.
func (p *planner) keepsAccess(end []Change) bool {
	if len(end) == 0 {
		return false
	}
	state := p.inv.Clone()
	for _, c := range p.plan.Changes {
		for _, call := range c.Calls {
			if state.Apply(call) != nil {
				return false
			}
		}
	}
	var states []policy.Access
	for _, c := range end {
		states = append(states, accessOfUser(state))
		for _, call := range c.Calls {
			if state.Apply(call) != nil {
				return false
			}
		}
	}
	due := accessOfUser(p.inv).Intersect(accessOfUser(state))
	return !slices.ContainsFunc(states, func(s policy.Access) bool {
		covers, _ := s.Covers(due)
		return !covers
	})
}

func accessOfUser(inv *Inventory) policy.Access {
	policies, _ := inv.PoliciesOfUser()
	return policy.AccessOf(policies)
}
