package layout

// Tool is a program that reads and writes states.
type Tool string

// The tools. A state that OpenTofu wrote last cannot be moved by Terraform,
// since its provider addresses differ; the other way round works and is
// one-way.
const (
	Terraform Tool = "terraform"
	OpenTofu  Tool = "tofu"
	// NoTool is a state without any provider to tell by.
	NoTool Tool = ""
)

// State is what is kept of a state: where resources are, and names and IDs of
// those of the identity. It holds no secret.
type State struct {
	Version int
	// ToolVersion is terraform_version: the version of whichever tool wrote
	// it.
	ToolVersion string
	Serial      uint64
	Lineage     string
	// Tool is by the provider addresses.
	Tool Tool
	// Instances are all managed resource instances, in the state's order.
	Instances []Instance
	// Outputs are the names of the root outputs.
	Outputs []string
}

// Instance is one resource instance in a state.
type Instance struct {
	// Address is the whole address, such as
	// module.ecr["prod"].aws_iam_user.nullplatform_build_workflow_user.
	Address string
	// Module is the address of the module instance, empty for the root.
	Module string
	Type   string
	Name   string
	// Key is the instance key of the resource itself, as in an address.
	Key string
	// The rest is kept for the IAM resources of the identity alone.

	ID         string
	EntityName string
	ARN        string
	UniqueID   string
	User       string
	Group      string
	Groups     []string
	PolicyARN  string
	// Status is an access key's.
	Status string
	// SecretDigest is an access key's, see [DecodeState]; empty when the
	// state has no secret.
	SecretDigest string
}
