package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// key is aws_iam_access_key: another user means another key.
type key struct{ base }

type keyModel struct {
	ID     types.String `tfsdk:"id"`
	User   types.String `tfsdk:"user"`
	Status types.String `tfsdk:"status"`
	Secret types.String `tfsdk:"secret"`
}

func (*key) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	secret := computed()
	secret.Sensitive = true
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"user": fixed(), "id": computed(), "status": computed(), "secret": secret,
	}}
}

func (k *key) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m keyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	out, err := k.api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: m.User.ValueStringPointer()})
	if failed(&resp.Diagnostics, "creating IAM Access Key", err) {
		return
	}
	m.ID, m.Secret = text(out.AccessKey.AccessKeyId), text(out.AccessKey.SecretAccessKey)
	m.Status = types.StringValue(string(out.AccessKey.Status))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (k *key) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m keyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if m.User.IsNull() {
		// After an import.
		used, err := k.api.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: m.ID.ValueStringPointer()})
		if failed(&resp.Diagnostics, "looking for the user of IAM Access Key", err) {
			return
		}
		m.User = text(used.UserName)
	}
	list, err := k.api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: m.User.ValueStringPointer()})
	if err != nil && !gone(err) {
		failed(&resp.Diagnostics, "reading IAM Access Key", err)
		return
	}
	if err == nil {
		for _, found := range list.AccessKeyMetadata {
			if *found.AccessKeyId == m.ID.ValueString() {
				m.Status = types.StringValue(string(found.Status))
				resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
				return
			}
		}
	}
	resp.State.RemoveResource(ctx)
}

func (*key) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m keyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (k *key) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m keyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	_, err := k.api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: m.User.ValueStringPointer(), AccessKeyId: m.ID.ValueStringPointer()})
	if !gone(err) {
		failed(&resp.Diagnostics, "deleting IAM Access Key", err)
	}
}

func (*key) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, req, resp, &resp.Diagnostics)
}
