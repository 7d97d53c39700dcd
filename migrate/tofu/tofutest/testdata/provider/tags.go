package main

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

func tagsSchema() *schema.Schema {
	return &schema.Schema{Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}}
}

func allTagsSchema() *schema.Schema {
	s := tagsSchema()
	s.Computed = true
	return s
}

// texts is a map of texts out of the SDK's own.
func texts(v any) map[string]string {
	out := map[string]string{}
	m, _ := v.(map[string]any)
	for k, x := range m {
		out[k], _ = x.(string)
	}
	return out
}

func (s *session) merged(own map[string]string) map[string]string {
	out := maps.Clone(s.defaultTags)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, own)
	return out
}

// planTags puts the provider's default tags into tags_all.
func planTags(_ context.Context, d *schema.ResourceDiff, meta any) error {
	if !d.GetRawPlan().GetAttr("tags").IsWhollyKnown() {
		return d.SetNewComputed("tags_all")
	}
	all := meta.(*session).merged(texts(d.Get("tags")))
	if len(all) == 0 && d.HasChange("tags") {
		return d.SetNewComputed("tags_all")
	}
	return d.SetNew("tags_all", all)
}

// tagList are the tags that AWS is sent.
func tagList(m map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		out = append(out, types.Tag{Key: &k, Value: &v})
	}
	return out
}

// tagsRead are the tags that AWS has, with and without those of the provider.
func (s *session) tagsRead(list []types.Tag) map[string]any {
	all, own := map[string]string{}, map[string]string{}
	for _, t := range list {
		all[*t.Key] = *t.Value
		if v, ok := s.defaultTags[*t.Key]; !ok || v != *t.Value {
			own[*t.Key] = *t.Value
		}
	}
	return map[string]any{"tags": own, "tags_all": all}
}

// retag brings the tags to what the plan says.
func retag(d *schema.ResourceData, untag func(keys []string) error, tag func([]types.Tag) error) error {
	if !d.HasChange("tags_all") {
		return nil
	}
	o, n := d.GetChange("tags_all")
	was, is := texts(o), texts(n)
	var keys []string
	for k := range was {
		if _, there := is[k]; !there {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	if len(keys) > 0 {
		if err := untag(keys); err != nil {
			return err
		}
	}
	if len(is) == 0 {
		return nil
	}
	return tag(tagList(is))
}
