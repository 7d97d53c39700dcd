package migrate_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/mototest"
)

// The documents that the modules write, as they are published, to the byte.
const (
	moduleECR   = `{"Statement":[{"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource","ecr:SetRepositoryPolicy"],"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]},{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	moduleS3    = `{"Statement":[{"Action":["s3:PutObject","s3:GetObject"],"Effect":"Allow","Resource":"arn:aws:s3:::demo-assets/*"}],"Version":"2012-10-17"}`
	moduleTrust = `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::283477532906:role/application_manager"}}],"Version":"2012-10-17"}`
)

// backend is something that speaks AWS's protocols.
type backend struct {
	url, keyID, secret string
}

func (b backend) open(t *testing.T) *account.Account {
	t.Helper()
	a, err := account.Open(t.Context(), account.Options{
		Region: "us-east-1", Endpoint: b.url, KeyID: b.keyID, Secret: provision.NewSecret(b.secret), Patience: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b backend) credentials() credentials.StaticCredentialsProvider {
	return credentials.NewStaticCredentialsProvider(b.keyID, b.secret, "")
}

func (b backend) iam() *iam.Client {
	return iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &b.url, Credentials: b.credentials()})
}

func (b backend) s3() *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &b.url, Credentials: b.credentials(), UsePathStyle: true})
}

var backends = map[string]func(t *testing.T) backend{
	"sandbox": func(t *testing.T) backend {
		sb := start(t, sandbox.Options{})
		return backend{url: sb.URL(), keyID: sb.Operator().ID, secret: sb.Operator().Secret}
	},
	"moto": func(t *testing.T) backend {
		t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
		b := backend{url: mototest.Start(t), keyID: "AKIATEST", secret: "test"}
		if _, err := b.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("demo-assets")}); err != nil {
			t.Fatal(err)
		}
		return b
	},
}

// What is there after an install, seen by the SDK alone, is what the modules
// of the contract make.
func TestInstallEqualsTheModules(t *testing.T) {
	for name, start := range backends {
		for contract, s3Policy := range map[provision.Contract]string{
			provision.Contract61: "nullplatform-demo-s3-policy",
			provision.Contract50: "nullplatform-demo-s3-assets-policy",
		} {
			t.Run(name+" "+string(contract), func(t *testing.T) {
				b := start(t)
				a := b.open(t)
				req := request()
				req.Spec.Contract = contract
				var keeps keeper
				if _, err := apply(t, install(t, a, req, &keeps)); err != nil {
					t.Fatal(err)
				}
				see(t, b.iam(), s3Policy)
				if p := preview(t, a, req); !p.Plan.Empty() {
					t.Errorf("a second preview has %v", p.Plan.Changes)
				}
			})
		}
	}
}

// see reads the account with the SDK and holds it against the modules.
func see(t *testing.T, api *iam.Client, s3Policy string) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const (
		user      = "nullplatform-demo-build-workflow-user"
		group     = "nullplatform-demo-asset-publishers"
		role      = "nullplatform-demo-application-role"
		ecrPolicy = "nullplatform-demo-ecr-manager-policy"
	)
	u, err := api.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(user)})
	must(err)
	if aws.ToString(u.User.Path) != "/" || len(u.User.Tags) != 0 || u.User.PermissionsBoundary != nil {
		t.Errorf("the user has a path, tags or a boundary: %+v", u.User)
	}
	keys, err := api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String(user)})
	must(err)
	if len(keys.AccessKeyMetadata) != 1 || keys.AccessKeyMetadata[0].Status != "Active" {
		t.Errorf("keys = %+v, want one that is active", keys.AccessKeyMetadata)
	}
	direct, err := api.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: aws.String(user)})
	must(err)
	if len(direct.AttachedPolicies) != 0 {
		t.Errorf("policies on the user itself: %+v", direct.AttachedPolicies)
	}
	g, err := api.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(group)})
	must(err)
	if len(g.Users) != 1 || aws.ToString(g.Users[0].UserName) != user {
		t.Errorf("members = %+v", g.Users)
	}
	ga, err := api.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: aws.String(group)})
	must(err)
	var onGroup []string
	for _, p := range ga.AttachedPolicies {
		onGroup = append(onGroup, aws.ToString(p.PolicyName))
		v, err := api.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: p.PolicyArn})
		must(err)
		doc, err := api.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: p.PolicyArn, VersionId: v.Policy.DefaultVersionId})
		must(err)
		want := map[string][2]string{
			ecrPolicy: {moduleECR, "Policy for managing ECR repositories with restricted access"},
			s3Policy:  {moduleS3, "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket"},
		}[aws.ToString(p.PolicyName)]
		if d := cmp.Diff(want[0], decoded(t, doc.PolicyVersion.Document)); d != "" {
			t.Errorf("document of %s (-want +got):\n%s", aws.ToString(p.PolicyName), d)
		}
		if aws.ToString(v.Policy.Description) != want[1] {
			t.Errorf("description of %s = %q", aws.ToString(p.PolicyName), aws.ToString(v.Policy.Description))
		}
	}
	slices.Sort(onGroup)
	if d := cmp.Diff([]string{ecrPolicy, s3Policy}, onGroup); d != "" {
		t.Errorf("policies of the group (-want +got):\n%s", d)
	}
	r, err := api.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(role)})
	must(err)
	if d := cmp.Diff(moduleTrust, decoded(t, r.Role.AssumeRolePolicyDocument)); d != "" {
		t.Errorf("trust (-want +got):\n%s", d)
	}
	ra, err := api.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(role)})
	must(err)
	if len(ra.AttachedPolicies) != 1 || aws.ToString(ra.AttachedPolicies[0].PolicyName) != ecrPolicy {
		t.Errorf("policies of the role = %+v", ra.AttachedPolicies)
	}
}

func decoded(t *testing.T, text *string) string {
	t.Helper()
	out, err := url.PathUnescape(aws.ToString(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A bucket made here is private, encrypted and closed to plain text, on every
// backend.
func TestACreatedBucketIsClosed(t *testing.T) {
	for name, start := range backends {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			req := request()
			req.Spec.Destinations[1].Bucket = "brand-new-assets"
			req.Spec.CreateBucket = true
			req.Spec.Tags = map[string]string{"team": "platform"}
			if _, err := apply(t, install(t, b.open(t), req, &keeper{})); err != nil {
				t.Fatal(err)
			}
			api, bucket := b.s3(), aws.String("brand-new-assets")
			block, err := api.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: bucket})
			if err != nil {
				t.Fatal(err)
			}
			if c := block.PublicAccessBlockConfiguration; !aws.ToBool(c.BlockPublicAcls) || !aws.ToBool(c.BlockPublicPolicy) || !aws.ToBool(c.IgnorePublicAcls) || !aws.ToBool(c.RestrictPublicBuckets) {
				t.Errorf("public access block = %+v", c)
			}
			enc, err := api.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: bucket})
			if err != nil {
				t.Fatal(err)
			}
			if a := enc.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm; a != "AES256" {
				t.Errorf("encryption = %s", a)
			}
			pol, err := api.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: bucket})
			if err != nil {
				t.Fatal(err)
			}
			const want = `{"Statement":[{"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:s3:::brand-new-assets","arn:aws:s3:::brand-new-assets/*"],"Sid":"DenyInsecureTransport"}],"Version":"2012-10-17"}`
			if d := cmp.Diff(want, aws.ToString(pol.Policy)); d != "" {
				t.Errorf("bucket policy (-want +got):\n%s", d)
			}
			tags, err := api.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
			if err != nil || len(tags.TagSet) != 1 {
				t.Errorf("tags = %+v, %v", tags, err)
			}
		})
	}
}
