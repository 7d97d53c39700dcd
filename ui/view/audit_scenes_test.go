package view

import (
	"slices"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// auditedAt is when the audits of these tests are made.
var auditedAt = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// auditOf audits a scenario, read through the real SDK.
func auditOf(t testing.TB, scenario string, change func(*audit.Subject)) audit.Report {
	t.Helper()
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: scenario, Now: func() time.Time { return auditedAt }})
	a, err := account.Open(t.Context(), account.Options{
		Region: sb.Region(), Endpoint: sb.URL(), KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	survey, err := a.Survey(t.Context(), audit.Scope("demo"))
	if err != nil {
		t.Fatal(err)
	}
	s := audit.Subject{Survey: survey, Now: auditedAt}
	if change != nil {
		change(&s)
	}
	return audit.Run(s)
}

// auditScene is one audit with the reason why it is drawn.
type auditScene struct {
	name, why string
	audit     Audit
}

func auditScenes(t testing.TB) []auditScene {
	t.Helper()
	one := func(r audit.Report) Audit { return Audit{Reports: []audit.Report{r}, Reads: 24} }
	renamed := func(r audit.Report, cluster string) audit.Report {
		r.Cluster = cluster
		return r
	}
	current, messy := auditOf(t, "current", nil), auditOf(t, "messy", nil)
	return []auditScene{
		{"current", "nothing is wrong, and advice is short", one(current)},
		{"drifted", "a few things are wrong, and slipway can put them right", one(auditOf(t, "drifted", nil))},
		{"messy", "everything is wrong at once", one(messy)},
		{"nothing", "the cluster is not there", one(auditOf(t, "fresh", nil))},
		{"unread", "reads are refused, one of them for many checks", one(auditOf(t, "current", func(s *audit.Subject) {
			s.Survey.Inventory.User.Keys = nil
			s.Survey.Inventory.Unread = []provision.Gap{
				{Action: "iam:GetLoginProfile", Resource: "user/nullplatform-demo-build-workflow-user", Reason: "arn:aws:iam::123456789012:user/ops may not iam:GetLoginProfile", Asked: true},
				{Action: "iam:ListAccessKeys", Resource: "user/nullplatform-demo-build-workflow-user", Reason: "arn:aws:iam::123456789012:user/ops may not iam:ListAccessKeys", Asked: true},
			}
		}))},
		{"suppressed", "somebody lives with some of it, and once forgot to look again", one(auditOf(t, "messy", func(s *audit.Subject) {
			s.Suppressions = []audit.Suppression{
				{Check: "group-members", Reason: "ana is on call until the new year", Expires: "2026-12-31"},
				{Check: "login-profile", Reason: "for the migration", Expires: "2026-10-01"},
			}
		}))},
		{"many", "several clusters: a table, and only those that need something", Audit{Reports: []audit.Report{
			renamed(current, "alpha"), renamed(auditOf(t, "drifted", nil), "beta"), renamed(current, "gamma"), renamed(auditOf(t, "split", nil), ""),
		}}},
	}
}

func TestAuditText(t *testing.T) {
	for _, s := range auditScenes(t) {
		for size, c := range canvases() {
			t.Run(s.name+"/"+size, func(t *testing.T) {
				golden(t, "# "+s.why+"\n\n"+AuditText(c, s.audit, AuditOptions{Now: auditedAt})+"\n")
			})
		}
		t.Run(s.name+"/details", func(t *testing.T) {
			golden(t, "# "+s.why+"\n\n"+AuditText(NewCanvas(100, true, false), s.audit, AuditOptions{Details: true, Now: auditedAt})+"\n")
		})
	}
}

// auditFormats writes an audit in every format but text.
func auditFormats(t testing.TB, a Audit) map[string]string {
	t.Helper()
	out := map[string]string{"markdown": AuditMarkdown(a, AuditOptions{Now: auditedAt})}
	for name, write := range map[string]func() ([]byte, error){
		"json":  func() ([]byte, error) { return AuditJSON(a, auditedAt) },
		"sarif": func() ([]byte, error) { return AuditSARIF(a, "1.2.3") },
		"html":  func() ([]byte, error) { return AuditHTML(a, auditedAt) },
		"csv":   func() ([]byte, error) { return AuditCSV(a) },
	} {
		text, err := write()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

func TestAuditFormats(t *testing.T) {
	for _, s := range auditScenes(t) {
		if !slices.Contains([]string{"drifted", "suppressed", "unread", "many"}, s.name) {
			continue
		}
		for format, text := range auditFormats(t, s.audit) {
			t.Run(s.name+"/"+format, func(t *testing.T) { golden(t, text) })
		}
	}
}

func auditDiffs(t testing.TB) map[string]AuditDiff {
	t.Helper()
	messy, drifted := auditOf(t, "messy", nil), auditOf(t, "drifted", nil)
	old := func(list ...audit.Report) AuditReport {
		return Audit{Reports: list}.Report(auditedAt.Add(-48 * time.Hour))
	}
	older := auditOf(t, "messy", func(s *audit.Subject) {
		// A day before, the key was younger; a member was not yet there; and
		// one read was refused.
		s.Now = auditedAt.Add(-24 * time.Hour)
		s.Survey.Inventory.Group("nullplatform-demo-ecr-managers").Members = []string{"nullplatform-demo-build-workflow-user"}
		s.Survey.Inventory.Unread = []provision.Gap{{Action: "iam:ListMFADevices", Resource: "user/nullplatform-demo-build-workflow-user", Reason: "refused", Asked: true}}
	})
	gone := drifted
	gone.Cluster = "retired"
	return map[string]AuditDiff{
		"same":    CompareAudits(old(messy), []audit.Report{messy}),
		"changes": CompareAudits(old(older, gone), []audit.Report{messy}),
		"mended":  CompareAudits(old(messy), []audit.Report{auditOf(t, "legacy", nil)}),
	}
}

func TestAuditDiff(t *testing.T) {
	for name, d := range auditDiffs(t) {
		t.Run(name+"/text", func(t *testing.T) { golden(t, AuditDiffText(NewCanvas(80, true, false), d)+"\n") })
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, AuditDiffMarkdown(d)) })
		t.Run(name+"/json", func(t *testing.T) {
			text, err := AuditDiffJSON(d)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(text))
		})
	}
}
