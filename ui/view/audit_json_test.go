package view

import (
	"strings"
	"testing"
)

// auditReports are audits as JSON, by name.
func auditReports(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, s := range auditScenes(t) {
		out["audit "+s.name] = []byte(auditFormats(t, s.audit)["json"])
	}
	for name, d := range auditDiffs(t) {
		text, err := AuditDiffJSON(d)
		if err != nil {
			t.Fatal(err)
		}
		out["audit diff "+name] = text
	}
	return out
}

// What was written can be read again, and compared with itself nothing has
// changed.
func TestReadAudit(t *testing.T) {
	for _, s := range auditScenes(t) {
		old, err := ReadAudit([]byte(auditFormats(t, s.audit)["json"]))
		if err != nil {
			t.Fatal(err)
		}
		if d := CompareAudits(old, s.audit.Reports); !d.Empty() {
			t.Errorf("%s: something changed: %+v", s.name, d)
		}
	}
	for why, text := range map[string]string{
		"not JSON":         "high: everything",
		"another document": `{"kind":"install-plan","version":1}`,
		"of the future":    `{"kind":"audit","version":99}`,
	} {
		if _, err := ReadAudit([]byte(text)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// Only what is new counts for a pipeline that compares.
func TestAuditDiffSays(t *testing.T) {
	d := auditDiffs(t)
	if d["same"].Says("advice") || d["mended"].Says("high") {
		t.Error("nothing new says no")
	}
	if !d["changes"].Says("high") {
		t.Error("a new member of the group says nothing")
	}
}
