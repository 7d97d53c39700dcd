package account

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/nullplatform/slipway/provision"
)

// The lists that both reading and waiting need, whole and sorted, with the
// SDK's own errors.

func (a *Account) groupsOf(ctx context.Context, user string) ([]string, error) {
	var out []string
	pages := iam.NewListGroupsForUserPaginator(a.iam, &iam.ListGroupsForUserInput{UserName: &user})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.Groups {
			out = append(out, aws.ToString(g.GroupName))
		}
	}
	slices.Sort(out)
	return out, nil
}

func (a *Account) userPolicies(ctx context.Context, user string) ([]provision.AttachedPolicy, error) {
	var out []provision.AttachedPolicy
	pages := iam.NewListAttachedUserPoliciesPaginator(a.iam, &iam.ListAttachedUserPoliciesInput{UserName: &user})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, attached(page.AttachedPolicies)...)
	}
	return sorted(out), nil
}

func (a *Account) groupPolicies(ctx context.Context, group string) ([]provision.AttachedPolicy, error) {
	var out []provision.AttachedPolicy
	pages := iam.NewListAttachedGroupPoliciesPaginator(a.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, attached(page.AttachedPolicies)...)
	}
	return sorted(out), nil
}

func (a *Account) rolePolicies(ctx context.Context, role string) ([]provision.AttachedPolicy, error) {
	var out []provision.AttachedPolicy
	pages := iam.NewListAttachedRolePoliciesPaginator(a.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, attached(page.AttachedPolicies)...)
	}
	return sorted(out), nil
}

func attached(page []iamtypes.AttachedPolicy) []provision.AttachedPolicy {
	var out []provision.AttachedPolicy
	for _, p := range page {
		out = append(out, provision.AttachedPolicy{Name: aws.ToString(p.PolicyName), ARN: aws.ToString(p.PolicyArn)})
	}
	return out
}

func sorted(list []provision.AttachedPolicy) []provision.AttachedPolicy {
	slices.SortFunc(list, func(x, y provision.AttachedPolicy) int { return strings.Compare(x.ARN, y.ARN) })
	return list
}
