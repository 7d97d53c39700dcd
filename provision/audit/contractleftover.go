package audit

import (
	"github.com/nullplatform/slipway/provision"
)

func contractLeftover() Check {
	const id = "contract-leftover"
	return Check{
		ID: id, Kind: ContractKind, Severity: Low,
		Title:      "Nothing of another contract is left",
		Rationale:  "Groups and policies that an upgrade left behind can be attached by mistake, and keep the modules from making theirs.",
		References: refs(prowler, "iam_customer_unattached_policy_no_administrative_privileges"),
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			var out outcome
			out.looked = true
			for _, name := range c.names.policies() {
				out.gaps = append(out.gaps, c.gaps(c.inv.Place.PolicyARN(name), "iam:GetPolicy")...)
			}
			for _, name := range []string{c.names.publishers, c.names.legacy} {
				out.gaps = append(out.gaps, c.gaps("group/"+name, "iam:GetGroup")...)
			}
			for _, e := range c.leftovers() {
				if !c.inUse(e) {
					out.findings = append(out.findings, c.leftover(id, e))
				}
			}
			return out
		},
	}
}

// inUse reports whether a leftover still grants something to the build user,
// so that other checks speak of it.
func (c *scene) inUse(e provision.Entity) bool {
	for _, g := range c.user.sources {
		if e.Type == provision.PolicyEntity && g.name == e.Name || e.Type == provision.GroupEntity && g.holder == e {
			return true
		}
	}
	return false
}

func (c *scene) leftover(id string, e provision.Entity) Finding {
	f := finding(id, Low, e, "", capital(e.String())+" is left over from another contract",
		"Contract "+string(c.base.contract)+" does not call for it, and the build user gets nothing from it.").
		seen(Evidence{Read: readOf(e), Text: e.String() + " is there"})
	if e.Type == provision.GroupEntity {
		return f.fix(Remedy{
			Text: "Delete the group, once nobody is in it and nothing is attached to it.",
			Fix:  [][]string{iamCommand("delete-group", "--group-name", e.Name)}, UndoText: "Create it again.",
			Undo: [][]string{iamCommand("create-group", "--group-name", e.Name)},
		})
	}
	p := c.inv.Policy(c.policyARN(e.Name))
	return f.fix(Remedy{
		Text: "Delete the policy, once nothing is attached to it.",
		Fix:  [][]string{iamCommand("delete-policy", "--policy-arn", p.ARN)}, UndoText: "Create it again.",
		Undo: [][]string{iamCommand("create-policy", "--policy-name", e.Name, "--policy-document", p.Document)},
	})
}
