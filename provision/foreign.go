package provision

import (
	"fmt"
	"slices"
)

// What is found beside the blueprint: layouts of other contracts, which block,
// and things of other people, which are noted and left.

// otherContracts blocks an install over a layout that it would only double.
func (p *planner) otherContracts() {
	u, spec := p.inv.User, p.b.Spec
	if u == nil {
		return
	}
	names := spec.Contract.Names(spec.Cluster)
	if !slices.Contains(u.Groups, names.Group) {
		const way = "bring it up to date with slipway upgrade instead of installing over it"
		if old := Contract34.Names(spec.Cluster).Group; slices.Contains(u.Groups, old) {
			p.block("cluster", fmt.Sprintf("%q is already set up by modules before 5.0: its build user is in group %s", spec.Cluster, old), way)
		} else if hasPolicy(u.Attached, p.b.Place.PolicyARN(names.ECRPolicy)) {
			p.block("cluster", fmt.Sprintf("%q is already set up by modules before 3.4: policy %s is attached to its build user directly", spec.Cluster, names.ECRPolicy), way)
		}
	}
	for _, other := range Contracts() {
		arn := p.b.Place.PolicyARN(other.Names(spec.Cluster).S3Policy)
		g := p.inv.Group(names.Group)
		if other.Names(spec.Cluster) == names || g == nil || !hasPolicy(g.Attached, arn) {
			continue
		}
		p.block("contract", fmt.Sprintf("%s does not fit: the publishers group already carries %s, which is contract %s", spec.Contract, nameOfARN(arn), other),
			fmt.Sprintf("install with --contract %s to stay with it, or go to %s with slipway upgrade", other, spec.Contract))
	}
}

// foreign notes what is not of the blueprint on the entities that are.
func (p *planner) foreign() {
	if u := p.inv.User; u != nil {
		e := Entity{Type: UserEntity, Name: u.Name}
		for _, g := range u.Groups {
			if g != p.b.Group.Name {
				p.note(e, "is in group %s too", g)
			}
		}
		p.foreignGrants(e, u.Attached, nil, u.Inline)
		if u.Path != "" && u.Path != "/" {
			p.note(e, "has the path %s; the modules make it without one", u.Path)
		}
	}
	if g := p.inv.Group(p.b.Group.Name); g != nil {
		e := Entity{Type: GroupEntity, Name: g.Name}
		for _, m := range g.Members {
			if m != p.b.User.Name {
				p.note(e, "has the member %s too, who may publish as CI does", m)
			}
		}
		p.foreignGrants(e, g.Attached, p.b.Group.Attached, g.Inline)
	}
	if r := p.inv.Role; r != nil && p.b.Role != nil {
		p.foreignGrants(Entity{Type: RoleEntity, Name: r.Name}, r.Attached, p.b.Role.Attached, r.Inline)
	}
}

func (p *planner) foreignGrants(e Entity, have, want []AttachedPolicy, inline []InlinePolicy) {
	for _, a := range have {
		if !hasPolicy(want, a.ARN) {
			p.note(e, "carries policy %s too", a.ARN)
		}
	}
	for _, i := range inline {
		p.note(e, "has the inline policy %s", i.Name)
	}
}
