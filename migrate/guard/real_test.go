package guard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest/asreal"
)

// The plans here are the JSON that the tools print with the provider of
// HashiCorp, whole, as it reaches slipway guard.

const (
	ecrPolicyName = "nullplatform-demo-ecr-manager-policy"
	roleNameDemo  = "nullplatform-demo-application-role"
	ecrText       = "Policy for managing ECR repositories with restricted access"
	s3Text        = "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket"
	asset         = "module.asset_repository."

	boundDoc = `{"Statement":[{"Action":["ecr:PutImage"],"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1"]}},"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]},{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	wholeDoc = `{"Statement":[{"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource","ecr:SetRepositoryPolicy"],"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]},{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	oldTrust = `{"Statement":[{"Action":"sts:AssumeRole","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}},"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::283477532906:role/application_manager"}}],"Version":"2012-10-17"}`
	newTrust = `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::283477532906:role/application_manager"}}],"Version":"2012-10-17"}`
)

func noOp() []string { return []string{"no-op"} }

// split is the plan from 3.4 to 6.1 with the four moves and a bucket.
func split() asreal.Plan {
	user, key := asreal.User(userName), asreal.AccessKey(userName)
	group, policy := asreal.Group(managers), asreal.Policy(ecrPolicyName, ecrText, wholeDoc)
	role := asreal.Role(roleNameDemo, newTrust, ecrARN)
	s3 := asreal.Policy("nullplatform-demo-s3-policy", s3Text, publishDoc)
	return asreal.Plan{Outputs: noOp(), Changes: []asreal.Change{
		asreal.Keep(newKey, key).From(oldKey),
		{Address: newGroup, Previous: oldGroup, Actions: []string{"update"}, Before: group, After: group.With("name", publisher), Unknown: []string{"arn"}},
		asreal.Keep(newUser, user).From(oldUser),
		{
			Address: newMember, Previous: oldMember, Actions: []string{"update"},
			Before: asreal.Membership(userName, managers), After: asreal.Membership(userName, publisher),
		},
		{
			Address: ecrGrant, Actions: []string{"delete", "create"}, Reason: "replace_because_cannot_update", Replace: []string{"group"},
			Before: asreal.Attachment("group", managers, ecrARN), After: asreal.Attachment("group", publisher, ecrARN), Unknown: []string{"id"},
		},
		asreal.Keep(ecrPolicy, policy),
		asreal.Keep(appRole, role),
		asreal.Keep("module.ecr.aws_iam_role_policy_attachment.ecr_manager_policy", asreal.Attachment("role", roleNameDemo, ecrARN)),
		asreal.Keep("module.ecr.terraform_data.validations", asreal.Attributes{"id": "x", "input": nil, "output": nil, "triggers_replace": nil}),
		{
			Address: s3Policy, Actions: []string{"create"}, After: s3,
			Unknown: []string{"arn", "attachment_count", "id", "name_prefix", "policy_id", "tags_all"},
		},
		{Address: s3Grant, Actions: []string{"create"}, After: asreal.Attachment("group", publisher, ""), Unknown: []string{"id", "policy_arn"}},
		{Address: asset + "data.aws_region.current", Mode: "data", Actions: []string{"read"}, Reason: "read_because_dependency_pending", After: asreal.Attributes{"region": "us-east-1"}, Unknown: []string{"id"}},
		asreal.Keep(asset+"nullplatform_provider_config.ecr", asreal.Attributes{"id": "1", "nrn": "organization=1", "type": "ecr", "attributes": `{"ci":{"secret_key":"` + asreal.Secret + `"}}`}),
	}}
}

// from112 is the plan from 1.12 to 6.1 after the user's own attachment was taken
// out of the state, registration included.
func from112() asreal.Plan {
	user, key := asreal.User(userName), asreal.AccessKey(userName)
	policy, role := asreal.Policy(ecrPolicyName, ecrText, boundDoc), asreal.Role(roleNameDemo, oldTrust, ecrARN)
	return asreal.Plan{Outputs: noOp(), Changes: []asreal.Change{
		asreal.Keep(newKey, key).From(asset + "aws_iam_access_key.nullplatform_build_workflow_user_key"),
		asreal.Keep(newUser, user).From(asset + "aws_iam_user.nullplatform_build_workflow_user"),
		{Address: newGroup, Actions: []string{"create"}, After: asreal.Group(publisher), Unknown: []string{"arn", "id", "unique_id"}},
		{Address: newMember, Actions: []string{"create"}, After: asreal.Membership(userName, publisher), Unknown: []string{"id"}},
		{Address: ecrGrant, Actions: []string{"create"}, After: asreal.Attachment("group", publisher, ecrARN), Unknown: []string{"id"}},
		// The provider reads {} where there are no tags, and plans null for
		// them beside whatever else changes.
		{
			Address: ecrPolicy, Previous: asset + "aws_iam_policy.nullplatform_ecr_manager_policy", Actions: []string{"update"},
			Before: policy, After: policy.With("policy", wholeDoc, "tags", nil),
		},
		{
			Address: appRole, Previous: asset + "aws_iam_role.nullplatform_application_role", Actions: []string{"update"},
			Before: role, After: role.With("assume_role_policy", newTrust, "tags", nil, "permissions_boundary", nil, "description", nil),
		},
		{
			Address: asset + "nullplatform_provider_config.ecr", Actions: []string{"update"},
			Before: asreal.Attributes{"id": "1", "nrn": "organization=1", "attributes": `{"ci":{"secret_key":"` + asreal.Secret + `"}}`},
			After:  asreal.Attributes{"id": "1", "nrn": "organization=1", "attributes": `{"ci":{"secret_key":"` + asreal.Secret + `"},"setup":{}}`},
		},
	}}
}

// altered is a plan with one change made otherwise.
func altered(p asreal.Plan, address string, alter func(*asreal.Change)) asreal.Plan {
	p.Changes = slices.Clone(p.Changes)
	i := slices.IndexFunc(p.Changes, func(c asreal.Change) bool { return c.Address == address })
	alter(&p.Changes[i])
	return p
}

// updated is a plan in which something stays where it was and changes.
func updated(p asreal.Plan, address string, pairs ...any) asreal.Plan {
	return altered(p, address, func(c *asreal.Change) {
		c.Actions, c.After = []string{"update"}, c.Before.With(pairs...)
	})
}

func withMore(p asreal.Plan, more ...asreal.Change) asreal.Plan {
	p.Changes = append(slices.Clone(p.Changes), more...)
	return p
}

// nothingLeft is the plan after the upgrade.
func nothingLeft() asreal.Plan {
	p := split()
	p.Changes = slices.Clone(p.Changes)
	for i, c := range p.Changes {
		if c.Mode == "" {
			p.Changes[i] = asreal.Keep(c.Address, c.After)
		}
	}
	return p
}

func TestJudgeAsTheToolsPlan(t *testing.T) {
	upgrade := guard.Expectation{Job: guard.Upgrade, Cluster: "demo"}
	consenting, wider, nothing := upgrade, upgrade, upgrade
	consenting.AllowUnrelated = true
	wider.AllowBroadening = true
	nothing.Job = guard.Nothing
	again := nothing
	again.AllowUnrelated = true
	byAddress := nothing
	byAddress.Allowed = []string{"terraform_data.always", ecrPolicy}
	tag, team := map[string]any{}, map[string]any{"team": "platform"}
	always := asreal.Change{
		Address: "null_resource.stamp", Actions: []string{"update"},
		Before: asreal.Attributes{"id": "1", "triggers": map[string]any{"at": "1"}}, After: asreal.Attributes{"id": "1", "triggers": map[string]any{"at": "2"}},
	}
	replaced := always
	replaced.Address, replaced.Actions, replaced.Replace = "terraform_data.always", []string{"delete", "create"}, []string{"triggers_replace"}
	for _, tt := range []struct {
		name, why           string
		plan                asreal.Plan
		want                guard.Expectation
		refusals, unrelated []string
	}{
		{name: "the split", why: "as it should be", plan: split(), want: upgrade},
		{
			name: "the split, create before destroy", why: "the attachment under a lifecycle of its own",
			plan: altered(split(), ecrGrant, func(c *asreal.Change) { c.Actions = []string{"create", "delete"} }), want: upgrade,
		},
		{
			name: "a key that is replaced and left", why: "the tools can leave the old thing where it is since Terraform 1.7 and OpenTofu 1.11; CI would get the new key all the same",
			plan: altered(split(), newKey, func(c *asreal.Change) {
				c.Actions, c.Unknown = []string{"create", "forget"}, []string{"id", "secret"}
			}),
			want: consenting, refusals: []string{"access-key " + newKey},
		},
		{
			name: "a grant that is made anew and left", why: "both orders of the words are in use",
			plan: altered(split(), ecrGrant, func(c *asreal.Change) { c.Actions = []string{"forget", "create"} }), want: upgrade,
		},
		{
			name: "an ephemeral resource", why: "OpenTofu shows, in a word of its own, what it opens for the run; nothing of it changes anything",
			plan: withMore(split(), asreal.Change{Address: "ephemeral.aws_secretsmanager_secret_version.np", Mode: "ephemeral", Actions: []string{"Open"}, Unknown: []string{"secret_string"}}),
			want: upgrade,
		},
		{
			name: "1.12 to 6.1", why: "tags of nothing are no change; the wider documents and the registration ask for a word each",
			plan: from112(), want: upgrade,
			unrelated: []string{"unrelated " + asset + "nullplatform_provider_config.ecr", "unrelated " + ecrPolicy, "unrelated " + appRole},
		},
		{
			name: "1.12 to 6.1, broadening agreed", why: "what is left is the registration", plan: from112(), want: wider,
			unrelated: []string{"unrelated " + asset + "nullplatform_provider_config.ecr"},
		},
		{
			name: "1.12 to 6.1, the unrelated agreed", why: "one word for all that destroys nothing", plan: from112(), want: consenting,
		},
		{
			name: "default tags came with it", why: "tags touch neither user nor key, and still are not what was asked for",
			plan: updated(updated(split(), newUser, "tags_all", team), ecrPolicy, "tags_all", team), want: upgrade,
			unrelated: []string{"unrelated " + newUser, "unrelated " + ecrPolicy},
		},
		{
			name: "default tags, agreed", why: "consent opens it",
			plan: updated(updated(split(), newUser, "tags_all", team), ecrPolicy, "tags_all", team), want: consenting,
		},
		{
			name: "tags of which some are not known yet", why: "default_tags may hold what is known after the apply",
			plan: altered(split(), newUser, func(c *asreal.Change) { c.Actions, c.Unknown = []string{"update"}, []string{"tags_all"} }), want: consenting,
		},
		{
			name: "tags and a boundary", why: "a boundary takes access away",
			plan: updated(split(), newUser, "tags", team, "permissions_boundary", asreal.PolicyARN("boundary")), want: consenting,
			refusals: []string{"build-user " + newUser},
		},
		{
			name: "force_destroy", why: "it lets a later apply delete the user with its keys",
			plan: updated(split(), newUser, "force_destroy", true), want: consenting, refusals: []string{"build-user " + newUser},
		},
		{
			name: "a narrower policy behind new tags", why: "a grant that is lost is lost, whatever changes beside it",
			plan: updated(split(), ecrPolicy, "tags", team, "tags_all", team, "policy", boundDoc), want: consenting, refusals: []string{"grant " + ecrPolicy},
		},
		{
			name: "a trust that changes with a boundary", why: "only the trust alone is what later contracts change",
			plan: updated(split(), appRole, "assume_role_policy", oldTrust, "permissions_boundary", asreal.PolicyARN("boundary")), want: consenting,
			refusals: []string{"grant " + appRole},
		},
		{
			name: "a user that is not where the provider looks", why: "a provider of another account reads nothing, takes user and key for gone and makes them anew",
			plan: altered(altered(split(), newUser, func(c *asreal.Change) {
				c.Actions, c.Before, c.Previous, c.Unknown = []string{"create"}, nil, "", []string{"arn", "id", "unique_id", "tags_all"}
			}), newKey, func(c *asreal.Change) {
				c.Actions, c.Before, c.Previous, c.Unknown = []string{"create"}, nil, "", []string{"id", "secret", "create_date", "ses_smtp_password_v4"}
			}),
			want: consenting, refusals: []string{"access-key " + newKey, "build-user " + newUser},
		},
		{
			name: "errored", why: "OpenTofu writes what it has of a plan that failed half-way",
			plan: func() asreal.Plan { p := split(); p.Errored = true; return p }(), want: upgrade, refusals: []string{"whole"},
		},
		{
			name: "a part that was excluded", why: "what is not shown may be anything",
			plan: func() asreal.Plan {
				p := split()
				p.More = map[string]any{"complete": false, "deferred_changes": []any{map[string]any{
					"reason": "excluded", "resource_change": map[string]any{"address": "aws_iam_group.later", "mode": "managed", "type": "aws_iam_group", "name": "later", "change": map[string]any{"actions": []any{"create"}}},
				}}}
				return p
			}(),
			want: upgrade, refusals: []string{"whole aws_iam_group.later"},
		},
		{name: "nothing left", why: "a data source that is read again is nothing", plan: nothingLeft(), want: nothing},
		{
			name: "something changes with every plan", why: "without consent it may be what was forgotten",
			plan: withMore(nothingLeft(), always, replaced), want: nothing, refusals: []string{"empty " + always.Address, "empty " + replaced.Address},
		},
		{
			name: "something changes with every plan, agreed", why: "it is no part of an identity; but what goes away is agreed to by its address",
			plan: withMore(nothingLeft(), always, replaced), want: again, refusals: []string{"empty " + replaced.Address},
		},
		{
			name: "something is replaced with every plan, agreed by its address", why: "the same word as for the plan before",
			plan: withMore(nothingLeft(), replaced), want: byAddress,
		},
		{
			name: "a part of the identity changes with every plan", why: "then the apply has not done what it should",
			plan: updated(nothingLeft(), ecrPolicy, "policy", boundDoc), want: byAddress, refusals: []string{"empty " + ecrPolicy},
		},
		{name: "the user's tags come back", why: "the last plan is to be empty of it", plan: updated(nothingLeft(), newUser, "tags", team, "tags_all", tag), want: again, refusals: []string{"build-user " + newUser}},
	} {
		for _, openTofu := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/OpenTofu %v", tt.name, openTofu), func(t *testing.T) {
				tt.plan.OpenTofu = openTofu
				text := tt.plan.JSON()
				plan, err := tofu.DecodePlan(strings.NewReader(text))
				if err != nil {
					t.Fatalf("%s: %v\n%s", tt.why, err, text)
				}
				if kept := fmt.Sprintf("%+v", plan); strings.Contains(kept, asreal.Secret) {
					t.Errorf("the secret is kept: %s", kept)
				}
				v := guard.Judge(plan, tt.want)
				slices.Sort(tt.refusals)
				slices.Sort(tt.unrelated)
				if got := brief(v.Refusals); !slices.Equal(got, tt.refusals) {
					t.Errorf("%s: refusals %v, want %v\n%+v", tt.why, got, tt.refusals, v.Refusals)
				}
				if got := brief(v.Unrelated); !slices.Equal(got, tt.unrelated) {
					t.Errorf("%s: unrelated %v, want %v", tt.why, got, tt.unrelated)
				}
			})
		}
	}
}
