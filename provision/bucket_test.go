package provision_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func place() provision.Place {
	return provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}
}

// publisherOf gives the demo cluster's blueprint and what its build user may
// do once it is there.
func publisherOf(t testing.TB) (provision.Blueprint, *policy.Policies) {
	t.Helper()
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster:      "demo",
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}, place())
	if err != nil {
		t.Fatal(err)
	}
	own := &policy.Policies{}
	for _, p := range b.Policies {
		doc, err := policy.Parse(p.Document)
		if err != nil {
			t.Fatal(err)
		}
		own.Identity = append(own.Identity, policy.Source{Name: p.Name, Document: doc})
	}
	return b, own
}

// What stands in the way of publishing is told beforehand, and what does not
// is not.
func TestObstaclesOfABucket(t *testing.T) {
	const policyOf = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":`
	const objects = `,"Resource":"arn:aws:s3:::demo-assets/*"`
	for _, tt := range []struct {
		why     string
		is      provision.DestinationBucket
		say     string // "" for no obstacle
		warning bool
	}{
		{why: "a bucket as slipway makes it", is: provision.DestinationBucket{
			Bucket: provision.Bucket{State: provision.BucketOwn, Region: "us-east-1"}, Algorithm: "AES256",
			Policy: policyOf + `"s3:*"` + objects + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
		}},
		{why: "it is not there", is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketAbsent}}, say: "does not exist"},
		{why: "it is another account's", is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketForbidden}}, say: "belongs to another account"},
		{why: "CI is sent to another region", is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn, Region: "eu-west-1"}}, say: "is in eu-west-1 and not in us-east-1"},
		{
			why: "a key of the customer's own", warning: true, say: "the grant has no rights on keys",
			is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Algorithm: "aws:kms", KMSKey: "arn:aws:kms:us-east-1:123456789012:key/1"},
		},
		{why: "AWS's own key is open to the account", is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Algorithm: "aws:kms"}},
		{
			why: "a policy that denies writing", say: "denies s3:PutObject",
			is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Policy: policyOf + `"s3:PutObject"` + objects + `}]}`},
		},
		{
			why: "a policy that denies whoever is not named", say: "denies s3:PutObject",
			is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Policy: policyOf + `"s3:*"` + objects +
				`,"Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/admins"}}}]}`},
		},
		{
			why: "a policy that depends on the network", warning: true, say: "depends on aws:SourceVpce",
			is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Policy: policyOf + `"s3:*"` + objects +
				`,"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}]}`},
		},
		{
			why: "a policy that asks for encryption the upload names none of", warning: true, say: "depends on s3:x-amz-server-side-encryption",
			is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Policy: policyOf + `"s3:PutObject"` + objects +
				`,"Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}}}]}`},
		},
		{why: "a policy about somebody else", is: provision.DestinationBucket{
			Bucket: provision.Bucket{State: provision.BucketOwn},
			Policy: strings.Replace(policyOf, `"*"`, `{"AWS":"arn:aws:iam::123456789012:user/ana"}`, 1) + `"s3:*"` + objects + `}]}`,
		}},
		{why: "a policy that is none", warning: true, say: "cannot be understood", is: provision.DestinationBucket{Bucket: provision.Bucket{State: provision.BucketOwn}, Policy: "{"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			b, own := publisherOf(t)
			tt.is.Name = "demo-assets"
			got := tt.is.Obstacles(place(), b.User, own)
			switch {
			case tt.say == "" && len(got) != 0:
				t.Errorf("obstacles: %v", got)
			case tt.say == "":
			case len(got) != 1 || !strings.Contains(got[0].Rule, tt.say) || got[0].Warning != tt.warning || got[0].Way == "":
				t.Errorf("obstacles = %+v, want one that says %q (warning %v)", got, tt.say, tt.warning)
			}
		})
	}
}

// What CI does is what is expected, and the grants themselves meet every
// expectation: each action once on a resource of its kind, and no other bucket.
func TestExpectationsAreMetByTheBlueprint(t *testing.T) {
	b, own := publisherOf(t)
	list := provision.Expectations(b, []string{"demo-other"})
	allowed := 0
	for _, e := range list {
		got := e.Decide(place(), b.User, own)
		if (got.Outcome == policy.Allowed) != e.Allowed || got.Outcome == policy.Depends {
			t.Errorf("%s on %s: %s, want allowed = %v", e.Action, e.Resource, got.Outcome, e.Allowed)
		}
		if e.Allowed {
			allowed++
		}
	}
	if allowed != 10 || len(list) != 11 {
		t.Errorf("%d of %d are to be allowed, want 10 of 11", allowed, len(list))
	}
	// Without the grants, none is.
	for _, e := range list {
		if got := e.Decide(place(), b.User, &policy.Policies{}); got.Outcome != policy.Denied {
			t.Errorf("%s is %s without policies", e.Action, got.Outcome)
		}
	}
}
