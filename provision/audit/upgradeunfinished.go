package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

func upgradeUnfinished() Check {
	const id = "upgrade-unfinished"
	return Check{
		ID: id, Kind: ContractKind, Severity: Medium,
		Title:     "No upgrade was left half done",
		Rationale: "While an upgrade runs, the build user has its grants twice, by the old path and by the new. Afterwards the old one should be gone.",
		run: func(c *scene) outcome {
			u := c.inv.User
			if u == nil {
				return nothing()
			}
			if gaps := c.listGaps(); len(gaps) > 0 {
				return unread(gaps...)
			}
			var out outcome
			out.looked = true
			for _, arn := range c.bridges() {
				out.findings = append(out.findings, c.bridge(id, arn))
			}
			if slices.Contains(u.Groups, c.names.publishers) && slices.Contains(u.Groups, c.names.legacy) {
				out.findings = append(out.findings, finding(id, Medium,
					link(provision.MembershipEntity, u.Name, provision.GroupEntity, c.other()), "",
					"The build user is in the groups of two contracts",
					"It is in "+c.names.publishers+" and in "+c.names.legacy+". An upgrade was begun and not ended.").
					seen(Evidence{Read: "iam:ListGroupsForUser", Text: u.Name + " is in " + listed(u.Groups)}).
					fix(Remedy{Text: "Go on with the upgrade; it ends in one group.", Job: "upgrade", Fix: [][]string{c.upgradeCommand()}}))
			}
			return out
		},
	}
}

// other is the group of the two contracts that the baseline does not call for.
func (c *scene) other() string {
	if c.base.group == c.names.legacy {
		return c.names.publishers
	}
	return c.names.legacy
}

// bridges are the cluster's own policies that reach the build user both by
// itself and through its group.
func (c *scene) bridges() []string {
	var out []string
	g := c.inv.Group(c.base.group)
	if c.base.group == "" || g == nil || !slices.Contains(c.inv.User.Groups, g.Name) {
		return nil
	}
	for _, a := range c.inv.User.Attached {
		if c.own(a.ARN) && carries(g.Attached, a.ARN) {
			out = append(out, a.ARN)
		}
	}
	return out
}

func (c *scene) bridge(id, arn string) Finding {
	user := entity(provision.UserEntity, c.inv.User.Name)
	return finding(id, Medium, link(provision.AttachmentEntity, nameOfARN(arn), provision.UserEntity, user.Name), "",
		"A bridge is left: the build user has "+nameOfARN(arn)+" twice",
		"It is attached to the user and to group "+c.base.group+". An upgrade attaches it to the user for as long as the apply runs.").
		seen(Evidence{Read: "iam:ListAttachedUserPolicies", Text: nameOfARN(arn) + " on the user"},
			Evidence{Read: "iam:ListAttachedGroupPolicies", Text: nameOfARN(arn) + " on group " + c.base.group}).
		fix(Remedy{
			Text: "Detach it from the user; the grant through the group stays.", Fix: [][]string{detach(user, arn)},
			UndoText: "Attach it again.", Undo: [][]string{attach(user, arn)},
		})
}
