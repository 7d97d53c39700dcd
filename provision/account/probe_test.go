package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/mototest"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

func trial(b provision.Blueprint) account.Trial {
	return account.Trial{
		User: b.User.ARN, ECR: true, Bucket: "demo-assets", Others: []string{"demo-other"},
		Name: "20261124T120000Z", Rounds: 3, Patience: 20 * time.Second,
	}
}

func silent(int, string) {}

// objects are what is left in a bucket.
func objects(t *testing.T, sb *sandbox.Sandbox, bucket string) []string {
	t.Helper()
	api := s3.New(s3.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), UsePathStyle: true, Credentials: sandboxtest.Operator(sb)})
	out, err := api.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range out.Contents {
		names = append(names, *o.Key)
	}
	return names
}

// installed installs the demo cluster and gives its new key.
func installed(t *testing.T, sb *sandbox.Sandbox) (*account.Account, provision.Blueprint, provision.Credentials) {
	t.Helper()
	a, b := open(t, sb), demo(t, sb)
	for _, r := range install(t, a, b) {
		if r.Key != nil {
			return a, b, *r.Key
		}
	}
	t.Fatal("no key was made")
	return nil, b, provision.Credentials{}
}

func verdicts(r account.ProbeResult) []string {
	var out []string
	for _, p := range r.Proofs {
		word := "no"
		if p.OK {
			word = "ok"
		}
		if !p.Tried {
			word = "not tried"
		}
		if p.Denied {
			word += " (closed)"
		}
		out = append(out, p.Action+" "+word)
	}
	return out
}

var allWell = []string{
	"sts:GetCallerIdentity ok", "ecr:GetAuthorizationToken ok", "s3:PutObject ok", "s3:GetObject ok", "s3:PutObject ok (closed)",
}

// The new key publishes, also while IAM is catching up, and nothing is left.
func TestProbeANewKey(t *testing.T) {
	for _, lag := range []time.Duration{0, 400 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{Lag: lag, Seed: 3})
			a, b, key := installed(t, sb)
			got, err := a.Probe(t.Context(), key, trial(b), silent)
			if err != nil {
				t.Fatal(err)
			}
			if !got.OK() || got.InARow != 3 || !slices.Equal(verdicts(got), allWell) || len(got.Left) != 0 {
				t.Errorf("probe = %+v", got)
			}
			for _, bucket := range []string{"demo-assets", "demo-other"} {
				if left := objects(t, sb, bucket); len(left) != 0 {
					t.Errorf("left in %s: %v", bucket, left)
				}
			}
		})
	}
}

// What does not work is found out, with a reason, and told apart from what
// only takes time.
func TestProbeFindsWhatDoesNotWork(t *testing.T) {
	for _, tt := range []struct {
		why    string
		change func(ctx context.Context, t *testing.T, sb *sandbox.Sandbox, key *provision.Credentials, tr *account.Trial)
		bad    string
		say    string
	}{
		{"another secret", func(_ context.Context, _ *testing.T, _ *sandbox.Sandbox, key *provision.Credentials, _ *account.Trial) {
			key.Secret = provision.NewSecret("anothersecretanothersecretanothersecret1")
		}, "sts:GetCallerIdentity no", "the secret does not belong to the key"},
		{"a key of somebody else", func(_ context.Context, _ *testing.T, sb *sandbox.Sandbox, key *provision.Credentials, _ *account.Trial) {
			key.KeyID, key.Secret = sb.Operator().ID, provision.NewSecret(sb.Operator().Secret)
		}, "sts:GetCallerIdentity no", "the key belongs to arn:aws:iam::123456789012:user/operator"},
		{"an inactive key", func(ctx context.Context, t *testing.T, sb *sandbox.Sandbox, key *provision.Credentials, _ *account.Trial) {
			ok(t)(sandboxtest.IAM(sb).UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &key.User, AccessKeyId: &key.KeyID, Status: iamtypes.StatusTypeInactive}))
		}, "sts:GetCallerIdentity no", "AWS does not know the key"},
		{"the grants are not attached", func(ctx context.Context, t *testing.T, sb *sandbox.Sandbox, key *provision.Credentials, _ *account.Trial) {
			ok(t)(sandboxtest.IAM(sb).RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &key.User, GroupName: aws.String("nullplatform-demo-asset-publishers")}))
		}, "ecr:GetAuthorizationToken no", "not authorized to perform: ecr:GetAuthorizationToken"},
		{"another bucket is open too", func(ctx context.Context, t *testing.T, sb *sandbox.Sandbox, key *provision.Credentials, _ *account.Trial) {
			ok(t)(sandboxtest.IAM(sb).PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: &key.User, PolicyName: aws.String("wide"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`),
			}))
		}, "s3:PutObject no (closed)", "may write to demo-other too"},
		{"there is no such bucket", func(_ context.Context, _ *testing.T, _ *sandbox.Sandbox, _ *provision.Credentials, tr *account.Trial) {
			tr.Bucket = "no-such-bucket-at-all"
		}, "s3:PutObject no", ""},
		{"a bucket of another account", func(_ context.Context, _ *testing.T, _ *sandbox.Sandbox, _ *provision.Credentials, tr *account.Trial) {
			tr.Bucket = "taken-by-others"
		}, "s3:PutObject no", "not authorized"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{})
			a, b, key := installed(t, sb)
			tr := trial(b)
			tr.Patience = 3 * time.Second
			tt.change(t.Context(), t, sb, &key, &tr)
			got, err := a.Probe(t.Context(), key, tr, silent)
			if err != nil {
				t.Fatal(err)
			}
			if got.OK() || !slices.Contains(verdicts(got), tt.bad) {
				t.Errorf("probe = %q", verdicts(got))
			}
			if !slices.ContainsFunc(got.Proofs, func(p account.Proof) bool { return !p.OK && strings.Contains(p.Why, tt.say) }) {
				t.Errorf("proofs = %+v, want %q said", got.Proofs, tt.say)
			}
			if told := fmt.Sprintf("%+v", got); strings.Contains(told, key.Secret.Reveal()) {
				t.Error("the result tells the secret")
			}
			for _, bucket := range []string{"demo-assets", "demo-other"} {
				if left := objects(t, sb, bucket); len(left) != 0 {
					t.Errorf("left in %s: %v", bucket, left)
				}
			}
		})
	}
}

func ok(t *testing.T) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A dissent in between starts the count anew.
func TestProbeCountsInARow(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a, b, key := installed(t, sb)
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "ecr:GetAuthorizationToken", Nth: 3})
	var counts []int
	got, err := a.Probe(t.Context(), key, trial(b), func(n int, _ string) { counts = append(counts, n) })
	if err != nil || !got.OK() {
		t.Fatalf("%+v, %v", got, err)
	}
	if want := []int{1, 2, 0, 1, 2, 3}; !slices.Equal(counts, want) {
		t.Errorf("counts = %v, want %v", counts, want)
	}
}

// What the operator may not remove is named, and a probe that is stopped
// cleans up all the same.
func TestProbeCleansUp(t *testing.T) {
	t.Run("may not", func(t *testing.T) {
		sb := sandboxtest.Start(t, sandbox.Options{})
		a, b, key := installed(t, sb)
		sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "s3:DeleteObject", Times: -1})
		got, err := a.Probe(t.Context(), key, trial(b), silent)
		if err != nil || !slices.Equal(got.Left, []string{"s3://demo-assets/slipway-probe/20261124T120000Z"}) {
			t.Errorf("left = %v, %v", got.Left, err)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		sb := sandboxtest.Start(t, sandbox.Options{})
		a, b, key := installed(t, sb)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := a.Probe(ctx, key, trial(b), func(int, string) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if left := objects(t, sb, "demo-assets"); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		sb := sandboxtest.Start(t, sandbox.Options{})
		a, b, key := installed(t, sb)
		sb.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter, Action: "s3:PutObject", Times: -1})
		tr := trial(b)
		tr.Patience = 300 * time.Millisecond
		if _, err := a.Probe(t.Context(), key, tr, silent); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
			t.Errorf("err = %v", err)
		}
		if left := objects(t, sb, "demo-assets"); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// AWS's simulation agrees with our own evaluation where it may be asked, and
// says that it was not asked where it may not.
func TestSimulate(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a, b, _ := installed(t, sb)
	list := provision.Expectations(b, []string{"demo-other"})
	got, err := a.Simulate(t.Context(), b.User.ARN, list)
	if err != nil || got.Unchecked != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, e := range list {
		if (got.Verdicts[i] == "allowed") != e.Allowed {
			t.Errorf("%s on %s is %s", e.Action, e.Resource, got.Verdicts[i])
		}
	}
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:SimulatePrincipalPolicy", Times: -1})
	if got, err = a.Simulate(t.Context(), b.User.ARN, list); err != nil || !strings.Contains(got.Unchecked, "AccessDenied") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBucketSettings(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a := open(t, sb)
	api := s3.New(s3.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), UsePathStyle: true, Credentials: sandboxtest.Operator(sb)})
	is := func(name string) provision.DestinationBucket {
		t.Helper()
		got, err := a.BucketSettings(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := is("demo-assets"); got.State != provision.BucketOwn || got.Algorithm != "AES256" || got.Policy != "" || len(got.Unread) != 0 {
		t.Errorf("%+v", got)
	}
	if got := is("taken-by-others"); got.State != provision.BucketForbidden {
		t.Errorf("%+v", got)
	}
	if got := is("nobody-has-this-name"); got.State != provision.BucketAbsent {
		t.Errorf("%+v", got)
	}
	const deny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo-assets/*"}]}`
	ok(t)(api.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("demo-assets"), Policy: aws.String(deny)}))
	ok(t)(api.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: aws.String("demo-assets"),
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String("arn:aws:kms:us-east-1:123456789012:key/1")},
		}}},
	}))
	if got := is("demo-assets"); got.Algorithm != "aws:kms" || got.KMSKey == "" || got.Policy != deny {
		t.Errorf("%+v", got)
	}
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "s3:GetBucketPolicy", Times: -1})
	if got := is("demo-assets"); len(got.Unread) != 1 || got.Unread[0].Action != "s3:GetBucketPolicy" {
		t.Errorf("unread = %+v", got.Unread)
	}
}

// The same against an emulator of others, with its permission check switched
// on once everything is in place.
func TestProbeAgainstMoto(t *testing.T) {
	url := mototest.Start(t)
	a, err := account.Open(t.Context(), account.Options{Region: "us-east-1", Endpoint: url, KeyID: "AKIAOPERATOR00000000", Secret: provision.NewSecret("any"), Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster:      "demo",
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}, provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	// The bucket is not slipway's own: moto knows no conditions, and would
	// take a denial of plain text for one of everything.
	operator := motoOperator(t, url)
	var key provision.Credentials
	for _, r := range install(t, a, b) {
		if r.Key != nil {
			key = *r.Key
		}
	}
	checked(t, url, "0")
	t.Cleanup(func() { checked(t, url, "inf") })
	a, err = account.Open(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Probe(t.Context(), key, trial(b), silent)
	if err != nil || !got.OK() || !slices.Equal(verdicts(got), allWell) || len(got.Left) != 0 {
		t.Fatalf("probe = %+v, %v", got, err)
	}
	// And denied once the group is left.
	out := provision.Call{Action: "iam:RemoveUserFromGroup", Resource: b.Group.ARN, Params: []provision.Param{
		{Name: "GroupName", Value: b.Group.Name}, {Name: "UserName", Value: b.User.Name},
	}}
	if _, err := a.Do(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	tr := trial(b)
	tr.Patience = 3 * time.Second
	got, err = a.Probe(t.Context(), key, tr, silent)
	if err != nil || got.OK() || !slices.Contains(verdicts(got), "ecr:GetAuthorizationToken no") || !slices.Contains(verdicts(got), "s3:PutObject no") {
		t.Errorf("probe = %+v, %v", got, err)
	}
}

// motoOperator makes an administrator and the buckets, while nothing is
// checked yet.
func motoOperator(t *testing.T, url string) account.Options {
	t.Helper()
	cfg := iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &url, Credentials: sandboxtest.Static("AKIAOPERATOR00000000", "any")})
	name := aws.String("operator")
	ok(t)(cfg.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name}))
	ok(t)(cfg.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("all"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)}))
	key, err := cfg.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	api := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, Credentials: sandboxtest.Static("AKIAOPERATOR00000000", "any")})
	for _, name := range []string{"demo-assets", "demo-other"} {
		ok(t)(api.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))
	}
	return account.Options{
		Region: "us-east-1", Endpoint: url, KeyID: *key.AccessKey.AccessKeyId,
		Secret: provision.NewSecret(*key.AccessKey.SecretAccessKey), Patience: 20 * time.Second,
	}
}

// checked tells moto after how many requests it begins to check permissions:
// https://docs.getmoto.org/en/latest/docs/iam.html
func checked(t *testing.T, url, after string) {
	t.Helper()
	res, err := http.Post(url+"/moto-api/reset-auth", "text/plain", strings.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("moto answers %s", res.Status)
	}
}
