package view

import (
	"net/url"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/audit"
)

// AuditSARIF writes the findings in the Static Analysis Results Interchange
// Format, version 2.1.0, which code hosts show beside a repository:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
//
// What could not be read is a notification of the run, and each check that
// hangs on it an open result. The entities are logical locations; since some
// readers show no result without a file, each has an address below aws/ that
// stands for one.
func AuditSARIF(a Audit, version string) ([]byte, error) {
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{
			Name: "slipway", Version: version, InformationURI: "https://github.com/nullplatform/slipway", Rules: sarifRules(),
		}},
		Results: []sarifResult{}, ColumnKind: "utf16CodeUnits",
	}
	invocation := sarifInvocation{ExecutionSuccessful: true, Notifications: []sarifNotification{}}
	for _, r := range a.Reports {
		for _, f := range r.Findings {
			run.Results = append(run.Results, sarifFinding(r, f))
		}
		for _, u := range r.Unread {
			invocation.Notifications = append(invocation.Notifications, sarifNotification{
				Level:   "warning",
				Message: sarifText{Text: Inert("not read: " + u.Action + " on " + u.Resource + ": " + u.Reason)},
			})
			for _, id := range u.Checks {
				run.Results = append(run.Results, sarifOpen(r, u, id))
			}
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	return encodeReport(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID              string         `json:"id"`
		Short           sarifText      `json:"shortDescription"`
		Full            sarifText      `json:"fullDescription"`
		Help            sarifText      `json:"help"`
		DefaultSeverity sarifConfig    `json:"defaultConfiguration"`
		Properties      map[string]any `json:"properties"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	// sarifRegion is where in the artifact. An account has no lines, and code
	// hosts want one.
	sarifRegion struct {
		StartLine int `json:"startLine"`
		EndLine   int `json:"endLine"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifLogical struct {
		Name          string `json:"name"`
		QualifiedName string `json:"fullyQualifiedName"`
		Kind          string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// sarifLevel is how SARIF calls a severity.
func sarifLevel(s audit.Severity) string {
	switch s {
	case audit.High:
		return "error"
	case audit.Medium:
		return "warning"
	}
	return "note"
}

// securityScore is a severity in the numbers that code hosts sort by.
func securityScore(s audit.Severity) string {
	return map[audit.Severity]string{audit.High: "8.0", audit.Medium: "5.5", audit.Low: "3.0", audit.Advice: "1.0"}[s]
}

func sarifRules() []sarifRule {
	var out []sarifRule
	for _, c := range audit.Checks() {
		tags := []string{"security", string(c.Kind)}
		for _, r := range c.References {
			tags = append(tags, r.Source+" "+r.ID)
		}
		out = append(out, sarifRule{
			ID: c.ID, Short: sarifText{Text: c.Title}, Full: sarifText{Text: c.Rationale}, Help: sarifText{Text: c.Rationale},
			DefaultSeverity: sarifConfig{Level: sarifLevel(c.Severity)},
			Properties:      map[string]any{"tags": tags, "security-severity": securityScore(c.Severity)},
		})
	}
	return out
}

func ruleIndex(id string) int {
	return slices.IndexFunc(audit.Checks(), func(c audit.Check) bool { return c.ID == id })
}

func sarifFinding(r audit.Report, f audit.Finding) sarifResult {
	text := f.Title + ". " + f.Text
	if f.Remedy.Text != "" {
		text += "\n\nFix: " + f.Remedy.Text
	}
	for _, args := range f.Remedy.Fix {
		text += "\n  " + command(args)
	}
	out := sarifResult{
		RuleID: f.Check, RuleIndex: ruleIndex(f.Check), Kind: "fail", Level: sarifLevel(f.Severity),
		Message:      sarifText{Text: inertLines(text)},
		Locations:    []sarifLocation{sarifPlace(r, string(f.Entity.Type), f.Entity.String())},
		Fingerprints: map[string]string{"slipwayFinding/v1": Inert(r.Place.Account + "/" + r.Cluster + "/" + f.ID)},
		Properties:   map[string]any{"severity": f.Severity, "cluster": Inert(r.Cluster), "account": r.Place.Account, "security-severity": securityScore(f.Severity)},
	}
	if s := f.Suppressed; s != nil {
		out.Suppressions = []sarifSuppression{{Kind: "external", Justification: Inert(s.Reason + " (until " + s.Expires + ")")}}
	}
	return out
}

// sarifOpen is a check that could not be made.
func sarifOpen(r audit.Report, u audit.Unread, id string) sarifResult {
	return sarifResult{
		RuleID: id, RuleIndex: ruleIndex(id), Kind: "open", Level: "none",
		Message:      sarifText{Text: Inert("Could not be checked: " + u.Action + " on " + u.Resource + ": " + u.Reason)},
		Locations:    []sarifLocation{sarifPlace(r, "resource", u.Resource)},
		Fingerprints: map[string]string{"slipwayFinding/v1": Inert(r.Place.Account + "/" + r.Cluster + "/" + id + "/unread/" + u.Resource)},
		Properties:   map[string]any{"cluster": Inert(r.Cluster), "account": r.Place.Account},
	}
}

func sarifPlace(r audit.Report, kind, name string) sarifLocation {
	parts := []string{"aws", r.Place.Account, AuditName(r), kind, name}
	for i, p := range parts {
		parts[i] = url.PathEscape(Inert(p))
	}
	return sarifLocation{
		Physical: sarifPhysical{Artifact: sarifArtifact{URI: strings.Join(parts, "/")}, Region: sarifRegion{StartLine: 1, EndLine: 1}},
		Logical:  []sarifLogical{{Name: Inert(name), QualifiedName: Inert(r.Place.Account + "/" + AuditName(r) + "/" + name), Kind: "resource"}},
	}
}
