package view

import (
	"slices"
	"testing"

	"github.com/nullplatform/slipway/provision/audit"
)

func TestAuditFilter(t *testing.T) {
	messy := auditOf(t, "messy", func(s *audit.Subject) {
		s.Suppressions = []audit.Suppression{{Check: "login-profile", Reason: "r", Expires: "2099-01-01"}}
	})
	for _, tt := range []struct {
		why    string
		filter AuditFilter
		want   int
	}{
		{"all but what is suppressed", AuditFilter{}, len(messy.Findings) - 1},
		{"what is suppressed too", AuditFilter{Suppressed: true}, len(messy.Findings)},
		{"the gravest", AuditFilter{Least: audit.High}, 4},
		{"one kind", AuditFilter{Kind: audit.KeyKind}, 2},
		{"a word in any case", AuditFilter{Words: "ReadOnly"}, 1},
		{"all words, wherever they stand", AuditFilter{Words: "PUBLISHERS member"}, 1},
		{"a word that nothing has", AuditFilter{Words: "kubernetes"}, 0},
	} {
		got := tt.filter.Choose(messy.Findings)
		if len(got) != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.why, len(got), tt.want)
		}
		if !slices.IsSortedFunc(got, func(a, b audit.Finding) int {
			return slices.Index(audit.Severities(), a.Severity) - slices.Index(audit.Severities(), b.Severity)
		}) {
			t.Errorf("%s: they are out of order", tt.why)
		}
	}
}
