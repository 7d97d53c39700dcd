package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// user is aws_iam_user: found by its name, renamed in place.
func user() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"arn": computed(), "force_destroy": flag(), "name": required(), "path": path(), "permissions_boundary": optional(),
			"tags": tagsSchema(), "tags_all": allTagsSchema(), "unique_id": computed(),
		},
		CustomizeDiff: planTags, Importer: byID(),
		CreateContext: createUser, ReadContext: readUser, UpdateContext: updateUser, DeleteContext: deleteUser,
	}
}

func createUser(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s := meta.(*session)
	out, err := s.api.CreateUser(ctx, &iam.CreateUserInput{
		UserName: text(d, "name"), Path: text(d, "path"), PermissionsBoundary: given(d, "permissions_boundary"),
		Tags: tagList(s.merged(texts(d.Get("tags")))),
	})
	if err != nil {
		return diag.Errorf("creating IAM User (%s): %s", *text(d, "name"), err)
	}
	d.SetId(*out.User.UserName)
	return readUser(ctx, d, meta)
}

func readUser(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	var u *types.User
	there, diags := found(ctx, d, "User", func() error {
		out, err := s.api.GetUser(ctx, &iam.GetUserInput{UserName: &id})
		if err == nil {
			u = out.User
		}
		return err
	})
	if !there {
		return diags
	}
	boundary := ""
	if b := u.PermissionsBoundary; b != nil && b.PermissionsBoundaryArn != nil {
		boundary = *b.PermissionsBoundaryArn
	}
	return append(put(d, map[string]any{
		"arn": u.Arn, "name": u.UserName, "path": u.Path, "unique_id": u.UserId, "permissions_boundary": boundary,
	}), put(d, s.tagsRead(u.Tags))...)
}

func updateUser(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s := meta.(*session)
	if d.HasChanges("name", "path") {
		o, n := d.GetChange("name")
		was, is := o.(string), n.(string)
		if _, err := s.api.UpdateUser(ctx, &iam.UpdateUserInput{UserName: &was, NewUserName: &is, NewPath: text(d, "path")}); err != nil {
			return failed("updating IAM User", d, err)
		}
		d.SetId(is)
	}
	id := d.Id()
	if d.HasChange("permissions_boundary") {
		var err error
		if arn := given(d, "permissions_boundary"); arn != nil {
			_, err = s.api.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &id, PermissionsBoundary: arn})
		} else {
			_, err = s.api.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &id})
		}
		if err != nil {
			return failed("setting the boundary of IAM User", d, err)
		}
	}
	err := retag(d, func(keys []string) error {
		_, err := s.api.UntagUser(ctx, &iam.UntagUserInput{UserName: &id, TagKeys: keys})
		return err
	}, func(tags []types.Tag) error {
		_, err := s.api.TagUser(ctx, &iam.TagUserInput{UserName: &id, Tags: tags})
		return err
	})
	if err != nil {
		return failed("tagging IAM User", d, err)
	}
	return readUser(ctx, d, meta)
}

func deleteUser(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	groups, err := s.api.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &id})
	switch {
	case gone(err):
		return nil
	case err != nil:
		return failed("listing groups of IAM User", d, err)
	}
	for _, g := range groups.Groups {
		_, err := s.api.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &id, GroupName: g.GroupName})
		if err != nil && !gone(err) {
			return failed("removing IAM User from group", d, err)
		}
	}
	if _, err = s.api.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &id}); gone(err) {
		return nil
	}
	return failed("deleting IAM User", d, err)
}
