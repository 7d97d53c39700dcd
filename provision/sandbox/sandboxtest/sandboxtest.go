// Package sandboxtest starts sandboxes for tests.
package sandboxtest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// Start runs a sandbox for the length of the test.
func Start(t testing.TB, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	sb, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	})
	return sb
}

// IAM is the SDK's own client as the sandbox's operator, to set things up and
// to look at them without the code under test.
func IAM(sb *sandbox.Sandbox) *iam.Client {
	return iam.New(iam.Options{
		Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), Credentials: Operator(sb),
	})
}

// S3 is a client of the operator for the sandbox's S3.
func S3(sb *sandbox.Sandbox) *s3.Client {
	return s3.New(s3.Options{
		Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), Credentials: Operator(sb), UsePathStyle: true,
	})
}

// Caller asks who a key belongs to, which only works with the right secret. It
// gives the ARN.
func Caller(ctx context.Context, sb *sandbox.Sandbox, key sandbox.Key) (string, error) {
	out, err := sts.New(sts.Options{
		Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
	}).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Arn), nil
}

// Operator is the operator's key for any client of the SDK.
func Operator(sb *sandbox.Sandbox) credentials.StaticCredentialsProvider {
	return Static(sb.Operator().ID, sb.Operator().Secret)
}

// Static is a key for any client of the SDK.
func Static(id, secret string) credentials.StaticCredentialsProvider {
	return credentials.NewStaticCredentialsProvider(id, secret, "")
}
