package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

func directPolicy() Check {
	const id = "user-policy"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Medium,
		Title:     "No policy is attached to the build user itself",
		Rationale: "Grants come through the publishers group, where each destination's module attaches its own. One on the user is seen by no module and taken back by none.",
		References: refs(cis3, "1.15", cis5, "1.14", securityHub, "IAM.2",
			prowler, "iam_policy_attached_only_to_group_or_roles"),
		run: func(c *scene) outcome {
			u := c.inv.User
			if u == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+u.Name, "iam:ListAttachedUserPolicies"); len(gaps) > 0 {
				return unread(gaps...)
			}
			if c.base.group == "" {
				return passed() // the contract has it so
			}
			out := passed()
			for _, a := range u.Attached {
				if spoken := c.speaksOf(a.ARN); spoken != "" && !c.own(a.ARN) {
					out.covered = spoken
					continue
				}
				if !slices.Contains(c.bridges(), a.ARN) {
					out.findings = append(out.findings, c.direct(id, a))
				}
			}
			return out
		},
	}
}

// speaksOf gives the finding about a statement of a managed policy.
func (c *scene) speaksOf(arn string) string {
	for _, g := range slices.Concat(c.user.sources, c.role.sources) {
		if g.arn == arn && !g.inline {
			if id := c.speaks(g); id != "" {
				return id
			}
		}
	}
	return ""
}

func (c *scene) direct(id string, a provision.AttachedPolicy) Finding {
	user := entity(provision.UserEntity, c.inv.User.Name)
	f := finding(id, Medium, link(provision.AttachmentEntity, a.Name, provision.UserEntity, user.Name), "",
		a.Name+" is attached to the build user itself",
		"It should reach the user through group "+c.base.group+".").
		seen(Evidence{Read: "iam:ListAttachedUserPolicies", Text: a.ARN})
	group := entity(provision.GroupEntity, c.base.group)
	if c.own(a.ARN) {
		return f.fix(Remedy{
			Text: "Attach it to the group first, and detach it from the user when every reader sees that: CI is never without.",
			Fix:  [][]string{attach(group, a.ARN), detach(user, a.ARN)}, UndoText: "The other way round, in that order.",
			Undo: [][]string{attach(user, a.ARN), detach(group, a.ARN)},
		})
	}
	return f.fix(Remedy{
		Text: "Detach it, if no pipeline needs it.", Fix: [][]string{detach(user, a.ARN)},
		UndoText: "Attach it again.", Undo: [][]string{attach(user, a.ARN)},
	})
}
