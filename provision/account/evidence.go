package account

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/provision"
)

// What can be found out about publishing without the build user's key.

// BucketSettings reads what of a bucket decides on publishing. What the account
// refuses to tell is a gap; it fails when the account does not answer.
func (a *Account) BucketSettings(ctx context.Context, name string) (provision.BucketSettings, error) {
	id, err := a.Identity(ctx)
	if err != nil {
		return provision.BucketSettings{}, err
	}
	r := &reader{a: a, inv: &provision.Inventory{}, identity: id}
	if err := r.bucket(ctx, name); err != nil {
		return provision.BucketSettings{}, err
	}
	out := provision.BucketSettings{Bucket: r.inv.Buckets[0]}
	if out.State != provision.BucketOwn {
		return out, nil
	}
	refused := func(what, action string, err error) error {
		var e *Error
		if failure := a.fail(what+" of bucket "+name, action, name, err); errors.As(failure, &e) && e.Denied() {
			out.Unread = append(out.Unread, gap(e))
			return nil
		}
		return a.fail(what+" of bucket "+name, action, name, err)
	}
	enc, err := a.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name}, inRegion(out.Region))
	switch {
	case err == nil:
		for _, rule := range enc.ServerSideEncryptionConfiguration.Rules {
			if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
				out.Encryption, out.KMSKey = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
			}
		}
	case codeOf(err) == "ServerSideEncryptionConfigurationNotFoundError":
		out.Encryption = "AES256" // what S3 does by itself since 2023
	default:
		if err := refused("read the encryption", "s3:GetEncryptionConfiguration", err); err != nil {
			return out, err
		}
	}
	doc, err := a.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name}, inRegion(out.Region))
	switch {
	case err == nil:
		out.Policy = aws.ToString(doc.Policy)
	case codeOf(err) == "NoSuchBucketPolicy":
	default:
		return out, refused("read the policy", "s3:GetBucketPolicy", err)
	}
	return out, nil
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
