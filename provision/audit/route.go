package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// Route is one way in which somebody may do something: a principal, what it
// goes through, a policy, and what one statement of that really gives.
type Route struct {
	// Principal is the build user, another member of the publishers group, or
	// whoever may assume the application role.
	Principal provision.Entity `json:"principal"`
	// Through is the group or the role in between; empty for a policy on the
	// principal itself.
	Through provision.Entity `json:"through,omitzero"`
	// Policy names the policy; ARN is empty for an inline one.
	Policy  string `json:"policy"`
	ARN     string `json:"policy_arn,omitempty"`
	Version string `json:"version,omitempty"`
	// Statement counts from one.
	Statement int `json:"statement"`
	// Actions and Resources are what is left of the statement by every Deny
	// and boundary, and Condition is what it hangs on.
	Actions   []string `json:"actions"`
	Resources []string `json:"resources"`
	Condition string   `json:"condition,omitempty"`
	// Expected is true for what the contract calls for.
	Expected bool `json:"expected"`
	// Findings are the IDs of those that are about it.
	Findings []string `json:"findings,omitempty"`
}

// routes lists all ways, the build user's first.
func (c *scene) routes() []Route {
	var out []Route
	if c.inv.User != nil {
		out = append(out, c.waysOf(&c.user, c.user.entity)...)
	}
	if g := c.inv.Group(c.base.group); g != nil {
		for _, m := range g.Members {
			if m != c.names.user {
				out = append(out, c.waysOfMember(m, g)...)
			}
		}
	}
	if c.inv.Role != nil {
		for _, p := range c.assumers() {
			for _, w := range c.waysOf(&c.role, p.entity) {
				w.Through, w.Expected = c.role.entity, w.Expected && p.expected
				w.Findings = append(w.Findings, p.findings...)
				out = append(out, w)
			}
		}
	}
	return out
}

// waysOf are the statements that reach one principal, as another name acts.
func (c *scene) waysOf(p *principal, as provision.Entity) []Route {
	var out []Route
	for _, g := range p.sources {
		for _, s := range g.statements() {
			left := s.alone.Intersect(p.access).Grants()
			if len(left) > 0 {
				out = append(out, c.way(as, p, s, left))
			}
		}
	}
	return out
}

func (c *scene) way(as provision.Entity, p *principal, s statement, left []policy.Grant) Route {
	w := Route{
		Principal: as, Policy: s.source.name, ARN: s.source.arn, Version: s.source.version, Statement: s.index + 1,
		Actions: actionsOf(left), Resources: patterns(left), Condition: conditionsOf(left), Expected: true,
	}
	if s.source.holder != p.entity {
		w.Through = s.source.holder
	}
	if told := c.told[statementKey(s.source, s.index)]; told != nil {
		w.Findings = append(w.Findings, told.ID)
	}
	w.Expected = len(w.Findings) == 0 && c.own(s.source.arn) && (s.source.holder.Type != provision.UserEntity || c.base.group == "")
	return w
}

func patterns(grants []policy.Grant) []string {
	var out []string
	for _, g := range grants {
		if !slices.Contains(out, g.Resource) {
			out = append(out, g.Resource)
		}
	}
	return out
}

func conditionsOf(grants []policy.Grant) string {
	var out []string
	for _, g := range grants {
		if g.Condition != "" && !slices.Contains(out, g.Condition) {
			out = append(out, g.Condition)
		}
	}
	return listed(out)
}

// waysOfMember are what another member gets by being in the group.
func (c *scene) waysOfMember(name string, g *provision.Group) []Route {
	id := "group-members/" + link(provision.MembershipEntity, name, provision.GroupEntity, g.Name).String()
	holder := entity(provision.GroupEntity, g.Name)
	policies, _ := c.inv.PoliciesOfMember(g.Name)
	p := &principal{entity: entity(provision.UserEntity, name), access: policy.AccessOf(policies)}
	for _, s := range c.user.sources {
		if s.holder == holder {
			p.sources = append(p.sources, s)
		}
	}
	out := c.waysOf(p, p.entity)
	for i := range out {
		out[i].Expected = false
		out[i].Findings = append(out[i].Findings, id)
	}
	return out
}

// assumer is one whom the trust policy lets in.
type assumer struct {
	entity   provision.Entity
	expected bool
	findings []string
}

func (c *scene) assumers() []assumer {
	doc, err := policy.Parse(c.inv.Role.Trust)
	if err != nil {
		return nil
	}
	var out []assumer
	for _, p := range doc.Trusted() {
		a := assumer{entity: entity(provision.PrincipalEntity, p.ID), expected: p.ID == c.Expect.ApplicationManager}
		if !a.expected {
			a.findings = []string{"trust-principal/" + roleEntity(c).String() + "/" + p.ID}
		}
		out = append(out, a)
	}
	return out
}
