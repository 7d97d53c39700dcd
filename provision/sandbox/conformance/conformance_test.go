// Package conformance holds one table of what AWS does, and runs it through
// the AWS SDK over HTTP: against the sandbox always, and against moto where it
// is installed, so that the sandbox is not its own judge.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/mototest"
)

// behaviour is one thing that AWS does.
type behaviour struct {
	name string
	// check makes the calls and returns what is not as AWS does it.
	check func(context.Context, *cloud) error
}

// cloud is an emulated AWS, seen through the SDK.
type cloud struct {
	iam *iam.Client
	sts *sts.Client
	ecr *ecr.Client
	s3  *s3.Client

	prefix string // makes the names of one behaviour its own
	as     func(id, secret, token string) *cloud
}

// name returns a name that no other behaviour uses.
func (c *cloud) name(s string) string { return c.prefix + s }

func open(url, id, secret, token, prefix string) *cloud {
	cfg := aws.Config{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(url),
		Credentials:      credentials.NewStaticCredentialsProvider(id, secret, token),
		RetryMaxAttempts: 1,
	}
	c := &cloud{
		iam: iam.NewFromConfig(cfg), sts: sts.NewFromConfig(cfg), ecr: ecr.NewFromConfig(cfg),
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		prefix: prefix,
	}
	c.as = func(id, secret, token string) *cloud { return open(url, id, secret, token, prefix) }
	return c
}

// all is the table.
func all() []behaviour {
	var out []behaviour
	for _, part := range [][]behaviour{users, devices, keys, groups, policies, roles, account, permissions, tokens, repositories, buckets, objects} {
		out = append(out, part...)
	}
	return out
}

func TestTheSandboxBehavesAsAWS(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	key := s.Operator()
	for i, b := range all() {
		t.Run(b.name, func(t *testing.T) {
			c := open(s.URL(), key.ID, key.Secret, "", fmt.Sprintf("c%03d-", i))
			if err := b.check(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMotoBehavesAsAWS(t *testing.T) {
	url := mototest.Start(t)
	seen := map[string]bool{}
	for i, b := range all() {
		seen[b.name] = true
		t.Run(b.name, func(t *testing.T) {
			c := open(url, "AKIAIOSFODNN7EXAMPLE", "moto-accepts-any-secret", "", fmt.Sprintf("c%03d-", i))
			err := b.check(t.Context(), c)
			reason, known := motoDiffers[b.name]
			switch {
			case known && err == nil:
				t.Errorf("moto was known to differ (%s), and does no longer: remove it from the list", reason)
			case known:
				t.Logf("moto differs, as known: %s (%v)", reason, err)
			case err != nil:
				t.Error(err)
			}
		})
	}
	for name := range motoDiffers {
		if !seen[name] {
			t.Errorf("the list of differences names a behaviour that is not in the table: %s", name)
		}
	}
}

// refused tells whether the error has the code, and is nil if so.
func refused(err error, code string) error {
	var api smithy.APIError
	switch {
	case err == nil:
		return fmt.Errorf("the call succeeded, want %s", code)
	case !errors.As(err, &api):
		return fmt.Errorf("want %s, got %w", code, err)
	case api.ErrorCode() != code:
		return fmt.Errorf("want %s, got %s: %s", code, api.ErrorCode(), api.ErrorMessage())
	}
	return nil
}

// worded is refused, with a part of the message.
func worded(err error, code, part string) error {
	if wrong := refused(err, code); wrong != nil {
		return wrong
	}
	if !strings.Contains(err.Error(), part) {
		return fmt.Errorf("want a message with %q, got %w", part, err)
	}
	return nil
}

// equal is nil if both are the same.
func equal[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, want %v", what, got, want)
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// allow is a policy document.
func allow(action, resource string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}]}`)
}

// trust is a trust policy.
func trust(principal string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`)
}

// The calls that behaviours are built of.

func (c *cloud) makeUser(ctx context.Context, name string) error {
	_, err := c.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	return err
}

func (c *cloud) makeGroup(ctx context.Context, name string) error {
	_, err := c.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name})
	return err
}

func (c *cloud) join(ctx context.Context, user, group string) error {
	_, err := c.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &user, GroupName: &group})
	return err
}

func (c *cloud) makePolicy(ctx context.Context, name string) (arn string, err error) {
	out, err := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: allow("s3:GetObject", "*")})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Policy.Arn), nil
}
