package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// Survey reads all that an audit looks at of one cluster, live, in three round
// trips where nothing is there but what should be, and in up to three more for
// what is attached or joined besides. What is not there costs no further
// reads; what the account refuses is a gap in the inventory.
//
// It reads keys and their last use one by one. The credential report would
// give both at once, up to four hours late.
func (a *Account) Survey(ctx context.Context, s provision.SurveyScope) (*provision.Survey, error) {
	s.Deep = true
	v := &surveyor{
		reader: reader{a: a, scope: s.Scope, inv: &provision.Inventory{}},
		out:    &provision.Survey{Cluster: s.Cluster, Versions: map[string][]string{}},
		arns:   s.PolicyARNs,
	}
	v.out.Inventory = v.inv
	rounds := []func(context.Context, *errgroup.Group){v.first, v.second, v.third, v.fourth, v.fifth, v.sixth}
	for i, round := range rounds {
		g, gctx := errgroup.WithContext(ctx)
		round(gctx, g)
		if err := g.Wait(); err != nil {
			return nil, err
		}
		if i == 0 {
			v.inv.Place, v.inv.Caller = v.identity.Place, v.identity.ARN
		}
	}
	v.sort()
	return v.out, nil
}

// surveyor is a reader that looks at more.
type surveyor struct {
	reader
	out *provision.Survey
	// arns are policies known by ARN from the start.
	arns []string
	// groups and policies count those that are done: what stands behind them
	// in the lists is new.
	groups, policies int
}

// 1. What stands alone.
func (v *surveyor) first(ctx context.Context, g *errgroup.Group) {
	v.entities(ctx, g)
	for _, arn := range v.arns {
		g.Go(func() error { return v.policy(ctx, arn) })
	}
}

// 2. What hangs on it.
func (v *surveyor) second(ctx context.Context, g *errgroup.Group) {
	v.groups = len(v.inv.Groups)
	v.links(ctx, g)
	if v.inv.User != nil {
		g.Go(func() error { return v.login(ctx) })
		g.Go(func() error { return v.devices(ctx) })
	}
}

// 3. Documents and versions, and the user's other groups.
func (v *surveyor) third(ctx context.Context, g *errgroup.Group) {
	v.policies = len(v.inv.Policies)
	for _, p := range v.inv.Policies {
		g.Go(func() error { return v.versions(ctx, p.ARN) })
	}
	v.documents(ctx, g)
	v.otherGroups(ctx, g)
}

// 4. What hangs on those groups, and policies that are attached besides.
func (v *surveyor) fourth(ctx context.Context, g *errgroup.Group) {
	// First, since it looks at what the others write.
	v.more(ctx, g)
	for i := v.groups; i < len(v.inv.Groups); i++ {
		group := &v.inv.Groups[i]
		g.Go(func() error { return v.attachedToGroup(ctx, group) })
		v.inline(ctx, g, v.groupInline(group))
	}
}

// 5. Their documents, and the policies that only those groups carry.
func (v *surveyor) fifth(ctx context.Context, g *errgroup.Group) { v.more(ctx, g) }

// 6. The documents of the last.
func (v *surveyor) sixth(ctx context.Context, g *errgroup.Group) { v.more(ctx, g) }

// more reads the documents of policies that are new, and adds policies that
// are attached or are boundaries and not known yet. The list must not move
// under those who write into it, so it is made long enough before.
func (v *surveyor) more(ctx context.Context, g *errgroup.Group) {
	unknown := v.unknownPolicies()
	v.inv.Policies = slices.Grow(v.inv.Policies, len(unknown))
	fresh := v.inv.Policies[v.policies:]
	v.policies = len(v.inv.Policies)
	for i := range fresh {
		p := &fresh[i]
		g.Go(func() error { return v.document(ctx, p) })
	}
	for _, arn := range unknown {
		g.Go(func() error { return v.policy(ctx, arn) })
	}
}

// login reads whether the user has a console password. A user without one is
// the usual answer.
func (v *surveyor) login(ctx context.Context) error {
	out, err := v.a.iam.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &v.scope.User})
	if err != nil {
		return v.settle("read the console password of user "+v.scope.User, "iam:GetLoginProfile", "user/"+v.scope.User, err)
	}
	v.locked(func() { v.out.Login = &provision.Login{Created: aws.ToTime(out.LoginProfile.CreateDate)} })
	return nil
}

func (v *surveyor) devices(ctx context.Context) error {
	var serials []string
	pages := iam.NewListMFADevicesPaginator(v.a.iam, &iam.ListMFADevicesInput{UserName: &v.scope.User})
	err := eachPage(ctx, pages, func(page *iam.ListMFADevicesOutput) {
		for _, d := range page.MFADevices {
			serials = append(serials, aws.ToString(d.SerialNumber))
		}
	})
	if err != nil {
		return v.settle("list the MFA devices of user "+v.scope.User, "iam:ListMFADevices", "user/"+v.scope.User, err)
	}
	slices.Sort(serials)
	v.locked(func() { v.out.MFA = serials })
	return nil
}

func (v *surveyor) versions(ctx context.Context, arn string) error {
	var ids []string
	pages := iam.NewListPolicyVersionsPaginator(v.a.iam, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	err := eachPage(ctx, pages, func(page *iam.ListPolicyVersionsOutput) {
		for _, version := range page.Versions {
			ids = append(ids, aws.ToString(version.VersionId))
		}
	})
	if err != nil {
		return v.settle("list the versions of policy "+arn, "iam:ListPolicyVersions", arn, err)
	}
	v.locked(func() { v.out.Versions[arn] = ids })
	return nil
}
