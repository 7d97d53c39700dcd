package view

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision/audit"
)

// AuditCSV writes the grants as a table: one row for each statement that
// reaches somebody, with what it really gives. It is for spreadsheets, so no
// cell is taken for a formula, and what controls or hides text is written out.
// https://owasp.org/www-community/attacks/CSV_Injection
func AuditCSV(a Audit) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{
		"account", "cluster", "principal type", "principal", "keys", "through type", "through", "policy", "policy arn",
		"version", "statement", "actions", "resources", "condition", "called for", "worst finding", "findings",
	}}
	for _, r := range a.Reports {
		for _, route := range r.Routes {
			rows = append(rows, csvRow(r, route))
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = safeCell(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("write table of grants: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("write table of grants: %w", err)
	}
	return b.Bytes(), nil
}

func csvRow(r audit.Report, w audit.Route) []string {
	var keys, findings []string
	if w.Principal.Name == userOf(r) {
		for _, k := range r.Keys {
			if k.Active {
				keys = append(keys, k.ID)
			}
		}
	}
	for _, f := range r.Findings {
		if slices.Contains(w.Findings, f.ID) {
			findings = append(findings, f.Title)
		}
	}
	expected := "no"
	if w.Expected {
		expected = "yes"
	}
	return []string{
		r.Place.Account, r.Cluster, string(w.Principal.Type), w.Principal.Name, strings.Join(keys, " "),
		string(w.Through.Type), w.Through.Name, w.Policy, w.ARN, w.Version, strconv.Itoa(w.Statement),
		strings.Join(w.Actions, " "), strings.Join(w.Resources, " "), w.Condition, expected,
		string(worst(r, w.Findings)), strings.Join(findings, "; "),
	}
}

// safeCell keeps a cell from being taken for a formula. A lone asterisk, which
// is a common resource, is none.
func safeCell(s string) string {
	s = Inert(s)
	if s != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
