package view

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// judgements are verdicts to draw, by name.
func judgements() map[string]Judgement {
	const key = "module.build_user.aws_iam_access_key.nullplatform_build_workflow_user_key"
	moved := guard.Finding{Rule: guard.RuleExpected, Address: key, Previous: "module.ecr.aws_iam_access_key.nullplatform_build_workflow_user_key", Action: tofu.NoOp, Why: "the access key is kept as it is"}
	swap := guard.Finding{Rule: guard.RuleExpected, Address: "module.ecr.aws_iam_group_policy_attachment.ecr_manager_policy_group", Action: tofu.Replace, Why: "the attachment follows the group's name: it is taken away and comes back"}
	lost := guard.Finding{Rule: guard.RuleKey, Address: moved.Previous, Action: tofu.Delete, Why: "the key with which CI publishes would be destroyed; it cannot be had back", Do: "a move was forgotten: add the moved block from " + moved.Previous + " to " + key + " and plan again", Move: &tofu.Move{From: moved.Previous, To: key}}
	bucket := guard.Finding{Rule: guard.RuleUnrelated, Address: "aws_s3_bucket.logs", Action: tofu.Update, Why: "it has nothing to do with this upgrade, and the plan does: update", Do: "apply it on its own before, or plan with -target, or consent"}
	want := guard.Expectation{Job: guard.Upgrade, Cluster: "demo"}
	return map[string]Judgement{
		"fine":      {Want: want, Verdict: guard.Verdict{Expected: []guard.Finding{moved, swap}, Gaps: []guard.Finding{swap}, Kept: 4}},
		"empty":     {Want: guard.Expectation{Job: guard.Nothing}, Verdict: guard.Verdict{Kept: 1}},
		"refused":   {Want: want, Verdict: guard.Verdict{Refusals: []guard.Finding{lost, {Rule: guard.RuleWhole, Why: "the plan is not complete", Do: "plan again"}}, Unrelated: []guard.Finding{bucket}, Expected: []guard.Finding{swap}, Kept: 3}},
		"unrelated": {Want: want, Verdict: guard.Verdict{Unrelated: []guard.Finding{bucket}, Kept: 12}},
		"hostile":   {Want: want, Verdict: guard.Verdict{Refusals: []guard.Finding{{Rule: guard.RuleDestroy, Address: "x[\"\x1b[31m```\u202e\"]", Action: "a\nb", Why: "so\x07 it is ``` <script>", Do: "no\x1b]0;"}}}},
	}
}

func TestVerdict(t *testing.T) {
	for name, j := range judgements() {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, Verdict(c, j)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, VerdictMarkdown(j)) })
		t.Run(name+"/json", func(t *testing.T) {
			b, err := VerdictJSON(j)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(b))
		})
	}
}

// Whatever a plan's addresses hold, nothing of it acts on a terminal or ends a
// fence.
func TestVerdictIsInert(t *testing.T) {
	j := judgements()["hostile"]
	b, err := VerdictJSON(j)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"text": Verdict(NewCanvas(80, true, false), j), "markdown": VerdictMarkdown(j), "json": string(b)} {
		if strings.ContainsAny(text, "\x1b\x07\u202e") {
			t.Errorf("%s holds what acts: %q", name, text)
		}
	}
	if md := VerdictMarkdown(j); !strings.Contains(md, "````text") {
		t.Errorf("the fence is not longer than what it holds:\n%s", md)
	}
}
