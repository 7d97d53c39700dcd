package account

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// Deepen reads what decides on access beside the entities of a scope: inline
// policies, the documents of all attached policies and of permissions
// boundaries, and the build user's other groups. Where nothing is there, it
// asks nothing. It gives a new inventory; what the account refuses to tell is
// a gap in the detail.
func (a *Account) Deepen(ctx context.Context, inv *provision.Inventory) (*provision.Inventory, error) {
	id, err := a.Identity(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{a: a, inv: inv.Clone(), identity: id, detail: true, scope: provision.Scope{Deep: true}}
	// What was left out is asked now, but for the last use of keys.
	r.inv.Unread = slices.DeleteFunc(r.inv.Unread, func(g provision.Gap) bool {
		return !g.Asked && g.Action != lastUseAction
	})
	if r.inv.User != nil {
		r.scope.User = r.inv.User.Name
	}
	if r.inv.Role != nil {
		r.scope.Role = r.inv.Role.Name
	}
	for _, round := range []func(context.Context, *errgroup.Group){r.otherGroups, r.deepLinks(), r.otherPolicies, r.otherDocuments} {
		g, gctx := errgroup.WithContext(ctx)
		round(gctx, g)
		if err := g.Wait(); err != nil {
			return nil, err
		}
	}
	r.sort()
	return r.inv, nil
}

// otherGroups reads the groups of the user that the inventory does not hold.
func (r *reader) otherGroups(ctx context.Context, g *errgroup.Group) {
	if r.inv.User == nil {
		return
	}
	// Those that are read are added to the list that is looked at here.
	var unknown []string
	for _, name := range r.inv.User.Groups {
		if r.inv.Group(name) == nil {
			unknown = append(unknown, name)
		}
	}
	for _, name := range unknown {
		g.Go(func() error { return r.group(ctx, name) })
	}
}

// deepLinks reads inline policies, and what is attached to groups that are new
// since the first reading.
func (r *reader) deepLinks() func(context.Context, *errgroup.Group) {
	var known []string
	for _, g := range r.inv.Groups {
		known = append(known, g.Name)
	}
	return func(ctx context.Context, g *errgroup.Group) {
		if r.inv.User != nil {
			r.inline(ctx, g, r.userInline())
		}
		for i := range r.inv.Groups {
			group := &r.inv.Groups[i]
			r.inline(ctx, g, r.groupInline(group))
			if !slices.Contains(known, group.Name) {
				g.Go(func() error { return r.attachedToGroup(ctx, group) })
			}
		}
		if r.inv.Role != nil {
			r.inline(ctx, g, r.roleInline())
		}
	}
}

// otherPolicies reads the policies that are attached, or are boundaries, and
// not in the inventory.
func (r *reader) otherPolicies(ctx context.Context, g *errgroup.Group) {
	for _, arn := range r.unknownPolicies() {
		g.Go(func() error { return r.policy(ctx, arn) })
	}
}

func (r *reader) unknownPolicies() []string {
	var arns []string
	attached := func(list []provision.AttachedPolicy, boundary string) {
		for _, a := range list {
			arns = append(arns, a.ARN)
		}
		arns = append(arns, boundary)
	}
	if u := r.inv.User; u != nil {
		attached(u.Attached, u.Boundary)
	}
	for _, g := range r.inv.Groups {
		attached(g.Attached, "")
	}
	if role := r.inv.Role; role != nil {
		attached(role.Attached, role.Boundary)
	}
	slices.Sort(arns)
	return slices.DeleteFunc(slices.Compact(arns), func(arn string) bool {
		return arn == "" || r.inv.Policy(arn) != nil
	})
}

// otherDocuments reads the documents of the policies that are new.
func (r *reader) otherDocuments(ctx context.Context, g *errgroup.Group) {
	for i := range r.inv.Policies {
		if r.inv.Policies[i].Document == "" {
			g.Go(func() error { return r.document(ctx, &r.inv.Policies[i]) })
		}
	}
}
