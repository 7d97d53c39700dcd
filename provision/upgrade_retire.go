package provision

import (
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// What an upgrade takes away once its replacement is there. It comes after all
// else, so that a runner can wait before it until readers agree.

// retire adds the changes that take away what has been replaced.
func (u *upgrader) retire() {
	u.direct()
	u.oldPolicies()
	u.oldGroup()
}

// direct takes the policies that the group carries from the user itself.
func (u *upgrader) direct() {
	for _, a := range u.b.Group.Attached {
		if !hasPolicy(u.inv.User.Attached, a.ARN) {
			continue
		}
		id := u.policyID(a.ARN)
		u.detachFromUser("detach-"+id+"-from-user", a,
			fmt.Sprintf("The build user has the %s grant through the group now, as every contract since 3.4 wants it.", destinationWord(id)))
	}
}

func (u *upgrader) detachFromUser(id string, a AttachedPolicy, why string) {
	user := u.inv.User.Name
	u.change(Change{
		ID: id, Mark: Remove,
		Entity: Entity{Type: AttachmentEntity, Name: a.Name, To: user, ToType: UserEntity},
		Title:  fmt.Sprintf("Detach policy %s from the build user itself", a.Name), Why: why,
		Calls: []Call{u.calls.detachFromUser(user, a.ARN)},
		Undo:  []Call{u.calls.attachToUser(user, a.ARN)},
	})
}

// superseded is a policy that another one of the blueprint takes the place of.
type superseded struct {
	policy *Policy
	// now is the ARN of the one that takes its place.
	now string
}

// superseded are the S3 grants of older contracts that are there.
func (u *upgrader) superseded() []superseded {
	if u.b.Spec.Bucket() == "" {
		return nil
	}
	names := u.b.Spec.Contract.Names(u.b.Spec.Cluster)
	var out []superseded
	for _, c := range Contracts() {
		other := c.Names(u.b.Spec.Cluster).S3Policy
		if p := u.inv.Policy(u.b.Place.PolicyARN(other)); p != nil && other != names.S3Policy && c.Before(u.b.Spec.Contract) {
			out = append(out, superseded{policy: p, now: u.b.Place.PolicyARN(names.S3Policy)})
		}
	}
	return out
}

// oldPolicies detaches the S3 grant of an older contract and deletes it, when
// it is slipway's own and nobody else uses it.
func (u *upgrader) oldPolicies() {
	for _, old := range u.superseded() {
		a := AttachedPolicy{Name: old.policy.Name, ARN: old.policy.ARN}
		const why = "The grant under its new name has taken its place."
		n := len(u.plan.Changes)
		if g := u.inv.Group(u.b.Group.Name); g != nil && hasPolicy(g.Attached, a.ARN) {
			u.change(Change{
				ID: "detach-old-s3-from-group", Mark: Remove,
				Entity: Entity{Type: AttachmentEntity, Name: a.Name, To: g.Name, ToType: GroupEntity},
				Title:  fmt.Sprintf("Detach policy %s from the publishers group", a.Name), Why: why,
				Calls: []Call{u.calls.detachFromGroup(g.Name, a.ARN)},
				Undo:  []Call{u.calls.attachToGroup(g.Name, a.ARN)},
			})
		}
		if hasPolicy(u.inv.User.Attached, a.ARN) {
			u.detachFromUser("detach-old-s3-from-user", a, why)
		}
		u.deleteOld(old.policy, len(u.plan.Changes)-n)
	}
}

func (u *upgrader) deleteOld(p *Policy, detached int) {
	e := Entity{Type: PolicyEntity, Name: p.Name}
	bucket := u.b.Spec.Bucket()
	switch {
	case p.Attachments > detached:
		u.note(e, "is attached to others too, so it stays")
		return
	case !policy.Equivalent(p.Document, s3Document(u.b.Place.Partition, bucket)):
		u.note(e, "has a document that the modules did not write, so it stays, attached to nobody")
		return
	case p.Versions != 1:
		u.note(e, "has other versions, or they could not be counted, so it stays, attached to nobody; delete it when you no longer want them")
		return
	}
	u.change(Change{
		ID: "delete-old-s3-policy", Mark: Remove, Entity: e,
		Title: "Delete policy " + p.Name, Why: "Nobody has it any more, and the policy under the new name says the same.",
		Before: p.Document,
		Calls:  []Call{u.calls.deletePolicy(p.ARN)},
		Undo:   []Call{u.calls.createPolicy(*p)},
	})
}

// oldGroup empties and deletes the group of before the split, where a new one
// is there already so that it could not be renamed. With anything in it that
// is not slipway's it stays, and the build user in it.
func (u *upgrader) oldGroup() {
	g := u.inv.Group(Contract34.Names(u.b.Spec.Cluster).Group)
	if g == nil {
		return
	}
	user, e := u.inv.User.Name, Entity{Type: GroupEntity, Name: g.Name}
	others := slices.ContainsFunc(g.Members, func(m string) bool { return m != user })
	others = others || len(g.Inline) > 0 || slices.ContainsFunc(g.Attached, func(a AttachedPolicy) bool {
		return !hasPolicy(u.b.Group.Attached, a.ARN)
	})
	if others {
		u.note(e, "is the publishers group of before the split and has members or policies that are not slipway's, so it is left as it is")
		return
	}
	for _, a := range g.Attached {
		u.change(Change{
			ID: "detach-" + u.policyID(a.ARN) + "-from-old-group", Mark: Remove,
			Entity: Entity{Type: AttachmentEntity, Name: a.Name, To: g.Name, ToType: GroupEntity},
			Title:  fmt.Sprintf("Detach policy %s from the old group", a.Name), Why: "The publishers group carries it now.",
			Calls: []Call{u.calls.detachFromGroup(g.Name, a.ARN)},
			Undo:  []Call{u.calls.attachToGroup(g.Name, a.ARN)},
		})
	}
	if slices.Contains(g.Members, user) {
		u.change(Change{
			ID: "leave-old-group", Mark: Remove,
			Entity: Entity{Type: MembershipEntity, Name: user, To: g.Name, ToType: GroupEntity},
			Title:  "Take the build user out of the old group", Why: "It is in the publishers group now.",
			Calls: []Call{u.calls.removeMember(g.Name, user)},
			Undo:  []Call{u.calls.addMember(g.Name, user)},
		})
	}
	u.change(Change{
		ID: "delete-old-group", Mark: Remove, Entity: e,
		Title: "Delete group " + g.Name, Why: "Nobody and nothing is left in it.",
		Calls: []Call{u.calls.deleteGroup(g.Name)},
		Undo:  []Call{u.calls.createGroup(g.Name)},
	})
}
