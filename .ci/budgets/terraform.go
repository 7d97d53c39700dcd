package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// terraformPlan is how long terraform plans the entities of the cluster that the
// environment leads to, or why it cannot. The provider is started anew, as it is
// for a person.
func terraformPlan(ctx context.Context, environ []string) (string, error) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		return "terraform is not installed", nil
	}
	dir, err := os.MkdirTemp("", "slipway-budgets-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(clusterRoot()), 0o600); err != nil {
		return "", err
	}
	environ = slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		file, given := strings.CutPrefix(v, "TF_CLI_CONFIG_FILE=")
		_, err := os.Stat(file)
		return given && err != nil
	})
	run := func(args ...string) error {
		cmd := exec.CommandContext(ctx, terraform, append([]string{"-chdir=" + dir}, args...)...)
		cmd.Env = append(slices.Clone(environ), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("terraform %s: %w: %s", args[0], err, out)
		}
		return nil
	}
	if run("init", "-input=false", "-no-color") != nil {
		return "terraform finds no AWS provider", nil
	}
	begun := time.Now()
	if err := run("plan", "-input=false", "-no-color", "-lock=false"); err != nil {
		return "", err
	}
	return fmt.Sprintf("%.1f s", time.Since(begun).Seconds()), nil
}

// clusterRoot holds the entities of one cluster with two destinations, each
// taken over by an import block, so that a plan reads them all.
func clusterRoot() string {
	const (
		prefix = "nullplatform-demo-"
		arn    = "arn:aws:iam::123456789012:policy/" + prefix
		empty  = `jsonencode({ Version = "2012-10-17", Statement = [] })`
	)
	var b strings.Builder
	b.WriteString(`terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}
`)
	entity := func(kind, name, id string, arguments ...string) {
		fmt.Fprintf(&b, "\nresource \"aws_iam_%s\" %q {\n  %s\n}\n\nimport {\n  to = aws_iam_%s.%s\n  id = %q\n}\n",
			kind, name, strings.Join(arguments, "\n  "), kind, name, id)
	}
	entity("user", "build", prefix+"build-workflow-user", `name = "`+prefix+`build-workflow-user"`)
	entity("group", "publishers", prefix+"asset-publishers", `name = "`+prefix+`asset-publishers"`)
	entity("user_group_membership", "build", prefix+"build-workflow-user/"+prefix+"asset-publishers",
		"user = aws_iam_user.build.name", "groups = [aws_iam_group.publishers.name]")
	entity("role", "application", prefix+"application-role", `name = "`+prefix+`application-role"`, "assume_role_policy = "+empty)
	for _, one := range []string{"ecr", "s3"} {
		name := map[string]string{"ecr": "ecr-manager-policy", "s3": "s3-policy"}[one]
		entity("policy", one, arn+name, `name = "`+prefix+name+`"`, "policy = "+empty)
		entity("group_policy_attachment", one, prefix+"asset-publishers/"+arn+name,
			"group = aws_iam_group.publishers.name", "policy_arn = aws_iam_policy."+one+".arn")
	}
	entity("role_policy_attachment", "ecr", prefix+"application-role/"+arn+"ecr-manager-policy",
		"role = aws_iam_role.application.name", "policy_arn = aws_iam_policy.ecr.arn")
	return b.String()
}
