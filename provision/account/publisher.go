package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/nullplatform/slipway/provision"
)

// publisher is the account as CI sees it: with the build user's own key.
type publisher struct {
	a   *Account
	sts *sts.Client
	ecr *ecr.Client
	s3  *s3.Client
}

// as gives the account as the owner of a key sees it, at the same endpoints.
func (a *Account) as(key provision.Credentials) *publisher {
	cfg := a.config.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(key.KeyID, key.Secret.Reveal(), "")
	return &publisher{
		a:   a,
		sts: sts.NewFromConfig(cfg, func(o *sts.Options) { given(&o.BaseEndpoint, a.asked) }),
		ecr: ecr.NewFromConfig(cfg, func(o *ecr.Options) { given(&o.BaseEndpoint, a.asked) }),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			given(&o.BaseEndpoint, a.asked)
			o.UsePathStyle = o.BaseEndpoint != nil
			// The SDK would write to standard error, which may be a drawn
			// screen. What is read is compared with what was written.
			o.DisableLogOutputChecksumValidationSkipped = true
		}),
	}
}

// tried is what came of one thing that was tried.
type tried struct {
	// why is empty for a success.
	why string
	// final means that waiting does not help.
	final bool
	// wrote is true when something was written that had to be refused.
	wrote bool
	// err is set when nothing can be concluded: the account did not answer.
	err error
}

// whoAmI checks that the key is the build user's.
func (p *publisher) whoAmI(ctx context.Context, t Trial) tried {
	out, err := p.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return p.failed("ask whose key it is", "sts:GetCallerIdentity", err)
	}
	if got := aws.ToString(out.Arn); got != t.User {
		return tried{why: fmt.Sprintf("the key belongs to %s, not to %s", got, t.User), final: true}
	}
	return tried{}
}

// signInToECR asks for a token, as docker login does, and drops it.
func (p *publisher) signInToECR(ctx context.Context, _ Trial) tried {
	out, err := p.ecr.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return p.failed("sign in to ECR", "ecr:GetAuthorizationToken", err)
	}
	if len(out.AuthorizationData) == 0 {
		return tried{why: "ECR answers without a token", final: true}
	}
	return tried{}
}

// put writes the probe's object.
func (p *publisher) put(ctx context.Context, t Trial) (version string, came tried) {
	out, err := p.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &t.Bucket, Key: aws.String(t.Object()), Body: bytes.NewReader(t.text()),
	}, inRegion(t.BucketRegion))
	if err != nil {
		return "", p.failed("write "+t.Object()+" to "+t.Bucket, "s3:PutObject", err)
	}
	return aws.ToString(out.VersionId), tried{}
}

// get reads the probe's object back.
func (p *publisher) get(ctx context.Context, t Trial) tried {
	out, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &t.Bucket, Key: aws.String(t.Object())}, inRegion(t.BucketRegion))
	if err != nil {
		return p.failed("read "+t.Object()+" of "+t.Bucket, "s3:GetObject", err)
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, 1<<20))
	if err != nil {
		return p.failed("read "+t.Object()+" of "+t.Bucket, "s3:GetObject", err)
	}
	if !bytes.Equal(text, t.text()) {
		return tried{why: "what was read is not what was written: somebody else writes to " + t.Object(), final: true}
	}
	return tried{}
}

// impossible is an ETag that no object has. A write on this condition never
// takes place; whether it is refused for want of a right is told before.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
const impossible = `"slipway-probe-that-never-matches"`

// refusedAt checks that another bucket is closed. It gives false when the
// bucket tells nothing, because it is gone or in another region.
func (p *publisher) refusedAt(ctx context.Context, t Trial, bucket string) (tried, bool) {
	_, err := p.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: aws.String(t.Object()), Body: bytes.NewReader(t.text()), IfMatch: aws.String(impossible),
	})
	var answer *awshttp.ResponseError
	switch {
	case err == nil, codeOf(err) == "PreconditionFailed", codeOf(err) == "NoSuchKey":
		return tried{why: "the build user may write to " + bucket + " too", final: true, wrote: err == nil}, true
	case (&Error{Code: codeOf(err)}).Denied():
		return tried{}, true
	case errors.As(err, &answer):
		switch answer.HTTPStatusCode() {
		case http.StatusMovedPermanently, http.StatusNotFound, http.StatusBadRequest:
			return tried{}, false
		}
	}
	return p.failed("see that "+bucket+" is closed", "s3:PutObject", err), true
}

func inRegion(region string) func(*s3.Options) {
	return func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
	}
}

// failed says what a refusal means. The message of AWS names caller, action
// and resource; it holds no secret.
func (p *publisher) failed(op, action string, err error) tried {
	var api smithy.APIError
	code := codeOf(err)
	if !errors.As(err, &api) || code == noCode {
		var answer *awshttp.ResponseError
		if errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusForbidden {
			return tried{why: "the build user may not " + action + " (status 403, without a reason)"}
		}
		return tried{err: p.a.fail(op+" as the build user", action, p.a.where(), err)}
	}
	switch code {
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
		return tried{why: "AWS does not know the key: it is deleted, inactive, or too new"}
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return tried{why: "the secret does not belong to the key", final: true}
	case "NoSuchBucket":
		return tried{why: "there is no such bucket", final: true}
	case "PermanentRedirect", "301", "MovedPermanently", "AuthorizationHeaderMalformed":
		return tried{why: "the bucket is in another region", final: true}
	}
	if (&Error{Code: code}).Denied() {
		why := firstLine(api.ErrorMessage())
		if why == "" || why == "Access Denied" || why == "Forbidden" {
			why = "the build user may not " + action
		}
		return tried{why: why}
	}
	return tried{err: p.a.fail(op+" as the build user", action, p.a.where(), err)}
}
