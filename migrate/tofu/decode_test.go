package tofu_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// aPlan is the JSON of a plan as Terraform writes it, with a secret in every
// place in which there may be one.
const aPlan = `{
 "format_version": "1.2",
 "terraform_version": "1.11.4",
 "variables": {"password": {"value": "SECRET-variable"}},
 "planned_values": {"root_module": {"resources": [{"values": {"secret": "SECRET-planned"}}]}},
 "resource_drift": [{"address": "x", "change": {"before": {"secret": "SECRET-drift"}}}],
 "resource_changes": [
  {"address": "module.u.aws_iam_access_key.k", "previous_address": "module.e.aws_iam_access_key.k", "module_address": "module.u", "mode": "managed",
   "type": "aws_iam_access_key", "name": "k", "provider_name": "registry.terraform.io/hashicorp/aws",
   "change": {"actions": ["no-op"],
    "before": {"id": "AKIAEXAMPLEEXAMPLE12", "user": "ci", "secret": "SECRET-key", "ses_smtp_password_v4": "SECRET-unmarked", "status": "Active"},
    "after": {"id": "AKIAEXAMPLEEXAMPLE12", "user": "ci", "secret": "SECRET-key", "ses_smtp_password_v4": "SECRET-unmarked", "status": "Active"},
    "after_unknown": {}, "before_sensitive": {"secret": true}, "after_sensitive": {"secret": true}}},
  {"address": "aws_iam_group_policy_attachment.g", "mode": "managed", "type": "aws_iam_group_policy_attachment", "name": "g", "action_reason": "replace_because_cannot_update",
   "change": {"actions": ["delete", "create"], "before": {"group": "old", "policy_arn": "arn", "id": "1"}, "after": {"group": "new", "policy_arn": "arn"},
    "after_unknown": {"id": true}, "before_sensitive": {}, "after_sensitive": {}, "replace_paths": [["group"]]}},
  {"address": "aws_iam_user.tagged", "mode": "managed", "type": "aws_iam_user", "name": "tagged",
   "change": {"actions": ["update"], "before": {"name": "a", "tags": {"x": "SECRET-tag"}}, "after": {"name": "a", "tags": {"x": "SECRET-tag2"}},
    "after_unknown": {}, "before_sensitive": {"tags": {"x": true}}, "after_sensitive": {"tags": {"x": true}}}},
  {"address": "nullplatform_provider_config.ecr", "mode": "managed", "type": "nullplatform_provider_config", "name": "ecr",
   "change": {"actions": ["create", "delete"], "before": {"attributes": "SECRET-other"}, "after": {"attributes": "SECRET-other2"}, "after_unknown": {}}},
  {"address": "data.aws_region.r", "mode": "data", "type": "aws_region", "name": "r", "change": {"actions": ["read"], "before": null, "after": {}}},
  {"address": "aws_iam_group.i", "mode": "managed", "type": "aws_iam_group", "name": "i", "deposed": "0a1b2c3d",
   "change": {"actions": ["forget"], "before": {"name": "i"}, "after": null, "importing": {"id": "i"}}}
 ],
 "deferred_changes": [{"reason": "provider_config_unknown", "resource_change": {"address": "later.x", "mode": "managed", "type": "later", "name": "x", "change": {"actions": ["create"]}}}],
 "action_invocations": [{"address": "action.x"}],
 "output_changes": {
  "secret": {"actions": ["no-op"], "before": "SECRET-output", "after": "SECRET-output", "before_sensitive": true, "after_sensitive": true},
  "id": {"actions": ["update"], "before": "AKIAEXAMPLEEXAMPLE12", "after": null, "after_unknown": true, "before_sensitive": false, "after_sensitive": false}
 },
 "prior_state": {"values": {"outputs": {"secret": {"value": "SECRET-prior"}}}},
 "configuration": {"provider_config": {"aws": {"expressions": {"secret_key": {"constant_value": "SECRET-provider"}}}},
  "root_module": {"outputs": {
   "secret": {"sensitive": true, "expression": {"references": ["module.u.build_workflow_access_key_secret", "module.u"]}},
   "id": {"expression": {"x": [{"references": ["local.id"]}], "constant_value": "SECRET-constant"}}}}},
 "complete": false, "applyable": true, "errored": true
}`

func TestDecodePlan(t *testing.T) {
	p, err := tofu.DecodePlan(strings.NewReader(aPlan))
	if err != nil {
		t.Fatal(err)
	}
	key := tofu.Values{"id": "AKIAEXAMPLEEXAMPLE12", "user": "ci", "status": "Active"}
	want := &tofu.Plan{
		Format: "1.2", Tool: "1.11.4", Errored: true, Incomplete: true, Invocations: []string{"action.x"},
		Changes: []tofu.Change{
			{
				Address: "aws_iam_group.i", Type: "aws_iam_group", Name: "i", Deposed: "0a1b2c3d", Action: tofu.Forget, Imports: true,
				Before: tofu.Values{"name": "i"},
			},
			{
				Address: "aws_iam_group_policy_attachment.g", Type: "aws_iam_group_policy_attachment", Name: "g", Action: tofu.Replace,
				Reason: "replace_because_cannot_update", ReplacePaths: []string{"group"}, Changed: []string{"group", "id"}, Unknown: []string{"id"},
				Before: tofu.Values{"group": "old", "policy_arn": "arn", "id": "1"}, After: tofu.Values{"group": "new", "policy_arn": "arn"},
			},
			{
				Address: "aws_iam_user.tagged", Type: "aws_iam_user", Name: "tagged", Action: tofu.Update, Changed: []string{"tags"},
				Before: tofu.Values{"name": "a"}, After: tofu.Values{"name": "a"},
			},
			{Address: "data.aws_region.r", Type: "aws_region", Name: "r", Data: true, Action: tofu.Read},
			{
				Address: "module.u.aws_iam_access_key.k", Previous: "module.e.aws_iam_access_key.k", Module: "module.u", Type: "aws_iam_access_key", Name: "k",
				Provider: "registry.terraform.io/hashicorp/aws", Action: tofu.NoOp, Before: key, After: key,
			},
			{Address: "nullplatform_provider_config.ecr", Type: "nullplatform_provider_config", Name: "ecr", Action: tofu.ReplaceAfter, Changed: []string{"attributes"}},
		},
		Deferred: []tofu.Change{{Address: "later.x", Type: "later", Name: "x", Action: tofu.Create}},
		Outputs: []tofu.OutputChange{
			{Name: "id", Action: tofu.Update, KeyID: true, References: []string{"local.id"}},
			{Name: "secret", Action: tofu.NoOp, Sensitive: true, References: []string{"module.u", "module.u.build_workflow_access_key_secret"}},
		},
	}
	if d := cmp.Diff(want, p); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if text := fmt.Sprintf("%#v", p); strings.Contains(text, "SECRET") {
		t.Errorf("a secret has stayed: %s", text)
	}
}

// OpenTofu's plans have errored, and neither applyable nor complete.
func TestDecodeOpenTofu(t *testing.T) {
	p, err := tofu.DecodePlan(strings.NewReader(`{"format_version":"1.2","terraform_version":"1.12.6","resource_changes":null,"configuration":{},"errored":false}`))
	if err != nil || p.Errored || p.Incomplete || p.Tool != "1.12.6" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"nothing at all", ``, "empty or cut off"},
		{"only blanks", " \n", "empty or cut off"},
		{"the beginning of one", `{"format_version":"1.2"`, "cut off"},
		{"cut within a resource", `{"format_version":"1.2","resource_changes":[{"address":"a","change":{"actions":["no-`, "cut off within resource_changes"},
		{"cut within what is passed over", `{"format_version":"1.2","prior_state":{"values":{"x":`, "cut off within prior_state"},
		{"words", `Terraform will perform`, "not JSON"},
		{"a list", `[]`, "does not begin as an object"},
		{"another object", `{"a":1}`, "no format_version"},
		{"a state by show", `{"format_version":"1.0","values":{}}`, "a state"},
		{"a state file", `{"version":4,"lineage":"x","serial":1}`, "a state"},
		{"the log of a plan", `{"@level":"info","@message":"x"}` + "\n" + `{"@level":"info"}`, "the log"},
		{"UTF-16", "\xff\xfe{\x00", "UTF-16"},
		{"an encrypted plan", `{"encrypted_data":"x","meta":{}}`, "encrypted"},
		{"what Terraform saves of a plan that runs elsewhere", `{"remote_plan_format":1,"run_id":"run-x","hostname":"app.terraform.io"}`, "lies in HCP Terraform"},
		{"a format to come", `{"format_version":"2.0","resource_changes":[]}`, `its format is "2.0"`},
		{"a format that is no text", `{"format_version":2}`, "format_version is not what it is in a plan"},
		{"resources that are no list", `{"format_version":"1.2","resource_changes":{}}`, "not a list"},
		{"a resource that is none", `{"format_version":"1.2","resource_changes":[1]}`, "resource_changes is not what it is in a plan"},
		{"two of them", `{"format_version":"1.2","resource_changes":[]}{"format_version":"1.2"}`, "something follows it"},
		{"a field twice", `{"format_version":"1.2","resource_changes":[],"resource_changes":[]}`, "there twice"},
		{"version alone", `{"format_version":"1.2"}`, "neither resources nor a configuration"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := tofu.DecodePlan(strings.NewReader(tt.text))
			var plan *tofu.PlanError
			if !errors.As(err, &plan) || !strings.Contains(err.Error(), tt.says) || p != nil {
				t.Fatalf("%+v, %v, want %q", p, err, tt.says)
			}
			if !strings.Contains(err.Error(), "show -json PLAN") {
				t.Errorf("no way out in %q", err)
			}
		})
	}
}

// Editors on Windows put a mark first, which means nothing.
func TestDecodePastAMark(t *testing.T) {
	p, err := tofu.DecodePlan(strings.NewReader("\xef\xbb\xbf" + aPlan))
	if err != nil || len(p.Changes) != 6 {
		t.Errorf("%v, %v", p, err)
	}
}

// endless is the JSON of a plan that does not end.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	text := `{"format_version":"1.2","resource_changes":[`
	if e.begun {
		text = `{"address":"a","change":{}},` + strings.Repeat(" ", 1<<16)
	}
	e.begun = true
	return copy(p, text[:min(len(text), len(p))]), nil
}

func TestDecodeHuge(t *testing.T) {
	_, err := tofu.DecodeWithin(&endless{}, 2<<20)
	if err == nil || !strings.Contains(err.Error(), "larger than 2 MiB") {
		t.Fatal(err)
	}
}

// A plan that is cut off anywhere is refused, never taken for a smaller one.
func TestDecodeCutAnywhere(t *testing.T) {
	for i := range len(aPlan) - 1 {
		if _, err := tofu.DecodePlan(strings.NewReader(aPlan[:i])); err == nil {
			t.Fatalf("cut at byte %d is taken for a plan", i)
		}
	}
}

// brokenReader fails after a while, as a tool does that is killed.
type brokenReader struct{ r io.Reader }

func (b *brokenReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("gone")
	}
	return n, err
}

func TestDecodeBrokenReader(t *testing.T) {
	_, err := tofu.DecodePlan(&brokenReader{strings.NewReader(aPlan[:500])})
	if err == nil || !strings.Contains(err.Error(), "gone") {
		t.Fatal(err)
	}
}

// Whatever is marked as sensitive is gone, at whatever depth the mark stands.
func TestSensitiveValuesAreDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 1, 6, rapid.ID).Draw(t, "names")
		var values, marks, secret []string
		for _, n := range names {
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				values = append(values, fmt.Sprintf("%q: %q", n, "plain-"+n))
			case 1:
				values, marks = append(values, fmt.Sprintf("%q: %q", n, "SECRET")), append(marks, fmt.Sprintf("%q: true", n))
				secret = append(secret, n)
			case 2:
				values = append(values, fmt.Sprintf(`%q: {"in": ["SECRET"]}`, n))
				marks = append(marks, fmt.Sprintf(`%q: {"in": [true]}`, n))
				secret = append(secret, n)
			case 3:
				values = append(values, fmt.Sprintf(`%q: [{"deep": "SECRET"}]`, n))
				marks = append(marks, fmt.Sprintf(`%q: [{"deep": true}]`, n))
				secret = append(secret, n)
			}
		}
		body := "{" + strings.Join(values, ",") + "}"
		mark := "{" + strings.Join(marks, ",") + "}"
		text := fmt.Sprintf(`{"format_version":"1.2","resource_changes":[{"address":"a","type":"aws_iam_user","change":{"actions":["update"],"before":%s,"after":%s,"before_sensitive":%s,"after_sensitive":%s}}]}`, body, body, mark, mark)
		p, err := tofu.DecodePlan(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%v", p); strings.Contains(got, "SECRET") {
			t.Fatal(got)
		}
		for _, n := range names {
			if _, there := p.Changes[0].Before[n]; there == slices.Contains(secret, n) {
				t.Fatalf("%s is there: %v", n, there)
			}
		}
	})
}

func FuzzDecodePlan(f *testing.F) {
	f.Add(aPlan)
	f.Add(`{"format_version":"1.2","resource_changes":[{"change":{"actions":[null],"before":1,"after":[]}}],"output_changes":{"x":null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := tofu.DecodePlan(strings.NewReader(text))
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
	})
}
