package main

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// membership is aws_iam_user_group_membership: it looks after the groups that
// it names and no others, and leaves before it joins.
type membership struct{ base }

type membershipModel struct {
	ID     types.String `tfsdk:"id"`
	User   types.String `tfsdk:"user"`
	Groups []string     `tfsdk:"groups"`
}

func (*membership) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"user": fixed(), "id": computed(), "groups": schema.SetAttribute{Required: true, ElementType: types.StringType},
	}}
}

func (m *membership) join(ctx context.Context, user string, groups []string) error {
	for _, g := range groups {
		if _, err := m.api.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &user, GroupName: &g}); err != nil {
			return err
		}
	}
	return nil
}

func (m *membership) leave(ctx context.Context, user string, groups []string) error {
	for _, g := range groups {
		_, err := m.api.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &user, GroupName: &g})
		if err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// without are the names in a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

func (m *membership) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var next membershipModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &next)...)
	if failed(&resp.Diagnostics, "joining IAM Group", m.join(ctx, next.User.ValueString(), next.Groups)) {
		return
	}
	next.ID = types.StringValue("terraform-" + next.User.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, next)...)
}

func (m *membership) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var now membershipModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	list, err := m.api.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: now.User.ValueStringPointer()})
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "listing groups of IAM User", err) {
		return
	}
	found := []string{}
	for _, g := range list.Groups {
		if slices.Contains(now.Groups, *g.GroupName) {
			found = append(found, *g.GroupName)
		}
	}
	now.Groups = found
	resp.Diagnostics.Append(resp.State.Set(ctx, now)...)
}

func (m *membership) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var now, next membershipModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &next)...)
	user := next.User.ValueString()
	if failed(&resp.Diagnostics, "leaving IAM Group", m.leave(ctx, user, without(now.Groups, next.Groups))) ||
		failed(&resp.Diagnostics, "joining IAM Group", m.join(ctx, user, without(next.Groups, now.Groups))) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, next)...)
}

func (m *membership) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var now membershipModel
	resp.Diagnostics.Append(req.State.Get(ctx, &now)...)
	failed(&resp.Diagnostics, "leaving IAM Group", m.leave(ctx, now.User.ValueString(), now.Groups))
}

// ImportState takes USER/GROUP[/GROUP].
func (*membership) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, "/")
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "terraform-"+parts[0])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user"), parts[0])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("groups"), parts[1:])...)
}
