package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// user is aws_iam_user: found by its name, renamed in place.
type user struct{ base }

type userModel struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	ARN      types.String `tfsdk:"arn"`
	UniqueID types.String `tfsdk:"unique_id"`
}

func (*user) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": required(), "id": computed(), "arn": computed(), "unique_id": computed(),
	}}
}

func (u *user) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m userModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	out, err := u.api.CreateUser(ctx, &iam.CreateUserInput{UserName: m.Name.ValueStringPointer()})
	if failed(&resp.Diagnostics, "creating IAM User", err) {
		return
	}
	m.ID, m.ARN, m.UniqueID = m.Name, text(out.User.Arn), text(out.User.UserId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (u *user) read(ctx context.Context, m *userModel) error {
	out, err := u.api.GetUser(ctx, &iam.GetUserInput{UserName: m.ID.ValueStringPointer()})
	if err == nil {
		m.Name, m.ARN, m.UniqueID = text(out.User.UserName), text(out.User.Arn), text(out.User.UserId)
	}
	return err
}

func (u *user) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m userModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	err := u.read(ctx, &m)
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if !failed(&resp.Diagnostics, "reading IAM User", err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

func (u *user) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var now, next userModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &next)...)
	_, err := u.api.UpdateUser(ctx, &iam.UpdateUserInput{UserName: now.Name.ValueStringPointer(), NewUserName: next.Name.ValueStringPointer()})
	if failed(&resp.Diagnostics, "updating IAM User", err) {
		return
	}
	next.ARN, next.UniqueID = now.ARN, now.UniqueID
	resp.Diagnostics.Append(resp.State.Set(ctx, next)...)
}

func (u *user) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m userModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	name := m.Name.ValueStringPointer()
	groups, err := u.api.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: name})
	if gone(err) || failed(&resp.Diagnostics, "listing groups of IAM User", err) {
		return
	}
	for _, g := range groups.Groups {
		_, err := u.api.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: name, GroupName: g.GroupName})
		if failed(&resp.Diagnostics, "removing IAM User from group", err) {
			return
		}
	}
	if _, err = u.api.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name}); !gone(err) {
		failed(&resp.Diagnostics, "deleting IAM User", err)
	}
}

func (u *user) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, req, resp, &resp.Diagnostics)
}

// importByID takes the ID as it is; reading fills in the rest.
func importByID(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, d *diag.Diagnostics) {
	d.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
}
