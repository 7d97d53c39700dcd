// Command terraform-provider-aws is a stand-in for the provider hashicorp/aws,
// for tests. It knows the resources that the modules use, speaks the real
// protocol of IAM through the real SDK, and does as the real provider does
// where that decides what becomes of an upgrade:
//
//   - the user of a key, the two ends of an attachment, and name, path and
//     description of a policy force a replacement;
//   - users and groups are renamed in place;
//   - a membership leaves groups first and joins others then;
//   - attachments are read, and groups and users found, by name;
//   - a user is taken out of its groups before it is deleted, and its keys are
//     left to stop that;
//   - the secret of a key is known when it is made, and never again.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	serve := providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/aws"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return &standIn{} }, serve); err != nil {
		log.Fatal(err)
	}
}
