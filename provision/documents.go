package provision

import "encoding/json"

// The documents of the modules. They are written as OpenTofu's jsonencode
// writes them, compact and with sorted keys, so that they are the same to the
// byte:
// https://opentofu.org/docs/language/functions/jsonencode/

const documentVersion = "2012-10-17"

// statement keeps its fields in the order of their names: encoding/json writes
// them as they are declared.
type statement struct {
	Action    any    `json:"Action"`
	Condition any    `json:"Condition,omitempty"`
	Effect    string `json:"Effect"`
	Principal any    `json:"Principal,omitempty"`
	Resource  any    `json:"Resource,omitempty"`
	Sid       string `json:"Sid,omitempty"`
}

type document struct {
	Statement []statement `json:"Statement"`
	Version   string      `json:"Version"`
}

func encode(statements ...statement) string {
	b, err := json.Marshal(document{Statement: statements, Version: documentVersion})
	if err != nil {
		panic(err) // strings, lists and maps of strings always encode
	}
	return string(b)
}

const (
	ecrDescription = "Policy for managing ECR repositories with restricted access"
	s3Description  = "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket"
)

// ecrDocument grants push and pull on every repository, and the two token
// calls, which know no resource.
func ecrDocument(partition string) string {
	return encode(statement{
		Effect: "Allow",
		Action: []string{
			"ecr:GetDownloadUrlForLayer",
			"ecr:BatchGetImage",
			"ecr:CompleteLayerUpload",
			"ecr:UploadLayerPart",
			"ecr:InitiateLayerUpload",
			"ecr:BatchCheckLayerAvailability",
			"ecr:PutImage",
			"ecr:CreateRepository",
			"ecr:DeleteRepository",
			"ecr:DescribeRepositories",
			"ecr:TagResource",
			"ecr:SetRepositoryPolicy",
		},
		Resource: []string{"arn:" + partition + ":ecr:*:*:repository/*"},
	}, statement{
		Effect:   "Allow",
		Action:   []string{"sts:GetServiceBearerToken", "ecr:GetAuthorizationToken"},
		Resource: "*",
	})
}

// s3Document grants reading and writing the objects of one bucket.
func s3Document(partition, bucket string) string {
	return encode(statement{
		Effect:   "Allow",
		Action:   []string{"s3:PutObject", "s3:GetObject"},
		Resource: "arn:" + partition + ":s3:::" + bucket + "/*",
	})
}

// trustDocument lets one principal assume the application role.
func trustDocument(principal string) string {
	return encode(statement{
		Effect:    "Allow",
		Action:    "sts:AssumeRole",
		Principal: map[string]string{"AWS": principal},
	})
}

// pullDocument is the repository policy with which other accounts pull. It is
// handed to nullplatform, which sets it on the repositories that it makes; no
// accounts, no document.
func pullDocument(partition string, accounts []string) string {
	if len(accounts) == 0 {
		return ""
	}
	roots := make([]string, len(accounts))
	for i, id := range accounts {
		roots[i] = "arn:" + partition + ":iam::" + id + ":root"
	}
	return encode(statement{
		Sid:       "CrossAccountPull",
		Effect:    "Allow",
		Principal: map[string][]string{"AWS": roots},
		Action:    []string{"ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"},
	})
}

// tlsOnlyDocument is the policy of a bucket made here: nobody talks to it in
// plain text.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
func tlsOnlyDocument(bucketARN string) string {
	return encode(statement{
		Sid:       "DenyInsecureTransport",
		Effect:    "Deny",
		Principal: "*",
		Action:    "s3:*",
		Resource:  []string{bucketARN, bucketARN + "/*"},
		Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
	})
}
