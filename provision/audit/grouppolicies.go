package audit

import "github.com/nullplatform/slipway/provision"

func groupPolicies() Check {
	const id = "group-policy"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Low,
		Title:     "The publishers group carries the modules' policies and no others",
		Rationale: "The modules delete the group when the layout changes, and cannot while something else hangs on it.",
		run: func(c *scene) outcome {
			if c.base.group == "" || c.inv.Group(c.base.group) == nil {
				return nothing()
			}
			return c.foreignPolicies(id, entity(provision.GroupEntity, c.base.group), c.user.sources,
				c.gaps("group/"+c.base.group, "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies", "iam:GetGroupPolicy"))
		},
	}
}

func rolePolicies() Check {
	const id = "role-policy"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Low,
		Title:     "The application role carries the ECR policy and no other",
		Rationale: "Whoever may assume the role gets what is attached to it.",
		run: func(c *scene) outcome {
			if c.inv.Role == nil {
				return nothing()
			}
			return c.foreignPolicies(id, entity(provision.RoleEntity, c.inv.Role.Name), c.role.sources,
				c.gaps("role/"+c.inv.Role.Name, "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"))
		},
	}
}

// foreignPolicies finds what an entity carries besides the cluster's own, and
// of which no grant finding speaks.
func (c *scene) foreignPolicies(id string, holder provision.Entity, sources []grantSource, gaps []provision.Gap) outcome {
	out := outcome{looked: true, gaps: gaps}
	for _, g := range sources {
		if g.holder != holder || c.own(g.arn) && !g.inline {
			continue
		}
		if spoken := c.speaks(g); spoken != "" {
			out.covered = spoken
			continue
		}
		text := "It gives nothing beyond publishing, but contract " + string(c.base.contract) + " has no such policy."
		if buckets := bucketsIn(g.text, c.inv.Place); len(buckets) > 0 && holder.Type == provision.GroupEntity {
			text = "It grants " + listed(buckets) + " by hand, as the S3 destination of contract " + string(provision.DefaultContract) + " does."
		}
		out.findings = append(out.findings, finding(id, Low, link(provision.AttachmentEntity, g.name, holder.Type, holder.Name), "",
			capital(string(holder.Type))+" "+holder.Name+" carries "+g.name+" too", text).
			seen(Evidence{Read: readOf(link(provision.AttachmentEntity, g.name, holder.Type, holder.Name)), Text: g.key()}).
			fix(c.foreignFix(g, holder)))
	}
	return out
}

func (c *scene) foreignFix(g grantSource, holder provision.Entity) Remedy {
	if g.inline {
		return removeInline(g)
	}
	return Remedy{
		Text: "Detach it when its grant comes another way; until then CI needs it.",
		Fix:  [][]string{detach(holder, g.arn)}, UndoText: "Attach it again.", Undo: [][]string{attach(holder, g.arn)},
	}
}
