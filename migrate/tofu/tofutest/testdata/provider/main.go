// Command terraform-provider-aws is a stand-in for the provider hashicorp/aws,
// for tests. It knows the resources that the modules use, speaks the real
// protocol of IAM through the real SDK, is made with the same plugin SDK as the
// real provider's IAM resources, and has all of their attributes. It does as
// they do where that decides what becomes of an upgrade:
//
//   - the user of a key, the two ends of an attachment, and name, path and
//     description of a policy force a replacement;
//   - users and groups are renamed in place; the ARN of a group is not known
//     before that;
//   - a membership leaves groups first and joins others then;
//   - attachments are read, and groups and users found, by name; their own IDs
//     say nothing;
//   - what is not found any more leaves the state;
//   - a user is taken out of its groups before it is deleted, and its keys are
//     left to stop that;
//   - the secret of a key is known when it is made, and never again;
//   - default_tags of the provider are part of tags_all of what has tags.
//
// As the older plugin SDK has it, plans show tags that go from {} to null beside
// whatever else changes.
package main

import "github.com/hashicorp/terraform-plugin-sdk/v2/plugin"

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: standIn, ProviderAddr: "registry.terraform.io/hashicorp/aws"})
}
