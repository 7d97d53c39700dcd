// Package layouttest writes states for tests, shaped as both tools write them,
// with a secret in every place where a real one has it.
package layouttest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Secret is the secret access key that is in every state.
const Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// State is a state to be written.
type State struct {
	// OpenTofu gives the provider addresses of OpenTofu's registry.
	OpenTofu  bool
	resources []map[string]any
}

// Module is one module instance: the call's name and its instance key, nil, an
// int or a string.
type Module struct {
	Call string
	Key  any
}

func (m Module) address() string {
	switch k := m.Key.(type) {
	case int:
		return fmt.Sprintf("module.%s[%d]", m.Call, k)
	case string:
		return fmt.Sprintf("module.%s[%q]", m.Call, k)
	}
	return "module." + m.Call
}

// Add puts one resource instance into the state.
func (s *State) Add(m Module, kind, name string, attributes map[string]any) *State {
	host := "registry.terraform.io"
	if s.OpenTofu {
		host = "registry.opentofu.org"
	}
	provider := fmt.Sprintf(`provider["%s/hashicorp/aws"]`, host)
	if kind == "terraform_data" {
		provider = `provider["terraform.io/builtin/terraform"]`
	}
	r := map[string]any{
		"mode": "managed", "type": kind, "name": name, "provider": provider,
		"instances": []any{map[string]any{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []any{}}},
	}
	if m.Call != "" {
		r["module"] = m.address()
	}
	s.resources = append(s.resources, r)
	return s
}

func (s *State) user(m Module, name string) {
	s.Add(m, "aws_iam_user", "nullplatform_build_workflow_user", map[string]any{
		"id": name, "name": name, "arn": "arn:aws:iam::123456789012:user/" + name, "unique_id": "AIDATEST", "path": "/", "force_destroy": false,
	})
	s.Add(m, "aws_iam_access_key", "nullplatform_build_workflow_user_key", map[string]any{
		"id": "AKIATEST", "user": name, "status": "Active", "secret": Secret, "ses_smtp_password_v4": Secret,
	})
}

func (s *State) grant(m Module, cluster string) {
	arn := "arn:aws:iam::123456789012:policy/nullplatform-" + cluster + "-ecr-manager-policy"
	s.Add(m, "aws_iam_role", "nullplatform_application_role", map[string]any{"id": "nullplatform-" + cluster + "-application-role", "name": "nullplatform-" + cluster + "-application-role"})
	s.Add(m, "aws_iam_policy", "nullplatform_ecr_manager_policy", map[string]any{"id": arn, "arn": arn})
	s.Add(m, "aws_iam_role_policy_attachment", "ecr_manager_policy", map[string]any{"id": "x", "policy_arn": arn})
}

// Legacy adds an identity of contract 3.4: all in one iam/ecr call.
func (s *State) Legacy(m Module, cluster string) *State {
	user, group := "nullplatform-"+cluster+"-build-workflow-user", "nullplatform-"+cluster+"-ecr-managers"
	s.user(m, user)
	s.grant(m, cluster)
	s.Add(m, "aws_iam_group", "nullplatform_ecr_managers", map[string]any{"id": group, "name": group})
	s.Add(m, "aws_iam_group_policy_attachment", "ecr_manager_policy_group", map[string]any{"id": "x", "group": group})
	s.Add(m, "aws_iam_user_group_membership", "build_workflow_ecr_managers", map[string]any{"id": "x", "user": user, "groups": []string{group}})
	return s.Add(m, "terraform_data", "validations", map[string]any{"id": "x"})
}

// Direct adds an identity of contract 1.12: all in one asset/ecr call, the
// policy on the user itself. An empty cluster makes contract 1.0.
func (s *State) Direct(m Module, cluster string) *State {
	user := strings.ReplaceAll("nullplatform-"+cluster+"-build-workflow-user", "--", "-")
	s.user(m, user)
	s.grant(m, cluster)
	s.Add(m, "aws_iam_user_policy_attachment", "ecr_manager_policy_user", map[string]any{"id": "x", "user": user})
	return s.Add(m, "nullplatform_provider_config", "ecr", map[string]any{"id": "1", "attributes": `{"ci":{"secret_key":"` + Secret + `"}}`})
}

// Split adds an identity of contract 5.0 or later: a user's call and an ECR
// grant's.
func (s *State) Split(user, ecr Module, cluster string) *State {
	name, group := "nullplatform-"+cluster+"-build-workflow-user", "nullplatform-"+cluster+"-asset-publishers"
	s.user(user, name)
	s.Add(user, "aws_iam_group", "asset_publishers", map[string]any{"id": group, "name": group})
	s.Add(user, "aws_iam_user_group_membership", "asset_publishers", map[string]any{"id": "x", "user": name, "groups": []string{group}})
	s.grant(ecr, cluster)
	return s.Add(ecr, "aws_iam_group_policy_attachment", "ecr_manager_policy_group", map[string]any{"id": "x", "group": group})
}

// S3Assets adds the S3 grant of contract 5.0.
func (s *State) S3Assets(m Module) *State {
	s.Add(m, "aws_iam_policy", "nullplatform_s3_assets_policy", map[string]any{"id": "x"})
	return s.Add(m, "aws_iam_group_policy_attachment", "s3_assets_policy_group", map[string]any{"id": "x"})
}

// S3 adds the S3 grant of contract 6.1.
func (s *State) S3(m Module) *State {
	s.Add(m, "aws_iam_policy", "nullplatform_s3_policy", map[string]any{"id": "x"})
	return s.Add(m, "aws_iam_group_policy_attachment", "s3_policy_group", map[string]any{"id": "x"})
}

// JSON is the state as `state pull` prints it.
func (s *State) JSON() []byte {
	version := "1.11.4"
	if s.OpenTofu {
		version = "1.12.6"
	}
	out, err := json.MarshalIndent(map[string]any{
		"version": 4, "terraform_version": version, "serial": 7, "lineage": "5e1f8f0c-0000-4000-8000-000000000001",
		"outputs":   map[string]any{"ecr_build_workflow_access_key_secret": map[string]any{"value": Secret, "type": "string", "sensitive": true}},
		"resources": s.resources, "check_results": nil,
	}, "", "  ")
	if err != nil {
		panic(err) // Only what this file puts together is marshalled.
	}
	return out
}
