package sandbox_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nullplatform/slipway/provision/sandbox"
)

const buildUser = "nullplatform-demo-build-workflow-user"

// What the build user of each scenario may do, tried with its own key.
func TestTheBuildUserOfEachScenarioPublishes(t *testing.T) {
	cases := []struct {
		scenario        string
		ecr, s3, delete bool
	}{
		{"legacy-direct", true, false, false},
		{"legacy", true, false, false},
		{"split", true, true, false},
		{"current", true, true, false},
		{"drifted", true, true, false},
		// The foreign policy on the group grants S3.
		{"messy", true, true, false},
	}
	for _, c := range cases {
		t.Run(c.scenario, func(t *testing.T) {
			s := start(t, sandbox.Options{Scenario: c.scenario})
			u, ok := s.Peek().User(buildUser)
			if !ok {
				t.Fatal("there is no build user")
			}
			secret, _ := s.TestOnlySecret(u.Keys[0].ID)
			cfg := config(s, sandbox.Key{ID: u.Keys[0].ID, Secret: secret})
			ctx := context.Background()

			_, err := awsecr.NewFromConfig(cfg).GetAuthorizationToken(ctx, nil)
			check(t, "ecr:GetAuthorizationToken", err, c.ecr)
			_, err = awsecr.NewFromConfig(cfg).CreateRepository(ctx, &awsecr.CreateRepositoryInput{RepositoryName: aws.String("app")})
			check(t, "ecr:CreateRepository", err, c.ecr)
			s3 := awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
			_, err = s3.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("demo-assets"), Key: aws.String("k"), Body: bytes.NewReader([]byte("v"))})
			check(t, "s3:PutObject", err, c.s3)
			_, err = s3.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: aws.String("demo-assets"), Key: aws.String("k")})
			check(t, "s3:DeleteObject", err, c.delete)
		})
	}
}

func check(t *testing.T, what string, err error, want bool) {
	t.Helper()
	if (err == nil) != want {
		t.Errorf("%s is allowed: %t, want %t (%v)", what, err == nil, want, err)
	}
}

func TestWhatMakesTheMessyAccountMessy(t *testing.T) {
	p := start(t, sandbox.Options{Scenario: "messy"}).Peek()
	u, _ := p.User(buildUser)
	g, _ := p.Group("nullplatform-demo-ecr-managers")
	policy, _ := p.Policy("nullplatform-demo-ecr-manager-policy")
	for what, ok := range map[string]bool{
		"two keys":                        len(u.Keys) == 2,
		"one of them never used":          u.Keys[1].LastUsed.IsZero(),
		"a console password":              u.Login,
		"an inline policy on the user":    len(u.Inline) == 1,
		"a membership in another group":   len(u.Groups) == 2,
		"a foreign member of the group":   len(g.Members) == 2,
		"a foreign policy on the group":   len(g.Attached) == 2,
		"an inline policy on the group":   len(g.Inline) == 1,
		"all versions of the policy used": len(policy.Versions) == 5,
	} {
		if !ok {
			t.Errorf("the account lacks %s", what)
		}
	}
}

func TestEveryScenarioHasItsOperatorAndIsDescribed(t *testing.T) {
	for _, name := range sandbox.Scenarios() {
		t.Run(name, func(t *testing.T) {
			s := start(t, sandbox.Options{Scenario: name})
			who, err := awssts.NewFromConfig(config(s, s.Operator())).GetCallerIdentity(context.Background(), nil)
			if err != nil || aws.ToString(who.Arn) != "arn:aws:iam::123456789012:user/operator" {
				t.Errorf("the caller is %v, %v", who, err)
			}
			if sandbox.About(name) == "" {
				t.Error("nothing is said about it")
			}
			if len(s.Peek().Buckets) != 3 {
				t.Errorf("the buckets are %v", s.Peek().Buckets)
			}
		})
	}
}

func TestABucketOfAnotherAccountIsForbidden(t *testing.T) {
	s := start(t, sandbox.Options{})
	s3 := awss3.NewFromConfig(config(s, s.Operator()))
	_, head := s3.HeadBucket(context.Background(), &awss3.HeadBucketInput{Bucket: aws.String("taken-by-others")})
	_, create := s3.CreateBucket(context.Background(), &awss3.CreateBucketInput{Bucket: aws.String("taken-by-others")})
	if s.Log()[0].Status != 403 || head == nil {
		t.Errorf("the head gives %v", head)
	}
	if codeOf(create) != "BucketAlreadyExists" {
		t.Errorf("making it gives %v", create)
	}
}
