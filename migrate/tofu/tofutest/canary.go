package tofutest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// Canary calls the sandbox with the build user's key after every call of
// anybody else that changed something, before that call is answered. So it sees
// every state that the account is ever in, whatever the speed of the machine.
//
// A real CI would be denied for as long as such a state lasts, and on AWS for
// as long as it takes to spread.
type Canary struct {
	mu     sync.Mutex
	sb     *sandbox.Sandbox
	key    sandbox.Key
	bucket string
	calls  int
	denied []string
}

// Live lets the canary know where it lives.
func (c *Canary) Live(sb *sandbox.Sandbox) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sb = sb
}

// Begin takes the only key of the only build user, and forgets what was before.
func (c *Canary) Begin(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	sb := c.sb
	c.mu.Unlock()
	var keys []sandbox.Key
	for _, u := range sb.Peek().Users {
		if !strings.HasSuffix(u.Name, "-build-workflow-user") {
			continue
		}
		for _, k := range u.Keys {
			secret, _ := sb.TestOnlySecret(k.ID)
			keys = append(keys, sandbox.Key{ID: k.ID, Secret: secret})
		}
	}
	if len(keys) != 1 {
		t.Fatalf("there are %d keys of build users, and the canary needs one", len(keys))
	}
	c.With(keys[0])
}

// With takes a key, and forgets what was before.
func (c *Canary) With(key sandbox.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key, c.calls, c.denied = key, 0, nil
}

// Publish lets the canary put objects into a bucket too.
func (c *Canary) Publish(bucket string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bucket = bucket
}

// Uses reports whether a key is the one that the canary calls with.
func (c *Canary) Uses(keyID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return keyID != "" && c.key.ID == keyID
}

// Calls is how often the canary has called.
func (c *Canary) Calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// Denied are the calls that failed, each with the change after which it was
// made.
func (c *Canary) Denied() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.denied)
}

// hook calls after every change of somebody else.
func (c *Canary) hook(next func(sandbox.Entry, sandbox.Phase)) func(sandbox.Entry, sandbox.Phase) {
	return func(e sandbox.Entry, p sandbox.Phase) {
		if next != nil {
			next(e, p)
		}
		c.Watch(e, p)
	}
}

// Watch calls after a change of somebody else. It is for the hook of a sandbox.
func (c *Canary) Watch(e sandbox.Entry, p sandbox.Phase) {
	c.mu.Lock()
	key, bucket, sb := c.key, c.bucket, c.sb
	c.mu.Unlock()
	if p != sandbox.After || key.ID == "" || e.KeyID == key.ID || sandboxtest.IsRead(e) {
		return
	}
	c.note(e, "ecr:GetAuthorizationToken", c.login(sb, key))
	if bucket != "" {
		c.note(e, "s3:PutObject", c.put(sb, key, bucket))
	}
}

// note keeps the outcome of a call.
func (c *Canary) note(e sandbox.Entry, call string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if err != nil {
		c.denied = append(c.denied, fmt.Sprintf("%s after %s: %v", call, e.Action, err))
	}
}

func (c *Canary) login(sb *sandbox.Sandbox, key sandbox.Key) error {
	api := ecr.New(ecr.Options{
		Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
	})
	_, err := api.GetAuthorizationToken(context.Background(), &ecr.GetAuthorizationTokenInput{})
	return err
}

func (c *Canary) put(sb *sandbox.Sandbox, key sandbox.Key, bucket string) error {
	api := s3.New(s3.Options{
		Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
	})
	_, err := api.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: &bucket, Key: aws.String("canary.zip"), Body: strings.NewReader("canary"),
	})
	return err
}
