package tofu

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Diagnostic is something that the tool has to say about a configuration, a
// plan or a state. The values that were part of an expression are left out.
type Diagnostic struct {
	// Error tells an error from a warning.
	Error bool
	// Summary is one line, Detail any number of them.
	Summary, Detail string
	// Address is the resource that it is about, "" for none.
	Address string
	// File and Line are where in the configuration, "" and 0 for nowhere.
	File string
	Line int
}

// String is the diagnostic in a few lines.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.Summary)
	if d.Address != "" {
		fmt.Fprintf(&b, " (%s)", d.Address)
	}
	if d.File != "" {
		fmt.Fprintf(&b, " at %s:%d", d.File, d.Line)
	}
	if d.Detail != "" {
		b.WriteString(": " + d.Detail)
	}
	return b.String()
}

// Missing names the attribute and the object of a diagnostic that says that a
// reference leads nowhere, as those to outputs that a newer module no longer
// has; ok is false for every other diagnostic.
func (d Diagnostic) Missing() (attribute string, ok bool) {
	if d.Summary != "Unsupported attribute" {
		return "", false
	}
	m := attributeNamed().FindStringSubmatch(d.Detail)
	if m == nil {
		return "", true
	}
	return m[1], true
}

var attributeNamed = lazy(`attribute named "([^"]+)"`)

// wireDiagnostic is the tool's JSON of a diagnostic. The snippet, which quotes
// the configuration and values, is not read.
type wireDiagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// UnmarshalJSON reads the tool's JSON of a diagnostic.
func (d *Diagnostic) UnmarshalJSON(b []byte) error {
	var w wireDiagnostic
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*d = Diagnostic{Error: w.Severity != "warning", Summary: w.Summary, Detail: w.Detail, Address: w.Address}
	if w.Range != nil {
		d.File, d.Line = w.Range.Filename, w.Range.Start.Line
	}
	return nil
}

// errorsIn are the diagnostics that are errors.
func errorsIn(list []Diagnostic) []Diagnostic {
	return slices.DeleteFunc(slices.Clone(list), func(d Diagnostic) bool { return !d.Error })
}

var (
	spokenHead  = lazy(`^(Error|Warning): (.*)$`)
	spokenPlace = lazy(`^\s+on (\S+) line (\d+)`)
)

// spoken reads the diagnostics in text for people, for the commands that have
// no other.
func spoken(text string) []Diagnostic {
	var out []Diagnostic
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.TrimLeft(line, "│╷╵ "), " \r\n")
		if m := spokenHead().FindStringSubmatch(line); m != nil {
			out = append(out, Diagnostic{Error: m[1] == "Error", Summary: m[2]})
			continue
		}
		if len(out) == 0 {
			continue
		}
		d := &out[len(out)-1]
		if m := spokenPlace().FindStringSubmatch(" " + line); m != nil && d.File == "" {
			d.File = m[1]
			_, _ = fmt.Sscan(m[2], &d.Line) // The pattern lets digits through only.
			continue
		}
		d.Detail += line + "\n"
	}
	for i := range out {
		out[i].Detail = strings.TrimSpace(out[i].Detail)
	}
	return out
}
