package provision

import (
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// NewUpgrade compares what a contract calls for with an account that holds the
// identity by an older one, and leads from the one to the other in place:
//
//  1. the old group is renamed, which keeps its members, its policies and its
//     ID; or, where there is none, a group is made
//  2. what is missing is added and linked
//  3. documents are changed to what the contract says
//  4. what has been replaced goes: a direct attachment that the group carries
//     too, the S3 grant under its old name, an old group that is empty
//
// The changes go one after another: each needs the one before it. So there is
// one way through, and it is tried out here, on paper: an upgrade on whose way
// the build user would lack something that it has before and after is blocked.
// Nothing of 4 may begin before all of 1 to 3 is visible. The build
// user, its name and its keys are never touched: no change of this plan makes,
// deletes, renames or tags them. What is not slipway's own is left, with a
// note. The blueprint's tags and permissions boundary count for nothing here.
//
// The inventory is to be one of [StandingScope], deepened, so that what would
// be lost is known.
func NewUpgrade(b Blueprint, inv *Inventory) Plan {
	u := &upgrader{planner: newPlanner(b, inv), was: inv}
	u.gaps()
	u.forwards()
	if u.plan.Blocked() != nil {
		return u.plan
	}
	u.renameGroup()
	u.user()
	u.group()
	for _, pol := range b.Policies {
		u.policy(u.succeeding(pol))
	}
	u.role()
	u.bucket()
	u.membership()
	for _, a := range b.Group.Attached {
		u.groupAttachment(a)
	}
	u.roleAttachments()
	u.documents()
	u.retire()
	u.renameFirst()
	u.oneByOne()
	u.tryOut()
	u.foreign()
	u.limits()
	return u.plan
}

// upgrader is a planner whose inventory has the group under its new name.
type upgrader struct {
	*planner
	// was is the inventory before the rename.
	was    *Inventory
	rename *Change
}

// forwards blocks what is no upgrade: nothing to start from, or a step back.
func (u *upgrader) forwards() {
	spec := u.b.Spec
	from := StandingOf(spec.Cluster, u.inv).Contract
	switch {
	case u.inv.User == nil:
		u.block("cluster", fmt.Sprintf("%q is not set up here: there is no user %s", spec.Cluster, u.b.User.Name),
			"check the name, or set it up with slipway install")
	case from == "":
		u.block("cluster", fmt.Sprintf("%q has a build user, but none of the modules' grants", spec.Cluster),
			"add what is missing with slipway install")
	case spec.Contract.Before(from):
		u.block("contract", fmt.Sprintf("%s is older than %s, which this account has", spec.Contract, from),
			"leave --to out, or name "+string(from)+" or a newer one")
	}
}

// renameGroup takes the name of before the split from the group, when nothing
// has the new name yet.
func (u *upgrader) renameGroup() {
	names := u.b.Spec.Contract.Names(u.b.Spec.Cluster)
	old := u.inv.Group(Contract34.Names(u.b.Spec.Cluster).Group)
	if old == nil || u.inv.Group(names.Group) != nil {
		return
	}
	c := Change{
		ID: "rename-group", Mark: Update, Entity: Entity{Type: GroupEntity, Name: names.Group},
		Title:  fmt.Sprintf("Rename group %s to %s", old.Name, names.Group),
		Why:    "Members, policies and ID stay, so nobody loses anything for a moment.",
		Before: old.Name, After: names.Group,
		Calls: []Call{u.calls.renameGroup(old.Name, names.Group)},
		Undo:  []Call{u.calls.renameGroup(names.Group, old.Name)},
	}
	renamed := u.inv.Clone()
	if err := renamed.Apply(c.Calls[0]); err != nil {
		u.block("group", err.Error(), "look at the groups of the account")
		return
	}
	u.rename, u.inv = &c, renamed
}

// renameFirst puts the rename before everything that speaks of the new name.
func (u *upgrader) renameFirst() {
	if u.rename == nil {
		return
	}
	u.plan.Changes = append([]Change{*u.rename}, u.plan.Changes...)
	e := u.rename.Entity
	u.plan.Kept = slices.DeleteFunc(u.plan.Kept, func(k Entity) bool { return k == e })
}

// oneByOne lets each change wait for the one before it.
func (u *upgrader) oneByOne() {
	for i := range u.plan.Changes {
		u.plan.Changes[i].Needs = nil
		if i > 0 {
			u.plan.Changes[i].Needs = []string{u.plan.Changes[i-1].ID}
		}
	}
}

// user and its keys are kept as they are, whatever a blueprint says of tags
// and boundaries.
func (u *upgrader) user() {
	have := u.inv.User
	e := Entity{Type: UserEntity, Name: have.Name}
	u.keep(e)
	if have.Boundary != "" {
		u.note(e, "has the permissions boundary %s, which is left as it is", have.Boundary)
	}
	active := false
	for _, k := range have.Keys {
		u.keep(Entity{Type: KeyEntity, Name: k.ID})
		active = active || k.Active
	}
	if !active {
		u.note(e, "has no active key, so nobody publishes with it; an upgrade makes none")
	}
}

// bucket asks for a bucket only where the grant is new. One that is granted
// today is not slipway's to judge: CI may well use it from another account.
func (u *upgrader) bucket() {
	want := u.b.Bucket
	if want == nil {
		return
	}
	granted := slices.Contains(StandingOf(u.b.Spec.Cluster, u.was).Destinations, Destination{Kind: S3, Bucket: want.Name})
	if have := u.inv.Bucket(want.Name); granted && have != nil && have.State != BucketOwn {
		u.note(Entity{Type: BucketEntity, Name: want.Name}, "is %s to this account; the grant stays as it is", have.State)
		return
	}
	u.planner.bucket()
}

// succeeding is a policy that carries on the tags of the one that it takes the
// place of: access may hang on them.
func (u *upgrader) succeeding(p Policy) Policy {
	if u.inv.Policy(p.ARN) != nil {
		return p
	}
	for _, old := range u.superseded() {
		if old.now == p.ARN && len(old.policy.Tags) > 0 {
			p.Tags = old.policy.Tags
		}
	}
	return p
}

// tryOut carries the plan out on paper and looks at the build user after every
// call. It leaves the inventory as it will be.
func (u *upgrader) tryOut() {
	state := u.was.Clone()
	ways := []policy.Access{}
	at := []Change{}
	for _, c := range u.plan.Changes {
		for _, call := range c.Calls {
			if err := state.Apply(call); err != nil {
				u.block("plan", "cannot be carried out: "+err.Error(), "report this as a defect; nothing was changed")
				return
			}
			ways, at = append(ways, accessOfUser(state)), append(at, c)
		}
	}
	due := accessOfUser(u.was).Intersect(accessOfUser(state))
	for i, access := range ways {
		if covers, lost := access.Covers(due); !covers {
			u.block("access", fmt.Sprintf("would be missing for a moment, after %q: %s", at[i].Title, summarise(lost)),
				"a policy denies what another one allows; take the denial out by hand and run again")
			break
		}
	}
	u.inv = state
}
