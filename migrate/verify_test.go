package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// registry is the sandbox's nullplatform.
func registry(t testing.TB, sb *sandbox.Sandbox) *platform.Client {
	t.Helper()
	c, err := platform.Open(platform.Options{
		Host: sb.PlatformHost(), APIKey: provision.NewSecret(sb.PlatformKey()), From: "the test", Pause: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func target(t testing.TB) platform.Target {
	t.Helper()
	n, err := platform.ParseNRN(fake.NRN)
	if err != nil {
		t.Fatal(err)
	}
	return platform.Target{NRN: n}
}

// secondKey makes a key of the build user whose secret is known to the test.
func secondKey(t testing.TB, sb *sandbox.Sandbox) provision.Credentials {
	t.Helper()
	out, err := sandboxtest.IAM(sb).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})
	if err != nil {
		t.Fatal(err)
	}
	return provision.Credentials{User: buildUser, KeyID: *out.AccessKey.AccessKeyId, Secret: provision.NewSecret(*out.AccessKey.SecretAccessKey)}
}

// verify looks at the demo cluster and publishes with the key.
func verify(t testing.TB, sb *sandbox.Sandbox, req migrate.VerifyRequest, key provision.Credentials) *migrate.Verification {
	t.Helper()
	if req.Cluster == "" {
		req.Cluster = "demo"
	}
	req.Name, req.Patience = "test", 30*time.Second
	var reg migrate.Registry
	if !req.Target.NRN.Empty() {
		reg = registry(t, sb)
	}
	v, err := migrate.Verify(t.Context(), open(t, sb, sb.Operator()), reg, req)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Prove(t.Context(), key, func(int, string) {}); err != nil {
		t.Fatal(err)
	}
	return v
}

func verdictsOf(v *migrate.Verification) []string {
	var out []string
	for _, c := range v.Checks {
		out = append(out, c.ID+" "+string(c.Verdict))
	}
	return out
}

// All well: every check passes when the key can be read and is at hand.
func TestVerifyAllWell(t *testing.T) {
	for _, scenario := range []string{"legacy-direct", "legacy", "split", "current"} {
		t.Run(scenario, func(t *testing.T) {
			sb := start(t, sandbox.Options{Scenario: scenario, Platform: fake.Options{ShowKeyID: true}})
			v := verify(t, sb, migrate.VerifyRequest{Target: target(t)}, secondKey(t, sb))
			if v.Verdict() != migrate.Pass {
				t.Errorf("verdict %s:\n%+v", v.Verdict(), v.Checks)
			}
			if v.Probe == nil || v.Probe.InARow != 3 {
				t.Errorf("probe = %+v", v.Probe)
			}
			if got := platformWrites(sb); len(got) != 0 {
				t.Errorf("a verification wrote to nullplatform: %v", got)
			}
		})
	}
}

func platformWrites(sb *sandbox.Sandbox) []string {
	var out []string
	for _, e := range sb.Log() {
		if e.Service == "platform" && !sandboxtest.IsRead(e) {
			out = append(out, e.Action)
		}
	}
	return out
}

// Each thing that is wrong is found by the check that is about it.
func TestVerifyFinds(t *testing.T) {
	api := func(sb *sandbox.Sandbox) *iam.Client { return sandboxtest.IAM(sb) }
	store := func(sb *sandbox.Sandbox) *s3.Client {
		return s3.New(s3.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), UsePathStyle: true, Credentials: sandboxtest.Operator(sb)})
	}
	for _, tt := range []struct {
		why      string
		o        sandbox.Options
		change   func(ctx context.Context, sb *sandbox.Sandbox) error
		check    string // "id verdict"
		say, way string
		also     bool // something else says no, too
	}{
		{why: "there is no identity", o: sandbox.Options{Scenario: "fresh"}, check: "build-user fail", say: "there is no user", way: "slipway install"},
		{why: "the key is inactive", change: func(ctx context.Context, sb *sandbox.Sandbox) error {
			u, _ := sb.Peek().User(buildUser)
			_, err := api(sb).UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String(buildUser), AccessKeyId: &u.Keys[0].ID, Status: types.StatusTypeInactive})
			return err
		}, check: "registered-key fail", say: "is inactive", way: "activate"},
		{why: "the registered key is nobody's", change: func(ctx context.Context, sb *sandbox.Sandbox) error {
			u, _ := sb.Peek().User(buildUser)
			_, err := api(sb).DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String(buildUser), AccessKeyId: &u.Keys[0].ID})
			return err
		}, check: "registered-key fail", say: "is no key of " + buildUser, way: "slipway install"},
		{why: "nullplatform does not tell the key: unknown, not missing", o: sandbox.Options{Platform: fake.Options{Scenario: "registered"}}, check: "registered-key unknown", say: "does not tell"},
		{why: "the role is another", o: sandbox.Options{Platform: fake.Options{Scenario: "different"}}, check: "registered-role fail", say: "application-role-before is registered"},
		{why: "the bucket is another", o: sandbox.Options{Platform: fake.Options{Scenario: "different"}}, check: "registered-bucket fail", say: "does not exist"},
		{why: "registered twice", o: sandbox.Options{Platform: fake.Options{Scenario: "duplicates"}}, check: "registered-ecr fail", say: "2 times", way: "delete all but one"},
		{why: "not registered", o: sandbox.Options{Platform: fake.Options{Scenario: "ready"}}, check: "registered-ecr fail", say: "there is nothing at", way: "slipway install --nrn"},
		{why: "registered for the whole organisation", o: sandbox.Options{Platform: fake.Options{Scenario: "above"}}, check: "registered-ecr pass", say: "at organization=4242, above", also: true},
		{why: "the specification is missing", o: sandbox.Options{Platform: fake.Options{Scenario: "no-s3-specification"}}, check: "registered fail", say: "s3-configuration"},
		{why: "nullplatform does not answer", change: func(_ context.Context, sb *sandbox.Sandbox) error {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultPage, Service: "platform", Times: -1})
			return nil
		}, check: "registered unknown", say: "web page"},
		{why: "a policy of the bucket denies", change: func(ctx context.Context, sb *sandbox.Sandbox) error {
			_, err := store(sb).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("demo-assets"), Policy: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo-assets/*"}]}`)})
			return err
		}, check: "bucket fail", say: "denies s3:PutObject"},
		{why: "the grant is not attached", change: func(ctx context.Context, sb *sandbox.Sandbox) error {
			_, err := api(sb).DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{
				GroupName: aws.String("nullplatform-demo-asset-publishers"), PolicyArn: aws.String("arn:aws:iam::123456789012:policy/nullplatform-demo-s3-policy"),
			})
			return err
		}, check: "grants fail", say: "s3:PutObject on arn:aws:s3:::demo-assets/slipway-probe/object is denied"},
		{why: "a grant of every bucket", o: sandbox.Options{Scenario: "drifted"}, check: "destinations unknown", say: "does not name the objects of one bucket", way: "--s3", also: true},
		{why: "the simulation may not be asked", change: func(_ context.Context, sb *sandbox.Sandbox) error {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:SimulatePrincipalPolicy", Times: -1})
			return nil
		}, check: "simulation not-run", say: "AccessDenied"},
		{why: "policies may not be read: unknown, not passed", change: func(_ context.Context, sb *sandbox.Sandbox) error {
			sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:ListUserPolicies", Times: -1})
			return nil
		}, check: "grants unknown", say: "inline policies of user"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if tt.o.Scenario == "" {
				tt.o.Scenario = "current"
			}
			if tt.o.Platform.Scenario == "" {
				tt.o.Platform.ShowKeyID = true
			}
			sb := start(t, tt.o)
			if tt.change != nil {
				if err := tt.change(t.Context(), sb); err != nil {
					t.Fatal(err)
				}
			}
			v := verify(t, sb, migrate.VerifyRequest{Target: target(t)}, provision.Credentials{})
			i := slices.IndexFunc(v.Checks, func(c migrate.Check) bool { return c.ID+" "+string(c.Verdict) == tt.check })
			if i < 0 {
				t.Fatalf("checks = %q, want %q", verdictsOf(v), tt.check)
			}
			if c := v.Checks[i]; !strings.Contains(c.Found, tt.say) || !strings.Contains(c.Way, tt.way) {
				t.Errorf("check = %+v, want %q and %q said", c, tt.say, tt.way)
			}
			if (tt.also || strings.HasSuffix(tt.check, "fail")) != (v.Verdict() == migrate.Fail) {
				t.Errorf("verdict %s of %q", v.Verdict(), verdictsOf(v))
			}
		})
	}
}

// What AWS knows beyond the policies, such as an organisation's, shows as a
// disagreement: both are told.
func TestVerifyShowsADisagreement(t *testing.T) {
	sb := start(t, sandbox.Options{Scenario: "current"})
	v, err := migrate.Verify(t.Context(), contrary{open(t, sb, sb.Operator())}, nil, migrate.VerifyRequest{Cluster: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(v.Checks, func(c migrate.Check) bool { return c.ID == "simulation" })
	if c := v.Checks[i]; c.Verdict != migrate.Unknown || !strings.Contains(c.Found, "here allowed, AWS says denied") {
		t.Errorf("check = %+v", c)
	}
}

// What the probe finds is a check, and stopping it is not.
func TestVerifyWithTheKey(t *testing.T) {
	sb := start(t, sandbox.Options{Scenario: "current"})
	key := secondKey(t, sb)
	key.Secret = provision.NewSecret("0123456789012345678901234567890123456789")
	v := verify(t, sb, migrate.VerifyRequest{}, key)
	if v.Verdict() != migrate.Fail || !strings.Contains(fmt.Sprint(v.Checks), "the secret does not belong to the key") {
		t.Errorf("checks = %+v", v.Checks)
	}
	if strings.Contains(fmt.Sprintf("%+v", v), key.Secret.Reveal()) {
		t.Error("the verification tells the secret")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.Prove(ctx, key, func(int, string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
