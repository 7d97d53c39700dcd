package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// grantChecks are about what the build user and the application role may do
// beyond what the contract calls for.
func grantChecks() []Check {
	out := []Check{
		grantCheck("grant-admin", High, "Nobody has the whole account",
			"CI's key would open everything.",
			cis3, "1.16", cis5, "1.15", securityHub, "IAM.1", prowler, "iam_customer_attached_policy_no_administrative_privileges",
			prowler, "iam_aws_attached_policy_no_administrative_privileges", prowler, "iam_inline_policy_no_administrative_privileges",
			prowler, "iam_user_administrator_access_policy", prowler, "iam_role_administratoraccess_policy"),
		grantCheck("grant-iam-write", High, "Nobody can change users, roles and policies",
			"Whoever can write policies can give themselves everything else.",
			prowler, "iam_policy_allows_privilege_escalation", prowler, "iam_inline_policy_allows_privilege_escalation"),
		grantCheck("grant-pass-role", High, "Nobody can hand roles to services",
			"With iam:PassRole a service acts in a role's name for whoever asks.", prowler, "iam_policy_allows_privilege_escalation"),
		grantCheck("grant-assume-role", High, "Nobody can become another role",
			"Access then is whatever the other role has.", prowler, "iam_no_custom_policy_permissive_role_assumption"),
		grantCheck("grant-permissions", High, "Nobody can decide who else has access, beyond what the contract calls for",
			"A resource policy or a grant of KMS opens a resource to others, other accounts included."),
		grantCheck("grant-data", High, "No data outside the destinations can be read or written",
			"CI runs code of every team. What its key can read, every build can read."),
		grantCheck("grant-wildcard", Medium, "No service is granted as a whole",
			"A wildcard grows with every action that AWS adds.", securityHub, "IAM.21"),
		grantCheck("grant-destructive", Medium, "Nothing can be deleted beyond what the contract calls for",
			"A mistake in a pipeline then removes what others run."),
		grantCheck("grant-beyond", Low, "Nothing is granted beyond publishing",
			"Every further action is one more that a stolen key has."),
	}
	return append(out, notAction(), alwaysTrue(), statementForm(), ecrDelete())
}

// grantCheck is a check whose findings come from the walk over all statements.
func grantCheck(id string, s Severity, title, rationale string, references ...string) Check {
	return Check{
		ID: id, Kind: GrantKind, Severity: s, Title: title, Rationale: rationale, References: refs(references...),
		run: func(c *scene) outcome {
			if c.inv.User == nil && c.inv.Role == nil {
				return nothing()
			}
			return outcome{looked: true, findings: c.grants[id], gaps: c.accessGaps(), covered: c.under[id]}
		},
	}
}

// accessGaps are the reads that both principals' access lacks.
func (c *scene) accessGaps() []provision.Gap { return slices.Concat(c.user.gaps, c.role.gaps) }

func ecrDelete() Check {
	const id = "ecr-delete"
	return Check{
		ID: id, Kind: GrantKind, Severity: Advice,
		Title:     "CI cannot delete repositories",
		Rationale: "The modules grant ecr:DeleteRepository on every repository of the account, and no pipeline is known to use it. The document is shared with the application role, which may.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			at := c.inv.Place
			d := c.user.policies.Decide(policy.Request{
				Action: "ecr:DeleteRepository", Resource: "arn:" + at.Partition + ":ecr:" + at.Region + ":" + at.Account + ":repository/any",
				Context: policy.Context{Partial: true},
			})
			if d.Outcome == policy.Denied {
				return outcome{looked: true, gaps: c.user.gaps}
			}
			for _, g := range c.user.sources {
				for _, s := range g.statements() {
					if !c.own(g.arn) || !slices.ContainsFunc(s.Actions, func(a string) bool { return matches(a, "ecr:DeleteRepository") }) {
						continue
					}
					return passed(finding(id, Advice, entity(provision.UserEntity, c.inv.User.Name), "",
						"CI can delete every repository in the account",
						"The modules' document allows it. It is shared with the application role, so taking the action out takes it from nullplatform too: CI would need a policy of its own.").
						seen(s.evidence(s.actionsThat(func(a string) bool { return matches(a, "ecr:DeleteRepository") }))).
						fix(c.denyDelete()))
				}
			}
			return passed()
		},
	}
}

// denyDelete keeps the user from deleting without touching the shared
// document.
func (c *scene) denyDelete() Remedy {
	name := []string{"--user-name", c.names.user, "--policy-name", "no-repository-deletion"}
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ecr:DeleteRepository","Resource":"*"}]}`
	return Remedy{
		Text:     "If your pipelines never delete repositories, deny it to the user alone. The modules do not know of the policy; they leave it.",
		Fix:      [][]string{iamCommand(append(append([]string{"put-user-policy"}, name...), "--policy-document", document)...)},
		UndoText: "Delete the inline policy.",
		Undo:     [][]string{iamCommand(append([]string{"delete-user-policy"}, name...)...)},
	}
}
