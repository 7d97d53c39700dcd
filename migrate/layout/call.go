package layout

import "github.com/nullplatform/slipway/provision"

// Kind is what a called module is for.
type Kind string

// The modules of our area. They are told apart by their path, and where one
// path has meant two modules, by arguments.
const (
	// UserModule is infrastructure/aws/iam/ci-build-workflow-user.
	UserModule Kind = "build user"
	// ECRModule is infrastructure/aws/iam/ecr.
	ECRModule Kind = "ECR grant"
	// S3Module is infrastructure/aws/iam/s3 since 6.1: the grant.
	S3Module Kind = "S3 grant"
	// S3AssetsModule is infrastructure/aws/iam/s3-assets: the grant's first
	// name.
	S3AssetsModule Kind = "S3 grant (s3-assets)"
	// BucketPolicyModule is infrastructure/aws/iam/s3 before 6.1: a bucket
	// policy, which has nothing to do with the build user. It is never
	// touched.
	BucketPolicyModule Kind = "bucket policy"
	// AssetECRModule is nullplatform/asset/ecr. Up to 3.3 it owns the build
	// user.
	AssetECRModule Kind = "ECR registration"
	// AssetS3Module is nullplatform/asset/s3.
	AssetS3Module Kind = "S3 registration"
)

// Call is one module block.
type Call struct {
	// Name is the block's label.
	Name     string
	Kind     Kind
	Position Position
	Source   Source
	// Contract is what the ref and the arguments say, empty when they do not.
	Contract provision.Contract
	// Repeat is how the block is repeated.
	Repeat Repeat
	// Cluster is its cluster_name.
	Cluster Cluster
	// Group is the text of build_workflow_group_name, empty when not given.
	Group string
	// Bucket is the text of bucket or assets_bucket, empty when not given.
	Bucket string
	// Providers is the text of the providers argument, empty when not given.
	Providers string
	// Arguments are the names of all arguments, in the order of the text.
	Arguments []string
}

// Has reports whether the call gives an argument.
func (c *Call) Has(argument string) bool {
	for _, a := range c.Arguments {
		if a == argument {
			return true
		}
	}
	return false
}

// Address is the call's address in the state, without instance key.
func (c *Call) Address() string { return "module." + c.Name }

// OwnsUser reports whether the call holds the build user by its contract.
func (c *Call) OwnsUser() bool {
	switch c.Kind {
	case UserModule:
		return true
	case ECRModule:
		return c.Contract == Contract34
	case AssetECRModule:
		return c.Contract == Contract10 || c.Contract == Contract112
	}
	return false
}

// Repeat is a call's count or for_each.
type Repeat struct {
	// Mode is empty, "count" or "for_each".
	Mode string
	// Expression is the argument's text.
	Expression string
	// Keys are the instance keys as they stand in an address: `[0]`,
	// `["prod"]`; one empty key when the call is not repeated. Meaningful
	// when Known.
	Keys  []string
	Known bool
}

// Index is how another repeated call of the same make refers to its own
// instance: empty, `[count.index]` or `[each.key]`.
func (r Repeat) Index() string {
	switch r.Mode {
	case "count":
		return "[count.index]"
	case "for_each":
		return "[each.key]"
	}
	return ""
}

// How says how an output is used.
type How string

// The ways to use an output.
const (
	// Direct is a reference to one output: module.X.output.
	Direct How = "direct"
	// Each is a reference through a loop or splat over the instances.
	Each How = "each"
	// Whole is a use of the module as one value. What it hands on cannot be
	// followed.
	Whole How = "whole"
	// Remote is a reference to a root output that carries an output of ours,
	// from another root through terraform_remote_state.
	Remote How = "remote"
)

// Use is one place that uses an output of a call.
type Use struct {
	How      How
	Position Position
	// Call is the call's name; for Remote the call behind the root output.
	Call string
	// Output is the module's output, empty for Whole.
	Output string
	// In says where the use stands: `output "key_id"`, `local key_id`,
	// `module "asset" argument access_key`.
	In string
	// RootOutput is the root output that carries it on, through locals too;
	// empty when none does. For Remote the one that is read.
	RootOutput string
	// Start and End are the bytes in the file that have to change for the
	// output to come from another call, and Form is what they become, with %s
	// for that call's name. Empty where nothing can be changed.
	Start, End int
	Form       string
}
