package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/id"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// membership is aws_iam_user_group_membership: it leaves groups before it joins
// others, and knows of no group but its own.
func membership() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"user":   fixed(required()),
			"groups": {Type: schema.TypeSet, Required: true, Elem: &schema.Schema{Type: schema.TypeString}},
		},
		Importer:      &schema.ResourceImporter{StateContext: importMembership},
		CreateContext: createMembership, ReadContext: readMembership, UpdateContext: updateMembership, DeleteContext: deleteMembership,
	}
}

// groupNames are those of a set, sorted.
func groupNames(v any) []string {
	var out []string
	for _, x := range v.(*schema.Set).List() {
		out = append(out, x.(string))
	}
	slices.Sort(out)
	return out
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

func (s *session) join(ctx context.Context, user string, groups []string) error {
	for _, g := range groups {
		if _, err := s.api.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &user, GroupName: &g}); err != nil {
			return fmt.Errorf("adding User (%s) to Group (%s): %w", user, g, err)
		}
	}
	return nil
}

func (s *session) leave(ctx context.Context, user string, groups []string) error {
	for _, g := range groups {
		_, err := s.api.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &user, GroupName: &g})
		if err != nil && !gone(err) {
			return fmt.Errorf("removing User (%s) from Group (%s): %w", user, g, err)
		}
	}
	return nil
}

func createMembership(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	if err := meta.(*session).join(ctx, *text(d, "user"), groupNames(d.Get("groups"))); err != nil {
		return failed("assigning IAM User Group Membership", d, err)
	}
	d.SetId(id.UniqueId())
	return readMembership(ctx, d, meta)
}

func readMembership(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, own := meta.(*session), groupNames(d.Get("groups"))
	var in []string
	there, diags := found(ctx, d, "User Group Membership", func() error {
		out, err := s.api.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: text(d, "user")})
		if err != nil {
			return err
		}
		in = nil
		for _, g := range out.Groups {
			if slices.Contains(own, *g.GroupName) {
				in = append(in, *g.GroupName)
			}
		}
		return nil
	})
	if !there {
		return diags
	}
	return put(d, map[string]any{"groups": in})
}

func updateMembership(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, user := meta.(*session), *text(d, "user")
	if d.HasChange("groups") {
		o, n := d.GetChange("groups")
		was, is := groupNames(o), groupNames(n)
		if err := s.leave(ctx, user, without(was, is)); err != nil {
			return failed("updating IAM User Group Membership", d, err)
		}
		if err := s.join(ctx, user, without(is, was)); err != nil {
			return failed("updating IAM User Group Membership", d, err)
		}
	}
	return readMembership(ctx, d, meta)
}

func deleteMembership(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	return failed("deleting IAM User Group Membership", d, meta.(*session).leave(ctx, *text(d, "user"), groupNames(d.Get("groups"))))
}

// importMembership takes USER/GROUP[/GROUP].
func importMembership(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
	parts := strings.Split(d.Id(), "/")
	if len(parts) < 2 {
		return nil, fmt.Errorf("%q is not USER/GROUP", d.Id())
	}
	if diags := put(d, map[string]any{"user": parts[0], "groups": parts[1:]}); diags.HasError() {
		return nil, fmt.Errorf("%v", diags)
	}
	d.SetId(id.UniqueId())
	return []*schema.ResourceData{d}, nil
}
