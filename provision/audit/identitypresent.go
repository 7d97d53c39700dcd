package audit

import "github.com/nullplatform/slipway/provision"

func identityPresent() Check {
	const id = "identity-present"
	return Check{
		ID: id, Kind: ContractKind, Severity: High,
		Title:     "The cluster has a build user",
		Rationale: "Without it CI has nobody to publish as. If something else of the cluster is there, it is broken, or an uninstall left it behind.",
		run: func(c *scene) outcome {
			user := entity(provision.UserEntity, c.names.user)
			if gaps := c.gaps("user/"+c.names.user, "iam:GetUser"); len(gaps) > 0 {
				return unread(gaps...)
			}
			if c.inv.User != nil {
				return passed()
			}
			there := c.remains()
			if len(there) == 0 {
				return passed(finding(id, High, user, "", "Nothing of this cluster is in the account",
					"Neither the build user nor anything else that the modules make has been found. The name may be misspelt, or the account another.").
					seen(Evidence{Read: "iam:GetUser", Text: "no user " + c.names.user}).
					fix(Remedy{Text: "Check the cluster's name and the account, or set the cluster up.", Job: "install", Fix: [][]string{c.installCommand()}}))
			}
			return passed(finding(id, Medium, user, "", "There is no build user, but other entities of the cluster are there",
				"Found: "+some(there)+". If CI publishes for this cluster, it cannot; otherwise they are left over.").
				seen(Evidence{Read: "iam:GetUser", Text: "no user " + c.names.user}).
				fix(Remedy{Text: "Set the user up again, or delete what is left.", Job: "install", Fix: [][]string{c.installCommand()}}))
		},
	}
}

// remains lists what is there of a cluster besides its user.
func (c *scene) remains() []string {
	var out []string
	for _, g := range c.inv.Groups {
		out = append(out, "group "+g.Name)
	}
	if c.inv.Role != nil {
		out = append(out, "role "+c.inv.Role.Name)
	}
	for _, name := range c.names.policies() {
		if c.inv.Policy(c.policyARN(name)) != nil {
			out = append(out, "policy "+name)
		}
	}
	return out
}
