package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// group is aws_iam_group: renamed in place, and not deleted while anybody is in
// it.
type group struct{ base }

type groupModel struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	ARN      types.String `tfsdk:"arn"`
	UniqueID types.String `tfsdk:"unique_id"`
}

func (*group) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": required(), "id": derived(), "arn": derived(), "unique_id": computed(),
	}}
}

// ModifyPlan keeps ID and ARN as they are while the name stays.
func (*group) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var now, next groupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &next)...)
	if now.Name.Equal(next.Name) {
		next.ID, next.ARN = now.ID, now.ARN
		resp.Diagnostics.Append(resp.Plan.Set(ctx, next)...)
	}
}

func (g *group) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m groupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	out, err := g.api.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: m.Name.ValueStringPointer()})
	if failed(&resp.Diagnostics, "creating IAM Group", err) {
		return
	}
	m.ID, m.ARN, m.UniqueID = m.Name, text(out.Group.Arn), text(out.Group.GroupId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (g *group) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m groupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	out, err := g.api.GetGroup(ctx, &iam.GetGroupInput{GroupName: m.ID.ValueStringPointer()})
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading IAM Group", err) {
		return
	}
	m.Name, m.ARN, m.UniqueID = text(out.Group.GroupName), text(out.Group.Arn), text(out.Group.GroupId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (g *group) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var now, next groupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &next)...)
	_, err := g.api.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: now.Name.ValueStringPointer(), NewGroupName: next.Name.ValueStringPointer()})
	if failed(&resp.Diagnostics, "updating IAM Group", err) {
		return
	}
	out, err := g.api.GetGroup(ctx, &iam.GetGroupInput{GroupName: next.Name.ValueStringPointer()})
	if failed(&resp.Diagnostics, "reading IAM Group", err) {
		return
	}
	next.ID, next.ARN, next.UniqueID = next.Name, text(out.Group.Arn), text(out.Group.GroupId)
	resp.Diagnostics.Append(resp.State.Set(ctx, next)...)
}

func (g *group) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m groupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if _, err := g.api.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: m.Name.ValueStringPointer()}); !gone(err) {
		failed(&resp.Diagnostics, "deleting IAM Group", err)
	}
}

func (*group) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, req, resp, &resp.Diagnostics)
}
