package audit

import (
	"github.com/nullplatform/slipway/provision"
)

func inlinePolicy() Check {
	const id = "user-inline-policy"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Medium,
		Title:      "The build user has no inline policy",
		Rationale:  "An inline policy has no versions and no name that a module knows. It stays when everything around it is cleaned up.",
		References: refs(cis3, "1.15", cis5, "1.14", securityHub, "IAM.2", prowler, "iam_policy_attached_only_to_group_or_roles"),
		run: func(c *scene) outcome {
			u := c.inv.User
			if u == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+u.Name, "iam:ListUserPolicies", "iam:GetUserPolicy"); len(gaps) > 0 {
				return unread(gaps...)
			}
			out := passed()
			for _, g := range c.user.sources {
				if !g.inline || g.holder.Type != provision.UserEntity {
					continue
				}
				if spoken := c.speaks(g); spoken != "" {
					out.covered = spoken
					continue
				}
				out.findings = append(out.findings, finding(id, Medium, link(provision.AttachmentEntity, g.name, provision.UserEntity, u.Name), "",
					"The build user has the inline policy "+g.name, "It gives nothing beyond what the contract calls for.").
					seen(Evidence{Read: "iam:GetUserPolicy", Text: g.name}).fix(removeInline(g)))
			}
			return out
		},
	}
}
