package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// group is aws_iam_group: renamed in place, and not deleted while anybody is in
// it.
func group() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{"arn": computed(), "name": required(), "path": path(), "unique_id": computed()},
		CustomizeDiff: func(_ context.Context, d *schema.ResourceDiff, _ any) error {
			if d.HasChanges("name", "path") {
				return d.SetNewComputed("arn")
			}
			return nil
		},
		Importer:      byID(),
		CreateContext: createGroup, ReadContext: readGroup, UpdateContext: updateGroup, DeleteContext: deleteGroup,
	}
}

func createGroup(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	out, err := meta.(*session).api.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: text(d, "name"), Path: text(d, "path")})
	if err != nil {
		return diag.Errorf("creating IAM Group (%s): %s", *text(d, "name"), err)
	}
	d.SetId(*out.Group.GroupName)
	return readGroup(ctx, d, meta)
}

func readGroup(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	var g *types.Group
	there, diags := found(ctx, d, "Group", func() error {
		out, err := s.api.GetGroup(ctx, &iam.GetGroupInput{GroupName: &id})
		if err == nil {
			g = out.Group
		}
		return err
	})
	if !there {
		return diags
	}
	return put(d, map[string]any{"arn": g.Arn, "name": g.GroupName, "path": g.Path, "unique_id": g.GroupId})
}

func updateGroup(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	o, n := d.GetChange("name")
	was, is := o.(string), n.(string)
	_, err := meta.(*session).api.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: &was, NewGroupName: &is, NewPath: text(d, "path")})
	if err != nil {
		return failed("updating IAM Group", d, err)
	}
	d.SetId(is)
	return readGroup(ctx, d, meta)
}

func deleteGroup(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	id := d.Id()
	_, err := meta.(*session).api.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: &id})
	if gone(err) {
		return nil
	}
	return failed("deleting IAM Group", d, err)
}
