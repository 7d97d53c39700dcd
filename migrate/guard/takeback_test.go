package guard

import (
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// What it takes to go back, and what is refused on that way, change by change.
func TestTakeBack(t *testing.T) {
	const (
		newName = "nullplatform-demo-asset-publishers"
		oldName = "nullplatform-demo-ecr-managers"
		user    = "nullplatform-demo-build-workflow-user"
		ecr     = "arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy"
		s3      = "arn:aws:iam::123456789012:policy/nullplatform-demo-s3-policy"
	)
	values := func(pairs ...any) tofu.Values {
		v := tofu.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v[pairs[i].(string)] = pairs[i+1]
		}
		return v
	}
	for _, tt := range []struct {
		why     string
		change  tofu.Change
		refused bool
		gap     bool
	}{
		{why: "the group gets its old name back", change: tofu.Change{
			Type: "aws_iam_group", Name: "nullplatform_ecr_managers", Action: tofu.Update, Changed: []string{"name", "arn", "id"},
			Before: values("name", newName), After: values("name", oldName),
		}},
		{why: "the group would be destroyed", refused: true, change: tofu.Change{
			Type: "aws_iam_group", Name: "asset_publishers", Action: tofu.Delete, Before: values("name", newName),
		}},
		{why: "the membership follows", gap: true, change: tofu.Change{
			Type: "aws_iam_user_group_membership", Name: "m", Action: tofu.Update, Changed: []string{"groups"},
			Before: values("user", user, "groups", []any{newName}), After: values("user", user, "groups", []any{oldName}),
		}},
		{why: "the user would leave a group of somebody's own", refused: true, change: tofu.Change{
			Type: "aws_iam_user_group_membership", Name: "m", Action: tofu.Update, Changed: []string{"groups"},
			Before: values("user", user, "groups", []any{newName, "team"}), After: values("user", user, "groups", []any{oldName}),
		}},
		{why: "the attachment follows", gap: true, change: tofu.Change{
			Type: "aws_iam_group_policy_attachment", Name: "ecr_manager_policy_group", Action: tofu.Replace, Changed: []string{"group", "id"},
			Before: values("group", newName, "policy_arn", ecr), After: values("group", oldName, "policy_arn", ecr),
		}},
		{why: "the ECR grant would go", refused: true, change: tofu.Change{
			Type: "aws_iam_group_policy_attachment", Name: "ecr_manager_policy_group", Action: tofu.Delete,
			Before: values("group", newName, "policy_arn", ecr),
		}},
		{why: "the S3 grant that the upgrade has made goes", gap: true, change: tofu.Change{
			Type: "aws_iam_group_policy_attachment", Name: "s3_policy_group", Action: tofu.Delete, Before: values("group", newName, "policy_arn", s3),
		}},
		{why: "its policy goes", change: tofu.Change{
			Type: "aws_iam_policy", Name: "nullplatform_s3_policy", Action: tofu.Delete, Before: values("name", "nullplatform-demo-s3-policy"),
		}},
		{why: "the ECR policy would be destroyed", refused: true, change: tofu.Change{
			Type: "aws_iam_policy", Name: "nullplatform_ecr_manager_policy", Action: tofu.Delete, Before: values("name", "nullplatform-demo-ecr-manager-policy"),
		}},
		{why: "the user would be destroyed", refused: true, change: tofu.Change{
			Type: "aws_iam_user", Name: userLabel, Action: tofu.Delete, Before: values("name", user),
		}},
		{why: "the key would be replaced", refused: true, change: tofu.Change{
			Type: "aws_iam_access_key", Name: keyLabel, Action: tofu.Replace, Before: values("user", user), After: values("user", user),
		}},
		{why: "something of another cluster changes", refused: true, change: tofu.Change{
			Type: "aws_iam_group", Name: "g", Action: tofu.Update, Changed: []string{"name"},
			Before: values("name", "nullplatform-other-asset-publishers"), After: values("name", "nullplatform-other-ecr-managers"),
		}},
		{why: "something of somebody else's is made", refused: true, change: tofu.Change{
			Type: "aws_iam_group", Name: "team", Action: tofu.Create, After: values("name", "team"),
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			tt.change.Address = tt.change.Type + "." + tt.change.Name
			kept := tofu.Change{
				Address: "module.ecr.aws_iam_user.here", Type: "aws_iam_user", Name: userLabel, Action: tofu.NoOp,
				Before: values("name", user), After: values("name", user),
			}
			v := Judge(&tofu.Plan{Changes: []tofu.Change{tt.change, kept}}, Expectation{Job: TakeBack, Cluster: "demo"})
			if v.Refused() != tt.refused || (len(v.Gaps) > 0) != tt.gap {
				t.Errorf("refused %t, want %t; gap %t, want %t: %+v", v.Refused(), tt.refused, len(v.Gaps) > 0, tt.gap, v)
			}
		})
	}
}

// A wider document of the modules' own needs a word of its own, and no other
// change goes with it.
func TestBroadening(t *testing.T) {
	wide := tofu.Change{
		Address: "module.ecr.aws_iam_policy.nullplatform_ecr_manager_policy", Type: "aws_iam_policy", Name: "nullplatform_ecr_manager_policy",
		Action: tofu.Update, Changed: []string{"policy"},
		Before: tofu.Values{"name": "nullplatform-demo-ecr-manager-policy", "policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:PutImage","Resource":"arn:aws:ecr:*:*:repository/*"}]}`},
		After:  tofu.Values{"name": "nullplatform-demo-ecr-manager-policy", "policy": mostECR},
	}
	wider := wide
	wider.After = tofu.Values{"name": "nullplatform-demo-ecr-manager-policy", "policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}`}
	for _, tt := range []struct {
		why     string
		change  tofu.Change
		word    bool
		refused bool
	}{
		{why: "without the word", change: wide, refused: true},
		{why: "with it", change: wide, word: true},
		{why: "more than the modules allow", change: wider, word: true, refused: true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			v := Judge(&tofu.Plan{Changes: []tofu.Change{tt.change}}, Expectation{Job: Upgrade, Cluster: "demo", UserElsewhere: true, AllowBroadening: tt.word})
			if v.Refused() != tt.refused {
				t.Errorf("refused %t: %+v", v.Refused(), v)
			}
		})
	}
}
