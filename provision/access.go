package provision

import (
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// AccessChange is what a plan changes in what one principal may do.
type AccessChange struct {
	// Principal is the build user, the application role, another member of
	// the publishers group, or whoever may assume the application role.
	Principal Entity `json:"principal"`
	// Via says by what a principal is concerned that is not slipway's own:
	// only that part of its access is compared.
	Via string `json:"via,omitempty"`
	policy.Delta
	// Beyond is what is gained and the blueprint does not call for.
	Beyond []policy.Grant `json:"beyond"`
	// Needed is what is lost although the blueprint calls for it.
	Needed []policy.Grant `json:"needed"`
	// Unread are policies that were not read: with them the access before
	// and after may be another.
	Unread []string `json:"unread,omitempty"`
}

// PrincipalEntity is somebody outside the inventory, by ARN.
const PrincipalEntity EntityType = "principal"

// Quiet reports whether nothing changes for the principal.
func (a AccessChange) Quiet() bool { return len(a.Gained)+len(a.Lost) == 0 }

// AccessChanges compares what each principal that the plan concerns may do
// before and after it, in the order build user, application role, other
// members, those who may assume the role. It fails for a plan whose calls do
// not fit the inventory, or a trust policy that cannot be understood.
func AccessChanges(p Plan, inv *Inventory) ([]AccessChange, error) {
	after := inv.Clone()
	for _, c := range p.Calls() {
		if err := after.Apply(c); err != nil {
			return nil, err
		}
	}
	ideal := &Inventory{Place: inv.Place}
	ideal.add(p.Blueprint)

	b := p.Blueprint
	out := []AccessChange{compareAccess(Entity{Type: UserEntity, Name: b.User.Name}, inv, after, ideal, (*Inventory).PoliciesOfUser)}
	if b.Role != nil || inv.Role != nil {
		name := p.roleName(inv)
		out = append(out, compareAccess(Entity{Type: RoleEntity, Name: name}, inv, after, ideal, (*Inventory).PoliciesOfRole))
	}
	out = append(out, memberChanges(b, inv, after)...)
	trust, err := trustChanges(b, inv, after)
	return append(out, trust...), err
}

func (p Plan) roleName(inv *Inventory) string {
	if p.Blueprint.Role != nil {
		return p.Blueprint.Role.Name
	}
	return inv.Role.Name
}

// add puts a blueprint's entities into an inventory, as if they were there.
func (inv *Inventory) add(b Blueprint) {
	u := b.User
	inv.User = &u
	inv.Groups = append(inv.Groups, b.Group)
	inv.Policies = append(inv.Policies, b.Policies...)
	inv.Role = b.Role
}

type policiesOf func(*Inventory) (*policy.Policies, []string)

func compareAccess(e Entity, before, after, ideal *Inventory, of policiesOf) AccessChange {
	was, unreadBefore := of(before)
	is, unreadAfter := of(after)
	due, _ := of(ideal)
	due.Boundary = nil // what the blueprint calls for, not what is left of it
	c := AccessChange{Principal: e, Unread: merge(unreadBefore, unreadAfter)}
	c.compare(policy.AccessOf(was), policy.AccessOf(is), policy.AccessOf(due))
	return c
}

// compare fills in the delta. Due is what the blueprint calls for.
func (a *AccessChange) compare(was, is, due policy.Access) {
	a.Delta = policy.Compare(was, is)
	a.Beyond = policy.Compare(was.Union(due), is).Gained
	a.Needed = policy.Compare(was.Intersect(due), is).Lost
}

// memberChanges is about those who are in the publishers group beside the
// build user: whatever the group gains, they gain.
func memberChanges(b Blueprint, before, after *Inventory) []AccessChange {
	was := b.Group.Name
	if old := Contract34.Names(b.Spec.Cluster).Group; before.Group(was) == nil && after.Group(old) == nil {
		was = old // renamed on the way
	}
	g := before.Group(was)
	if g == nil {
		return nil
	}
	of := func(inv *Inventory) (*policy.Policies, []string) {
		if inv == before {
			return inv.PoliciesOfMember(was)
		}
		return inv.PoliciesOfMember(b.Group.Name)
	}
	nobody := &Inventory{Place: before.Place, Groups: []Group{{Name: b.Group.Name}}}
	var out []AccessChange
	for _, m := range g.Members {
		if m == b.User.Name {
			continue
		}
		c := compareAccess(Entity{Type: UserEntity, Name: m}, before, after, nobody, of)
		c.Via = "by being in group " + b.Group.Name
		out = append(out, c)
	}
	return out
}

// trustChanges is about those who may assume the application role.
func trustChanges(b Blueprint, before, after *Inventory) ([]AccessChange, error) {
	was, err := trustOf(before.Role)
	if err != nil {
		return nil, err
	}
	is, err := trustOf(after.Role)
	if err != nil || is == nil {
		return nil, err
	}
	due, err := trustOf(b.Role)
	if err != nil {
		return nil, err
	}
	role := b.Place.RoleARN(after.Role.Name)
	var out []AccessChange
	for _, p := range trusted(was, is) {
		var parts [3]policy.Access
		for i, d := range []*policy.Document{was, is, due} {
			if parts[i], err = policy.TrustOf(d, p, role, "trust policy"); err != nil {
				return nil, fmt.Errorf("compare who may assume role %s: %w", after.Role.Name, err)
			}
		}
		c := AccessChange{Principal: Entity{Type: PrincipalEntity, Name: p.ID}}
		c.compare(parts[0], parts[1], parts[2])
		out = append(out, c)
	}
	return out, nil
}

func trustOf(r *Role) (*policy.Document, error) {
	if r == nil {
		return nil, nil
	}
	d, err := policy.Parse(r.Trust)
	if err != nil {
		return nil, fmt.Errorf("read the trust policy of role %s: %w", r.Name, err)
	}
	return d, nil
}

func trusted(docs ...*policy.Document) []policy.Principal {
	var out []policy.Principal
	for _, d := range docs {
		if d == nil {
			continue
		}
		for _, p := range d.Trusted() {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func merge(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
