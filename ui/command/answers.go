package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/ownfile"
)

const (
	answersVersion = 1
	installJob     = "install"
)

// answersFile is a run's choices, so that it can be repeated without a
// terminal. It holds no secrets.
type answersFile struct {
	Version  int    `yaml:"version"`
	Job      string `yaml:"job"`
	Profile  string `yaml:"profile,omitempty"`
	Region   string `yaml:"region,omitempty"`
	Handover string `yaml:"handover,omitempty"`
	// Register is where the destinations are registered with nullplatform.
	Register migrate.Register `yaml:"register,omitempty"`
	Spec     provision.Spec   `yaml:"spec"`
	// Audit is what an audit reads besides; other jobs pass over it and keep
	// it.
	Audit auditAnswers `yaml:"audit,omitempty"`
}

// readAnswers reads a file and refuses keys that it does not know: a choice
// that is misspelt must not be dropped in silence.
func readAnswers(path string) (answersFile, error) {
	var a answersFile
	text, err := os.ReadFile(path)
	if err != nil {
		return a, answersProblem(path, rootCause(err), "check the path")
	}
	if err := yaml.UnmarshalWithOptions(text, &a, yaml.Strict()); err != nil {
		return a, answersProblem(path, "cannot be understood: "+strings.TrimSpace(yaml.FormatError(err, false, false)),
			"compare it with a file that --write-answers wrote")
	}
	if a.Version != answersVersion {
		return a, answersProblem(path, fmt.Sprintf("has version %d, and this slipway reads version %d", a.Version, answersVersion),
			fmt.Sprintf("write version: %d, or use the slipway that wrote it", answersVersion))
	}
	if a.Job != installJob {
		return a, answersProblem(path, fmt.Sprintf("is for the job %q", a.Job), "write job: install, or run that job")
	}
	return a, nil
}

func rootCause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return "cannot be read: " + p.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

func answersProblem(path, rule, way string) error {
	return &provision.Problem{Field: "answers file " + path, Rule: rule, Way: way}
}

// writeAnswers writes the choices of a request, whole or not at all.
func writeAnswers(path string, req migrate.InstallRequest, c *commonFlags) error {
	a := answersFile{
		Version: answersVersion, Job: installJob, Profile: c.profile, Region: c.region,
		Handover: req.Handover, Register: req.Register, Spec: req.Spec,
	}
	if before, err := readAuditAnswers(path); err == nil {
		a.Audit = before.Audit // what is there for audits stays
	}
	text, err := yaml.Marshal(a)
	if err != nil {
		return fmt.Errorf("write answers file %s: %w", path, err)
	}
	head := "# Choices of a slipway install. Repeat it with: slipway install --answers FILE --yes\n"
	if err := ownfile.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write answers file %s: %w", path, err)
	}
	if err := replaceFile(path, append([]byte(head), text...)); err != nil {
		return fmt.Errorf("write answers file %s: %w", path, err)
	}
	return nil
}
