package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// role is aws_iam_role: its trust policy, description, boundary and tags change
// in place, its name does not.
func role() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"arn": computed(), "assume_role_policy": documentSchema(), "create_date": computed(), "description": optional(),
			"force_detach_policies": flag(),
			"inline_policy": {
				Type: schema.TypeSet, Optional: true, Computed: true,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{"name": optional(), "policy": optional()}},
			},
			"managed_policy_arns":  {Type: schema.TypeSet, Optional: true, Computed: true, Elem: &schema.Schema{Type: schema.TypeString}},
			"max_session_duration": {Type: schema.TypeInt, Optional: true, Default: 3600},
			"name":                 either(), "name_prefix": either(), "path": fixed(path()), "permissions_boundary": optional(),
			"tags": tagsSchema(), "tags_all": allTagsSchema(), "unique_id": computed(),
		},
		CustomizeDiff: planTags,
		Importer: &schema.ResourceImporter{StateContext: func(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
			return []*schema.ResourceData{d}, d.Set("force_detach_policies", false)
		}},
		CreateContext: createRole, ReadContext: readRole, UpdateContext: updateRole, DeleteContext: deleteRole,
	}
}

func createRole(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s := meta.(*session)
	out, err := s.api.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: text(d, "name"), Path: text(d, "path"), AssumeRolePolicyDocument: text(d, "assume_role_policy"),
		Description: given(d, "description"), PermissionsBoundary: given(d, "permissions_boundary"),
		MaxSessionDuration: aws.Int32(int32(d.Get("max_session_duration").(int))),
		Tags:               tagList(s.merged(texts(d.Get("tags")))),
	})
	if err != nil {
		return diag.Errorf("creating IAM Role (%s): %s", *text(d, "name"), err)
	}
	d.SetId(*out.Role.RoleName)
	return readRole(ctx, d, meta)
}

func readRole(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	var r *types.Role
	there, diags := found(ctx, d, "Role", func() error {
		out, err := s.api.GetRole(ctx, &iam.GetRoleInput{RoleName: &id})
		if err == nil {
			r = out.Role
		}
		return err
	})
	if !there {
		return diags
	}
	trust, err := document(d, "assume_role_policy", r.AssumeRolePolicyDocument)
	if err != nil {
		return failed("reading the trust policy of IAM Role", d, err)
	}
	attached, err := s.api.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &id})
	if err != nil {
		return failed("reading the policies of IAM Role", d, err)
	}
	var arns []string
	for _, p := range attached.AttachedPolicies {
		arns = append(arns, *p.PolicyArn)
	}
	boundary := ""
	if b := r.PermissionsBoundary; b != nil {
		boundary = aws.ToString(b.PermissionsBoundaryArn)
	}
	longest := 3600
	if r.MaxSessionDuration != nil {
		longest = int(*r.MaxSessionDuration)
	}
	return append(put(d, map[string]any{
		"arn": r.Arn, "assume_role_policy": trust, "create_date": aws.ToTime(r.CreateDate).Format(time.RFC3339), "description": aws.ToString(r.Description),
		"managed_policy_arns": arns, "max_session_duration": longest, "name": r.RoleName, "name_prefix": "", "path": r.Path,
		"permissions_boundary": boundary, "unique_id": r.RoleId,
	}), put(d, s.tagsRead(r.Tags))...)
}

func updateRole(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	if d.HasChange("assume_role_policy") {
		_, err := s.api.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &id, PolicyDocument: text(d, "assume_role_policy")})
		if err != nil {
			return failed("updating the trust policy of IAM Role", d, err)
		}
	}
	err := retag(d, func(keys []string) error {
		_, err := s.api.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &id, TagKeys: keys})
		return err
	}, func(tags []types.Tag) error {
		_, err := s.api.TagRole(ctx, &iam.TagRoleInput{RoleName: &id, Tags: tags})
		return err
	})
	if err != nil {
		return failed("tagging IAM Role", d, err)
	}
	return readRole(ctx, d, meta)
}

func deleteRole(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	id := d.Id()
	_, err := meta.(*session).api.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &id})
	if gone(err) {
		return nil
	}
	return failed("deleting IAM Role", d, err)
}
