// Command nullplatform is a stand-in for the provider nullplatform/nullplatform,
// for tests. It knows the one resource that the modules use, speaks the real
// API over HTTP, and does as the real provider does where that decides what
// becomes of a registration:
//
//   - a type is looked up by its slug, and the first specification taken;
//   - place, type and dimensions force a replacement, and attributes alone are
//     updated;
//   - attributes are compared as JSON, whatever their spelling;
//   - a configuration that was deleted by hand is an error when it is read, and
//     none when it is deleted.
//
// It is configured by the environment alone, and calls nobody but this machine.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	serve := providerserver.ServeOpts{Address: "registry.terraform.io/nullplatform/nullplatform"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return &standIn{} }, serve); err != nil {
		log.Fatal(err)
	}
}

// standIn is the provider.
type standIn struct{}

func (*standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "nullplatform"
}

func (*standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{}
}

func (*standIn) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	s, err := signIn(ctx)
	if err != nil {
		resp.Diagnostics.AddError("signing in at nullplatform", err.Error())
		return
	}
	resp.ResourceData = s
}

func (*standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (*standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &config{} }}
}
