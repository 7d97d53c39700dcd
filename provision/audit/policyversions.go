package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func policyVersions() Check {
	const id = "policy-versions"
	return Check{
		ID: id, Kind: ContractKind, Severity: Low,
		Title:     "The policies have room for another version",
		Rationale: "IAM keeps five versions of a policy. The AWS provider deletes the oldest without a word when it needs room, and with it the way back.",
		run: func(c *scene) outcome {
			var out outcome
			for _, e := range c.base.policies {
				arn := c.policyARN(e.name)
				out.gaps = append(out.gaps, c.gaps(arn, "iam:ListPolicyVersions")...)
				kept := c.Survey.Versions[arn]
				out.looked = out.looked || len(kept) > 0 || len(out.gaps) > 0
				if len(kept) < policy.PolicyVersions {
					continue
				}
				oldest := ""
				for _, v := range slices.Backward(kept) {
					if v != c.inv.Policy(arn).Version {
						oldest = v
						break
					}
				}
				out.findings = append(out.findings, finding(id, Low, entity(provision.PolicyEntity, e.name), "",
					e.name+" keeps "+itoa(len(kept))+" versions, the most there can be",
					"The next change of the policy has to delete one first.").
					seen(Evidence{Read: "iam:ListPolicyVersions", Text: listed(kept)}).
					fix(Remedy{
						Text:     "Look at the oldest version, keep a copy, and delete it. A deleted version does not come back.",
						Fix:      [][]string{iamCommand("get-policy-version", "--policy-arn", arn, "--version-id", oldest), iamCommand("delete-policy-version", "--policy-arn", arn, "--version-id", oldest)},
						UndoText: "There is none; the copy can be added as a new version.",
					}))
			}
			return out
		},
	}
}
