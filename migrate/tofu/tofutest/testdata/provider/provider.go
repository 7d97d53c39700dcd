package main

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// standIn is the provider. It is configured by the environment alone.
type standIn struct{}

func (*standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (*standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{}
}

func (*standIn) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		resp.Diagnostics.AddError("configuring the stand-in", err.Error())
		return
	}
	s := &session{api: iam.NewFromConfig(c), region: c.Region}
	resp.ResourceData, resp.DataSourceData = s, s
}

func (*standIn) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &region{} }}
}

func (*standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &user{base{kind: "user"}} },
		func() resource.Resource { return &key{base{kind: "access_key"}} },
		func() resource.Resource { return &group{base{kind: "group"}} },
		func() resource.Resource { return &membership{base{kind: "user_group_membership"}} },
		func() resource.Resource { return &managedPolicy{base{kind: "policy"}} },
		func() resource.Resource { return &role{base{kind: "role"}} },
		func() resource.Resource { return newAttachment("user") },
		func() resource.Resource { return newAttachment("group") },
		func() resource.Resource { return newAttachment("role") },
	}
}

// session is what resources get of the provider.
type session struct {
	api    *iam.Client
	region string
}

// base is what all resources have in common.
type base struct {
	kind string
	api  *iam.Client
}

func (b *base) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "aws_iam_" + b.kind
}

func (b *base) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if s, ok := req.ProviderData.(*session); ok {
		b.api = s.api
	}
}

// failed records an error, if there is one.
func failed(d *diag.Diagnostics, doing string, err error) bool {
	if err != nil {
		d.AddError(doing, err.Error())
	}
	return d.HasError()
}

// gone reports whether AWS does not have the entity.
func gone(err error) bool {
	var none *types.NoSuchEntityException
	return errors.As(err, &none)
}

func required() schema.StringAttribute { return schema.StringAttribute{Required: true} }

func fixed() schema.StringAttribute {
	return schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
}

// computed is an attribute that AWS sets once.
func computed() schema.StringAttribute {
	return schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
}

// derived is an attribute that follows others.
func derived() schema.StringAttribute { return schema.StringAttribute{Computed: true} }

func text(p *string) basetypes.StringValue { return basetypes.NewStringPointerValue(p) }

// region is data.aws_region.
type region struct{ session *session }

func (*region) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "aws_region"
}

func (*region) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataschema.Schema{Attributes: map[string]dataschema.Attribute{
		"id": dataschema.StringAttribute{Computed: true}, "name": dataschema.StringAttribute{Computed: true},
		"region": dataschema.StringAttribute{Computed: true},
	}}
}

func (r *region) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	r.session, _ = req.ProviderData.(*session)
}

func (r *region) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(resp.State.Set(ctx, struct {
		ID     string `tfsdk:"id"`
		Name   string `tfsdk:"name"`
		Region string `tfsdk:"region"`
	}{r.session.region, r.session.region, r.session.region})...)
}
