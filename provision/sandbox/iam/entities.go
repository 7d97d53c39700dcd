package iam

import (
	"slices"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// entity is a user, group or role to which a policy is attached.
type entity struct {
	kind     directory.Kind
	name, id string
}

// XML shapes: each kind names its fields differently.
type (
	policyUser struct {
		UserName string
		UserID   string `xml:"UserId"`
	}
	policyGroup struct {
		GroupName string
		GroupID   string `xml:"GroupId"`
	}
	policyRole struct {
		RoleName string
		RoleID   string `xml:"RoleId"`
	}
)

func (q *query) listEntitiesForPolicy() (any, error) {
	p, err := q.view.Policy(q.p.Get("PolicyArn"))
	if err != nil {
		return nil, err
	}
	items, more, err := paginate(q, inOrder(q.holders(p.ARN)))
	if err != nil {
		return nil, err
	}
	var out struct {
		PolicyGroups wire.List[policyGroup]
		PolicyUsers  wire.List[policyUser]
		PolicyRoles  wire.List[policyRole]
		page
	}
	out.page = more
	for _, e := range items {
		switch e.kind {
		case directory.Users:
			out.PolicyUsers.Member = append(out.PolicyUsers.Member, policyUser{e.name, e.id})
		case directory.Groups:
			out.PolicyGroups.Member = append(out.PolicyGroups.Member, policyGroup{e.name, e.id})
		case directory.Roles:
			out.PolicyRoles.Member = append(out.PolicyRoles.Member, policyRole{e.name, e.id})
		}
	}
	return out, nil
}

// holders lists who has the policy, as a grant or as a boundary, within the
// filters of the call.
func (q *query) holders(arn string) []entity {
	filter, usage := q.p.Get("EntityFilter"), q.p.Get("PolicyUsageFilter")
	holds := func(kind string, g directory.Grants) bool {
		if filter != "" && filter != kind {
			return false
		}
		return (usage != "PermissionsBoundary" && slices.Contains(g.Attached, arn)) ||
			(usage != "PermissionsPolicy" && g.Boundary == arn)
	}
	var out []entity
	for _, g := range q.view.Groups("") {
		if holds("Group", g.Grants) {
			out = append(out, entity{directory.Groups, g.Name, g.ID})
		}
	}
	for _, u := range q.view.Users("") {
		if holds("User", u.Grants) {
			out = append(out, entity{directory.Users, u.Name, u.ID})
		}
	}
	for _, r := range q.view.Roles("") {
		if holds("Role", r.Grants) {
			out = append(out, entity{directory.Roles, r.Name, r.ID})
		}
	}
	return out
}
