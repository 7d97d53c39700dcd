package guard_test

import (
	"maps"
	"slices"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// The plans here are those that the tools were seen to make, cut down to what
// the guard looks at.

const (
	oldUser   = "module.ecr.aws_iam_user.nullplatform_build_workflow_user"
	newUser   = "module.build_user.aws_iam_user.nullplatform_build_workflow_user"
	oldKey    = "module.ecr.aws_iam_access_key.nullplatform_build_workflow_user_key"
	newKey    = "module.build_user.aws_iam_access_key.nullplatform_build_workflow_user_key"
	oldGroup  = "module.ecr.aws_iam_group.nullplatform_ecr_managers"
	newGroup  = "module.build_user.aws_iam_group.asset_publishers"
	oldMember = "module.ecr.aws_iam_user_group_membership.build_workflow_ecr_managers"
	newMember = "module.build_user.aws_iam_user_group_membership.asset_publishers"
	ecrGrant  = "module.ecr.aws_iam_group_policy_attachment.ecr_manager_policy_group"
	ecrPolicy = "module.ecr.aws_iam_policy.nullplatform_ecr_manager_policy"
	s3Grant   = "module.s3.aws_iam_group_policy_attachment.s3_policy_group"
	s3Policy  = "module.s3.aws_iam_policy.nullplatform_s3_policy"
	oldS3     = "module.s3.aws_iam_policy.nullplatform_s3_assets_policy"
	oldS3In   = "module.s3.aws_iam_group_policy_attachment.s3_assets_policy_group"
	appRole   = "module.ecr.aws_iam_role.nullplatform_application_role"
	bucket    = "aws_s3_bucket.unrelated"

	userName  = "nullplatform-demo-build-workflow-user"
	ecrARN    = "arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy"
	s3OldARN  = "arn:aws:iam::123456789012:policy/nullplatform-demo-s3-assets-policy"
	managers  = "nullplatform-demo-ecr-managers"
	publisher = "nullplatform-demo-asset-publishers"

	ecrDoc     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:PutImage"],"Resource":["arn:aws:ecr:*:*:repository/*"]},{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}`
	publishDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::demo-assets/*"}]}`
	adminDoc   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	readDoc    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::demo-assets/*"}]}`
)

func vals(pairs ...any) tofu.Values {
	v := tofu.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i].(string)] = pairs[i+1]
	}
	return v
}

func resource(address, kind, name string, a tofu.Action, before, after tofu.Values) tofu.Change {
	return tofu.Change{Address: address, Type: kind, Name: name, Action: a, Before: before, After: after}
}

// registration is what a call of a module registers with nullplatform, or the
// root itself.
func registration(call, label string, a tofu.Action) tofu.Change {
	const kind = "nullplatform_provider_config"
	c := resource(kind+"."+label, kind, label, a, nil, nil)
	if call != "" {
		c.Module = "module." + call
		c.Address = c.Module + "." + c.Address
	}
	return c
}

// made turns what is there into what comes to be.
func made(c tofu.Change) tofu.Change {
	c.Action, c.Before = tofu.Create, nil
	return c
}

func keep(address, kind, name string, v tofu.Values) tofu.Change {
	return resource(address, kind, name, tofu.NoOp, v, v)
}

func moved(from string, c tofu.Change) tofu.Change {
	c.Previous = from
	return c
}

func imported(c tofu.Change) tofu.Change {
	c.Imports = true
	return c
}

func changing(c tofu.Change, names ...string) tofu.Change {
	c.Changed = names
	return c
}

func forced(c tofu.Change, names ...string) tofu.Change {
	c.ReplacePaths = names
	return changing(c, names...)
}

func theUser(address string) tofu.Change {
	return keep(address, "aws_iam_user", "nullplatform_build_workflow_user", vals("name", userName))
}

func theKey(address string) tofu.Change {
	return keep(address, "aws_iam_access_key", "nullplatform_build_workflow_user_key", vals("user", userName, "id", "AKIAEXAMPLEEXAMPLE12"))
}

func groupOf(address, label string, a tofu.Action, before, after string) tofu.Change {
	named := func(n string) tofu.Values {
		if n == "" {
			return nil
		}
		return vals("name", n)
	}
	return resource(address, "aws_iam_group", label, a, named(before), named(after))
}

func memberOf(address, label string, a tofu.Action, before, after []any) tofu.Change {
	in := func(groups []any) tofu.Values {
		if groups == nil {
			return nil
		}
		return vals("user", userName, "groups", groups)
	}
	return resource(address, "aws_iam_user_group_membership", label, a, in(before), in(after))
}

func attachment(address string, a tofu.Action, arn, before, after string) tofu.Change {
	at := func(group string) tofu.Values {
		if group == "" {
			return nil
		}
		return vals("group", group, "policy_arn", arn)
	}
	return resource(address, "aws_iam_group_policy_attachment", address[lastDot(address)+1:], a, at(before), at(after))
}

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}

func document(address, name string, a tofu.Action, before, after string) tofu.Change {
	with := func(doc string) tofu.Values {
		if doc == "" {
			return nil
		}
		return vals("name", name, "policy", doc)
	}
	return resource(address, "aws_iam_policy", address[lastDot(address)+1:], a, with(before), with(after))
}

// stays is what no upgrade touches.
func stays() []tofu.Change {
	return []tofu.Change{
		keep(appRole, "aws_iam_role", "nullplatform_application_role", vals("name", "nullplatform-demo-application-role")),
		keep(ecrPolicy, "aws_iam_policy", "nullplatform_ecr_manager_policy", vals("name", "nullplatform-demo-ecr-manager-policy", "policy", ecrDoc)),
	}
}

func outputs(a tofu.Action) []tofu.OutputChange {
	return []tofu.OutputChange{
		{Name: "ci_id", Action: a, KeyID: true, References: []string{"module.build_user.build_workflow_access_key_id", "module.build_user"}},
		{Name: "ci_secret", Action: a, Sensitive: true, References: []string{"module.build_user.build_workflow_access_key_secret", "module.build_user"}},
	}
}

// fourMoves is the plan from 3.4 to 6.1 with all four moves.
func fourMoves() *tofu.Plan {
	return &tofu.Plan{Format: "1.2", Outputs: outputs(tofu.NoOp), Changes: append(stays(),
		moved(oldUser, theUser(newUser)),
		moved(oldKey, theKey(newKey)),
		moved(oldGroup, changing(groupOf(newGroup, "asset_publishers", tofu.Update, managers, publisher), "arn", "id", "name")),
		moved(oldMember, changing(memberOf(newMember, "asset_publishers", tofu.Update, []any{managers}, []any{publisher}), "groups")),
		forced(attachment(ecrGrant, tofu.Replace, ecrARN, managers, publisher), "group"),
		document(s3Policy, "nullplatform-demo-s3-policy", tofu.Create, "", publishDoc),
		unknown(attachment(s3Grant, tofu.Create, "", "", publisher), "id", "policy_arn"),
	)}
}

// forgotten is the plan from 3.4 to 6.1 without any move.
func forgotten() *tofu.Plan {
	gone := func(c tofu.Change) tofu.Change {
		c.Action, c.After, c.Reason = tofu.Delete, nil, "delete_because_no_resource_config"
		return c
	}
	fresh := func(c tofu.Change) tofu.Change {
		c.Action, c.Before = tofu.Create, nil
		return c
	}
	return &tofu.Plan{Format: "1.2", Outputs: outputs(tofu.Update), Changes: append(stays(),
		gone(theUser(oldUser)), fresh(theUser(newUser)),
		gone(theKey(oldKey)), fresh(theKey(newKey)),
		gone(groupOf(oldGroup, "nullplatform_ecr_managers", tofu.Delete, managers, "")),
		groupOf(newGroup, "asset_publishers", tofu.Create, "", publisher),
		gone(memberOf(oldMember, "build_workflow_ecr_managers", tofu.Delete, []any{managers}, nil)),
		memberOf(newMember, "asset_publishers", tofu.Create, nil, []any{publisher}),
		forced(attachment(ecrGrant, tofu.Replace, ecrARN, managers, publisher), "group"),
	)}
}

// twoMoves is the plan that the release notes lead to: user and key moved,
// group and membership not.
func twoMoves() *tofu.Plan {
	p := forgotten()
	p.Outputs = outputs(tofu.NoOp)
	p.Changes = slices.DeleteFunc(p.Changes, func(c tofu.Change) bool {
		return slices.Contains([]string{oldUser, newUser, oldKey, newKey}, c.Address)
	})
	p.Changes = append(p.Changes, moved(oldUser, theUser(newUser)), moved(oldKey, theKey(newKey)))
	return p
}

// renamedS3 is the plan from 5.0 to 6.1.
func renamedS3() *tofu.Plan {
	return &tofu.Plan{Format: "1.2", Outputs: outputs(tofu.NoOp), Changes: append(stays(),
		theUser(newUser), theKey(newKey),
		keep(newGroup, "aws_iam_group", "asset_publishers", vals("name", publisher)),
		attachment(oldS3In, tofu.Delete, s3OldARN, publisher, ""),
		document(oldS3, "nullplatform-demo-s3-assets-policy", tofu.Delete, publishDoc, ""),
		document(s3Policy, "nullplatform-demo-s3-policy", tofu.Create, "", publishDoc),
		unknown(attachment(s3Grant, tofu.Create, "", "", publisher), "id", "policy_arn"),
	)}
}

func unknown(c tofu.Change, names ...string) tofu.Change {
	c.Unknown = names
	for _, v := range []tofu.Values{c.After} {
		maps.DeleteFunc(v, func(n string, _ any) bool { return slices.Contains(names, n) })
	}
	return c
}

// at gives the change at an address, to be changed.
func at(p *tofu.Plan, address string) *tofu.Change {
	i := slices.IndexFunc(p.Changes, func(c tofu.Change) bool { return c.Address == address })
	return &p.Changes[i]
}

// without is a plan without an address.
func without(p *tofu.Plan, addresses ...string) *tofu.Plan {
	p.Changes = slices.DeleteFunc(p.Changes, func(c tofu.Change) bool { return slices.Contains(addresses, c.Address) })
	return p
}

// and is a plan with more changes.
func and(p *tofu.Plan, more ...tofu.Change) *tofu.Plan {
	p.Changes = append(p.Changes, more...)
	return p
}
