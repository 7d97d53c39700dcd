package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	tf "github.com/hashicorp/terraform-plugin-framework/types"
)

// attachment is aws_iam_{user,group,role}_policy_attachment: both of its ends
// are fixed, and it is found by the name of the one that it hangs on.
type attachment struct {
	base
	to string
}

func newAttachment(to string) *attachment {
	return &attachment{base: base{kind: to + "_policy_attachment"}, to: to}
}

func (a *attachment) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{a.to: fixed(), "policy_arn": fixed(), "id": computed()}}
}

func (a *attachment) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var name, arn string
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(a.to), &name)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("policy_arn"), &arn)...)
	if failed(&resp.Diagnostics, "attaching IAM Policy", a.attach(ctx, name, arn)) {
		return
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), name+"-"+arn[strings.LastIndex(arn, "/")+1:])...)
}

func (a *attachment) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var name, arn string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(a.to), &name)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("policy_arn"), &arn)...)
	list, err := a.list(ctx, name)
	if err != nil && !gone(err) {
		failed(&resp.Diagnostics, "reading IAM Policy attachments", err)
		return
	}
	for _, p := range list {
		if *p.PolicyArn == arn {
			return
		}
	}
	resp.State.RemoveResource(ctx)
}

func (*attachment) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("updating IAM Policy attachment", "an attachment has nothing that changes in place")
}

func (a *attachment) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var name, arn string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(a.to), &name)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("policy_arn"), &arn)...)
	if err := a.detach(ctx, name, arn); !gone(err) {
		failed(&resp.Diagnostics, "detaching IAM Policy", err)
	}
}

// ImportState takes NAME/ARN.
func (a *attachment) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name, arn, ok := strings.Cut(req.ID, "/")
	if !ok {
		resp.Diagnostics.AddError("importing IAM Policy attachment", fmt.Sprintf("%q is not NAME/ARN", req.ID))
		return
	}
	for attribute, value := range map[string]string{a.to: name, "policy_arn": arn, "id": req.ID} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), tf.StringValue(value))...)
	}
}

func (a *attachment) attach(ctx context.Context, name, arn string) (err error) {
	switch a.to {
	case "user":
		_, err = a.api.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &arn})
	case "group":
		_, err = a.api.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: &name, PolicyArn: &arn})
	case "role":
		_, err = a.api.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &arn})
	}
	return err
}

func (a *attachment) detach(ctx context.Context, name, arn string) (err error) {
	switch a.to {
	case "user":
		_, err = a.api.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &name, PolicyArn: &arn})
	case "group":
		_, err = a.api.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: &name, PolicyArn: &arn})
	case "role":
		_, err = a.api.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &name, PolicyArn: &arn})
	}
	return err
}

func (a *attachment) list(ctx context.Context, name string) ([]types.AttachedPolicy, error) {
	switch a.to {
	case "user":
		out, err := a.api.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: &name})
		if err != nil {
			return nil, err
		}
		return out.AttachedPolicies, nil
	case "group":
		out, err := a.api.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: &name})
		if err != nil {
			return nil, err
		}
		return out.AttachedPolicies, nil
	}
	out, err := a.api.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	if err != nil {
		return nil, err
	}
	return out.AttachedPolicies, nil
}
