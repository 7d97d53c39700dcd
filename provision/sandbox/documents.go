package sandbox

import (
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// The documents of the modules, spelled as OpenTofu's jsonencode spells them.

// ecrActions are the actions of the ECR manager policy, in the modules' order.
// The last one came with a later release.
const (
	ecrActionsEarly = `"ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource"`
	ecrActions      = ecrActionsEarly + `,"ecr:SetRepositoryPolicy"`
	ecrTokens       = `{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}`
	ecrResource     = `"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]`
	manager         = `"arn:aws:iam::283477532906:role/application_manager"`

	ecrDescription = "Policy for managing ECR repositories with restricted access"
	s3Description  = "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket"
)

// ecrManager is the ECR manager policy since the first namespaced group.
var ecrManager = policyOf(`{"Action":[`+ecrActions+`],`+ecrResource+`}`, ecrTokens)

// ecrManagerEarly is the ECR manager policy of contract 1.12, bound to the
// region.
var ecrManagerEarly = policyOf(
	`{"Action":[`+ecrActionsEarly+`],"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1"]}},`+ecrResource+`}`, ecrTokens)

// trustManager lets the platform's application manager assume the role.
var trustManager = policyOf(`{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":` + manager + `}}`)

// trustManagerEarly is the trust policy of contract 1.12.
var trustManagerEarly = policyOf(`{"Action":"sts:AssumeRole","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"},"StringEquals":{"aws:RequestedRegion":["us-east-1"]}},"Effect":"Allow","Principal":{"AWS":` + manager + `}}`)

// publishTo is the S3 policy for one bucket.
func publishTo(bucket string) string {
	return policyOf(`{"Action":["s3:PutObject","s3:GetObject"],"Effect":"Allow","Resource":"arn:aws:s3:::` + bucket + `/*"}`)
}

func policyOf(statements ...string) string {
	return `{"Statement":[` + strings.Join(statements, ",") + `],"Version":"2012-10-17"}`
}

func allow(actions, resource string) string {
	return policyOf(`{"Action":[` + actions + `],"Effect":"Allow","Resource":"` + resource + `"}`)
}

// The ARNs of policies that AWS manages.
const (
	AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"
	ReadOnlyAccess      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	ECRPowerUser        = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
)

// managedByAWS are the policies of AWS that may be attached. The read-only one
// is a rough equivalent within the emulated services.
func managedByAWS(now time.Time) []*directory.Policy {
	return []*directory.Policy{
		managed(AdministratorAccess, "ANPAIWMBCKSKIEE64ZLYK", "Provides full access to AWS services and resources.",
			allow(`"*"`, "*"), now),
		managed(ReadOnlyAccess, "ANPAILL3HVNFSB6DCOWYQ", "Provides read-only access to AWS services and resources.",
			allow(`"iam:Get*","iam:List*","iam:Generate*","iam:Simulate*","ecr:Get*","ecr:List*","ecr:Describe*","ecr:BatchGet*","ecr:BatchCheck*","s3:Get*","s3:List*","s3:Head*"`, "*"), now),
		managed(ECRPowerUser, "ANPAJDNE5PIHROIBGGDDW", "Provides full access to Amazon EC2 Container Registry repositories, but does not allow repository deletion or policy changes.",
			allow(`"ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy","ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings","ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"`, "*"), now),
	}
}

func managed(arn, id, description, text string, now time.Time) *directory.Policy {
	parsed, err := policy.Parse(text)
	if err != nil {
		panic("a policy managed by AWS does not parse: " + err.Error())
	}
	at := now.Add(-Days(3000))
	return &directory.Policy{
		ID: id, Name: arn[strings.LastIndex(arn, "/")+1:], Path: "/", ARN: arn, Description: description,
		Created: at, Updated: at, AWS: true, Default: "v1", Next: 2,
		Versions: []directory.Version{{ID: "v1", Created: at, Document: directory.Document{Text: text, Parsed: parsed}}},
	}
}
