package migrate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// operatorPolicy is the policy in the README, under a marker, that an operator
// is to paste.
func operatorPolicy(t *testing.T, marker string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- "+marker+" -->\n```json\n")
	doc, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("the README has lost its policy")
	}
	return doc
}

// An operator with the README's policy can install, install again, and find
// what differs; and the policy has no right that is not used for that.
func TestTheOperatorNeedsWhatTheREADMESays(t *testing.T) {
	sb := start(t, sandbox.Options{})
	doc := operatorPolicy(t, "permissions")
	a := open(t, sb, limitedUser(t, sb, doc))
	sb.ClearLog()

	i := install(t, a, request(), &keeper{})
	if _, err := apply(t, i); err != nil {
		t.Fatal(err)
	}
	if p := preview(t, a, request()); !p.Plan.Empty() {
		t.Fatalf("a second preview has %v", p.Plan.Changes)
	}
	used := actionsOf(sb.Log())

	// Somebody changes a document: the preview shows it, and looks whether
	// there is room for another version.
	api := sandboxtest.IAM(sb)
	if _, err := api.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{
		PolicyArn:      aws.String("arn:aws:iam::123456789012:policy/nullplatform-demo-s3-policy"),
		PolicyDocument: aws.String(moduleECR), SetAsDefault: true,
	}); err != nil {
		t.Fatal(err)
	}
	inline := aws.String(moduleS3)
	if _, err := api.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("nullplatform-demo-build-workflow-user"), PolicyName: aws.String("u"), PolicyDocument: inline}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutGroupPolicy(t.Context(), &iam.PutGroupPolicyInput{GroupName: aws.String("nullplatform-demo-asset-publishers"), PolicyName: aws.String("g"), PolicyDocument: inline}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("nullplatform-demo-application-role"), PolicyName: aws.String("r"), PolicyDocument: inline}); err != nil {
		t.Fatal(err)
	}
	sb.ClearLog()
	p := preview(t, a, request())
	if len(p.Plan.Changes) != 1 || p.Plan.Blocked() == nil {
		t.Errorf("changes %v, blocked %v; want the changed document, and the missing right named", p.Plan.Changes, p.Plan.Blocked())
	}
	for _, action := range actionsOf(sb.Log()) {
		if !slices.Contains(used, action) {
			used = append(used, action)
		}
	}
	slices.Sort(used)
	if d := cmp.Diff(grantedActions(t, doc), used); d != "" {
		t.Errorf("the README's actions against those used (-README +used):\n%s", d)
	}
}

// actionsOf are the IAM actions that the calls needed, each once.
func actionsOf(log []sandbox.Entry) []string {
	var out []string
	for _, e := range log {
		action := e.Service + ":" + e.Action
		if action == "s3:HeadBucket" {
			action = "s3:ListBucket" // the right that HeadBucket needs
		}
		if !slices.Contains(out, action) {
			out = append(out, action)
		}
	}
	return out
}

func grantedActions(t *testing.T, doc string) []string {
	t.Helper()
	var p struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range p.Statement {
		out = append(out, s.Action...)
	}
	slices.Sort(out)
	return out
}

// The same for who only audits: in every account that there is, with the
// README's policy, nothing is unread, and no right is there that no account
// needs.
func TestAnAuditorNeedsWhatTheREADMESays(t *testing.T) {
	doc := operatorPolicy(t, "permissions: audit")
	var used []string
	for _, scenario := range []string{"legacy-direct", "legacy", "split", "current", "drifted", "messy"} {
		sb := start(t, sandbox.Options{Scenario: scenario})
		a := open(t, sb, limitedUser(t, sb, doc))
		api := sandboxtest.IAM(sb)
		if _, err := api.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("nullplatform-demo-application-role"), PolicyName: aws.String("r"), PolicyDocument: aws.String(moduleS3)}); err != nil {
			t.Fatal(err)
		}
		sb.ClearLog()
		reports, err := migrate.Audit(t.Context(), []migrate.AuditTarget{{Account: a}}, migrate.AuditRequest{Cluster: "demo"}, time.Now, func(migrate.AuditProgress) {})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reports {
			for _, g := range r.Unread {
				if g.Asked {
					t.Errorf("%s: %s on %s was refused", scenario, g.Action, g.Resource)
				}
			}
		}
		for _, action := range actionsOf(sb.Log()) {
			if !slices.Contains(used, action) {
				used = append(used, action)
			}
		}
	}
	slices.Sort(used)
	if d := cmp.Diff(grantedActions(t, doc), used); d != "" {
		t.Errorf("the README's actions against those used (-README +used):\n%s", d)
	}
}
