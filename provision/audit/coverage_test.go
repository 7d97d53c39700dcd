package audit_test

import (
	"slices"
	"testing"

	"github.com/nullplatform/slipway/provision/audit"
)

// neverUnknown are checks that hang on no read that could be refused alone:
// without their input there is nothing at all, or they judge the answers file.
var neverUnknown = []string{
	"boundary", "contract-current", "upgrade-unfinished", "key-two", "key-inactive", "key-unused", "key-age", "key-region",
	"grant-iam-write", "grant-pass-role", "grant-assume-role", "grant-permissions", "grant-data", "grant-wildcard",
	"grant-destructive", "grant-beyond", "not-action", "condition-always-true", "statement-form", "ecr-delete",
	"trust-manager", "trust-condition", "trust-external-id", "repository-tags", "bucket-present", "platform-bucket",
	"suppression-expired", "suppression-unused",
}

// The table of cases leaves no check out: each fails in one, and is unknown in
// one, but for those whose reads another case takes away.
func TestEveryCheckHasItsCases(t *testing.T) {
	failed, unknown := map[string]bool{}, map[string]bool{}
	for _, tt := range slices.Concat(contractCases(), identityCases(), keyCases(), grantCases(), trustCases(), destinationCases(), platformCases()) {
		failed[tt.check] = failed[tt.check] || tt.status == ""
		unknown[tt.check] = unknown[tt.check] || tt.status == audit.Unknown
	}
	for _, c := range audit.Checks() {
		if c.Kind == audit.AuditKind {
			continue // see TestSuppressions
		}
		if !failed[c.ID] {
			t.Errorf("no case makes %s fail", c.ID)
		}
		switch never := slices.Contains(neverUnknown, c.ID); {
		case !unknown[c.ID] && !never:
			t.Errorf("no case makes %s unknown: add one, or its name to neverUnknown if no read that it needs can be refused alone", c.ID)
		case unknown[c.ID] && never:
			t.Errorf("a case makes %s unknown, and it is in neverUnknown", c.ID)
		}
	}
}

// One refused list makes many checks unknown, and is told once.
func TestEveryCheckThatNeedsAReadSaysSo(t *testing.T) {
	needs := map[string][]string{
		"iam:ListAccessKeys":           {"key-age", "key-two", "key-inactive", "key-never-used", "key-unused", "key-service", "key-region", "key-present"},
		"iam:GetAccessKeyLastUsed":     {"key-never-used", "key-unused", "key-service", "key-region"},
		"iam:GetRole":                  {"trust-principal", "trust-manager", "trust-condition", "trust-external-id", "contract-missing"},
		"iam:ListAttachedUserPolicies": {"grant-admin", "grant-data", "user-policy", "contract-missing", "contract-current", "upgrade-unfinished", "not-action", "condition-always-true"},
		"iam:GetUserPolicy":            {"grant-admin", "grant-beyond", "user-inline-policy"},
	}
	on := map[string]string{"iam:GetAccessKeyLastUsed": keyID, "iam:GetRole": "role/" + appRole}
	for action, checks := range needs {
		s := subject(t)
		resource := on[action]
		if resource == "" {
			resource = "user/" + buildUser
		}
		switch action {
		case "iam:GetRole":
			s.Survey.Inventory.Role = nil
		case "iam:ListAccessKeys":
			user(&s).Keys = nil
		}
		refuse(&s, action, resource)
		r := audit.Run(s)
		if len(r.Unread) != 1 {
			t.Errorf("%s: %d reads are said to be missing: %v", action, len(r.Unread), r.Unread)
			continue
		}
		for _, c := range checks {
			if status(r, c) != audit.Unknown || !slices.Contains(r.Unread[0].Checks, c) {
				t.Errorf("without %s, %s is %s", action, c, status(r, c))
			}
		}
		if !r.Says(audit.High) && action != "iam:GetAccessKeyLastUsed" {
			t.Errorf("without %s, high checks are open and the report is content", action)
		}
	}
}

func TestChecksAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range audit.Checks() {
		if seen[c.ID] || c.ID == "" || c.Title == "" || c.Rationale == "" || !slices.Contains(audit.Severities(), c.Severity) || !slices.Contains(audit.Kinds(), c.Kind) {
			t.Errorf("check %+v is not described, or there twice", c)
		}
		seen[c.ID] = true
	}
}
