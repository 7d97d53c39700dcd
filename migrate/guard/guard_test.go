package guard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// brief are findings as "rule address".
func brief(list []guard.Finding) []string {
	var out []string
	for _, f := range list {
		out = append(out, strings.TrimSpace(string(f.Rule)+" "+f.Address))
	}
	slices.Sort(out)
	return out
}

var allMoves = []tofu.Move{{From: oldUser, To: newUser}, {From: oldKey, To: newKey}, {From: oldGroup, To: newGroup}, {From: oldMember, To: newMember}}

func TestJudge(t *testing.T) {
	upgrade := guard.Expectation{Job: guard.Upgrade, Cluster: "demo"}
	with := func(e guard.Expectation, set func(*guard.Expectation)) guard.Expectation {
		set(&e)
		return e
	}
	mutate := func(p *tofu.Plan, address string, set func(*tofu.Change)) *tofu.Plan {
		set(at(p, address))
		return p
	}
	for _, tt := range []struct {
		name      string
		why       string
		plan      *tofu.Plan
		want      guard.Expectation
		refusals  []string
		unrelated []string
	}{
		{
			name: "four moves", why: "the upgrade as it should be",
			plan: fourMoves(), want: with(upgrade, func(e *guard.Expectation) { e.Moves = allMoves }),
		},
		{
			name: "four moves, any cluster", why: "a pipeline that does not say which cluster",
			plan: fourMoves(), want: guard.Expectation{Job: guard.Upgrade},
		},
		{
			name: "nothing moved", why: "the key would be lost; the plan is one with five deletes among many lines",
			plan: forgotten(), want: upgrade,
			refusals: []string{
				"access-key " + newKey, "access-key " + oldKey, "build-user " + newUser, "build-user " + oldUser,
				"grant " + oldGroup, "grant " + oldMember, "key-output output.ci_id", "key-output output.ci_secret",
			},
		},
		{
			name: "only the key forgotten", why: "one forgotten line of four is enough",
			plan: and(without(fourMoves(), newKey),
				resource(oldKey, "aws_iam_access_key", "nullplatform_build_workflow_user_key", tofu.Delete, vals("user", userName), nil),
				resource(newKey, "aws_iam_access_key", "nullplatform_build_workflow_user_key", tofu.Create, nil, vals("user", userName))),
			want: upgrade, refusals: []string{"access-key " + newKey, "access-key " + oldKey},
		},
		{
			name: "two moves", why: "as the release notes say: the group goes away with whoever else is in it",
			plan: twoMoves(), want: upgrade, refusals: []string{"grant " + oldGroup, "grant " + oldMember},
		},
		{
			name: "state mv", why: "leaves no trace in the plan",
			plan: mutate(mutate(fourMoves(), newUser, func(c *tofu.Change) { c.Previous = "" }), newKey, func(c *tofu.Change) { c.Previous = "" }),
			want: with(upgrade, func(e *guard.Expectation) { e.Moves = allMoves }),
		},
		{
			name: "moved from another address", why: "the key of another cluster in the same root",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Previous = "module.other.aws_iam_access_key.k" }),
			want: with(upgrade, func(e *guard.Expectation) { e.Moves = allMoves }), refusals: []string{"move " + newKey},
		},
		{
			name: "a moved address is not in the plan", why: "a plan with -target proves nothing about what it leaves out",
			plan: without(fourMoves(), newMember), want: with(upgrade, func(e *guard.Expectation) { e.Moves = allMoves }),
			refusals: []string{"move " + newMember},
		},
		{
			name: "another cluster name", why: "renames the user in place, which replaces its key",
			plan: mutate(mutate(fourMoves(), newUser, func(c *tofu.Change) {
				c.Action, c.Changed, c.After = tofu.Update, []string{"name"}, vals("name", "nullplatform-prod-build-workflow-user")
			}), newKey, func(c *tofu.Change) {
				*c = forced(*c, "user")
				c.Action, c.After = tofu.Replace, vals("user", "nullplatform-prod-build-workflow-user")
			}),
			want: upgrade, refusals: []string{"access-key " + newKey, "build-user " + newUser, "build-user"},
		},
		{
			name: "key replaced, create before destroy", why: "the same loss in the other order",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Action = tofu.ReplaceAfter }),
			want: upgrade, refusals: []string{"access-key " + newKey},
		},
		{
			name: "key made inactive", why: "an update in place stops CI too",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Action, c.Changed = tofu.Update, []string{"status"} }),
			want: upgrade, refusals: []string{"access-key " + newKey},
		},
		{
			name: "key forgotten by a removed block", why: "what leaves the state cannot come back with its secret",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Action = tofu.Forget }),
			want: upgrade, refusals: []string{"access-key " + newKey},
		},
		{
			name: "key imported", why: "an import gives a null secret, silently",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Imports, c.Previous = true, "" }),
			want: upgrade, refusals: []string{"access-key " + newKey},
		},
		{
			name: "deposed key", why: "a replacement that failed half-way left the old key, which CI may use",
			plan: and(fourMoves(), func() tofu.Change {
				c := theKey(newKey)
				c.Deposed, c.Action = "ab12cd34", tofu.Delete
				return c
			}()),
			want: upgrade, refusals: []string{"access-key " + newKey},
		},
		{
			name: "user under a label of one's own", why: "the name protects it, whatever the module calls it",
			plan: and(fourMoves(), resource("aws_iam_user.ci", "aws_iam_user", "ci", tofu.Delete, vals("name", "nullplatform-prod-build-workflow-user"), nil)),
			want: upgrade, refusals: []string{"build-user aws_iam_user.ci"},
		},
		{
			name: "consent does not reach the key", why: "no word opens that",
			plan: mutate(fourMoves(), newKey, func(c *tofu.Change) { c.Action = tofu.Replace }),
			want: with(upgrade, func(e *guard.Expectation) {
				e.Allowed, e.AllowUnrelated = []string{newKey, "output.ci_id"}, true
			}),
			refusals: []string{"access-key " + newKey},
		},
		{
			name: "an unknown action on the user", why: "what is not understood is not fine",
			plan: mutate(fourMoves(), newUser, func(c *tofu.Change) { c.Action = "rename" }),
			want: upgrade, refusals: []string{"build-user " + newUser},
		},
		{
			name: "errored", why: "OpenTofu writes plans of a run that failed",
			plan: func() *tofu.Plan { p := fourMoves(); p.Errored = true; return p }(), want: upgrade, refusals: []string{"whole"},
		},
		{
			name: "deferred", why: "Terraform may put changes off, and does not show what they will be",
			plan: func() *tofu.Plan {
				p := fourMoves()
				p.Incomplete, p.Deferred = true, []tofu.Change{theKey(newKey)}
				return p
			}(), want: upgrade, refusals: []string{"whole " + newKey},
		},
		{
			name: "with -target", why: "not complete, but an apply does what is shown",
			plan: func() *tofu.Plan { p := fourMoves(); p.Incomplete = true; return p }(), want: upgrade,
		},
		{
			name: "nothing expected, with -target", why: "an empty plan of a part proves nothing",
			plan: &tofu.Plan{Incomplete: true, Changes: append(stays(), theUser(newUser))},
			want: guard.Expectation{Job: guard.Nothing}, refusals: []string{"whole"},
		},
		{
			name: "no build user", why: "most likely the plan of another root",
			plan: &tofu.Plan{Changes: stays()}, want: upgrade, refusals: []string{"build-user"},
		},
		{
			name: "build user elsewhere", why: "said by somebody who knows",
			plan: &tofu.Plan{Changes: stays()}, want: with(upgrade, func(e *guard.Expectation) { e.UserElsewhere = true }),
		},
		{
			name: "a bucket goes", why: "nothing is destroyed that was not expected",
			plan: and(fourMoves(), resource(bucket, "aws_s3_bucket", "unrelated", tofu.Delete, nil, nil)),
			want: upgrade, refusals: []string{"destroy " + bucket},
		},
		{
			name: "a bucket goes, and is allowed", why: "by its address only",
			plan: and(fourMoves(), resource(bucket, "aws_s3_bucket", "unrelated", tofu.Delete, nil, nil)),
			want: with(upgrade, func(e *guard.Expectation) { e.Allowed = []string{bucket} }),
		},
		{
			name: "consent to all unrelated does not reach a destroy", why: "it is one word for many changes",
			plan: and(fourMoves(), resource(bucket, "aws_s3_bucket", "unrelated", tofu.Replace, nil, nil)),
			want: with(upgrade, func(e *guard.Expectation) { e.AllowUnrelated = true }), refusals: []string{"destroy " + bucket},
		},
		{
			name: "unrelated changes", why: "listed, for consent or -target",
			plan: and(fourMoves(), changing(resource(bucket, "aws_s3_bucket", "unrelated", tofu.Update, nil, nil), "tags"),
				resource("aws_s3_bucket.more", "aws_s3_bucket", "more", tofu.Create, nil, nil)),
			want: upgrade, unrelated: []string{"unrelated " + bucket, "unrelated aws_s3_bucket.more"},
		},
		{
			name: "unrelated changes with consent", why: "one word is enough where nothing goes away",
			plan: and(fourMoves(), resource(bucket, "aws_s3_bucket", "unrelated", tofu.Update, nil, nil)),
			want: with(upgrade, func(e *guard.Expectation) { e.AllowUnrelated = true }),
		},
		{
			name: "5.0 to 6.1", why: "the S3 policy makes way for one that allows the same",
			plan: renamedS3(), want: upgrade,
		},
		{
			name: "5.0 to 6.1 with less", why: "the new policy does not allow what the old one did",
			plan: mutate(renamedS3(), s3Policy, func(c *tofu.Change) { c.After["policy"] = readDoc }),
			want: upgrade, refusals: []string{"grant " + oldS3},
		},
		{
			name: "5.0 to 6.1 without the new one", why: "the call of the S3 module was lost",
			plan: without(renamedS3(), s3Policy, s3Grant), want: upgrade, refusals: []string{"grant " + oldS3, "grant " + oldS3In},
		},
		{
			name: "grant lost", why: "the attachment is deleted and not replaced",
			plan: mutate(fourMoves(), ecrGrant, func(c *tofu.Change) { c.Action, c.After = tofu.Delete, nil }),
			want: upgrade, refusals: []string{"grant " + ecrGrant},
		},
		{
			name: "grant of another policy", why: "replaced is fine for another group, not for another policy",
			plan: mutate(fourMoves(), ecrGrant, func(c *tofu.Change) { c.After["policy_arn"] = s3OldARN }),
			want: upgrade, refusals: []string{"grant " + ecrGrant},
		},
		{
			name: "grant to another cluster's group", why: "a mixed-up group_name",
			plan: mutate(fourMoves(), ecrGrant, func(c *tofu.Change) { c.After["group"] = "nullplatform-prod-asset-publishers" }),
			want: upgrade, refusals: []string{"destroy " + ecrGrant},
		},
		{
			name: "grant made anew", why: "after its old entry was taken out of the state",
			plan: mutate(fourMoves(), ecrGrant, func(c *tofu.Change) { c.Action, c.Before = tofu.Create, nil }), want: upgrade,
		},
		{
			name: "a policy of everything for the group", why: "an attachment is only expected for the policies of the modules",
			plan: and(fourMoves(), attachment("module.x.aws_iam_group_policy_attachment.admin", tofu.Create, "arn:aws:iam::aws:policy/AdministratorAccess", "", publisher)),
			want: upgrade, unrelated: []string{"unrelated module.x.aws_iam_group_policy_attachment.admin"},
		},
		{
			name: "another cluster's policy for the group", why: "its name is of the modules, and not of this cluster",
			plan: and(fourMoves(), attachment("module.x.aws_iam_group_policy_attachment.x", tofu.Create, "arn:aws:iam::123456789012:policy/nullplatform-prod-s3-policy", "", publisher)),
			want: upgrade, unrelated: []string{"unrelated module.x.aws_iam_group_policy_attachment.x"},
		},
		{
			name: "the S3 policy allows everything", why: "the name is right, and the document is not",
			plan: mutate(fourMoves(), s3Policy, func(c *tofu.Change) { c.After["policy"] = adminDoc }),
			want: upgrade, unrelated: []string{"unrelated " + s3Policy},
		},
		{
			name: "the S3 policy is not known yet", why: "what cannot be told is not fine",
			plan: mutate(fourMoves(), s3Policy, func(c *tofu.Change) { *c = unknown(*c, "policy") }),
			want: upgrade, unrelated: []string{"unrelated " + s3Policy},
		},
		{
			name: "grant create before destroy", why: "the gapless way by configuration",
			plan: mutate(fourMoves(), ecrGrant, func(c *tofu.Change) { c.Action = tofu.ReplaceAfter }), want: upgrade,
		},
		{
			name: "direct grant goes", why: "contract 1.12 had the policy on the user, and the group may not have it yet",
			plan: and(fourMoves(), resource("module.ecr.aws_iam_user_policy_attachment.ecr_manager_policy_user", "aws_iam_user_policy_attachment", "ecr_manager_policy_user",
				tofu.Delete, vals("user", userName, "policy_arn", ecrARN), nil)),
			want: upgrade, refusals: []string{"grant module.ecr.aws_iam_user_policy_attachment.ecr_manager_policy_user"},
		},
		{
			name: "direct grant forgotten", why: "it stays in the account until the group's grant is proven",
			plan: and(fourMoves(), resource("module.ecr.aws_iam_user_policy_attachment.ecr_manager_policy_user", "aws_iam_user_policy_attachment", "ecr_manager_policy_user",
				tofu.Forget, vals("user", userName, "policy_arn", ecrARN), nil)),
			want: upgrade,
		},
		{
			name: "another group leaves the membership", why: "somebody added a group to the same resource",
			plan: mutate(fourMoves(), newMember, func(c *tofu.Change) { c.Before["groups"] = []any{managers, "developers"} }),
			want: upgrade, refusals: []string{"grant " + newMember},
		},
		{
			name: "policy narrowed", why: "in place, so that no destroy gives it away",
			plan: mutate(renamedS3(), ecrPolicy, func(c *tofu.Change) {
				*c = changing(document(ecrPolicy, "nullplatform-demo-ecr-manager-policy", tofu.Update, publishDoc, readDoc), "policy")
			}), want: upgrade, refusals: []string{"grant " + ecrPolicy},
		},
		{
			name: "policy widened", why: "needs consent, as every broadening",
			plan: mutate(renamedS3(), ecrPolicy, func(c *tofu.Change) {
				*c = changing(document(ecrPolicy, "nullplatform-demo-ecr-manager-policy", tofu.Update, readDoc, publishDoc), "policy")
			}), want: upgrade, unrelated: []string{"unrelated " + ecrPolicy},
		},
		{
			name: "policy replaced", why: "name and description force it, and the grant is gone meanwhile",
			plan: mutate(fourMoves(), ecrPolicy, func(c *tofu.Change) { *c = forced(*c, "description"); c.Action = tofu.Replace }),
			want: upgrade, refusals: []string{"grant " + ecrPolicy},
		},
		{
			name: "role destroyed", why: "the platform could not create repositories any more",
			plan: mutate(fourMoves(), appRole, func(c *tofu.Change) { c.Action = tofu.Delete }),
			want: upgrade, refusals: []string{"destroy " + appRole},
		},
		{
			name: "cross-account pull goes", why: "newer modules have none; other accounts may still use it",
			plan: and(fourMoves(), resource("module.ecr.aws_iam_role.ecr_cross_account_pull[0]", "aws_iam_role", "ecr_cross_account_pull", tofu.Delete,
				vals("name", "nullplatform-demo-ecr-cross-account-pull"), nil)),
			want: upgrade, refusals: []string{"destroy module.ecr.aws_iam_role.ecr_cross_account_pull[0]"},
		},
		{
			name: "output renamed", why: "another root reads it by its name",
			plan: func() *tofu.Plan {
				p := fourMoves()
				p.Outputs[1].Action = tofu.Delete
				return p
			}(), want: upgrade, refusals: []string{"key-output output.ci_secret"},
		},
		{
			name: "sensitive output from a local", why: "the plan does not tell what it carries, so it may be the key",
			plan: func() *tofu.Plan {
				p := fourMoves()
				p.Outputs = append(p.Outputs, tofu.OutputChange{Name: "x", Action: tofu.Update, Sensitive: true, References: []string{"local.x"}})
				return p
			}(), want: upgrade, refusals: []string{"key-output output.x"},
		},
		{
			name: "sensitive output of something else", why: "a database password is not the key",
			plan: func() *tofu.Plan {
				p := fourMoves()
				p.Outputs = append(p.Outputs, tofu.OutputChange{Name: "x", Action: tofu.Update, Sensitive: true, References: []string{"aws_db_instance.main.password"}})
				return p
			}(), want: upgrade, unrelated: []string{"unrelated output.x"},
		},
		{
			name: "an action beside the resources", why: "newer tools run them at an apply",
			plan: func() *tofu.Plan { p := fourMoves(); p.Invocations = []string{"action.aws_lambda_invoke.x"}; return p }(),
			want: upgrade, unrelated: []string{"unrelated action.aws_lambda_invoke.x"},
		},
		{
			name: "nothing expected, nothing there", why: "the proof at the end of an upgrade",
			plan: &tofu.Plan{Changes: append(stays(), theUser(newUser), theKey(newKey)), Outputs: outputs(tofu.NoOp)},
			want: guard.Expectation{Job: guard.Nothing, Cluster: "demo"},
		},
		{
			name: "nothing expected, a move left", why: "the exit code would not tell it from an empty plan",
			plan: &tofu.Plan{Changes: append(stays(), moved(oldUser, theUser(newUser)), theKey(newKey))},
			want: guard.Expectation{Job: guard.Nothing}, refusals: []string{"empty " + newUser},
		},
		{
			name: "nothing expected, a change left", why: "somebody else has changed it, or the apply did not finish",
			plan: renamedS3(), want: guard.Expectation{Job: guard.Nothing},
			refusals: []string{"empty " + s3Grant, "empty " + s3Policy, "empty " + oldS3, "empty " + oldS3In},
		},
		{
			name: "install", why: "everything is made, and nothing was there",
			plan: func() *tofu.Plan {
				p := fourMoves()
				for i := range p.Changes {
					c := &p.Changes[i]
					if c.After == nil {
						c.After = c.Before
					}
					c.Action, c.Before, c.Previous, c.Changed, c.ReplacePaths = tofu.Create, nil, "", nil, nil
				}
				p.Outputs = outputs(tofu.Create)
				return p
			}(), want: guard.Expectation{Job: guard.Install, Cluster: "demo"},
		},
		{
			name: "install takes over", why: "what is there is taken into the state as it is, and the provider writes what it keeps there alone",
			plan: &tofu.Plan{Changes: []tofu.Change{
				imported(changing(resource(newUser, "aws_iam_user", "nullplatform_build_workflow_user", tofu.Update, vals("name", userName), vals("name", userName)), "force_destroy", "tags_all")),
				resource(newKey, "aws_iam_access_key", "nullplatform_build_workflow_user_key", tofu.Create, nil, vals("user", userName)),
				imported(keep(newGroup, "aws_iam_group", "asset_publishers", vals("name", publisher))),
			}, Outputs: outputs(tofu.Create)},
			// Known to the job, or said by a person.
			want: guard.Expectation{Job: guard.Install, Cluster: "demo", Imports: []string{newGroup}, Allowed: []string{newUser}},
		},
		{
			name: "install registers", why: "what the calls of asset/ecr and asset/s3 make tells nullplatform of the destinations",
			plan: &tofu.Plan{Changes: []tofu.Change{made(theUser(newUser)), made(theKey(newKey)), registration("asset_repository", "ecr", tofu.Create), registration("asset_s3", "s3", tofu.Create)}},
			want: guard.Expectation{Job: guard.Install, Cluster: "demo"},
		},
		{
			name: "install registers something else", why: "what the root has besides is not applied without a word, whatever its type",
			plan: &tofu.Plan{Changes: []tofu.Change{
				made(theUser(newUser)), made(theKey(newKey)), registration("", "ecr", tofu.Create), registration("cloud", "aws", tofu.Create),
			}},
			want:      guard.Expectation{Job: guard.Install, Cluster: "demo"},
			unrelated: []string{"unrelated nullplatform_provider_config.ecr", "unrelated module.cloud.nullplatform_provider_config.aws"},
		},
		{
			name: "install over registrations", why: "CI uses the other key from the moment of an update, and none while one is replaced",
			plan: &tofu.Plan{Changes: []tofu.Change{
				made(theUser(newUser)), made(theKey(newKey)), imported(changing(registration("asset_repository", "ecr", tofu.Update), "attributes")),
				imported(registration("asset_s3", "s3", tofu.NoOp)), changing(registration("old", "s3", tofu.Update), "attributes"), registration("older", "ecr", tofu.Replace),
			}},
			want:     guard.Expectation{Job: guard.Install, Cluster: "demo"},
			refusals: []string{"destroy module.older.nullplatform_provider_config.ecr"},
			unrelated: []string{
				"unrelated module.asset_repository.nullplatform_provider_config.ecr", "unrelated module.asset_s3.nullplatform_provider_config.s3",
				"unrelated module.old.nullplatform_provider_config.s3",
			},
		},
		{
			name: "install takes over too much", why: "a user that would change, a key whose secret cannot be read back, and what nobody meant to take over",
			plan: &tofu.Plan{Changes: []tofu.Change{
				imported(changing(resource(newUser, "aws_iam_user", "nullplatform_build_workflow_user", tofu.Update, vals("name", userName), vals("name", userName)), "path")),
				imported(theKey(newKey)),
				imported(keep(newGroup, "aws_iam_group", "asset_publishers", vals("name", publisher))),
				imported(forced(resource(appRole, "aws_iam_role", "nullplatform_application_role", tofu.Replace, vals("name", "nullplatform-demo-application-role"), vals("name", "nullplatform-demo-application-role")), "path")),
			}},
			want:      guard.Expectation{Job: guard.Install, Cluster: "demo", Imports: []string{newUser, newKey, appRole}},
			refusals:  []string{"build-user " + newUser, "access-key " + newKey, "destroy " + appRole},
			unrelated: []string{"unrelated " + newGroup},
		},
		{
			name: "install over a key", why: "a plan for an install must not touch one that is there",
			plan: fourMoves(), want: guard.Expectation{Job: guard.Install, Cluster: "demo"},
			refusals:  []string{"destroy " + ecrGrant},
			unrelated: []string{"unrelated " + newGroup, "unrelated " + newMember},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := guard.Judge(tt.plan, tt.want)
			slices.Sort(tt.refusals)
			slices.Sort(tt.unrelated)
			if d := cmp.Diff(tt.refusals, brief(v.Refusals)); d != "" {
				t.Errorf("%s\nrefusals (-want +got):\n%s", tt.why, d)
			}
			if d := cmp.Diff(tt.unrelated, brief(v.Unrelated)); d != "" {
				t.Errorf("%s\nunrelated (-want +got):\n%s", tt.why, d)
			}
			if refused := len(tt.refusals)+len(tt.unrelated) > 0; refused != v.Refused() || refused != (v.Err() != nil) {
				t.Errorf("refused: %v, error: %v", v.Refused(), v.Err())
			}
			for _, f := range slices.Concat(v.Refusals, v.Unrelated) {
				if f.Why == "" || f.Do == "" && f.Rule != guard.RuleExpected {
					t.Errorf("a finding without a reason or a way out: %+v", f)
				}
			}
		})
	}
}
