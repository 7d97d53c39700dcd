package main

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	tfpath "github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// config is nullplatform_provider_config.
type config struct{ session *session }

type configModel struct {
	ID         types.String `tfsdk:"id"`
	NRN        types.String `tfsdk:"nrn"`
	Type       types.String `tfsdk:"type"`
	Dimensions types.Map    `tfsdk:"dimensions"`
	Attributes types.String `tfsdk:"attributes"`
}

func (*config) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nullplatform_provider_config"
}

func (*config) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	fixed := schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":  schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"nrn": fixed, "type": fixed,
		"dimensions": schema.MapAttribute{
			Optional: true, ElementType: types.StringType, PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
		"attributes": schema.StringAttribute{Required: true, Sensitive: true},
	}}
}

func (c *config) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	c.session, _ = req.ProviderData.(*session)
}

// failed records an error, if there is one.
func failed(d *diag.Diagnostics, doing string, err error) bool {
	if err != nil {
		d.AddError(doing, err.Error())
	}
	return d.HasError()
}

func (c *config) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m configModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	w := written{NRN: m.NRN.ValueString(), Attributes: json.RawMessage(m.Attributes.ValueString())}
	if !m.Dimensions.IsNull() {
		resp.Diagnostics.Append(m.Dimensions.ElementsAs(ctx, &w.Dimensions, false)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var err error
	if w.Specification, err = c.session.specification(ctx, m.Type.ValueString(), w.NRN); failed(&resp.Diagnostics, "looking up the type", err) {
		return
	}
	id, err := c.session.create(ctx, w)
	if failed(&resp.Diagnostics, "creating the provider configuration", err) {
		return
	}
	m.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (c *config) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m configModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	is, slug, err := c.session.read(ctx, m.ID.ValueString())
	if failed(&resp.Diagnostics, "reading the provider configuration", err) {
		return
	}
	m.NRN, m.Type = types.StringValue(is.NRN), types.StringValue(slug)
	if len(is.Dimensions) > 0 || len(m.Dimensions.Elements()) > 0 {
		dimensions, diags := types.MapValueFrom(ctx, types.StringType, is.Dimensions)
		resp.Diagnostics.Append(diags...)
		m.Dimensions = dimensions
	}
	attributes, err := seen(m.Attributes.ValueString(), is.Attributes)
	if failed(&resp.Diagnostics, "reading the provider configuration", err) {
		return
	}
	m.Attributes = types.StringValue(attributes)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// seen gives attributes as the state is to hold them after a look: what reads
// back as null is secret and as it was, and what differs in spelling alone
// stays as it was written.
func seen(before string, is map[string]any) (string, error) {
	was := map[string]any{}
	if before != "" {
		if err := json.Unmarshal([]byte(before), &was); err != nil {
			return "", err
		}
	}
	filled := fill(was, is)
	if reflect.DeepEqual(was, filled) {
		return before, nil
	}
	text, err := json.Marshal(filled)
	return string(text), err
}

func fill(was, is map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range is {
		inner, isObject := v.(map[string]any)
		before, _ := was[name].(map[string]any)
		switch {
		case v == nil:
			out[name] = was[name]
		case isObject:
			out[name] = fill(before, inner)
		default:
			out[name] = v
		}
	}
	return out
}

func (c *config) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m configModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := c.session.update(ctx, m.ID.ValueString(), written{Attributes: json.RawMessage(m.Attributes.ValueString())})
	if !failed(&resp.Diagnostics, "updating the provider configuration", err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

func (c *config) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m configModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	failed(&resp.Diagnostics, "deleting the provider configuration", c.session.remove(ctx, m.ID.ValueString()))
}

func (*config) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, tfpath.Root("id"), req.ID)...)
}
