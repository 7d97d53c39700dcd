package audit

import "github.com/nullplatform/slipway/provision"

func otherGroups() Check {
	const id = "user-groups"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Medium,
		Title:     "The build user is in no other group",
		Rationale: "It gets whatever is attached to the other group, now and later, by people who do not think of CI.",
		run: func(c *scene) outcome {
			u := c.inv.User
			if u == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+u.Name, "iam:ListGroupsForUser"); len(gaps) > 0 {
				return unread(gaps...)
			}
			out := passed()
			for _, name := range u.Groups {
				holder := entity(provision.GroupEntity, name)
				if !c.foreignGroup(holder) {
					continue
				}
				if spoken := c.speaksThrough(holder); spoken != "" {
					out.covered = spoken
					continue
				}
				out.findings = append(out.findings, finding(id, Medium, link(provision.MembershipEntity, u.Name, provision.GroupEntity, name), "",
					"The build user is in group "+name+" too", "The group gives it nothing beyond publishing today.").
					seen(Evidence{Read: "iam:ListGroupsForUser", Text: "groups: " + some(u.Groups)}).fix(c.leave(name)))
			}
			return out
		},
	}
}

// speaksThrough gives the finding about what an entity carries.
func (c *scene) speaksThrough(holder provision.Entity) string {
	for _, g := range c.user.sources {
		if g.holder == holder {
			if id := c.speaks(g); id != "" {
				return id
			}
		}
	}
	return ""
}
