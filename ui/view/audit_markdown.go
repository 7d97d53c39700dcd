package view

import (
	"strings"

	"github.com/nullplatform/slipway/provision/audit"
)

// AuditMarkdown writes the audit for a pull request, an issue or a job
// summary. Whatever comes from the account stands in code.
func AuditMarkdown(a Audit, o AuditOptions) string {
	var m markdown
	m.paragraph("### slipway audit: %s", auditHeadline(a))
	m.paragraph("**%s**", AuditCounts(markdownCanvas(), a.Counts()))
	if len(a.Reports) > 1 {
		m.blocks = append(m.blocks, auditTableMarkdown(a))
	}
	for _, r := range a.Reports {
		if len(a.Reports) > 1 && quiet(r) && !o.Details {
			continue
		}
		m.auditReport(r, o, len(a.Reports) > 1)
	}
	return m.String()
}

// auditHeadline names the one cluster, or counts them.
func auditHeadline(a Audit) string {
	if len(a.Reports) != 1 {
		return counted(len(a.Reports), "cluster", "clusters")
	}
	r := a.Reports[0]
	s := codeSpan(AuditName(r)) + " in account " + codeSpan(r.Place.Account) + ", " + codeSpan(r.Place.Region)
	if r.Contract != "" {
		s += ", contract " + codeSpan(string(r.Contract))
	}
	return s
}

func auditTableMarkdown(a Audit) string {
	lines := []string{
		"| cluster | account | contract | high | medium | low | advice | unknown |",
		"|---|---|---|--:|--:|--:|--:|--:|",
	}
	for _, r := range worstFirst(a.Reports) {
		n := r.Counts()
		cells := []string{tableCell(AuditName(r)), tableCell(r.Place.Account), tableCell(string(r.Contract))}
		for _, k := range []int{n.High, n.Medium, n.Low, n.Advice, n.Unknown} {
			cells = append(cells, itoa(k))
		}
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
	}
	return strings.Join(lines, "\n")
}

// tableCell is a code span within a table, where a bar would end the cell.
func tableCell(text string) string { return strings.ReplaceAll(codeSpan(text), "|", `\|`) }

func (m *markdown) auditReport(r audit.Report, o AuditOptions, titled bool) {
	c := markdownCanvas()
	if titled {
		m.paragraph("#### %s in account %s", codeSpan(AuditName(r)), codeSpan(r.Place.Account))
	}
	if len(r.Routes) > 0 {
		m.details("Who can publish", func() { m.fence("text", AuditGraph(c, r, o.Now)) })
	}
	for _, f := range r.Findings {
		if f.Suppressed == nil {
			m.finding(f)
		}
	}
	p := page{c: c}
	p.auditUnread(r)
	p.auditSuppressed(r)
	if text := p.String(); text != "" {
		m.fence("text", text)
	}
	if o.Details {
		p := page{c: c}
		p.auditDifferences(r)
		p.auditPassed(r)
		m.details("Differences and passed checks", func() { m.fence("text", p.String()) })
	}
}

// finding is a headline with what is to unfold.
func (m *markdown) finding(f audit.Finding) {
	m.paragraph("- **%s**: %s", f.Severity, codeSpan(f.Title))
	m.details("what it means, where it was seen, what to do", func() {
		m.fence("text", strings.Join(wrap(Inert(f.Text), markdownWidth), "\n"))
		p := page{c: markdownCanvas()}
		for _, e := range f.Evidence {
			p.hanging(plain("seen  "), p.c.Theme.Muted, evidenceLine(e))
			if e.Statement != nil {
				p.hanging(plain("      "), p.c.Theme.Muted, e.Statement.Decides)
			}
		}
		m.fence("text", p.String())
		m.remedyBlock("Fix", f.Remedy.Text, f.Remedy.Fix)
		m.remedyBlock("Undo", f.Remedy.UndoText, f.Remedy.Undo)
	})
}

func (m *markdown) remedyBlock(word, text string, commands [][]string) {
	if text == "" && len(commands) == 0 {
		return
	}
	m.paragraph("%s: %s", word, codeSpan(text))
	var lines []string
	for _, args := range commands {
		lines = append(lines, command(args))
	}
	if len(lines) > 0 {
		m.fence("sh", strings.Join(lines, "\n"))
	}
}
