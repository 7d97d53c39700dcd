package provision

import "strings"

// Place is where an identity lives.
type Place struct {
	// Account is the twelve digit account ID.
	Account string `json:"account"`
	// Partition is aws, aws-cn or aws-us-gov.
	Partition string `json:"partition"`
	// Region is where the operator works; IAM itself has none.
	Region string `json:"region"`
}

// Partitions lists the partitions that slipway knows.
func Partitions() []string { return []string{"aws", "aws-cn", "aws-us-gov"} }

func (p Place) iam(kind, name string) string {
	return "arn:" + p.Partition + ":iam::" + p.Account + ":" + kind + "/" + name
}

// PolicyARN is the ARN of a managed policy of this account without a path.
func (p Place) PolicyARN(name string) string { return p.iam("policy", name) }

// UserARN is the ARN of a user without a path.
func (p Place) UserARN(name string) string { return p.iam("user", name) }

// GroupARN is the ARN of a group without a path.
func (p Place) GroupARN(name string) string { return p.iam("group", name) }

// RoleARN is the ARN of a role without a path.
func (p Place) RoleARN(name string) string { return p.iam("role", name) }

// BucketARN is the ARN of a bucket; it names no account and no region.
func (p Place) BucketARN(bucket string) string { return "arn:" + p.Partition + ":s3:::" + bucket }

// nameOfARN is what stands behind the last slash.
func nameOfARN(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
