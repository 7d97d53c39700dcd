package main

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/structure"
)

// managedPolicy is aws_iam_policy: its document and its tags change in place,
// the document by a new version, and nothing else does.
func managedPolicy() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"arn": computed(), "attachment_count": {Type: schema.TypeInt, Computed: true},
			"delay_after_policy_creation_in_ms": {Type: schema.TypeInt, Optional: true}, "description": fixed(optional()),
			"name": either(), "name_prefix": either(), "path": fixed(path()), "policy": documentSchema(), "policy_id": computed(),
			"tags": tagsSchema(), "tags_all": allTagsSchema(),
		},
		CustomizeDiff: planTags, Importer: byID(),
		CreateContext: createPolicy, ReadContext: readPolicy, UpdateContext: updatePolicy, DeleteContext: deletePolicy,
	}
}

// documentSchema is a document of which the spelling does not count.
func documentSchema() *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeString, Required: true, DiffSuppressOnRefresh: true,
		DiffSuppressFunc: func(_, o, n string, _ *schema.ResourceData) bool { return sameJSON(o, n) },
		StateFunc: func(v any) string {
			out, _ := structure.NormalizeJsonString(v) // What is no JSON stays as it is.
			return out
		},
	}
}

// sameJSON reports whether two documents differ in spelling alone.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// document is one as AWS gives it, or as it was where only the spelling differs.
func document(d *schema.ResourceData, attribute string, encoded *string) (string, error) {
	now, err := url.QueryUnescape(aws.ToString(encoded))
	if err == nil && sameJSON(now, *text(d, attribute)) {
		return *text(d, attribute), nil
	}
	return now, err
}

func createPolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s := meta.(*session)
	out, err := s.api.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: text(d, "name"), Path: text(d, "path"), PolicyDocument: text(d, "policy"), Description: given(d, "description"),
		Tags: tagList(s.merged(texts(d.Get("tags")))),
	})
	if err != nil {
		return diag.Errorf("creating IAM Policy (%s): %s", *text(d, "name"), err)
	}
	d.SetId(*out.Policy.Arn)
	return readPolicy(ctx, d, meta)
}

func readPolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	var p *types.Policy
	var v *types.PolicyVersion
	there, diags := found(ctx, d, "Policy", func() error {
		out, err := s.api.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &id})
		if err != nil {
			return err
		}
		version, err := s.api.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &id, VersionId: out.Policy.DefaultVersionId})
		if err == nil {
			p, v = out.Policy, version.PolicyVersion
		}
		return err
	})
	if !there {
		return diags
	}
	doc, err := document(d, "policy", v.Document)
	if err != nil {
		return failed("reading the document of IAM Policy", d, err)
	}
	return append(put(d, map[string]any{
		"arn": p.Arn, "attachment_count": int(aws.ToInt32(p.AttachmentCount)), "description": aws.ToString(p.Description), "name": p.PolicyName,
		"name_prefix": "", "path": p.Path, "policy": doc, "policy_id": p.PolicyId,
	}), put(d, s.tagsRead(p.Tags))...)
}

func updatePolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	if d.HasChangesExcept("tags", "tags_all") {
		if err := s.prune(ctx, id, 4); err != nil {
			return failed("pruning versions of IAM Policy", d, err)
		}
		_, err := s.api.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &id, PolicyDocument: text(d, "policy"), SetAsDefault: true})
		if err != nil {
			return failed("updating IAM Policy", d, err)
		}
	}
	err := retag(d, func(keys []string) error {
		_, err := s.api.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: &id, TagKeys: keys})
		return err
	}, func(tags []types.Tag) error {
		_, err := s.api.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &id, Tags: tags})
		return err
	})
	if err != nil {
		return failed("tagging IAM Policy", d, err)
	}
	return readPolicy(ctx, d, meta)
}

// prune deletes the oldest versions that are not in effect, down to a number.
func (s *session) prune(ctx context.Context, arn string, most int) error {
	list, err := s.api.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	if err != nil {
		return err
	}
	for i := len(list.Versions) - 1; i >= 0 && i >= most; i-- {
		if list.Versions[i].IsDefaultVersion {
			continue
		}
		if _, err := s.api.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: list.Versions[i].VersionId}); err != nil {
			return err
		}
	}
	return nil
}

func deletePolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	s, id := meta.(*session), d.Id()
	err := s.prune(ctx, id, 0)
	if err == nil {
		_, err = s.api.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &id})
	}
	if gone(err) {
		return nil
	}
	return failed("deleting IAM Policy", d, err)
}
