package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// canary plays CI: it signs in with the build user's key and makes the calls
// that CI makes. What it may do at the start it must be able to do always.
type canary struct {
	keyID string
	calls map[string]func(context.Context) error

	mu      sync.Mutex
	allowed []string
	sung    int
	denied  []string
}

// newCanary signs in with the first active key of the build user.
func newCanary(t testing.TB, sb *sandbox.Sandbox) *canary {
	t.Helper()
	user, ok := sb.Peek().User("nullplatform-demo-build-workflow-user")
	i := slices.IndexFunc(user.Keys, func(k sandbox.AccessKey) bool { return k.Active })
	if !ok || i < 0 {
		t.Fatal("the build user has no active key")
	}
	secret, _ := sb.TestOnlySecret(user.Keys[i].ID)
	key := credentials.NewStaticCredentialsProvider(user.Keys[i].ID, secret, "")
	images := ecr.New(ecr.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), Credentials: key})
	objects := s3.New(s3.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), Credentials: key, UsePathStyle: true})
	put := func(bucket string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("team/app.zip"), Body: strings.NewReader("zip")})
			return err
		}
	}
	c := &canary{keyID: user.Keys[i].ID, calls: map[string]func(context.Context) error{
		"sign in to ECR": func(ctx context.Context) error {
			_, err := images.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
			return err
		},
		"look for layers": func(ctx context.Context) error {
			_, err := images.BatchCheckLayerAvailability(ctx, &ecr.BatchCheckLayerAvailabilityInput{
				RepositoryName: aws.String("app"), LayerDigests: []string{"sha256:" + strings.Repeat("0", 64)},
			})
			return err
		},
		"put a bundle":              put("demo-assets"),
		"put one in another bucket": put("demo-other"),
	}}
	for name, call := range c.calls {
		if !refused(call(t.Context())) {
			c.allowed = append(c.allowed, name)
		}
	}
	slices.Sort(c.allowed)
	return c
}

// refused reports whether a call was denied; that something is not there is
// no denial.
func refused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied")
}

// sing makes every call that was allowed at the start.
func (c *canary) sing(ctx context.Context, when string) {
	for _, name := range c.allowed {
		err := c.calls[name](ctx)
		c.mu.Lock()
		c.sung++
		if refused(err) {
			c.denied = append(c.denied, fmt.Sprintf("%s %s: %v", name, when, err))
		}
		c.mu.Unlock()
	}
}

// watch gives a hook that lets the canary sing after every call of anybody
// else. It begins to watch once there is a canary.
func watch(ctx context.Context, bird func() *canary) func(sandbox.Entry, sandbox.Phase) {
	return func(e sandbox.Entry, p sandbox.Phase) {
		c := bird()
		if c == nil || p != sandbox.After || e.KeyID == c.keyID {
			return
		}
		c.sing(ctx, "after "+e.Action)
	}
}
