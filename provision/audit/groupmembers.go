package audit

import "github.com/nullplatform/slipway/provision"

func groupMembers() Check {
	const id = "group-members"
	return Check{
		ID: id, Kind: IdentityKind, Severity: High,
		Title:     "Nobody but the build user is in the publishers group",
		Rationale: "Whoever is in the group can publish as CI does: what runs in production tomorrow.",
		run: func(c *scene) outcome {
			if c.base.group == "" {
				return nothing()
			}
			if gaps := c.gaps("group/"+c.base.group, "iam:GetGroup"); len(gaps) > 0 {
				return unread(gaps...)
			}
			g := c.inv.Group(c.base.group)
			if g == nil {
				return nothing()
			}
			out := passed()
			for _, m := range g.Members {
				if m == c.names.user {
					continue
				}
				out.findings = append(out.findings, finding(id, High, link(provision.MembershipEntity, m, provision.GroupEntity, g.Name), "",
					m+" is a member of the publishers group",
					"Everyone in "+g.Name+" can publish as CI does.").
					seen(Evidence{Read: "iam:GetGroup", Text: "members: " + some(g.Members)}).
					fix(Remedy{
						Text:     "Remove " + m + " from the group, or give " + m + " a group of its own.",
						Fix:      [][]string{iamCommand("remove-user-from-group", "--group-name", g.Name, "--user-name", m)},
						UndoText: "Put " + m + " back.",
						Undo:     [][]string{iamCommand("add-user-to-group", "--group-name", g.Name, "--user-name", m)},
					}))
			}
			return out
		},
	}
}
