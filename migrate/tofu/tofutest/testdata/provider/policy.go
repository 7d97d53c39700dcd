package main

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// managedPolicy is aws_iam_policy: only its document changes in place, by a new
// version.
type managedPolicy struct{ base }

type policyModel struct {
	ID          types.String `tfsdk:"id"`
	ARN         types.String `tfsdk:"arn"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	Policy      types.String `tfsdk:"policy"`
	PolicyID    types.String `tfsdk:"policy_id"`
}

func (*managedPolicy) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": fixed(), "id": computed(), "arn": computed(), "policy_id": computed(), "policy": required(),
		"description": schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
	}}
}

// sameJSON reports whether two documents differ in spelling alone.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func (p *managedPolicy) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m policyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	out, err := p.api.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: m.Name.ValueStringPointer(), PolicyDocument: m.Policy.ValueStringPointer(), Description: m.Description.ValueStringPointer(),
	})
	if failed(&resp.Diagnostics, "creating IAM Policy", err) {
		return
	}
	m.ID, m.ARN, m.PolicyID = text(out.Policy.Arn), text(out.Policy.Arn), text(out.Policy.PolicyId)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (p *managedPolicy) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m policyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	out, err := p.api.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: m.ID.ValueStringPointer()})
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading IAM Policy", err) {
		return
	}
	version, err := p.api.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: out.Policy.Arn, VersionId: out.Policy.DefaultVersionId})
	if failed(&resp.Diagnostics, "reading IAM Policy version", err) {
		return
	}
	document, err := url.QueryUnescape(aws.ToString(version.PolicyVersion.Document))
	if failed(&resp.Diagnostics, "reading IAM Policy version", err) {
		return
	}
	if !sameJSON(document, m.Policy.ValueString()) {
		m.Policy = types.StringValue(document)
	}
	m.ARN, m.Name, m.PolicyID = text(out.Policy.Arn), text(out.Policy.PolicyName), text(out.Policy.PolicyId)
	if aws.ToString(out.Policy.Description) != "" {
		m.Description = text(out.Policy.Description)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (p *managedPolicy) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m policyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if failed(&resp.Diagnostics, "pruning IAM Policy versions", p.prune(ctx, m.ARN.ValueStringPointer(), 4)) {
		return
	}
	_, err := p.api.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
		PolicyArn: m.ARN.ValueStringPointer(), PolicyDocument: m.Policy.ValueStringPointer(), SetAsDefault: true,
	})
	if !failed(&resp.Diagnostics, "updating IAM Policy", err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// prune deletes the oldest versions that are not in effect, down to a number.
func (p *managedPolicy) prune(ctx context.Context, arn *string, most int) error {
	list, err := p.api.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn})
	if err != nil {
		return err
	}
	for i := len(list.Versions) - 1; i >= 0 && i >= most; i-- {
		if list.Versions[i].IsDefaultVersion {
			continue
		}
		if _, err := p.api.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: list.Versions[i].VersionId}); err != nil {
			return err
		}
	}
	return nil
}

func (p *managedPolicy) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m policyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	arn := m.ARN.ValueStringPointer()
	err := p.prune(ctx, arn, 0)
	if err == nil {
		_, err = p.api.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
	}
	if !gone(err) {
		failed(&resp.Diagnostics, "deleting IAM Policy", err)
	}
}

func (*managedPolicy) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, req, resp, &resp.Diagnostics)
}
