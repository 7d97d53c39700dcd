package account

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// pageSize is the most that IAM gives at once.
const pageSize = 1000

// Discover lists the users, groups, roles and policies of the account, four
// lists side by side, and gives those that keep accepts, sorted. Lists are
// taken page by page, so that an account of any size costs one call for each
// thousand entities and the memory of one page.
//
// A list that the account refuses is a gap, and what it would have named is
// missing.
func (a *Account) Discover(ctx context.Context, keep func(provision.Found) bool) ([]provision.Found, []provision.Gap, error) {
	if _, err := a.Identity(ctx); err != nil {
		return nil, nil, err
	}
	d := &discovery{reader: reader{a: a, inv: &provision.Inventory{}}, keep: keep, found: map[provision.Found]bool{}}
	g, gctx := errgroup.WithContext(ctx)
	for _, list := range []func(context.Context) error{d.users, d.groupsOfAll, d.roles, d.policiesOfAll} {
		g.Go(func() error { return list(gctx) })
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	d.sort()
	found := slices.SortedFunc(maps.Keys(d.found), func(x, y provision.Found) int {
		return compareText(string(x.Type)+x.ARN, string(y.Type)+y.ARN)
	})
	return found, d.inv.Unread, nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

type discovery struct {
	reader
	keep  func(provision.Found) bool
	found map[provision.Found]bool
}

func (d *discovery) take(kind provision.EntityType, name, arn *string) {
	f := provision.Found{Type: kind, Name: aws.ToString(name), ARN: aws.ToString(arn)}
	if d.keep(f) {
		d.locked(func() { d.found[f] = true })
	}
}

func (d *discovery) users(ctx context.Context) error {
	pages := iam.NewListUsersPaginator(d.a.iam, &iam.ListUsersInput{MaxItems: aws.Int32(pageSize)})
	err := eachPage(ctx, pages, func(p *iam.ListUsersOutput) {
		for _, u := range p.Users {
			d.take(provision.UserEntity, u.UserName, u.Arn)
		}
	})
	return d.settle("list the users", "iam:ListUsers", "*", err)
}

func (d *discovery) groupsOfAll(ctx context.Context) error {
	pages := iam.NewListGroupsPaginator(d.a.iam, &iam.ListGroupsInput{MaxItems: aws.Int32(pageSize)})
	err := eachPage(ctx, pages, func(p *iam.ListGroupsOutput) {
		for _, g := range p.Groups {
			d.take(provision.GroupEntity, g.GroupName, g.Arn)
		}
	})
	return d.settle("list the groups", "iam:ListGroups", "*", err)
}

func (d *discovery) roles(ctx context.Context) error {
	pages := iam.NewListRolesPaginator(d.a.iam, &iam.ListRolesInput{MaxItems: aws.Int32(pageSize)})
	err := eachPage(ctx, pages, func(p *iam.ListRolesOutput) {
		for _, r := range p.Roles {
			d.take(provision.RoleEntity, r.RoleName, r.Arn)
		}
	})
	return d.settle("list the roles", "iam:ListRoles", "*", err)
}

func (d *discovery) policiesOfAll(ctx context.Context) error {
	pages := iam.NewListPoliciesPaginator(d.a.iam, &iam.ListPoliciesInput{
		MaxItems: aws.Int32(pageSize), Scope: iamtypes.PolicyScopeTypeLocal,
	})
	err := eachPage(ctx, pages, func(p *iam.ListPoliciesOutput) {
		for _, policy := range p.Policies {
			d.take(provision.PolicyEntity, policy.PolicyName, policy.Arn)
		}
	})
	return d.settle("list the policies", "iam:ListPolicies", "*", err)
}
