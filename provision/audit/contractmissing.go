package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func contractMissing() Check {
	const id = "contract-missing"
	return Check{
		ID: id, Kind: ContractKind, Severity: Low,
		Title:     "Everything that the contract calls for is there",
		Rationale: "What is missing is made again by the next apply of the modules, at a moment that nobody chose.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			var out outcome
			out.looked = true
			out.gaps = c.listGaps()
			for _, d := range c.differences {
				if d.Stand == Missing && !d.boundary && !c.replaced(d) && !c.broke(d) {
					out.findings = append(out.findings, c.missing(id, d))
				}
			}
			return out
		},
	}
}

// listGaps are the reads without which nobody can say what is missing.
func (c *scene) listGaps() []provision.Gap {
	out := c.gaps("user/"+c.names.user, "iam:ListGroupsForUser", "iam:ListAttachedUserPolicies")
	if c.base.group != "" {
		out = append(out, c.gaps("group/"+c.base.group, "iam:GetGroup", "iam:ListAttachedGroupPolicies")...)
	}
	out = append(out, c.gaps("role/"+c.names.role, "iam:GetRole", "iam:ListAttachedRolePolicies")...)
	for _, e := range c.base.policies {
		out = append(out, c.gaps(c.policyARN(e.name), "iam:GetPolicy")...)
	}
	return out
}

// replaced reports whether a missing attachment to the group is made up for by
// one to the user, of which another check speaks.
func (c *scene) replaced(d Difference) bool {
	return d.Entity.Type == provision.AttachmentEntity && d.Entity.ToType == provision.GroupEntity &&
		carries(c.inv.User.Attached, c.policyARN(d.Entity.Name))
}

// broke reports whether what is missing keeps CI from publishing, of which the
// check of that speaks.
func (c *scene) broke(d Difference) bool {
	if d.Entity.Type == provision.RoleEntity || d.Entity.ToType == provision.RoleEntity {
		return false
	}
	var name string
	switch d.Entity.Name {
	case c.names.ecr:
		name = "ECR"
	case c.names.s3, c.names.s3Assets:
		if len(c.dest.buckets) > 0 {
			name = c.dest.buckets[0]
		}
	}
	return slices.ContainsFunc(c.needs(), func(n need) bool {
		if name != "" && n.name != name {
			return false
		}
		v, _ := c.ask(n.requests)
		return v.Outcome == policy.Denied
	})
}

func (c *scene) missing(id string, d Difference) Finding {
	f := finding(id, Low, d.Entity, "", capital(string(d.Entity.Type))+" "+d.Entity.Name+" is missing",
		"Contract "+string(c.base.contract)+" calls for it: "+d.Text+".")
	if d.Entity.To != "" {
		f.Title = d.Entity.Name + " is missing on " + string(d.Entity.ToType) + " " + d.Entity.To
	}
	f = f.seen(Evidence{Read: readOf(d.Entity), Text: d.Entity.String() + ": " + d.Text})
	if c.installable() {
		return f.fix(Remedy{Text: "Run slipway install: it adds what is missing.", Job: "install", Fix: [][]string{c.installCommand()}})
	}
	return f.fix(Remedy{Text: "Upgrade to the contract of today, or apply the modules again.", Job: "upgrade", Fix: [][]string{c.upgradeCommand()}})
}

// readOf is the call that shows whether an entity is there.
func readOf(e provision.Entity) string {
	switch e.Type {
	case provision.MembershipEntity:
		return "iam:GetGroup"
	case provision.AttachmentEntity:
		return map[provision.EntityType]string{
			provision.UserEntity: "iam:ListAttachedUserPolicies", provision.GroupEntity: "iam:ListAttachedGroupPolicies",
			provision.RoleEntity: "iam:ListAttachedRolePolicies",
		}[e.ToType]
	case provision.GroupEntity:
		return "iam:GetGroup"
	case provision.RoleEntity:
		return "iam:GetRole"
	case provision.PolicyEntity:
		return "iam:GetPolicy"
	}
	return "iam:GetUser"
}
