// Package asreal writes plans and states for tests as Terraform and OpenTofu
// write them with the AWS provider of HashiCorp: every attribute of a resource,
// the marks of what is sensitive, the identities that the tools keep since
// Terraform 1.12, and a secret in every place where a real one has it.
//
// The attributes are those of the provider's documentation, such as
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user
package asreal

import "maps"

// Account is the account of all ARNs.
const Account = "123456789012"

// Secret is the secret of the access key.
const Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// KeyID is the ID of the access key.
const KeyID = "AKIAEXAMPLEEXAMPLE12"

// Attributes are those of one resource.
type Attributes map[string]any

// With is a copy with other values.
func (a Attributes) With(pairs ...any) Attributes {
	out := maps.Clone(a)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// Without is a copy without some values, as of what is not known yet.
func (a Attributes) Without(names ...string) Attributes {
	out := maps.Clone(a)
	for _, n := range names {
		delete(out, n)
	}
	return out
}

func arn(kind, name string) string { return "arn:aws:iam::" + Account + ":" + kind + "/" + name }

// none are tags as a read leaves them where there are none.
func none() map[string]any { return map[string]any{} }

// User is an aws_iam_user.
func User(name string) Attributes {
	return Attributes{
		"arn": arn("user", name), "force_destroy": false, "id": name, "name": name, "path": "/", "permissions_boundary": "",
		"tags": none(), "tags_all": none(), "unique_id": "AIDAEXAMPLEEXAMPLE123",
	}
}

// AccessKey is an aws_iam_access_key.
func AccessKey(user string) Attributes {
	return Attributes{
		"create_date": "2025-03-04T05:06:07Z", "encrypted_secret": nil, "encrypted_ses_smtp_password_v4": nil, "id": KeyID,
		"key_fingerprint": nil, "pgp_key": nil, "secret": Secret, "ses_smtp_password_v4": "BE" + Secret, "status": "Active", "user": user,
	}
}

// Group is an aws_iam_group.
func Group(name string) Attributes {
	return Attributes{"arn": arn("group", name), "id": name, "name": name, "path": "/", "unique_id": "AGPAEXAMPLEEXAMPLE123"}
}

// Membership is an aws_iam_user_group_membership; its ID says nothing.
func Membership(user string, groups ...any) Attributes {
	return Attributes{"groups": groups, "id": "terraform-20250304050607000000000002", "user": user}
}

// PolicyARN is the ARN of a policy.
func PolicyARN(name string) string { return arn("policy", name) }

// Policy is an aws_iam_policy of the provider's version 6; earlier ones lack
// delay_after_policy_creation_in_ms, and those before 5.62 attachment_count.
func Policy(name, description, document string) Attributes {
	return Attributes{
		"arn": PolicyARN(name), "attachment_count": 2, "delay_after_policy_creation_in_ms": nil, "description": description, "id": PolicyARN(name),
		"name": name, "name_prefix": "", "path": "/", "policy": document, "policy_id": "ANPAEXAMPLEEXAMPLE123", "tags": none(), "tags_all": none(),
	}
}

// Role is an aws_iam_role with one policy attached.
func Role(name, trust, policyARN string) Attributes {
	return Attributes{
		"arn": arn("role", name), "assume_role_policy": trust, "create_date": "2025-03-04T05:06:07Z", "description": "", "force_detach_policies": false,
		"id": name, "inline_policy": []any{}, "managed_policy_arns": []any{policyARN}, "max_session_duration": 3600, "name": name, "name_prefix": "",
		"path": "/", "permissions_boundary": "", "tags": none(), "tags_all": none(), "unique_id": "AROAEXAMPLEEXAMPLE123",
	}
}

// Attachment is an aws_iam_{user,group,role}_policy_attachment.
func Attachment(to, name, policyARN string) Attributes {
	return Attributes{"id": name + "-20250304050607000000000003", to: name, "policy_arn": policyARN}
}

// Identity is what the provider tells of a resource's identity since Terraform
// 1.12, nil for kinds that have none.
func Identity(kind string, a Attributes) map[string]any {
	switch kind {
	case "aws_iam_user", "aws_iam_role":
		return map[string]any{"account_id": Account, "name": a["name"]}
	case "aws_iam_policy":
		return map[string]any{"arn": a["arn"]}
	case "aws_iam_role_policy_attachment":
		return map[string]any{"account_id": Account, "role": a["role"], "policy_arn": a["policy_arn"]}
	}
	return nil
}

// sensitive are the attributes that the provider marks.
func sensitive(kind string) []string {
	if kind == "aws_iam_access_key" {
		return []string{"secret", "ses_smtp_password_v4"}
	}
	return nil
}
