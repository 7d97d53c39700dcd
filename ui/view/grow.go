package view

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// group is the group with the build user and the grants hanging on it.
func (g *grower) group() []branch {
	b := g.preview.Plan.Blueprint
	rows := g.entity(provision.Entity{Type: provision.GroupEntity, Name: b.Group.Name}, "group")
	twigs := g.entity(provision.Entity{
		Type: provision.MembershipEntity, Name: b.User.Name, To: b.Group.Name, ToType: provision.GroupEntity,
	}, "member")
	for _, p := range b.Policies {
		twigs = append(twigs, g.grant(p)...)
	}
	return hang(rows, twigs)
}

// hang puts twigs on the last row, or lets them stand alone.
func hang(rows, twigs []branch) []branch {
	if len(rows) == 0 {
		return twigs
	}
	last := &rows[len(rows)-1]
	last.twigs = append(last.twigs, twigs...)
	return rows
}

// grant is a policy with its attachment to the group. When neither changes,
// they are one row.
func (g *grower) grant(p provision.Policy) []branch {
	b := g.preview.Plan.Blueprint
	policy := g.entity(provision.Entity{Type: provision.PolicyEntity, Name: p.Name}, grantWord(b, p.Name)+" grant")
	link := g.entity(provision.Entity{
		Type: provision.AttachmentEntity, Name: p.Name, To: b.Group.Name, ToType: provision.GroupEntity,
	}, "to group")
	for i := range link {
		link[i].name = ""
	}
	if len(policy) > 0 && len(link) > 0 && policy[0].stand == settled && link[0].stand == settled {
		return policy
	}
	return hang(policy, link)
}

// grantWord names the destination that a policy is about.
func grantWord(b provision.Blueprint, policy string) string {
	if policy == b.Spec.Contract.Names(b.Spec.Cluster).ECRPolicy {
		return "ECR"
	}
	return "S3"
}

// role is the application role with the grant that it carries.
func (g *grower) role() []branch {
	b := g.preview.Plan.Blueprint
	if b.Role == nil {
		return nil
	}
	rows := g.entity(provision.Entity{Type: provision.RoleEntity, Name: b.Role.Name}, "role")
	var twigs []branch
	for _, a := range b.Role.Attached {
		twigs = append(twigs, g.entity(provision.Entity{
			Type: provision.AttachmentEntity, Name: a.Name, To: b.Role.Name, ToType: provision.RoleEntity,
		}, grantWord(b, a.Name)+" grant")...)
	}
	return hang(rows, twigs)
}

// bucket is the bucket, whatever its state.
func (g *grower) bucket() []branch {
	b := g.preview.Plan.Blueprint
	if b.Bucket == nil {
		return nil
	}
	rows := g.entity(provision.Entity{Type: provision.BucketEntity, Name: b.Bucket.Name}, "bucket")
	if len(rows) > 0 {
		return rows
	}
	row := branch{stand: blocked, kind: "bucket", name: b.Bucket.Name, word: "not read"}
	if inv := g.preview.Inventory; inv != nil {
		if have := inv.Bucket(b.Bucket.Name); have != nil {
			switch have.State {
			case provision.BucketAbsent:
				row.word = "missing"
			case provision.BucketForbidden:
				row.word = "not ours"
			case provision.BucketOwn:
			}
		}
	}
	return []branch{row}
}

// keys are the keys that are there, or the one to be made.
func (g *grower) keys() []branch {
	b := g.preview.Plan.Blueprint
	var rows []branch
	for _, r := range g.entity(provision.Entity{Type: provision.KeyEntity, Name: b.User.Name}, "key") {
		r.name = "for the build user"
		rows = append(rows, r)
	}
	inv := g.preview.Inventory
	if inv == nil || inv.User == nil {
		return rows
	}
	for _, k := range inv.User.Keys {
		for _, r := range g.entity(provision.Entity{Type: provision.KeyEntity, Name: k.ID}, "key") {
			if !k.Active {
				r.name += " (inactive)"
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// others are the rows of all that has none yet, so that nothing of a plan is
// ever out of sight.
func (g *grower) others() []branch {
	var rows []branch
	for len(g.left) > 0 {
		e := g.left[0].Entity
		rows = append(rows, from(e, g.entity(e, string(e.Type)))...)
	}
	for _, e := range slices.Clone(g.kept) {
		rows = append(rows, g.entity(e, string(e.Type))...)
	}
	return rows
}

// from says of a link that is taken away what it is taken from: the trees show
// only what the blueprint knows.
func from(e provision.Entity, rows []branch) []branch {
	for i := range rows {
		if e.To != "" && rows[i].stand == removed {
			rows[i].name += " from " + string(e.ToType) + " " + e.To
		}
	}
	return rows
}
