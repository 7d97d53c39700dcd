package provision_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

var home = provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}

// The documents as the modules write them, to the byte.
const (
	wantECR = `{"Statement":[{"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource","ecr:SetRepositoryPolicy"],"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]},{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`

	wantS3 = `{"Statement":[{"Action":["s3:PutObject","s3:GetObject"],"Effect":"Allow","Resource":"arn:aws:s3:::demo-assets/*"}],"Version":"2012-10-17"}`

	wantTrust = `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::283477532906:role/application_manager"}}],"Version":"2012-10-17"}`

	wantPull = `{"Statement":[{"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability"],"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Sid":"CrossAccountPull"}],"Version":"2012-10-17"}`
)

func TestBlueprintEqualsTheModules(t *testing.T) {
	for contract, s3 := range map[provision.Contract]string{
		provision.Contract61: "nullplatform-demo-s3-policy",
		provision.Contract50: "nullplatform-demo-s3-assets-policy",
	} {
		t.Run(string(contract), func(t *testing.T) {
			spec := provision.Spec{
				Cluster: "demo", Contract: contract, Destinations: ecrAndS3(),
				CrossAccountPull: true, PullAccounts: []string{"111111111111", "222222222222"},
			}
			got, err := provision.NewBlueprint(spec, home)
			if err != nil {
				t.Fatal(err)
			}
			ecr := provision.AttachedPolicy{Name: "nullplatform-demo-ecr-manager-policy", ARN: "arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy"}
			want := provision.Blueprint{
				Place: home,
				Spec:  spec.WithDefaults(),
				User: provision.User{
					Name:   "nullplatform-demo-build-workflow-user",
					ARN:    "arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user",
					Groups: []string{"nullplatform-demo-asset-publishers"},
				},
				Group: provision.Group{
					Name:     "nullplatform-demo-asset-publishers",
					ARN:      "arn:aws:iam::123456789012:group/nullplatform-demo-asset-publishers",
					Members:  []string{"nullplatform-demo-build-workflow-user"},
					Attached: []provision.AttachedPolicy{ecr, {Name: s3, ARN: "arn:aws:iam::123456789012:policy/" + s3}},
				},
				Policies: []provision.Policy{
					{Name: ecr.Name, ARN: ecr.ARN, Description: "Policy for managing ECR repositories with restricted access", Document: wantECR, Attachments: 1},
					{Name: s3, ARN: "arn:aws:iam::123456789012:policy/" + s3, Description: "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket", Document: wantS3, Attachments: 1},
				},
				Role: &provision.Role{
					Name:  "nullplatform-demo-application-role",
					ARN:   "arn:aws:iam::123456789012:role/nullplatform-demo-application-role",
					Trust: wantTrust, Attached: []provision.AttachedPolicy{ecr},
				},
				Bucket:           &provision.Bucket{Name: "demo-assets", State: provision.BucketOwn},
				RepositoryPolicy: wantPull,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("blueprint (-want +got):\n%s", d)
			}
		})
	}
}

func TestBlueprintInOtherPartitions(t *testing.T) {
	at := provision.Place{Account: "123456789012", Partition: "aws-us-gov", Region: "us-gov-west-1"}
	b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{b.Policies[0].Document, b.Policies[1].Document, b.User.ARN, b.Group.ARN} {
		if strings.Contains(text, "arn:aws:") || !strings.Contains(text, "arn:aws-us-gov:") {
			t.Errorf("%s is not of the partition", text)
		}
	}
}

func TestBlueprintRefusesAnotherPartition(t *testing.T) {
	_, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Partition: "aws-cn", Destinations: ecrAndS3()}, home)
	if err == nil || !strings.Contains(err.Error(), "partition is aws-cn, but the account is in aws") {
		t.Fatalf("err = %v", err)
	}
}

func TestBlueprintOfOneDestination(t *testing.T) {
	s3, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()[1:]}, home)
	if err != nil {
		t.Fatal(err)
	}
	if s3.Role != nil || len(s3.Policies) != 1 {
		t.Errorf("S3 alone needs no role and one policy; got role %v, %d policies", s3.Role, len(s3.Policies))
	}
	ecr, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()[:1]}, home)
	if err != nil {
		t.Fatal(err)
	}
	if ecr.Bucket != nil || ecr.Role == nil || ecr.RepositoryPolicy != "" {
		t.Errorf("ECR alone needs a role, no bucket and no repository policy; got %+v", ecr)
	}
}

// drawSpec gives valid specs of all kinds.
func drawSpec(t *rapid.T) provision.Spec {
	s := provision.Spec{
		Cluster:  rapid.StringMatching(`[A-Za-z0-9+=,.@_][A-Za-z0-9+=,.@_-]{0,30}`).Draw(t, "cluster"),
		Contract: rapid.SampledFrom(provision.Contracts()).Draw(t, "contract"),
	}
	which := rapid.IntRange(1, 3).Draw(t, "destinations")
	if which&2 != 0 {
		s.Destinations = append(s.Destinations, provision.Destination{Kind: provision.S3, Bucket: rapid.StringMatching(`[a-z][a-z0-9]{2,20}`).Draw(t, "bucket")})
		s.CreateBucket = rapid.Bool().Draw(t, "create bucket")
	}
	if which&1 != 0 {
		s.Destinations = append(s.Destinations, provision.Destination{Kind: provision.ECR})
		if rapid.Bool().Draw(t, "pull") {
			s.CrossAccountPull = true
			s.PullAccounts = rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9]{12}`), 1, 3, rapid.ID).Draw(t, "accounts")
		}
	}
	if rapid.Bool().Draw(t, "bounded") {
		s.PermissionsBoundary = "arn:aws:iam::123456789012:policy/boundary"
	}
	s.Tags = rapid.MapOfN(rapid.StringMatching(`[a-z]{1,8}`), rapid.StringMatching(`[a-z ]{0,8}`), 0, 3).Draw(t, "tags")
	return s
}

func TestBlueprintDocumentsAreJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := provision.NewBlueprint(drawSpec(t), home)
		if err != nil {
			t.Fatal(err)
		}
		docs := []string{}
		for _, p := range b.Policies {
			docs = append(docs, p.Document)
		}
		if b.Role != nil {
			docs = append(docs, b.Role.Trust)
		}
		for _, d := range docs {
			if !json.Valid([]byte(d)) {
				t.Fatalf("not JSON: %s", d)
			}
		}
	})
}
