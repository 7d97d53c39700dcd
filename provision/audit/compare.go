package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// How a difference stands to the baseline.
const (
	// Missing is called for and not there.
	Missing = "missing"
	// Extra is there and not called for.
	Extra = "extra"
	// Changed is called for and otherwise.
	Changed = "changed"
)

// Difference is one way in which the account is not as the closest contract
// makes it. It says nothing about whether that matters; findings do.
type Difference struct {
	Stand  string           `json:"stand"`
	Entity provision.Entity `json:"entity"`
	// Text says how.
	Text string `json:"text"`
	// boundary is true when it is about a permissions boundary, which has a
	// check of its own.
	boundary bool
}

// compare lists the differences entity by entity, and of documents statement
// by statement.
func (c *scene) compare() []Difference {
	d := &differences{c: c}
	if c.inv.User == nil {
		return nil
	}
	d.user()
	d.group()
	for _, e := range c.base.policies {
		d.policy(e)
	}
	d.role()
	d.leftovers()
	return d.list
}

type differences struct {
	c    *scene
	list []Difference
}

func (d *differences) add(stand string, e provision.Entity, text string) {
	d.list = append(d.list, Difference{Stand: stand, Entity: e, Text: text})
}

func entity(kind provision.EntityType, name string) provision.Entity {
	return provision.Entity{Type: kind, Name: name}
}

func link(kind provision.EntityType, name string, toType provision.EntityType, to string) provision.Entity {
	return provision.Entity{Type: kind, Name: name, To: to, ToType: toType}
}

func (d *differences) user() {
	u := d.c.inv.User
	e := entity(provision.UserEntity, u.Name)
	for _, g := range u.Groups {
		if g != d.c.base.group {
			d.add(Extra, link(provision.MembershipEntity, u.Name, provision.GroupEntity, g), "the build user is in this group too")
		}
	}
	if g := d.c.base.group; g != "" && !slices.Contains(u.Groups, g) && len(d.c.gaps("user/"+u.Name, "iam:ListGroupsForUser")) == 0 {
		d.add(Missing, link(provision.MembershipEntity, u.Name, provision.GroupEntity, g), "the build user is not in the publishers group")
	}
	var want []string
	if d.c.base.group == "" {
		want = d.ownARNs()
	}
	d.attached(provision.UserEntity, u.Name, u.Attached, want, "iam:ListAttachedUserPolicies")
	d.inline(provision.UserEntity, u.Name, u.Inline)
	if u.Boundary != d.c.Expect.Boundary {
		d.boundary(e, u.Boundary)
	}
}

func (d *differences) boundary(e provision.Entity, have string) {
	switch want := d.c.Expect.Boundary; {
	case want == "":
		d.add(Extra, e, "has the permissions boundary "+have)
	case have == "":
		d.add(Missing, e, "has not the permissions boundary "+want)
	default:
		d.add(Changed, e, "has the permissions boundary "+have+" instead of "+want)
	}
	d.list[len(d.list)-1].boundary = true
}

func (d *differences) ownARNs() []string {
	var out []string
	for _, e := range d.c.base.policies {
		out = append(out, d.c.policyARN(e.name))
	}
	return out
}

func (d *differences) attached(kind provision.EntityType, name string, have []provision.AttachedPolicy, want []string, read string) {
	for _, a := range have {
		if !slices.Contains(want, a.ARN) {
			d.add(Extra, link(provision.AttachmentEntity, a.Name, kind, name), "is attached here")
		}
	}
	if len(d.c.gaps(string(kind)+"/"+name, read)) > 0 {
		return
	}
	for _, arn := range want {
		if !carries(have, arn) {
			d.add(Missing, link(provision.AttachmentEntity, nameOfARN(arn), kind, name), "is not attached here")
		}
	}
}

func (d *differences) inline(kind provision.EntityType, name string, list []provision.InlinePolicy) {
	for _, i := range list {
		d.add(Extra, link(provision.AttachmentEntity, i.Name, kind, name), "is an inline policy, and contracts have none")
	}
}

func (d *differences) group() {
	name := d.c.base.group
	if name == "" {
		return
	}
	g := d.c.inv.Group(name)
	if g == nil {
		if len(d.c.gaps("group/"+name, "iam:GetGroup")) == 0 {
			d.add(Missing, entity(provision.GroupEntity, name), "is not there")
		}
		return
	}
	for _, m := range g.Members {
		if m != d.c.names.user {
			d.add(Extra, link(provision.MembershipEntity, m, provision.GroupEntity, name), "is a member too")
		}
	}
	d.attached(provision.GroupEntity, name, g.Attached, d.ownARNs(), "iam:ListAttachedGroupPolicies")
	d.inline(provision.GroupEntity, name, g.Inline)
}

func (d *differences) policy(e expected) {
	arn := d.c.policyARN(e.name)
	id := entity(provision.PolicyEntity, e.name)
	p := d.c.inv.Policy(arn)
	switch {
	case len(d.c.gaps(arn, "iam:GetPolicy", "iam:GetPolicyVersion")) > 0:
	case p == nil:
		d.add(Missing, id, "is not there")
	case !e.equals(p.Document, d.c.base.contract):
		if len(e.documents) == 0 {
			d.add(Changed, id, "grants no single bucket, so it cannot be compared")
			return
		}
		for _, text := range documentDifferences(e.documents[0], p.Document) {
			d.add(Changed, id, text)
		}
	}
}

func (d *differences) role() {
	r := d.c.inv.Role
	if !d.c.dest.ecr {
		return
	}
	id := entity(provision.RoleEntity, d.c.names.role)
	if r == nil {
		if len(d.c.gaps("role/"+d.c.names.role, "iam:GetRole")) == 0 {
			d.add(Missing, id, "is not there")
		}
		return
	}
	d.attached(provision.RoleEntity, r.Name, r.Attached, []string{d.c.policyARN(d.c.names.ecr)}, "iam:ListAttachedRolePolicies")
	d.inline(provision.RoleEntity, r.Name, r.Inline)
	if !d.c.base.trusts(r.Trust) && len(d.c.base.trust) > 0 {
		for _, text := range documentDifferences(d.c.base.trust[0], r.Trust) {
			d.add(Changed, id, "trust policy: "+text)
		}
	}
	if r.Boundary != d.c.Expect.Boundary {
		d.boundary(id, r.Boundary)
	}
}

// leftovers are entities of other contracts.
func (d *differences) leftovers() {
	for _, e := range d.c.leftovers() {
		d.add(Extra, e, "is of another contract")
	}
}

// leftovers lists the entities that only other contracts call for.
func (c *scene) leftovers() []provision.Entity {
	var out []provision.Entity
	for _, name := range []string{c.names.publishers, c.names.legacy} {
		if name != c.base.group && c.inv.Group(name) != nil {
			out = append(out, entity(provision.GroupEntity, name))
		}
	}
	for _, name := range c.names.policies() {
		if _, wanted := c.base.policy(name); !wanted && c.inv.Policy(c.policyARN(name)) != nil {
			out = append(out, entity(provision.PolicyEntity, name))
		}
	}
	return out
}

// documentDifferences says statement by statement how one document differs
// from another.
func documentDifferences(want, have string) []string {
	w, errW := policy.Parse(want)
	h, errH := policy.Parse(have)
	if errW != nil || errH != nil {
		return []string{"the document cannot be understood"}
	}
	var out []string
	taken := map[int]bool{}
	for _, s := range w.Statements {
		i := nearest(s, h.Statements, taken)
		if i < 0 {
			out = append(out, "lacks the statement "+effectOf(s))
			continue
		}
		taken[i] = true
		out = append(out, statementDifferences(i, s, h.Statements[i])...)
	}
	for i, s := range h.Statements {
		if !taken[i] {
			out = append(out, "statement "+itoa(i+1)+" is not called for: "+effectOf(s))
		}
	}
	return out
}

// nearest is the statement of a list that shares most actions with one, or -1.
func nearest(s policy.Statement, list []policy.Statement, taken map[int]bool) int {
	best, most := -1, 0
	for i, other := range list {
		if taken[i] || other.Effect != s.Effect {
			continue
		}
		n := len(s.Actions) - len(without(s.Actions, other.Actions))
		if n > most {
			best, most = i, n
		}
	}
	return best
}

func statementDifferences(index int, want, have policy.Statement) []string {
	var out []string
	say := func(text string) { out = append(out, "statement "+itoa(index+1)+" "+text) }
	if extra := without(have.Actions, want.Actions); len(extra) > 0 {
		say("has also " + some(extra))
	}
	if less := without(want.Actions, have.Actions); len(less) > 0 {
		say("lacks " + some(less))
	}
	if have.NotAction != want.NotAction {
		say("turns the actions round with NotAction")
	}
	if len(without(have.Resources, want.Resources))+len(without(want.Resources, have.Resources)) > 0 || have.NotResource != want.NotResource {
		say("is on " + some(have.Resources) + " instead of " + some(want.Resources))
	}
	if p, q := principals(have), principals(want); len(without(p, q))+len(without(q, p)) > 0 {
		say("names " + some(p) + " instead of " + some(q))
	}
	switch p, q := conditionWords(have.Conditions), conditionWords(want.Conditions); {
	case p == q:
	case q == "":
		say("holds only if " + p)
	case p == "":
		say("holds always, not only if " + q)
	default:
		say("holds if " + p + " instead of if " + q)
	}
	return out
}

func principals(s policy.Statement) []string {
	var out []string
	for _, p := range s.Principals {
		out = append(out, p.ID)
	}
	return out
}

func effectOf(s policy.Statement) string {
	return string(s.Effect) + " " + some(s.Actions) + " on " + some(s.Resources)
}

// without lists the items of one list that another lacks, in any case.
func without(list, other []string) []string {
	var out []string
	for _, a := range list {
		if !slices.ContainsFunc(other, func(b string) bool { return strings.EqualFold(a, b) }) {
			out = append(out, a)
		}
	}
	return out
}
