package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// accessKey is aws_iam_access_key: another user means another key, and what was
// made inactive is made active again unless the configuration says otherwise.
func accessKey() *schema.Resource {
	secret := func() *schema.Schema {
		s := computed()
		s.Sensitive = true
		return s
	}
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"create_date": computed(), "encrypted_secret": computed(), "encrypted_ses_smtp_password_v4": computed(), "key_fingerprint": computed(),
			"pgp_key": fixed(optional()), "secret": secret(), "ses_smtp_password_v4": secret(),
			"status": orElse(optional(), "Active"), "user": fixed(required()),
		},
		Importer:      &schema.ResourceImporter{StateContext: importKey},
		CreateContext: createKey, ReadContext: readKey, UpdateContext: updateKey, DeleteContext: deleteKey,
	}
}

func createKey(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	out, err := meta.(*session).api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: text(d, "user")})
	if err != nil {
		return diag.Errorf("creating IAM Access Key (%s): %s", *text(d, "user"), err)
	}
	d.SetId(*out.AccessKey.AccessKeyId)
	diags := put(d, map[string]any{
		"secret": out.AccessKey.SecretAccessKey, "ses_smtp_password_v4": "for mail: " + *out.AccessKey.SecretAccessKey,
		"status": string(out.AccessKey.Status), "create_date": stamp(out.AccessKey.CreateDate),
	})
	return diags
}

func stamp(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.Format(time.RFC3339)
}

func readKey(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	var key types.AccessKeyMetadata
	there, diags := found(ctx, d, "Access Key", func() error {
		list, err := meta.(*session).api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: text(d, "user")})
		if err != nil {
			return err
		}
		for _, k := range list.AccessKeyMetadata {
			if *k.AccessKeyId == d.Id() {
				key = k
				return nil
			}
		}
		return &types.NoSuchEntityException{}
	})
	if !there {
		return diags
	}
	return put(d, map[string]any{"status": string(key.Status), "user": key.UserName, "create_date": stamp(key.CreateDate)})
}

func updateKey(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	id := d.Id()
	if d.HasChange("status") {
		_, err := meta.(*session).api.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
			UserName: text(d, "user"), AccessKeyId: &id, Status: types.StatusType(*text(d, "status")),
		})
		if err != nil {
			return failed("updating IAM Access Key", d, err)
		}
	}
	return readKey(ctx, d, meta)
}

func deleteKey(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	id := d.Id()
	_, err := meta.(*session).api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: text(d, "user"), AccessKeyId: &id})
	if gone(err) {
		return nil
	}
	return failed("deleting IAM Access Key", d, err)
}

// importKey takes the key's ID and asks whose it is.
func importKey(ctx context.Context, d *schema.ResourceData, meta any) ([]*schema.ResourceData, error) {
	id := d.Id()
	used, err := meta.(*session).api.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	if err != nil {
		return nil, fmt.Errorf("looking for the user of IAM Access Key (%s): %w", id, err)
	}
	if err := d.Set("user", used.UserName); err != nil {
		return nil, err
	}
	return []*schema.ResourceData{d}, nil
}
