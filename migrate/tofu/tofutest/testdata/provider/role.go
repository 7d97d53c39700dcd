package main

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// role is aws_iam_role: only its trust policy changes in place.
type role struct{ base }

type roleModel struct {
	ID       types.String `tfsdk:"id"`
	ARN      types.String `tfsdk:"arn"`
	Name     types.String `tfsdk:"name"`
	Trust    types.String `tfsdk:"assume_role_policy"`
	UniqueID types.String `tfsdk:"unique_id"`
}

func (*role) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": fixed(), "id": computed(), "arn": computed(), "unique_id": computed(), "assume_role_policy": required(),
	}}
}

func (r *role) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	out, err := r.api.CreateRole(ctx, &iam.CreateRoleInput{RoleName: m.Name.ValueStringPointer(), AssumeRolePolicyDocument: m.Trust.ValueStringPointer()})
	if failed(&resp.Diagnostics, "creating IAM Role", err) {
		return
	}
	m.ID, m.ARN, m.UniqueID = m.Name, text(out.Role.Arn), text(out.Role.RoleId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *role) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	out, err := r.api.GetRole(ctx, &iam.GetRoleInput{RoleName: m.ID.ValueStringPointer()})
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading IAM Role", err) {
		return
	}
	document, err := url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
	if failed(&resp.Diagnostics, "reading IAM Role", err) {
		return
	}
	if !sameJSON(document, m.Trust.ValueString()) {
		m.Trust = types.StringValue(document)
	}
	m.ARN, m.Name, m.UniqueID = text(out.Role.Arn), text(out.Role.RoleName), text(out.Role.RoleId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *role) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	_, err := r.api.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: m.Name.ValueStringPointer(), PolicyDocument: m.Trust.ValueStringPointer()})
	if !failed(&resp.Diagnostics, "updating IAM Role", err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

func (r *role) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if _, err := r.api.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: m.Name.ValueStringPointer()}); !gone(err) {
		failed(&resp.Diagnostics, "deleting IAM Role", err)
	}
}

func (*role) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, req, resp, &resp.Diagnostics)
}
