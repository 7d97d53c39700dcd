package account

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/provision"
)

const regionHeader = "X-Amz-Bucket-Region"

// bucket looks at a bucket without touching it. HeadBucket has no body, so all
// it says is in the status: 404 nobody has the name, 403 somebody else has it
// or we may not look, 301 it is in another region.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func (r *reader) bucket(ctx context.Context, name string) error {
	b := provision.Bucket{Name: name}
	out, err := r.a.s3.HeadBucket(ctx, &s3.HeadBucketInput{
		Bucket: &name, ExpectedBucketOwner: aws.String(r.identity.Place.Account),
	})
	var answer *awshttp.ResponseError
	switch {
	case err == nil:
		b.State, b.Region = provision.BucketOwn, aws.ToString(out.BucketRegion)
	case !errors.As(err, &answer):
		return r.a.fail("look at bucket "+name, "s3:ListBucket", name, err)
	default:
		switch answer.HTTPStatusCode() {
		case http.StatusNotFound:
			b.State = provision.BucketAbsent
		case http.StatusForbidden:
			b.State = provision.BucketForbidden
		case http.StatusMovedPermanently, http.StatusBadRequest:
			// Another region answers for it; that it answers us at all means
			// that the owner check, which comes later, has not been made.
			return r.elsewhere(ctx, name, answer.Response.Header.Get(regionHeader), err)
		default:
			return r.a.fail("look at bucket "+name, "s3:ListBucket", name, err)
		}
	}
	r.locked(func() { r.inv.Buckets = append(r.inv.Buckets, b) })
	return nil
}

// elsewhere looks again in the region that the first answer named.
func (r *reader) elsewhere(ctx context.Context, name, region string, first error) error {
	if region == "" || region == r.a.region {
		return r.a.fail("look at bucket "+name, "s3:ListBucket", name, first)
	}
	b := provision.Bucket{Name: name, Region: region, State: provision.BucketOwn}
	_, err := r.a.s3.HeadBucket(ctx, &s3.HeadBucketInput{
		Bucket: &name, ExpectedBucketOwner: aws.String(r.identity.Place.Account),
	}, func(o *s3.Options) { o.Region = region })
	var answer *awshttp.ResponseError
	if err != nil {
		if !errors.As(err, &answer) || answer.HTTPStatusCode() != http.StatusForbidden {
			return r.a.fail("look at bucket "+name+" in "+region, "s3:ListBucket", name, err)
		}
		b.State = provision.BucketForbidden
	}
	r.locked(func() { r.inv.Buckets = append(r.inv.Buckets, b) })
	return nil
}
