package audit_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
	engine "github.com/nullplatform/slipway/provision/policy"
)

// anyStatement draws a statement from what such policies are made of.
func anyStatement() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := map[string]any{
			"Effect": rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(t, "effect"),
			"Action": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
				"*", "ecr:*", "ecr:PutImage", "ecr:ListImages", "ecr:BatchDeleteImage", "s3:*", "s3:Get*", "s3:PutObject", "s3:ListBucket",
				"iam:*", "iam:Get*", "iam:PassRole", "sts:AssumeRole", "kms:Decrypt", "ec2:Describe*", "cloudfront:*",
			}), 1, 3, rapid.ID[string]).Draw(t, "actions"),
			"Resource": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
				"*", "arn:aws:s3:::demo-assets/*", "arn:aws:s3:::other/*", "arn:aws:ecr:*:*:repository/*", "arn:aws:iam::123456789012:role/x",
			}), 1, 2, rapid.ID[string]).Draw(t, "resources"),
		}
		if rapid.IntRange(0, 4).Draw(t, "conditioned") == 0 {
			s["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": "us-east-1"}}
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	})
}

// drawn is a clean account to which somebody added policies here and there.
func drawn(t *rapid.T) audit.Subject {
	s := audit.Subject{Survey: installedFor(provision.Contract61), Now: now}
	document := func(name string) string {
		return statements(strings.Join(rapid.SliceOfN(anyStatement(), 1, 3).Draw(t, name), ","))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "policies on the group") {
		onGroup(&s, "extra-"+string(rune('a'+i)), document("group"))
	}
	if rapid.Bool().Draw(t, "inline") {
		user(&s).Inline = []provision.InlinePolicy{{Name: "own", Document: document("user")}}
	}
	if rapid.IntRange(0, 3).Draw(t, "bounded") == 0 {
		user(&s).Boundary = policy(&s, "bound", document("boundary")).ARN
	}
	return s
}

// dueAccess is what a clean account gives, with ECR's actions on every
// resource, since they know no others than repositories.
func dueAccess(t *rapid.T) engine.Access {
	clean := installedFor(provision.Contract61).Inventory
	for i := range clean.Policies {
		clean.Policies[i].Document = strings.ReplaceAll(clean.Policies[i].Document, `["arn:aws:ecr:*:*:repository/*"]`, `"*"`)
	}
	p, gaps := clean.PoliciesOfUser()
	if len(gaps) > 0 {
		t.Fatal(gaps)
	}
	return engine.AccessOf(p)
}

// Grants are found if and only if the build user may really do more than the
// contract calls for, whatever policies, Denies and boundaries there are.
func TestGrantsAreFoundIffAccessIsBeyond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		policies, _ := s.Survey.Inventory.PoliciesOfUser()
		beyond := engine.AccessOf(policies).Difference(dueAccess(t))
		r := audit.Run(s)
		grants := slices.DeleteFunc(found(r), func(f string) bool {
			_, check, _ := strings.Cut(f, " ")
			return !strings.HasPrefix(check, "grant-")
		})
		if (len(beyond) > 0) != (len(grants) > 0) {
			t.Fatalf("beyond the contract: %v\nfound: %v\n%+v", beyond, grants, s.Survey.Inventory.Groups)
		}
	})
}

// The same account gives the same report, and judging changes nothing of it.
func TestAuditsRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		before := s.Survey.Inventory.Clone()
		first, again := audit.Run(s), audit.Run(s)
		if !reflect.DeepEqual(first, again) {
			t.Fatal("two audits of one account differ")
		}
		if !reflect.DeepEqual(before, s.Survey.Inventory) {
			t.Fatal("an audit changed the inventory")
		}
	})
}

// Access that is taken away never makes a grant worse: with one more Deny
// there is no grant finding that was not there before.
func TestADenyAddsNoGrant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		before := found(audit.Run(s))
		onGroup(&s, "deny", statements(strings.Replace(anyStatement().Draw(t, "deny"), `"Allow"`, `"Deny"`, 1)))
		worst := func(list []string) int {
			w := len(audit.Severities())
			for _, f := range list {
				severity, check, _ := strings.Cut(f, " ")
				if strings.HasPrefix(check, "grant-") {
					w = min(w, slices.Index(audit.Severities(), audit.Severity(severity)))
				}
			}
			return w
		}
		if after := found(audit.Run(s)); worst(after) < worst(before) {
			t.Fatalf("with a Deny more: %v, before %v", after, before)
		}
	})
}
