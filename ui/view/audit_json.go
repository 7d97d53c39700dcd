package view

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nullplatform/slipway/provision/audit"
)

// AuditVersion is the version of [AuditReport]. Fields may be added within a
// version; none is renamed, removed or given another meaning.
const AuditVersion = 1

// auditKind is what an audit calls itself among the JSON documents.
const auditKind = "audit"

// AuditReport is the audit as JSON:
//
//   - counts: numbers of findings by severity, of those suppressed, and of
//     checks that passed or could not be made, over all reports
//   - checks: what was asked, with severity, title, rationale and the numbers
//     that others have for it
//   - reports: one a cluster, see [audit.Report]; its findings have an id that
//     stays the same from one audit to the next
type AuditReport struct {
	Kind    string         `json:"kind"`
	Version int            `json:"version"`
	Time    time.Time      `json:"time"`
	Sandbox bool           `json:"sandbox,omitempty"`
	Reads   int            `json:"reads,omitempty"`
	Counts  audit.Counts   `json:"counts"`
	Checks  []AuditCheck   `json:"checks"`
	Reports []audit.Report `json:"reports"`
}

// AuditCheck is one check as JSON.
type AuditCheck struct {
	ID         string            `json:"id"`
	Kind       audit.Kind        `json:"kind"`
	Severity   audit.Severity    `json:"severity"`
	Title      string            `json:"title"`
	Rationale  string            `json:"rationale"`
	References []audit.Reference `json:"references"`
}

// Report is the audit as it is written as JSON.
func (a Audit) Report(now time.Time) AuditReport {
	out := AuditReport{
		Kind: auditKind, Version: AuditVersion, Time: now.UTC(), Sandbox: a.Sandbox, Reads: a.Reads,
		Counts: a.Counts(), Reports: orEmpty(a.Reports),
	}
	for _, c := range audit.Checks() {
		out.Checks = append(out.Checks, AuditCheck{
			ID: c.ID, Kind: c.Kind, Severity: c.Severity, Title: c.Title, Rationale: c.Rationale, References: orEmpty(c.References),
		})
	}
	return out
}

// AuditJSON writes the audit as JSON.
func AuditJSON(a Audit, now time.Time) ([]byte, error) { return encodeReport(a.Report(now)) }

// ReadAudit reads what [AuditJSON] wrote. It fails for another document, and
// for a version that it does not know.
func ReadAudit(text []byte) (AuditReport, error) {
	var out AuditReport
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("is no JSON that slipway audit wrote: %w", err)
	}
	if out.Kind != auditKind {
		return out, fmt.Errorf("is of the kind %q, not %q", out.Kind, auditKind)
	}
	if out.Version != AuditVersion {
		return out, fmt.Errorf("has version %d, and this slipway reads version %d", out.Version, AuditVersion)
	}
	return out, nil
}
