package provision

import (
	"fmt"

	"github.com/nullplatform/slipway/provision/policy"
)

// BridgePolicy is the name of the inline policy that a bridge writes.
const BridgePolicy = "slipway-bridge"

// Bridge carries the build user over an apply by OpenTofu, which takes the
// group's grants away before it gives them back: for that while the user has
// the same grants directly.
//
// A policy that stays is attached to the user. One that the apply deletes
// cannot be: AWS refuses to delete what is attached, and the apply would fail
// half-way. Its document is written into the user instead, under the name
// [BridgePolicy]. Direct attachments that are there already are no part of the
// bridge, and are not taken away with it.
type Bridge struct {
	// Up builds the bridge, and Down takes it away. The two are in the order
	// of the policies, and each change of Down undoes that of Up.
	Up, Down []Change
	// Blockers are why there can be none.
	Blockers []Problem
}

// Empty reports whether the user has all it needs directly already.
func (b Bridge) Empty() bool { return len(b.Up) == 0 }

// NewBridge plans a bridge for an apply that leads to the blueprint.
func NewBridge(to Blueprint, inv *Inventory, q Quotas) Bridge {
	var b Bridge
	u := inv.User
	if u == nil {
		return b
	}
	c := calls{inv.Place}
	ecr := inv.Place.PolicyARN(to.Spec.Contract.Names(to.Spec.Cluster).ECRPolicy)
	for _, p := range inv.Policies {
		if !grantedByGroup(inv, p.ARN) || hasPolicy(u.Attached, p.ARN) {
			continue
		}
		if p.ARN != ecr && !hasPolicy(to.Group.Attached, p.ARN) {
			if own(to, p.Name) {
				b.write(c, u, p)
			}
			continue
		}
		b.attach(c, u, p)
	}
	if n, limit := len(b.Up), q["AttachedPoliciesPerUserQuota"]; limit > 0 && len(u.Attached)+n > limit {
		b.Blockers = append(b.Blockers, Problem{
			Field: "bridge", Rule: fmt.Sprintf("needs %d more policies on the build user, which has %d of %d", n, len(u.Attached), limit),
			Way: "make room on the user, raise the quota, or go without the bridge and its safety with --no-bridge",
		})
	}
	return b
}

// own reports whether a policy is one that some contract makes for the
// cluster.
func own(to Blueprint, name string) bool {
	for _, c := range Contracts() {
		if n := c.Names(to.Spec.Cluster); name == n.ECRPolicy || name == n.S3Policy {
			return true
		}
	}
	return false
}

// grantedByGroup reports whether the build user has a policy through one of
// the groups that the modules make.
func grantedByGroup(inv *Inventory, arn string) bool {
	for _, name := range inv.User.Groups {
		if g := inv.Group(name); g != nil && hasPolicy(g.Attached, arn) {
			return true
		}
	}
	return false
}

// BridgeDown takes away what a call of a bridge has built, when it is there.
func BridgeDown(built Call, inv *Inventory) (Change, bool) {
	u := inv.User
	if u == nil || u.Name != built.Param("UserName") {
		return Change{}, false
	}
	var b Bridge
	c := calls{inv.Place}
	switch built.Action {
	case "iam:AttachUserPolicy":
		for _, a := range u.Attached {
			if a.ARN == built.Param("PolicyArn") {
				b.attach(c, u, Policy{Name: a.Name, ARN: a.ARN})
			}
		}
	case "iam:PutUserPolicy":
		for _, i := range u.Inline {
			if i.Name == BridgePolicy && i.Name == built.Param("PolicyName") {
				b.inline(c, u, Policy{Name: i.Name, Document: i.Document})
			}
		}
	}
	if b.Empty() {
		return Change{}, false
	}
	return b.Down[0], true
}

func (b *Bridge) attach(c calls, u *User, p Policy) {
	e := Entity{Type: AttachmentEntity, Name: p.Name, To: u.Name, ToType: UserEntity}
	up := Change{
		ID: "bridge-attach-" + p.Name, Mark: Add, Entity: e,
		Title: fmt.Sprintf("Attach policy %s to the build user itself", p.Name),
		Why:   "For as long as the group's own attachment is away, the build user has it directly.",
		Calls: []Call{c.attachToUser(u.Name, p.ARN)}, Undo: []Call{c.detachFromUser(u.Name, p.ARN)},
	}
	down := Change{
		ID: "bridge-detach-" + p.Name, Mark: Remove, Entity: e,
		Title: fmt.Sprintf("Detach policy %s from the build user itself", p.Name),
		Why:   "The group carries it again.",
		Calls: up.Undo, Undo: up.Calls,
	}
	b.Up, b.Down = append(b.Up, up), append(b.Down, down)
}

func (b *Bridge) write(c calls, u *User, p Policy) {
	if policy.Size(p.Document) > inlineRoom(u) {
		b.Blockers = append(b.Blockers, Problem{
			Field: "bridge", Rule: fmt.Sprintf("has no room for the document of %s in the inline policies of the build user", p.Name),
			Way: "take an inline policy out of the user, or go without the bridge and its safety with --no-bridge",
		})
		return
	}
	for _, i := range u.Inline {
		if i.Name == BridgePolicy && !policy.Equivalent(i.Document, p.Document) {
			b.Blockers = append(b.Blockers, Problem{
				Field: "bridge", Rule: "finds an inline policy " + BridgePolicy + " with another document in the build user",
				Way: "look at it, and delete it if nobody wants it",
			})
			return
		}
	}
	b.inline(c, u, p)
}

func (b *Bridge) inline(c calls, u *User, p Policy) {
	e := Entity{Type: PolicyEntity, Name: BridgePolicy, To: u.Name, ToType: UserEntity}
	up := Change{
		ID: "bridge-write", Mark: Add, Entity: e,
		Title: "Write the document of " + p.Name + " into the build user",
		Why:   "The apply deletes that policy, and what is attached cannot be deleted; until the new one is there, the build user has its document.",
		After: p.Document,
		Calls: []Call{c.putUserPolicy(u.Name, BridgePolicy, p.Document)}, Undo: []Call{c.deleteUserPolicy(u.Name, BridgePolicy)},
	}
	down := Change{
		ID: "bridge-delete", Mark: Remove, Entity: e,
		Title: "Delete the inline policy " + BridgePolicy, Why: "The grant under its new name is in effect.",
		Before: p.Document, Calls: up.Undo, Undo: up.Calls,
	}
	b.Up, b.Down = append(b.Up, up), append(b.Down, down)
}

// inlineRoom is how many characters of inline policies a user has left.
func inlineRoom(u *User) int {
	room := policy.UserInlineSize
	for _, i := range u.Inline {
		if i.Name != BridgePolicy {
			room -= policy.Size(i.Document)
		}
	}
	return room
}

// LinkCalls are the calls that link a blueprint's user and policies to its
// group: what readers must see before a bridge may go.
func LinkCalls(b Blueprint) []Call {
	c := calls{b.Place}
	out := []Call{c.addMember(b.Group.Name, b.User.Name)}
	for _, a := range b.Group.Attached {
		out = append(out, c.attachToGroup(b.Group.Name, a.ARN))
	}
	return out
}
