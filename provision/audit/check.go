package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// Severity is how much a finding matters.
type Severity string

// The severities. High is for what lets somebody else act, or keeps CI from
// publishing; medium for what should not be there; low for what is untidy;
// advice for what is as it should be and could be better.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
	Advice Severity = "advice"
)

// Severities lists them, gravest first.
func Severities() []Severity { return []Severity{High, Medium, Low, Advice} }

// AtLeast reports whether a severity is as grave as another, or graver.
func (s Severity) AtLeast(other Severity) bool { return rank(s) <= rank(other) }

func rank(s Severity) int { return slices.Index(Severities(), s) }

// Kind is what a check is about.
type Kind string

// The kinds, in the order in which reports show them.
const (
	ContractKind    Kind = "contract"
	IdentityKind    Kind = "identity"
	KeyKind         Kind = "key"
	GrantKind       Kind = "grant"
	TrustKind       Kind = "trust"
	DestinationKind Kind = "destination"
	PlatformKind    Kind = "platform"
	AuditKind       Kind = "audit"
)

// Kinds lists them in the order of reports.
func Kinds() []Kind {
	return []Kind{ContractKind, IdentityKind, KeyKind, GrantKind, TrustKind, DestinationKind, PlatformKind, AuditKind}
}

// Status is what came of a check.
type Status string

// The outcomes.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	// Unknown could not be checked, or not to the end.
	Unknown Status = "unknown"
	// Nothing had nothing to look at, such as the age of keys where there is
	// no key.
	Nothing Status = "nothing"
	// NotAsked is about something that this audit was not asked to read.
	NotAsked Status = "not-asked"
)

// Reference is the number that others have for the same check.
type Reference struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// Check is one question.
type Check struct {
	// ID names the check in reports and suppressions. It does not change.
	ID   string
	Kind Kind
	// Severity is the gravest that its findings have.
	Severity Severity
	// Title says what is asked for, as a sentence that is true when it passes.
	Title string
	// Rationale says why.
	Rationale  string
	References []Reference

	run func(*scene) outcome
}

// Checks lists all checks in the order of reports.
func Checks() []Check {
	var out []Check
	for _, group := range [][]Check{
		contractChecks(), identityChecks(), keyChecks(), grantChecks(),
		trustChecks(), destinationChecks(), platformChecks(), suppressionChecks(),
	} {
		out = append(out, group...)
	}
	return out
}

// outcome is what one check saw.
type outcome struct {
	findings []Finding
	// gaps are the reads that it lacked.
	gaps []provision.Gap
	// covered is the ID of the finding that speaks for this check too.
	covered string
	// looked is false when there was nothing to look at.
	looked bool
	// notAsked is true when its input was not asked for.
	notAsked bool
}

func (o outcome) status() Status {
	switch {
	case o.notAsked:
		return NotAsked
	case len(o.findings) > 0 || o.covered != "":
		return Fail
	case len(o.gaps) > 0:
		return Unknown
	case !o.looked:
		return Nothing
	}
	return Pass
}

// passed is the outcome of a check that looked and saw nothing wrong.
func passed(findings ...Finding) outcome { return outcome{looked: true, findings: findings} }

// nothing is the outcome of a check without anything to look at.
func nothing() outcome { return outcome{} }

// unread is the outcome of a check that lacks reads.
func unread(gaps ...provision.Gap) outcome { return outcome{looked: true, gaps: gaps} }

// References are written as pairs.
func refs(pairs ...string) []Reference {
	var out []Reference
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, Reference{Source: pairs[i], ID: pairs[i+1]})
	}
	return out
}

// The sources of references.
const (
	cis3        = "CIS AWS 3.0"
	cis5        = "CIS AWS 5.0"
	securityHub = "AWS Security Hub"
	prowler     = "Prowler"
)
