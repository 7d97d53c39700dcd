package provision

import (
	"fmt"
	"maps"
	"slices"
)

// Inventory is all entities of one scope that are there, as read live. What is
// absent was looked for and is not there; what could not be read, or was not
// asked for, is listed as unread and never passes for absent.
type Inventory struct {
	Place Place `json:"place"`
	// Caller is the ARN of the identity that read it.
	Caller   string   `json:"caller"`
	User     *User    `json:"user,omitempty"`
	Groups   []Group  `json:"groups,omitempty"`
	Role     *Role    `json:"role,omitempty"`
	Policies []Policy `json:"policies,omitempty"`
	Buckets  []Bucket `json:"buckets,omitempty"`
	Unread   []Gap    `json:"unread,omitempty"`
}

// Gap is one read that was not made or not answered.
type Gap struct {
	// Action is the read, such as "iam:ListUserPolicies".
	Action string `json:"action"`
	// Resource is what it would have been read of.
	Resource string `json:"resource"`
	// Reason says why it is missing.
	Reason string `json:"reason"`
	// Asked is true when the read was tried and failed.
	Asked bool `json:"asked"`
	// Detail is true for what a plan can be made without: it tells what else
	// decides on access.
	Detail bool `json:"detail"`
}

// Missing lists the reads that were tried and failed.
func (inv *Inventory) Missing() []Gap {
	var out []Gap
	for _, g := range inv.Unread {
		if g.Asked {
			out = append(out, g)
		}
	}
	return out
}

// Gaps are the reads that failed and without which a plan would have to guess.
func (inv *Inventory) Gaps() []Problem {
	var out []Problem
	for _, g := range inv.Missing() {
		if !g.Detail {
			out = append(out, Problem{
				Field: g.Resource, Rule: fmt.Sprintf("could not be read with %s: %s", g.Action, g.Reason),
				Way: fmt.Sprintf("let %s call %s on %s", inv.Caller, g.Action, g.Resource),
			})
		}
	}
	return out
}

// Group gives the group of that name, or nil.
func (inv *Inventory) Group(name string) *Group {
	for i := range inv.Groups {
		if inv.Groups[i].Name == name {
			return &inv.Groups[i]
		}
	}
	return nil
}

// Policy gives the policy of that ARN, or nil.
func (inv *Inventory) Policy(arn string) *Policy {
	for i := range inv.Policies {
		if inv.Policies[i].ARN == arn {
			return &inv.Policies[i]
		}
	}
	return nil
}

// Bucket gives the bucket of that name, or nil when it was not looked at.
func (inv *Inventory) Bucket(name string) *Bucket {
	for i := range inv.Buckets {
		if inv.Buckets[i].Name == name {
			return &inv.Buckets[i]
		}
	}
	return nil
}

// Clone gives a copy that shares nothing with the original.
func (inv *Inventory) Clone() *Inventory {
	c := *inv
	if inv.User != nil {
		u := *inv.User
		u.Tags = maps.Clone(u.Tags)
		u.Keys = slices.Clone(u.Keys)
		u.Groups = slices.Clone(u.Groups)
		u.Attached = slices.Clone(u.Attached)
		u.Inline = slices.Clone(u.Inline)
		c.User = &u
	}
	if inv.Role != nil {
		r := *inv.Role
		r.Tags = maps.Clone(r.Tags)
		r.Attached = slices.Clone(r.Attached)
		r.Inline = slices.Clone(r.Inline)
		c.Role = &r
	}
	c.Groups = slices.Clone(inv.Groups)
	for i := range c.Groups {
		g := &c.Groups[i]
		g.Members = slices.Clone(g.Members)
		g.Attached = slices.Clone(g.Attached)
		g.Inline = slices.Clone(g.Inline)
	}
	c.Policies = slices.Clone(inv.Policies)
	for i := range c.Policies {
		c.Policies[i].Tags = maps.Clone(c.Policies[i].Tags)
	}
	c.Buckets = slices.Clone(inv.Buckets)
	c.Unread = slices.Clone(inv.Unread)
	return &c
}
