package provision

import (
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// Quotas are an account's limits and what is used of them, by the keys of
// GetAccountSummary:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
type Quotas map[string]int

// QuotaProblems lists the quotas that the plan would exceed. A quota that the
// account does not name is not judged.
func QuotaProblems(p Plan, inv *Inventory, q Quotas) []Problem {
	var out []Problem
	check := func(what, key string, used, adds int) {
		limit, known := q[key]
		if adds == 0 || !known || used+adds <= limit {
			return
		}
		out = append(out, Problem{
			Field: "quota " + key, Rule: fmt.Sprintf("is %d: %d %s are there and the plan adds %d", limit, used, what, adds),
			Way: "raise the quota with AWS, or make room",
		})
	}
	adds := map[EntityType]int{}
	onto := map[string]int{}
	for _, c := range p.Changes {
		if c.Mark == Add {
			adds[c.Entity.Type]++
			onto[c.Entity.To]++
		}
	}
	check("users", "UsersQuota", q["Users"], adds[UserEntity])
	check("groups", "GroupsQuota", q["Groups"], adds[GroupEntity])
	check("roles", "RolesQuota", q["Roles"], adds[RoleEntity])
	check("customer managed policies", "PoliciesQuota", q["Policies"], adds[PolicyEntity])

	b := p.Blueprint
	if u := inv.User; u != nil {
		check("groups of user "+u.Name, "GroupsPerUserQuota", len(u.Groups), adds[MembershipEntity])
		check("keys of user "+u.Name, "AccessKeysPerUserQuota", len(u.Keys), adds[KeyEntity])
	}
	if g := inv.Group(b.Group.Name); g != nil {
		check("policies of group "+g.Name, "AttachedPoliciesPerGroupQuota", len(g.Attached), onto[g.Name]-adds[MembershipEntity])
	}
	if r := inv.Role; r != nil {
		check("policies of role "+r.Name, "AttachedPoliciesPerRoleQuota", len(r.Attached), onto[r.Name])
	}
	for _, c := range p.Changes {
		key := "PolicySizeQuota"
		switch c.Entity.Type {
		case PolicyEntity:
		case RoleEntity:
			key = "AssumeRolePolicySizeQuota"
		default:
			continue
		}
		check("characters of "+c.Entity.String(), key, 0, policy.Size(c.After))
	}
	return out
}

// limits blocks a plan with a document that IAM would refuse whatever the
// account's quotas: too large, or with characters that it does not take.
func (p *planner) limits() {
	for _, c := range p.plan.Changes {
		check := policy.CheckManaged
		switch c.Entity.Type {
		case PolicyEntity:
		case RoleEntity:
			check = policy.CheckCharacters // its size can be raised
		default:
			continue
		}
		if len(c.Calls) == 0 || c.After == "" || !strings.Contains(c.Calls[0].String(), "Document") {
			continue
		}
		if err := check(c.After); err != nil {
			p.block("document", "of "+c.Entity.String()+" cannot be: "+err.Error(), "")
		}
	}
}
