package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision"
)

// What a reader sees of a call: whether its effect is there. Waiting asks for
// it until all readers agree, and a call that is answered with "no such entity"
// asks for it to tell an effect that is there already from one that cannot be.

// look tells whether one reader sees the effect of a call. Action is the right
// that looking needs.
type look struct {
	action string
	sees   func(ctx context.Context, a *Account, c provision.Call) (bool, error)
}

var looks = map[string]look{
	"iam:AddUserToGroup":      {"iam:ListGroupsForUser", member},
	"iam:RemoveUserFromGroup": {"iam:ListGroupsForUser", not(member)},
	"iam:UpdateGroup":         {"iam:ListAttachedGroupPolicies", renamed},
	"iam:AttachGroupPolicy":   {"iam:ListAttachedGroupPolicies", onGroup},
	"iam:DetachGroupPolicy":   {"iam:ListAttachedGroupPolicies", not(onGroup)},
	"iam:AttachRolePolicy":    {"iam:ListAttachedRolePolicies", onRole},
	"iam:DetachRolePolicy":    {"iam:ListAttachedRolePolicies", not(onRole)},
	"iam:AttachUserPolicy":    {"iam:ListAttachedUserPolicies", onUser},
	"iam:DetachUserPolicy":    {"iam:ListAttachedUserPolicies", not(onUser)},
	"iam:PutUserPolicy":       {"iam:ListUserPolicies", inUser},
	"iam:DeleteUserPolicy":    {"iam:ListUserPolicies", not(inUser)},
}

// visible reports whether a reader sees the effect. What hangs on an entity
// that the reader does not see is not there for it.
func (a *Account) visible(ctx context.Context, c provision.Call) (bool, error) {
	l, ok := looks[c.Action]
	if !ok {
		return true, nil
	}
	sees, err := l.sees(ctx, a, c)
	switch {
	case err != nil && isAbsent(err):
		return false, nil
	case err != nil:
		return false, a.fail("see whether "+opOf(c)+" is visible", l.action, c.Resource, err)
	}
	return sees, nil
}

// repeatable are the calls that AWS refuses as "no such entity" when they have
// been done already.
func repeatable() []string {
	return []string{
		"iam:UpdateGroup", "iam:RemoveUserFromGroup", "iam:DetachGroupPolicy", "iam:DetachRolePolicy",
		"iam:DetachUserPolicy", "iam:DeleteUserPolicy",
	}
}

// already reports whether a call was refused because it has been done: its
// first answer was lost, or the run that sent it was.
func (a *Account) already(ctx context.Context, c provision.Call, refusal error) bool {
	if !isAbsent(refusal) || !slices.Contains(repeatable(), c.Action) {
		return false
	}
	sees, err := looks[c.Action].sees(ctx, a, c)
	return err == nil && sees
}

type sees = func(ctx context.Context, a *Account, c provision.Call) (bool, error)

func not(s sees) sees {
	return func(ctx context.Context, a *Account, c provision.Call) (bool, error) {
		there, err := s(ctx, a, c)
		return !there, err
	}
}

func member(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	names, err := a.groupsOf(ctx, c.Param("UserName"))
	return slices.Contains(names, c.Param("GroupName")), err
}

func renamed(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	_, err := a.groupPolicies(ctx, c.Param("NewGroupName"))
	return err == nil, err
}

func onGroup(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	list, err := a.groupPolicies(ctx, c.Param("GroupName"))
	return carries(list, c), err
}

func onRole(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	list, err := a.rolePolicies(ctx, c.Param("RoleName"))
	return carries(list, c), err
}

func onUser(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	list, err := a.userPolicies(ctx, c.Param("UserName"))
	return carries(list, c), err
}

func carries(list []provision.AttachedPolicy, c provision.Call) bool {
	return slices.ContainsFunc(list, func(p provision.AttachedPolicy) bool { return p.ARN == c.Param("PolicyArn") })
}

func inUser(ctx context.Context, a *Account, c provision.Call) (bool, error) {
	var names []string
	pages := iam.NewListUserPoliciesPaginator(a.iam, &iam.ListUserPoliciesInput{UserName: param(c, "UserName")})
	err := eachPage(ctx, pages, func(page *iam.ListUserPoliciesOutput) { names = append(names, page.PolicyNames...) })
	return slices.Contains(names, c.Param("PolicyName")), err
}
