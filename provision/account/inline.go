package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// inlineSource is where inline policies are read from: the three entities have
// three pairs of calls for the same thing.
type inlineSource struct {
	kind, name          string
	listAction, getName string
	list                func(ctx context.Context, marker *string) (names []string, next *string, err error)
	document            func(ctx context.Context, policy string) (*string, error)
	into                *[]provision.InlinePolicy
}

// inline reads the inline policies of one entity: the names, then the
// documents side by side.
func (r *reader) inline(ctx context.Context, g *errgroup.Group, src inlineSource) {
	on := src.kind + "/" + src.name
	if !r.scope.Deep {
		r.notAsked(src.listAction, on)
		return
	}
	g.Go(func() error {
		var names []string
		err := r.hangOn(ctx, "list the inline policies of "+src.kind+" "+src.name, src.listAction, on, func() (err error) {
			names, err = src.names(ctx)
			return err
		})
		if err != nil {
			return err
		}
		found := make([]provision.InlinePolicy, len(names))
		docs, dctx := errgroup.WithContext(ctx)
		for i, n := range names {
			docs.Go(func() error {
				text, err := src.document(dctx, n)
				found[i] = provision.InlinePolicy{Name: n, Document: documentText(text)}
				return r.settle("read inline policy "+n+" of "+src.kind+" "+src.name, src.getName, on, err)
			})
		}
		if err := docs.Wait(); err != nil {
			return err
		}
		r.locked(func() { *src.into = found })
		return nil
	})
}

func (src inlineSource) names(ctx context.Context) ([]string, error) {
	var all []string
	var marker *string
	for {
		names, next, err := src.list(ctx, marker)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
		if next == nil {
			return all, nil
		}
		marker = next
	}
}

// following gives the marker of the next page, or nil after the last one. Only
// IsTruncated tells: a page may be short and not be the last.
func following(truncated bool, marker *string) *string {
	if !truncated || aws.ToString(marker) == "" {
		return nil
	}
	return marker
}

func (r *reader) userInline() inlineSource {
	api, name := r.a.iam, r.scope.User
	return inlineSource{
		kind: "user", name: name, listAction: "iam:ListUserPolicies", getName: "iam:GetUserPolicy",
		list: func(ctx context.Context, m *string) ([]string, *string, error) {
			out, err := api.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &name, Marker: m})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, following(out.IsTruncated, out.Marker), nil
		},
		document: func(ctx context.Context, policy string) (*string, error) {
			out, err := api.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		into: &r.inv.User.Inline,
	}
}

func (r *reader) groupInline(group *provision.Group) inlineSource {
	api, name := r.a.iam, group.Name
	return inlineSource{
		kind: "group", name: name, listAction: "iam:ListGroupPolicies", getName: "iam:GetGroupPolicy",
		list: func(ctx context.Context, m *string) ([]string, *string, error) {
			out, err := api.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: &name, Marker: m})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, following(out.IsTruncated, out.Marker), nil
		},
		document: func(ctx context.Context, policy string) (*string, error) {
			out, err := api.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		into: &group.Inline,
	}
}

func (r *reader) roleInline() inlineSource {
	api, name := r.a.iam, r.scope.Role
	return inlineSource{
		kind: "role", name: name, listAction: "iam:ListRolePolicies", getName: "iam:GetRolePolicy",
		list: func(ctx context.Context, m *string) ([]string, *string, error) {
			out, err := api.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name, Marker: m})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, following(out.IsTruncated, out.Marker), nil
		},
		document: func(ctx context.Context, policy string) (*string, error) {
			out, err := api.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		into: &r.inv.Role.Inline,
	}
}
