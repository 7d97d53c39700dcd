package account

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// What can be found out about publishing without the build user's key.

// BucketSettings reads what of a bucket decides on publishing: its policy and
// its encryption. What the account refuses to tell is a gap; it fails when the
// account does not answer.
func (a *Account) BucketSettings(ctx context.Context, name string) (provision.DestinationBucket, error) {
	id, err := a.Identity(ctx)
	if err != nil {
		return provision.DestinationBucket{}, err
	}
	s := &settings{reader: reader{a: a, identity: id, inv: &provision.Inventory{Place: id.Place}}}
	if err := s.bucket(ctx, name); err != nil {
		return provision.DestinationBucket{}, err
	}
	out := provision.DestinationBucket{Bucket: *s.inv.Bucket(name)}
	g, gctx := errgroup.WithContext(ctx)
	s.publishingSettings(gctx, g, &out)
	err = g.Wait()
	out.Unread = s.inv.Unread
	return out, err
}

// Simulated is what AWS's own simulation says, in the order of the question.
type Simulated struct {
	// Verdicts are "allowed", "denied", or "unclear" where a condition
	// decides that the simulation does not know. Empty with Unchecked.
	Verdicts []string
	// Unchecked says why there are none.
	Unchecked string
}

// Simulate asks AWS what a user may do. Bucket policies and organisation
// policies take no part in it. Where it may not be asked, it says why.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (a *Account) Simulate(ctx context.Context, user string, list []provision.Expectation) (Simulated, error) {
	// One question a resource: AWS would try every action on every resource.
	byResource := map[string][]string{}
	for _, e := range list {
		byResource[e.Resource] = appendOnce(byResource[e.Resource], e.Action)
	}
	verdicts := map[pair]verdict{}
	for _, resource := range sortedKeys(byResource) {
		got, err := a.simulate(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &user, ActionNames: byResource[resource], ResourceArns: []string{resource},
		})
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return Simulated{}, err
			}
			return Simulated{Unchecked: "it cannot be simulated here (" + reason(err) + ")"}, nil
		}
		for p, v := range got {
			verdicts[p] = v
		}
	}
	var out Simulated
	for _, e := range list {
		v, told := verdicts[pair{e.Action, e.Resource}]
		word := [...]string{allowed: "allowed", denied: "denied", unclear: "unclear"}[v]
		if !told {
			word = "unclear"
		}
		out.Verdicts = append(out.Verdicts, word)
	}
	return out, nil
}

// OtherBuckets gives up to three buckets of the account beside one, to see that
// they are closed.
func (a *Account) OtherBuckets(ctx context.Context, beside string) ([]string, error) {
	all, err := a.Buckets(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(b string) bool { return b == beside })
	return all[:min(len(all), 3)], nil
}
