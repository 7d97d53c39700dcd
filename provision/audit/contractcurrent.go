package audit

import (
	"github.com/nullplatform/slipway/provision"
)

func contractCurrent() Check {
	const id = "contract-current"
	return Check{
		ID: id, Kind: ContractKind, Severity: Low,
		Title:     "The identity is as the modules of today make it",
		Rationale: "Before 5.0 the build user hangs on the ECR module, so that no other destination can be granted and a bump of the module can replace the user and its key.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			if gaps := c.listGaps(); len(gaps) > 0 {
				return unread(gaps...)
			}
			if c.base.contract == provision.DefaultContract {
				return passed()
			}
			user := entity(provision.UserEntity, c.inv.User.Name)
			evidence := Evidence{Read: "iam:ListGroupsForUser", Text: "closest to contract " + string(c.base.contract)}
			if c.base.contract == provision.Contract50 {
				return passed(finding(id, Advice, user, "", "The S3 grant still has its name of contract 5.0",
					"Since 6.1 it is called "+c.names.s3+". Nothing is wrong with the old name; the module of that name is no longer kept.").
					seen(evidence).fix(Remedy{Text: "Upgrade when it suits you.", Job: "upgrade", Fix: [][]string{c.upgradeCommand()}}))
			}
			text := "CI publishes through group " + c.base.group + ", as before the split of 5.0."
			if c.base.group == "" {
				text = "The ECR policy is attached to the build user itself, as before 3.4."
			}
			return passed(finding(id, Low, user, "", "The identity is of contract "+string(c.base.contract)+", before the split",
				text+" Bumping the module's ref by hand replaces the user and its key.").
				seen(evidence).fix(Remedy{Text: "Upgrade with slipway, which moves the user and keeps its key.", Job: "upgrade", Fix: [][]string{c.upgradeCommand()}}))
		},
	}
}
