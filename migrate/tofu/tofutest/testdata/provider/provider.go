package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// session is what resources get of the provider.
type session struct {
	api         *iam.Client
	region      string
	defaultTags map[string]string
}

// standIn is the provider. But for region and default tags it is configured by
// the environment.
func standIn() *schema.Provider {
	return &schema.Provider{
		Schema: map[string]*schema.Schema{
			"region": {Type: schema.TypeString, Optional: true},
			"default_tags": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{"tags": tagsSchema()}},
			},
		},
		ConfigureContextFunc: configure,
		ResourcesMap: map[string]*schema.Resource{
			"aws_iam_user":                    user(),
			"aws_iam_access_key":              accessKey(),
			"aws_iam_group":                   group(),
			"aws_iam_user_group_membership":   membership(),
			"aws_iam_policy":                  managedPolicy(),
			"aws_iam_role":                    role(),
			"aws_iam_user_policy_attachment":  attachment{"user"}.resource(),
			"aws_iam_group_policy_attachment": attachment{"group"}.resource(),
			"aws_iam_role_policy_attachment":  attachment{"role"}.resource(),
		},
		DataSourcesMap: map[string]*schema.Resource{"aws_region": region()},
	}
}

func configure(ctx context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
	var set []func(*config.LoadOptions) error
	if r, ok := d.GetOk("region"); ok {
		set = append(set, config.WithRegion(r.(string)))
	}
	c, err := config.LoadDefaultConfig(ctx, set...)
	if err != nil {
		return nil, diag.Errorf("configuring the stand-in: %s", err)
	}
	return &session{api: iam.NewFromConfig(c), region: c.Region, defaultTags: texts(d.Get("default_tags.0.tags"))}, nil
}

// propagation is how long a read waits for what was just made.
const propagation = 2 * time.Minute

// gone reports whether AWS does not have the entity.
func gone(err error) bool {
	var none *types.NoSuchEntityException
	return errors.As(err, &none)
}

// found reads something: what is new is waited for, and what is gone leaves
// the state. There is false when it is gone.
func found(ctx context.Context, d *schema.ResourceData, what string, read func() error) (there bool, diags diag.Diagnostics) {
	err := retry.RetryContext(ctx, propagation, func() *retry.RetryError {
		err := read()
		switch {
		case err == nil:
			return nil
		case gone(err) && d.IsNewResource():
			return retry.RetryableError(err)
		}
		return retry.NonRetryableError(err)
	})
	switch {
	case gone(err) && !d.IsNewResource():
		d.SetId("")
		return false, nil
	case err != nil:
		return false, diag.Errorf("reading IAM %s (%s): %s", what, d.Id(), err)
	}
	return true, nil
}

// put sets attributes that have been read.
func put(d *schema.ResourceData, attributes map[string]any) diag.Diagnostics {
	for name, v := range attributes {
		if err := d.Set(name, v); err != nil {
			return diag.FromErr(fmt.Errorf("setting %s: %w", name, err))
		}
	}
	return nil
}

// failed is an error as a diagnostic, if there is one.
func failed(doing string, d *schema.ResourceData, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Errorf("%s (%s): %s", doing, d.Id(), err)
}

func text(d *schema.ResourceData, name string) *string {
	s, _ := d.Get(name).(string)
	return &s
}

// given is a text, or nil for none.
func given(d *schema.ResourceData, name string) *string {
	if s := text(d, name); *s != "" {
		return s
	}
	return nil
}

func computed() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Computed: true} }

func required() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Required: true} }

func optional() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Optional: true} }

func fixed(s *schema.Schema) *schema.Schema {
	s.ForceNew = true
	return s
}

func orElse(s *schema.Schema, value any) *schema.Schema {
	s.Default = value
	return s
}

func path() *schema.Schema { return orElse(optional(), "/") }

func flag() *schema.Schema {
	return &schema.Schema{Type: schema.TypeBool, Optional: true, Default: false}
}

// either is one of name and name_prefix: given, or made up.
func either() *schema.Schema {
	return &schema.Schema{Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true}
}

func byID() *schema.ResourceImporter {
	return &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext}
}

// region is data.aws_region.
func region() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"name": computed(), "region": {Type: schema.TypeString, Optional: true, Computed: true}, "description": computed(), "endpoint": computed(),
		},
		ReadContext: func(_ context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
			r := meta.(*session).region
			d.SetId(r)
			return put(d, map[string]any{"name": r, "region": r, "description": "a region", "endpoint": "ec2." + r + ".amazonaws.com"})
		},
	}
}
