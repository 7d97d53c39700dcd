package provision

import (
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// Principals of an inventory, and the policies that decide what each may do.

// collector gathers the policies of one principal.
type collector struct {
	inv    *Inventory
	out    policy.Policies
	unread []string
}

// PoliciesOfUser gives what decides for the build user: its own policies, and
// those of the groups that it is in and that the inventory holds. The second
// value names what was not read; with it, the answer is not the whole truth.
func (inv *Inventory) PoliciesOfUser() (*policy.Policies, []string) {
	c := &collector{inv: inv}
	if u := inv.User; u != nil {
		c.grants("", u.Attached, u.Inline)
		c.unlisted("iam:ListUserPolicies", "user/"+u.Name, "inline policies of user "+u.Name)
		for _, g := range u.Groups {
			c.group(g)
		}
		c.boundary(u.Boundary)
	}
	return &c.out, c.unread
}

// PoliciesOfMember gives what a member of a group may do by being in it.
func (inv *Inventory) PoliciesOfMember(group string) (*policy.Policies, []string) {
	c := &collector{inv: inv}
	c.group(group)
	return &c.out, c.unread
}

// PoliciesOfRole gives what decides for the application role once assumed.
func (inv *Inventory) PoliciesOfRole() (*policy.Policies, []string) {
	c := &collector{inv: inv}
	if r := inv.Role; r != nil {
		c.grants("", r.Attached, r.Inline)
		c.unlisted("iam:ListRolePolicies", "role/"+r.Name, "inline policies of role "+r.Name)
		c.boundary(r.Boundary)
	}
	return &c.out, c.unread
}

func (c *collector) group(name string) {
	g := c.inv.Group(name)
	if g == nil {
		c.unread = append(c.unread, "group "+name)
		return
	}
	c.grants("group "+name, g.Attached, g.Inline)
	c.unlisted("iam:ListGroupPolicies", "group/"+name, "inline policies of group "+name)
}

// unlisted notes a list that this inventory leaves open.
func (c *collector) unlisted(action, resource, what string) {
	if slices.ContainsFunc(c.inv.Unread, func(g Gap) bool { return g.Action == action && g.Resource == resource }) {
		c.unread = append(c.unread, what)
	}
}

func (c *collector) grants(via string, attached []AttachedPolicy, inline []InlinePolicy) {
	for _, a := range attached {
		if s, ok := c.managed(a.ARN); ok {
			s.Via = via
			c.out.Identity = append(c.out.Identity, s)
		}
	}
	for _, i := range inline {
		doc, err := policy.Parse(i.Document)
		if err != nil {
			c.unread = append(c.unread, "inline policy "+i.Name+", which cannot be understood")
			continue
		}
		c.out.Identity = append(c.out.Identity, policy.Source{Name: "inline policy " + i.Name, Via: via, Document: doc})
	}
}

func (c *collector) managed(arn string) (policy.Source, bool) {
	p := c.inv.Policy(arn)
	if p == nil || p.Document == "" {
		c.unread = append(c.unread, "policy "+arn)
		return policy.Source{}, false
	}
	doc, err := policy.Parse(p.Document)
	if err != nil {
		c.unread = append(c.unread, "policy "+arn+", which cannot be understood")
		return policy.Source{}, false
	}
	return policy.Source{Name: p.Name, Document: doc}, true
}

// boundary adds a boundary. One that was not read bounds nothing here, so that
// access is shown as larger rather than smaller; it is named as unread.
func (c *collector) boundary(arn string) {
	if arn == "" {
		return
	}
	if s, ok := c.managed(arn); ok {
		c.out.Boundary = &s
	}
}
