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

// pager is what the SDK's paginators have in common.
type pager[P any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*iam.Options)) (*P, error)
}

// eachPage asks for all pages and gives each to take.
func eachPage[P any](ctx context.Context, pages pager[P], take func(*P)) error {
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		take(page)
	}
	return nil
}

func (a *Account) groupsOf(ctx context.Context, user string) ([]string, error) {
	var out []string
	pages := iam.NewListGroupsForUserPaginator(a.iam, &iam.ListGroupsForUserInput{UserName: &user})
	err := eachPage(ctx, pages, func(page *iam.ListGroupsForUserOutput) {
		for _, g := range page.Groups {
			out = append(out, aws.ToString(g.GroupName))
		}
	})
	slices.Sort(out)
	return out, err
}

func (a *Account) userPolicies(ctx context.Context, user string) ([]provision.AttachedPolicy, error) {
	var list attachments
	pages := iam.NewListAttachedUserPoliciesPaginator(a.iam, &iam.ListAttachedUserPoliciesInput{UserName: &user})
	err := eachPage(ctx, pages, func(page *iam.ListAttachedUserPoliciesOutput) { list.add(page.AttachedPolicies) })
	return list.sorted(), err
}

func (a *Account) groupPolicies(ctx context.Context, group string) ([]provision.AttachedPolicy, error) {
	var list attachments
	pages := iam.NewListAttachedGroupPoliciesPaginator(a.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: &group})
	err := eachPage(ctx, pages, func(page *iam.ListAttachedGroupPoliciesOutput) { list.add(page.AttachedPolicies) })
	return list.sorted(), err
}

func (a *Account) rolePolicies(ctx context.Context, role string) ([]provision.AttachedPolicy, error) {
	var list attachments
	pages := iam.NewListAttachedRolePoliciesPaginator(a.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	err := eachPage(ctx, pages, func(page *iam.ListAttachedRolePoliciesOutput) { list.add(page.AttachedPolicies) })
	return list.sorted(), err
}

// attachments collects the pages of a list of attached policies.
type attachments []provision.AttachedPolicy

func (l *attachments) add(page []iamtypes.AttachedPolicy) {
	for _, p := range page {
		*l = append(*l, provision.AttachedPolicy{Name: aws.ToString(p.PolicyName), ARN: aws.ToString(p.PolicyArn)})
	}
}

func (l *attachments) sorted() []provision.AttachedPolicy {
	slices.SortFunc(*l, func(x, y provision.AttachedPolicy) int { return strings.Compare(x.ARN, y.ARN) })
	return *l
}
