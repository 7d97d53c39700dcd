package view

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/audit"
)

// AuditFilter chooses among findings, for a list that a person narrows down.
// The zero value lets all through but what is suppressed.
type AuditFilter struct {
	// Least is the least grave severity that is shown; empty for all.
	Least audit.Severity
	// Kind is the only kind that is shown; empty for all.
	Kind audit.Kind
	// Words must all be in what a finding says, in any case.
	Words string
	// Suppressed shows what somebody has decided to live with too.
	Suppressed bool
}

// Choose gives the findings that a filter lets through, in their order. The
// same finding has the same place in the result for the same filter.
func (f AuditFilter) Choose(list []audit.Finding) []audit.Finding {
	words := strings.Fields(strings.ToLower(f.Words))
	return slices.DeleteFunc(slices.Clone(list), func(x audit.Finding) bool {
		switch {
		case x.Suppressed != nil && !f.Suppressed,
			f.Least != "" && !x.Severity.AtLeast(f.Least),
			f.Kind != "" && x.Kind != f.Kind:
			return true
		}
		text := strings.ToLower(strings.Join([]string{string(x.Severity), string(x.Kind), x.Check, x.Title, x.Entity.String()}, " "))
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
}

// AuditRow is one finding in one line of a list: severity, title, and the kind
// where it is not narrow. The title is cut with a mark where there is no room.
func AuditRow(c Canvas, f audit.Finding) string {
	p := page{c: c}
	if c.Width < narrow {
		p.line(span{c.SeverityStyle(f.Severity), pad(string(f.Severity), severityWidth)},
			plain(c.cut(f.Title, max(1, c.Width-severityWidth))))
		return p.String()
	}
	kind := string(f.Kind)
	room := max(1, c.Width-severityWidth-2-len("destination"))
	title := c.cut(f.Title, room)
	p.line(span{c.SeverityStyle(f.Severity), pad(string(f.Severity), severityWidth)},
		plain(pad(title, room)+"  "), span{c.Theme.Muted, kind})
	return p.String()
}
