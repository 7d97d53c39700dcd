package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// category is a sort of access beyond publishing, gravest first. Each has a
// check of its own.
type category struct {
	check    string
	severity Severity
	// has reports whether a grant is of this sort.
	has func(policy.Grant) bool
	// example is an action of this sort, by which a grant of everything but
	// some actions is told to have it.
	example string
	// can says in words what it lets somebody do.
	can string
}

// categories in the order in which they speak for one another.
func categories() []category {
	return []category{
		{"grant-admin", High, isAdmin, "", "do everything in the account"},
		{"grant-iam-write", High, isIAMWrite, "iam:CreateUser", "change users, roles and policies"},
		{"grant-pass-role", High, isPassRole, "iam:PassRole", "hand roles to services"},
		{"grant-assume-role", High, isAssumeRole, "sts:AssumeRole", "become another role"},
		{"grant-permissions", High, isPermissions, "kms:CreateGrant", "decide who else has access"},
		{"grant-data", High, isData, "secretsmanager:GetSecretValue", "read or write data outside its destinations"},
		{"grant-wildcard", Medium, isWildcard, "cloudfront:CreateDistribution", "do everything that a service can"},
		{"grant-destructive", Medium, isDestructive, "ec2:TerminateInstances", "delete what publishing has no need to delete"},
		{"grant-beyond", Low, func(policy.Grant) bool { return true }, "ec2:DescribeInstances", "do more than publish"},
	}
}

// holds reports whether a grant of everything but some actions has this sort.
func (k category) holds(g policy.Grant) bool {
	return g.Action == "*" && k.example != "" && !slices.ContainsFunc(g.ExceptActions, func(except string) bool { return matches(except, k.example) })
}

func service(action string) string {
	s, _, _ := strings.Cut(strings.ToLower(action), ":")
	return s
}

func isAdmin(g policy.Grant) bool { return g.Action == "*" }

// identityServices are those that decide who may do what in an account.
var identityServices = []string{"iam", "organizations", "sso", "sso-directory", "identitystore", "account"}

func isIAMWrite(g policy.Grant) bool {
	if !slices.Contains(identityServices, service(g.Action)) || isPassRole(g) {
		return false
	}
	_, name, _ := strings.Cut(g.Action, ":")
	for _, read := range []string{"Get", "List", "Describe", "Generate", "Simulate", "Search"} {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(read)) {
			return false
		}
	}
	return true
}

func isPassRole(g policy.Grant) bool { return strings.EqualFold(g.Action, "iam:PassRole") }

func isAssumeRole(g policy.Grant) bool { return within(g.Action, "sts:AssumeRole*") }

// permissionActions set resource policies or hand out access.
var permissionActions = []string{
	"s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl",
	"s3:PutBucketPublicAccessBlock", "s3:PutAccountPublicAccessBlock", "s3:PutAccessPointPolicy", "s3:PutBucketOwnershipControls",
	"ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy", "ecr:PutRegistryPolicy", "ecr:DeleteRegistryPolicy",
	"kms:CreateGrant", "kms:PutKeyPolicy", "lambda:AddPermission", "lambda:AddLayerVersionPermission",
	"sns:AddPermission", "sqs:AddPermission", "secretsmanager:PutResourcePolicy", "dynamodb:PutResourcePolicy",
	"ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "rds:ModifyDBSnapshotAttribute", "codeartifact:PutRepositoryPermissionsPolicy",
}

func isPermissions(g policy.Grant) bool { return within(g.Action, permissionActions...) }

// dataActions read or write what services keep for their customers.
var dataActions = []string{
	"s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:RestoreObject", "s3:ReplicateObject",
	"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "secretsmanager:PutSecretValue",
	"ssm:GetParameter*", "ssm:PutParameter", "kms:Decrypt", "kms:ReEncrypt*",
	"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:UpdateItem",
	"sqs:ReceiveMessage", "kinesis:GetRecords", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery",
	"rds-data:*", "redshift-data:*", "athena:GetQueryResults", "codecommit:GitPull", "codecommit:GitPush",
	"lambda:GetFunction", "ebs:GetSnapshotBlock", "elasticfilesystem:Client*", "backup:StartRestoreJob",
}

func isData(g policy.Grant) bool { return within(g.Action, dataActions...) }

func isWildcard(g policy.Grant) bool {
	_, name, _ := strings.Cut(g.Action, ":")
	return name == "*"
}

// destructive are the first words of the names of actions that remove things.
var destructive = []string{"Delete", "BatchDelete", "Remove", "Purge", "Terminate", "Destroy", "Deregister", "Abort", "Expire"}

func isDestructive(g policy.Grant) bool {
	_, name, _ := strings.Cut(strings.ToLower(g.Action), ":")
	return slices.ContainsFunc(destructive, func(word string) bool { return strings.HasPrefix(name, strings.ToLower(word)) })
}
