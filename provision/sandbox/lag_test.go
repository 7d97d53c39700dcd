package sandbox_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// clock is a time that tests move. It begins at the real time, by which the
// SDK signs.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestANewGroupFlapsAndThenSettles(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now, Lag: time.Second, Seed: 3})
	if err := createGroup(s, "g"); err != nil {
		t.Fatal(err)
	}
	if codeOf(createGroup(s, "g")) != "EntityAlreadyExists" {
		t.Error("the name is not taken at once")
	}
	seen := map[string]int{}
	for range 50 {
		seen[codeOf(getGroup(s, "g"))]++
		c.move(20 * time.Millisecond)
	}
	if seen[""] == 0 || seen["NoSuchEntity"] == 0 {
		t.Errorf("reads did not flap: %v", seen)
	}
	for range 20 {
		if err := getGroup(s, "g"); err != nil {
			t.Fatalf("after the lag: %v", err)
		}
	}
}

func TestReferencesAndKeysLagToo(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now, Lag: time.Second})
	ctx, iam := context.Background(), operatorIAM(s)
	name := "new"
	if _, err := iam.CreateUser(ctx, &awsiam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	_, err := iam.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: &name})
	if codeOf(err) != "NoSuchEntity" {
		t.Errorf("a key for a user of this moment gives %v", err)
	}
	c.move(time.Second)
	key, err := iam.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	sts := awssts.NewFromConfig(config(s, sandbox.Key{ID: *key.AccessKey.AccessKeyId, Secret: *key.AccessKey.SecretAccessKey}))
	if _, err := sts.GetCallerIdentity(ctx, nil); codeOf(err) != "InvalidClientTokenId" {
		t.Errorf("a key of this moment gives %v", err)
	}
	c.move(time.Second)
	if _, err := sts.GetCallerIdentity(ctx, nil); err != nil {
		t.Errorf("after the lag: %v", err)
	}
}

func TestAnotherClockIsNoticed(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now})
	c.move(10 * time.Minute)
	if code := codeOf(getGroup(s, "none")); code != "SignatureDoesNotMatch" {
		t.Errorf("a signature of ten minutes ago gives %q", code)
	}
	c.move(-20 * time.Minute)
	if code := codeOf(getGroup(s, "none")); code != "SignatureDoesNotMatch" {
		t.Errorf("a signature of the future gives %q", code)
	}
}

// The SDK sees from the date of the refusal that its clock is off, and signs
// again; then it is told that the session is over.
func TestASessionExpires(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now})
	ctx := context.Background()
	seconds := int32(900)
	out, err := awssts.NewFromConfig(config(s, s.Operator())).GetSessionToken(ctx, &awssts.GetSessionTokenInput{DurationSeconds: &seconds})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(s, sandbox.Key{})
	cfg.RetryMaxAttempts = 3
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	sts := awssts.NewFromConfig(cfg)
	if _, err := sts.GetCallerIdentity(ctx, nil); err != nil {
		t.Fatal(err)
	}
	c.move(901 * time.Second)
	if _, err := sts.GetCallerIdentity(ctx, nil); codeOf(err) != "ExpiredToken" {
		t.Errorf("after its end the session gives %v", err)
	}
}
