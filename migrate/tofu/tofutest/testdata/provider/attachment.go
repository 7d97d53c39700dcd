package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/id"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// attachment is aws_iam_{user,group,role}_policy_attachment: both of its ends
// are fixed, and it is found by the name of the one that it hangs on.
type attachment struct{ to string }

func (a attachment) resource() *schema.Resource {
	return &schema.Resource{
		Schema:        map[string]*schema.Schema{a.to: fixed(required()), "policy_arn": fixed(required())},
		Importer:      &schema.ResourceImporter{StateContext: a.importNamed},
		CreateContext: a.create, ReadContext: a.read, DeleteContext: a.delete,
	}
}

func (a attachment) create(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	if err := a.attach(ctx, meta.(*session).api, d); err != nil {
		return diag.Errorf("attaching IAM Policy (%s) to %s (%s): %s", *text(d, "policy_arn"), a.to, *text(d, a.to), err)
	}
	d.SetId(id.PrefixedUniqueId(*text(d, a.to) + "-"))
	return a.read(ctx, d, meta)
}

func (a attachment) read(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, diags := found(ctx, d, "Policy Attachment", func() error {
		list, err := a.list(ctx, meta.(*session).api, d)
		if err == nil && !slices.ContainsFunc(list, func(p types.AttachedPolicy) bool { return *p.PolicyArn == *text(d, "policy_arn") }) {
			return &types.NoSuchEntityException{}
		}
		return err
	})
	return diags
}

func (a attachment) delete(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	err := a.detach(ctx, meta.(*session).api, d)
	if gone(err) {
		return nil
	}
	return failed("detaching IAM Policy", d, err)
}

// importNamed takes NAME/ARN.
func (a attachment) importNamed(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
	name, arn, ok := strings.Cut(d.Id(), "/")
	if !ok || name == "" || arn == "" {
		return nil, fmt.Errorf("%q is not NAME/ARN", d.Id())
	}
	if diags := put(d, map[string]any{a.to: name, "policy_arn": arn}); diags.HasError() {
		return nil, fmt.Errorf("%v", diags)
	}
	d.SetId(name + "-" + arn)
	return []*schema.ResourceData{d}, nil
}

func (a attachment) attach(ctx context.Context, api *iam.Client, d *schema.ResourceData) (err error) {
	name, arn := text(d, a.to), text(d, "policy_arn")
	switch a.to {
	case "user":
		_, err = api.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn})
	case "group":
		_, err = api.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
	case "role":
		_, err = api.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
	}
	return err
}

func (a attachment) detach(ctx context.Context, api *iam.Client, d *schema.ResourceData) (err error) {
	name, arn := text(d, a.to), text(d, "policy_arn")
	switch a.to {
	case "user":
		_, err = api.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: arn})
	case "group":
		_, err = api.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: arn})
	case "role":
		_, err = api.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
	}
	return err
}

func (a attachment) list(ctx context.Context, api *iam.Client, d *schema.ResourceData) ([]types.AttachedPolicy, error) {
	name := text(d, a.to)
	switch a.to {
	case "user":
		out, err := api.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: name})
		if err != nil {
			return nil, err
		}
		return out.AttachedPolicies, nil
	case "group":
		out, err := api.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: name})
		if err != nil {
			return nil, err
		}
		return out.AttachedPolicies, nil
	}
	out, err := api.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil {
		return nil, err
	}
	return out.AttachedPolicies, nil
}
