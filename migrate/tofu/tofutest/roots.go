package tofutest

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/platform"
)

// The contracts of which there is a root.
const (
	Contract112 = "1.12"
	Contract34  = "3.4"
	Contract50  = "5.0"
	Contract61  = "6.1"
)

// release is the first release of a contract.
func release(contract string) string {
	return map[string]string{Contract112: "v1.12.4", Contract34: "v3.4.0", Contract50: "v5.0.0", Contract61: "v6.1.0"}[contract]
}

// Calls say how a root calls the modules. Empty fields mean the usual.
type Calls struct {
	// Cluster is the cluster name, "demo" by default.
	Cluster string
	// ECR, User and S3 are the names of the calls: "ecr", "build_user", "s3".
	ECR, User, S3 string
	// Key is the instance key of all calls, as it stands in an address: "[0]"
	// or `["prod"]`, "" for single calls.
	Key string
	// Bucket, if any, calls for a grant to publish there.
	Bucket string
	// More is HCL to stand at the end, such as moved blocks.
	More string
}

func (c Calls) filled() Calls {
	or := func(s *string, usual string) {
		if *s == "" {
			*s = usual
		}
	}
	or(&c.Cluster, "demo")
	or(&c.ECR, "ecr")
	or(&c.User, "build_user")
	or(&c.S3, "s3")
	return c
}

// meta is the argument that makes the instances of the key.
func (c Calls) meta() string {
	switch {
	case c.Key == "":
		return ""
	case strings.HasPrefix(c.Key, `["`):
		return "\n  for_each = toset([" + strings.Trim(c.Key, "[]") + "])\n"
	}
	return "\n  count = 1\n"
}

// Source is the path of a module of a contract.
func (k *Kit) Source(contract, module string) string {
	return filepath.ToSlash(filepath.Join(k.Modules, release(contract), filepath.FromSlash(module)))
}

// call writes a call of a module.
func (k *Kit) call(contract, name, module string, c Calls, more ...string) string {
	return fmt.Sprintf("\nmodule %q {\n  source = %q\n%s  cluster_name = %q\n%s}\n",
		name, k.Source(contract, module), c.meta(), c.Cluster, indented(more))
}

func indented(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("  " + l + "\n")
	}
	return b.String()
}

// Root writes the root of a contract: the calls of its modules, and since
// contract 3.4 the outputs that carry the key.
func (k *Kit) Root(contract string, c Calls) string {
	c = c.filled()
	b := "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\nprovider \"aws\" {}\n"
	const iam = "infrastructure/aws/iam/"
	group := fmt.Sprintf("build_workflow_group_name = module.%s%s.group_name", c.User, c.Key)
	owner := c.User
	switch contract {
	case Contract112:
		return b + k.call(contract, c.ECR, "nullplatform/asset/ecr", c, fmt.Sprintf("nrn = %q", platform.NRN)) + c.More
	case Contract34:
		owner = c.ECR
		b += k.call(contract, c.ECR, iam+"ecr", c)
	default:
		b += k.call(contract, c.User, iam+"ci-build-workflow-user", c)
		b += k.call(contract, c.ECR, iam+"ecr", c, group)
	}
	if c.Bucket != "" && contract == Contract50 {
		b += k.call(contract, c.S3, iam+"s3-assets", c, group, fmt.Sprintf("assets_bucket = %q", c.Bucket))
	}
	if c.Bucket != "" && contract == Contract61 {
		b += k.call(contract, c.S3, iam+"s3", c, group, fmt.Sprintf("bucket = %q", c.Bucket))
	}
	return b + fmt.Sprintf(`
output "access_key_id" {
  value = module.%[1]s%[2]s.build_workflow_access_key_id
}

output "access_key_secret" {
  value     = module.%[1]s%[2]s.build_workflow_access_key_secret
  sensitive = true
}
`, owner, c.Key) + c.More
}

// Moved writes moved blocks.
func Moved(moves [][2]string) string {
	var b strings.Builder
	for _, m := range moves {
		fmt.Fprintf(&b, "\nmoved {\n  from = %s\n  to   = %s\n}\n", m[0], m[1])
	}
	return b.String()
}

// Moves are the four moves from contract 3.4 to one since the split: user, key,
// group and membership.
func Moves(c Calls) [][2]string {
	c = c.filled()
	from, to := "module."+c.ECR+c.Key+".", "module."+c.User+c.Key+"."
	return [][2]string{
		{from + "aws_iam_user.nullplatform_build_workflow_user", to + "aws_iam_user.nullplatform_build_workflow_user"},
		{from + "aws_iam_access_key.nullplatform_build_workflow_user_key", to + "aws_iam_access_key.nullplatform_build_workflow_user_key"},
		{from + "aws_iam_group.nullplatform_ecr_managers", to + "aws_iam_group.asset_publishers"},
		{from + "aws_iam_user_group_membership.build_workflow_ecr_managers", to + "aws_iam_user_group_membership.asset_publishers"},
	}
}
