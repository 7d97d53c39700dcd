package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/nullplatform/slipway/provision/audit"
)

// auditAnswers is the part of an answers file that only an audit reads.
type auditAnswers struct {
	// Suppressions are the findings that somebody has decided to live with.
	Suppressions []audit.Suppression `yaml:"suppressions,omitempty"`
}

// auditJobName is the job of an answers file that is for audits alone.
const auditJobName = "audit"

// readAuditAnswers reads an answers file for an audit: its own, or that of the
// install, which knows what should be there.
func readAuditAnswers(path string) (answersFile, error) {
	var a answersFile
	text, err := os.ReadFile(path)
	if err != nil {
		return a, answersProblem(path, rootCause(err), "check the path")
	}
	if err := yaml.UnmarshalWithOptions(text, &a, yaml.Strict()); err != nil {
		return a, answersProblem(path, "cannot be understood: "+strings.TrimSpace(yaml.FormatError(err, false, false)),
			"see slipway help audit for what an answers file may hold")
	}
	switch {
	case a.Version != answersVersion:
		return a, answersProblem(path, fmt.Sprintf("has version %d, and this slipway reads version %d", a.Version, answersVersion),
			fmt.Sprintf("write version: %d", answersVersion))
	case a.Job != auditJobName && a.Job != installJob:
		return a, answersProblem(path, fmt.Sprintf("is for the job %q", a.Job), "write job: audit, or job: install")
	}
	return a, nil
}
