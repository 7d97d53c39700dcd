package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/provision/audit"
)

// Audit is what an audit says of all clusters that it looked at.
type Audit struct {
	Reports []audit.Report
	// Reads is how many calls it took; zero when nobody counted.
	Reads int
	// Sandbox says that the account is an emulated one.
	Sandbox bool
}

// Counts sums all reports.
func (a Audit) Counts() audit.Counts {
	var n audit.Counts
	for _, r := range a.Reports {
		n = n.Add(r.Counts())
	}
	return n
}

// AuditOptions say how much a text shows.
type AuditOptions struct {
	// Details adds the statements that decide, the differences from the
	// contract and the checks that passed.
	Details bool
	// Now is when the text is read.
	Now time.Time
}

// AuditText is the audit for people: how it stands, who can publish, what was
// found and what to do about it. Several clusters begin with a table.
func AuditText(c Canvas, a Audit, o AuditOptions) string {
	p := page{c: c, copied: true}
	if len(a.Reports) > 1 {
		p.auditTable(a)
	}
	for _, r := range a.Reports {
		if len(a.Reports) > 1 && quiet(r) && !o.Details {
			continue // its row says it all
		}
		p.blank()
		reads := 0
		if len(a.Reports) == 1 {
			reads = a.Reads
		}
		p.auditReport(r, reads, o)
	}
	return p.String()
}

// quiet reports whether there is nothing to do about a cluster.
func quiet(r audit.Report) bool {
	n := r.Counts()
	return n.High+n.Medium+n.Low+n.Unknown == 0 && len(r.Unread) == 0
}

func (p *page) auditReport(r audit.Report, reads int, o AuditOptions) {
	p.auditTitle(r, reads)
	p.blank()
	p.line(auditCounts(p.c, r.Counts())...)
	if len(r.Routes) > 0 {
		p.blank()
		p.line(span{p.c.Theme.Title, "Who can publish"})
		p.forest(auditTree(r, o.Now))
	}
	p.auditFindings(r, o)
	p.auditUnread(r)
	p.auditSuppressed(r)
	if o.Details {
		p.auditDifferences(r)
		p.auditPassed(r)
	}
}

// auditTitle is the cluster on the left, the contract and the calls that it
// took on the right.
func (p *page) auditTitle(r audit.Report, reads int) {
	left := AuditName(r) + " " + p.c.Glyphs.Bullet + " " + r.Place.Account + " " + r.Place.Region
	right := ""
	if r.Contract != "" {
		right = "contract " + string(r.Contract)
	}
	if reads > 0 {
		right = strings.TrimPrefix(right+" "+p.c.Glyphs.Bullet+" "+counted(reads, "call", "calls"), " "+p.c.Glyphs.Bullet+" ")
	}
	gap := max(2, p.c.Width-widest(left)-widest(right))
	p.line(span{p.c.Theme.Title, left}, plain(strings.Repeat(" ", gap)), span{p.c.Theme.Muted, right})
}

// AuditName is what a cluster is called where it may have no name.
func AuditName(r audit.Report) string {
	if r.Cluster == "" {
		return "(no cluster name)"
	}
	return r.Cluster
}

// SeverityStyle is how a severity is drawn. Its word is there as well.
func (c Canvas) SeverityStyle(s audit.Severity) lipgloss.Style {
	switch s {
	case audit.High:
		return c.Theme.Danger
	case audit.Medium:
		return c.Theme.Warning
	case audit.Low:
		return c.Theme.Accent
	}
	return c.Theme.Muted
}

// AuditCounts is how an audit stands, in one line.
func AuditCounts(c Canvas, n audit.Counts) string {
	p := page{c: c}
	p.line(auditCounts(c, n)...)
	return p.String()
}

func auditCounts(c Canvas, n audit.Counts) []span {
	var out []span
	add := func(style lipgloss.Style, text string) {
		if out != nil {
			out = append(out, plain("   "))
		}
		out = append(out, span{style, text})
	}
	for _, s := range audit.Severities() {
		if k := n.Of(s); k > 0 {
			add(c.SeverityStyle(s), fmt.Sprintf("%d %s", k, s))
		}
	}
	if out == nil {
		add(c.Theme.Success, "nothing found")
	}
	add(lipgloss.NewStyle(), counted(n.Passed, "check passed", "checks passed"))
	if n.Unknown > 0 {
		add(c.Theme.Warning, fmt.Sprintf("%d not checked", n.Unknown))
	}
	if n.Suppressed > 0 {
		add(c.Theme.Muted, fmt.Sprintf("%d suppressed", n.Suppressed))
	}
	return out
}

// auditTable is one row a cluster, the worst first.
func (p *page) auditTable(a Audit) {
	accounts := map[string]bool{}
	for _, r := range a.Reports {
		accounts[r.Place.Account] = true
	}
	title := counted(len(a.Reports), "cluster", "clusters")
	if len(accounts) > 1 {
		title += " in " + counted(len(accounts), "account", "accounts")
	}
	p.line(span{p.c.Theme.Title, title})
	p.line(auditCounts(p.c, a.Counts())...)
	p.blank()
	name := len("cluster")
	for _, r := range a.Reports {
		name = max(name, widest(AuditName(r)))
	}
	name = min(name, max(8, p.c.Width-52))
	head := p.c.Theme.Muted
	p.line(span{head, pad("cluster", name) + "  account       contract  high  medium  low  advice  unknown"})
	for _, r := range worstFirst(a.Reports) {
		n := r.Counts()
		number := func(k, width int, style lipgloss.Style) span {
			text := fmt.Sprintf("%*d", width, k)
			if k == 0 {
				return span{p.c.Theme.Muted, fmt.Sprintf("%*s", width, p.c.Glyphs.Bullet)}
			}
			return span{style, text}
		}
		p.line(plain(pad(p.c.cut(AuditName(r), name), name)+"  "+pad(r.Place.Account, 12)+"  "+pad(string(r.Contract), 8)),
			number(n.High, 6, p.c.SeverityStyle(audit.High)), number(n.Medium, 8, p.c.SeverityStyle(audit.Medium)),
			number(n.Low, 5, p.c.SeverityStyle(audit.Low)), number(n.Advice, 8, p.c.SeverityStyle(audit.Advice)),
			number(n.Unknown, 9, p.c.Theme.Warning))
	}
	if still := quietOnes(a.Reports); still > 0 {
		p.blank()
		p.text(0, p.c.Theme.Muted, counted(still, "cluster needs", "clusters need")+" nothing done and "+
			were(still, "is", "are")+" not shown below; --details shows all.")
	}
}

func were(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func quietOnes(list []audit.Report) int {
	n := 0
	for _, r := range list {
		if quiet(r) {
			n++
		}
	}
	return n
}

func worstFirst(list []audit.Report) []audit.Report {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b audit.Report) int {
		m, n := a.Counts(), b.Counts()
		return cmp.Or(n.High-m.High, n.Medium-m.Medium, n.Unknown-m.Unknown, n.Low-m.Low,
			strings.Compare(a.Place.Account, b.Place.Account), strings.Compare(a.Cluster, b.Cluster))
	})
	return out
}
