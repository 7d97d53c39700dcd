package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// start runs a sandbox for the length of the test.
func start(t testing.TB, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// config points the SDK at the sandbox with the key. Nothing is retried, and
// no connection outlives its call.
func config(s *sandbox.Sandbox, k sandbox.Key) aws.Config {
	return aws.Config{
		Region:           s.Region(),
		BaseEndpoint:     aws.String(s.URL()),
		Credentials:      credentials.NewStaticCredentialsProvider(k.ID, k.Secret, ""),
		RetryMaxAttempts: 1,
		HTTPClient:       &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

func operatorIAM(s *sandbox.Sandbox) *awsiam.Client {
	return awsiam.NewFromConfig(config(s, s.Operator()))
}

func createGroup(s *sandbox.Sandbox, name string) error {
	_, err := operatorIAM(s).CreateGroup(context.Background(), &awsiam.CreateGroupInput{GroupName: &name})
	return err
}

func getGroup(s *sandbox.Sandbox, name string) error {
	_, err := operatorIAM(s).GetGroup(context.Background(), &awsiam.GetGroupInput{GroupName: &name})
	return err
}

// codeOf returns the AWS error code, "" for none.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for addr, why := range map[string]string{
		"0.0.0.0:0":     "every interface",
		":0":            "every interface, unsaid",
		"10.1.2.3:0":    "a private network",
		"example.com:0": "a name that could be anything",
		"127.0.0.1":     "no port",
		"[::]:0":        "every interface, in IPv6",
	} {
		if s, err := sandbox.Start(sandbox.Options{Addr: addr}); err == nil {
			t.Errorf("%s was listened on: %s", addr, why)
			_ = s.Close()
		}
	}
	s := start(t, sandbox.Options{Addr: "localhost:0"})
	if !strings.Contains(s.URL(), "127.0.0.1") && !strings.Contains(s.URL(), "[::1]") {
		t.Errorf("localhost became %s", s.URL())
	}
}

func TestAnUnknownScenarioIsRefusedWithTheKnownOnes(t *testing.T) {
	_, err := sandbox.Start(sandbox.Options{Scenario: "nope"})
	if err == nil || !strings.Contains(err.Error(), "legacy-direct") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheEnvironmentIsThatOfTheOperator(t *testing.T) {
	s := start(t, sandbox.Options{})
	env := strings.Join(s.Environment(), "\n")
	for _, part := range []string{"AWS_ACCESS_KEY_ID=" + s.Operator().ID, "AWS_SECRET_ACCESS_KEY=" + s.Operator().Secret, "AWS_ENDPOINT_URL=" + s.URL(), "AWS_REGION=us-east-1"} {
		if !strings.Contains(env, part) {
			t.Errorf("the environment lacks %s", part)
		}
	}
}

func TestAKeyPrintsWithoutItsSecret(t *testing.T) {
	k := sandbox.Key{ID: "AKIAX", Secret: "hush-hush"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, k); strings.Contains(text, "hush") || !strings.Contains(text, "AKIAX") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

func TestTheSameSeedGivesTheSameAccount(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	for _, name := range sandbox.Scenarios() {
		one := start(t, sandbox.Options{Scenario: name, Seed: 7, Now: now})
		two := start(t, sandbox.Options{Scenario: name, Seed: 7, Now: now})
		other := start(t, sandbox.Options{Scenario: name, Seed: 8, Now: now})
		if diff := cmp.Diff(one.Peek(), two.Peek()); diff != "" {
			t.Errorf("%s differs from itself: %s", name, diff)
		}
		if one.Operator() != two.Operator() || one.Operator() == other.Operator() {
			t.Errorf("%s: the operator's key does not follow the seed", name)
		}
	}
}

func TestHooksSeeEveryCallTwice(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	s := start(t, sandbox.Options{Hook: func(e sandbox.Entry, p sandbox.Phase) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprint(e.Service, ":", e.Action, " ", p == sandbox.After, " ", e.Status))
	}})
	if err := createGroup(s, "g"); err != nil {
		t.Fatal(err)
	}
	if err := createGroup(s, "g"); err == nil {
		t.Fatal("a second group of the name was made")
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{"iam:CreateGroup false 0", "iam:CreateGroup true 200", "iam:CreateGroup false 0", "iam:CreateGroup true 409"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestTheLogTellsWhoDidWhatAndNoSecrets(t *testing.T) {
	s := start(t, sandbox.Options{Scenario: "current"})
	ctx := context.Background()
	c := operatorIAM(s)
	user := aws.String("nullplatform-demo-build-workflow-user")
	key, err := c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateLoginProfile(ctx, &awsiam.CreateLoginProfileInput{UserName: user, Password: aws.String("hush-hush")}); err != nil {
		t.Fatal(err)
	}
	k := sandbox.Key{ID: *key.AccessKey.AccessKeyId, Secret: *key.AccessKey.SecretAccessKey}
	_, err = awsiam.NewFromConfig(config(s, k)).GetUser(ctx, &awsiam.GetUserInput{})
	if codeOf(err) != "AccessDenied" {
		t.Errorf("the build user read IAM: %v", err)
	}

	log := s.Log()
	if len(log) != 3 {
		t.Fatalf("the log has %d entries, want 3", len(log))
	}
	last := log[2]
	last.Time, last.ID, last.Took = time.Time{}, "", 0
	want := sandbox.Entry{
		KeyID: k.ID, Caller: "arn:aws:iam::123456789012:user/" + *user, Service: "iam", Action: "GetUser",
		Resource: "arn:aws:iam::123456789012:user/" + *user, Region: "us-east-1", Params: map[string]string{}, Status: 403, Code: "AccessDenied",
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hush-hush", k.Secret, s.Operator().Secret} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the log has a secret: %s", text)
		}
	}
	s.ClearLog()
	if len(s.Log()) != 0 {
		t.Error("the log was not cleared")
	}
}

func TestKeysAreTrackedByUse(t *testing.T) {
	s := start(t, sandbox.Options{Scenario: "current"})
	u, _ := s.Peek().User("nullplatform-demo-build-workflow-user")
	secret, ok := s.TestOnlySecret(u.Keys[0].ID)
	if !ok {
		t.Fatal("the seeded key has no secret")
	}
	if _, err := awssts.NewFromConfig(config(s, sandbox.Key{ID: u.Keys[0].ID, Secret: secret})).GetCallerIdentity(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	again, _ := s.Peek().User("nullplatform-demo-build-workflow-user")
	if !again.Keys[0].LastUsed.After(u.Keys[0].LastUsed) {
		t.Error("the use of the key was not noted")
	}
	out, err := operatorIAM(s).GetAccessKeyLastUsed(context.Background(), &awsiam.GetAccessKeyLastUsedInput{AccessKeyId: &u.Keys[0].ID})
	if err != nil || *out.AccessKeyLastUsed.ServiceName != "sts" || *out.AccessKeyLastUsed.Region != "us-east-1" {
		t.Errorf("last use is %+v, %v", out, err)
	}
}

func TestAnUnknownActionSaysThatItIsOutsideTheSubset(t *testing.T) {
	s := start(t, sandbox.Options{})
	_, err := operatorIAM(s).ListServerCertificates(context.Background(), nil)
	if codeOf(err) != "InvalidAction" || !strings.Contains(err.Error(), "outside the subset of IAM that this sandbox emulates") {
		t.Errorf("the error is %v", err)
	}
}

func TestCloseTwice(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}
