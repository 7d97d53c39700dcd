package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/provision/audit"
)

func itoa(n int) string { return strconv.Itoa(n) }

// AuditDiff is what changed from one audit to another.
type AuditDiff struct {
	// Since is when the older one was made.
	Since time.Time
	// New and Gone are findings; Changed have another severity or other
	// evidence.
	New, Gone []AuditFound
	Changed   []AuditChanged
	// Blind are reads that failed now and did not before; Sighted the other
	// way round.
	Blind, Sighted []AuditMissing
	// Appeared and Vanished are clusters.
	Appeared, Vanished []string
	// Same counts the findings that are as they were.
	Same int
}

// AuditFound is a finding with where it is.
type AuditFound struct {
	Account string        `json:"account"`
	Cluster string        `json:"cluster"`
	Finding audit.Finding `json:"finding"`
}

// AuditChanged is a finding that is still there, otherwise.
type AuditChanged struct {
	AuditFound
	Was audit.Finding `json:"was"`
}

// AuditMissing is a read with where it is.
type AuditMissing struct {
	Account string       `json:"account"`
	Cluster string       `json:"cluster"`
	Unread  audit.Unread `json:"unread"`
}

// CompareAudits says what changed. A finding is the same when it has the same
// ID in the same cluster of the same account; a suppressed one counts as gone.
func CompareAudits(old AuditReport, reports []audit.Report) AuditDiff {
	d := AuditDiff{Since: old.Time}
	before, after := byCluster(old.Reports), byCluster(reports)
	for _, r := range reports {
		was, there := before[placeOf(r)]
		if !there {
			d.Appeared = append(d.Appeared, placeOf(r))
		}
		d.findings(was, r)
		d.reads(was, r)
	}
	for _, r := range old.Reports {
		if _, there := after[placeOf(r)]; !there {
			d.Vanished = append(d.Vanished, placeOf(r))
		}
	}
	return d
}

func placeOf(r audit.Report) string { return AuditName(r) + " in " + r.Place.Account }

func byCluster(list []audit.Report) map[string]audit.Report {
	out := map[string]audit.Report{}
	for _, r := range list {
		out[placeOf(r)] = r
	}
	return out
}

func unsuppressed(r audit.Report) []audit.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f audit.Finding) bool { return f.Suppressed != nil })
}

func (d *AuditDiff) findings(was, is audit.Report) {
	old, now := unsuppressed(was), unsuppressed(is)
	for _, f := range now {
		found := AuditFound{is.Place.Account, is.Cluster, f}
		i := slices.IndexFunc(old, func(o audit.Finding) bool { return o.ID == f.ID })
		switch {
		case i < 0:
			d.New = append(d.New, found)
		case old[i].Severity != f.Severity || old[i].Title != f.Title && !sameButForDays(old[i].Title, f.Title):
			d.Changed = append(d.Changed, AuditChanged{found, old[i]})
		default:
			d.Same++
		}
	}
	for _, f := range old {
		if !slices.ContainsFunc(now, func(n audit.Finding) bool { return n.ID == f.ID }) {
			d.Gone = append(d.Gone, AuditFound{was.Place.Account, was.Cluster, f})
		}
	}
}

// sameButForDays reports whether two titles differ in numbers alone: that a
// key is a day older each day is no change.
func sameButForDays(a, b string) bool {
	strip := func(s string) string {
		words := strings.Fields(s)
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { _, err := strconv.Atoi(w); return err == nil }), " ")
	}
	return strip(a) == strip(b)
}

func (d *AuditDiff) reads(was, is audit.Report) {
	same := func(a, b audit.Unread) bool { return a.Action == b.Action && a.Resource == b.Resource }
	for _, u := range is.Unread {
		if !slices.ContainsFunc(was.Unread, func(o audit.Unread) bool { return same(o, u) }) {
			d.Blind = append(d.Blind, AuditMissing{is.Place.Account, is.Cluster, u})
		}
	}
	for _, u := range was.Unread {
		if !slices.ContainsFunc(is.Unread, func(n audit.Unread) bool { return same(n, u) }) {
			d.Sighted = append(d.Sighted, AuditMissing{was.Place.Account, was.Cluster, u})
		}
	}
}

// Empty reports whether nothing changed.
func (d AuditDiff) Empty() bool {
	return len(d.New)+len(d.Gone)+len(d.Changed)+len(d.Blind)+len(d.Sighted)+len(d.Appeared)+len(d.Vanished) == 0
}

// Says reports whether what is new says no: a finding at or above a severity
// that was not there before or was less grave, or a read that failed now alone.
func (d AuditDiff) Says(no audit.Severity) bool {
	for _, f := range d.New {
		if f.Finding.Severity.AtLeast(no) {
			return true
		}
	}
	for _, c := range d.Changed {
		if c.Finding.Severity.AtLeast(no) && !c.Was.Severity.AtLeast(no) {
			return true
		}
	}
	for _, m := range d.Blind {
		for _, id := range m.Unread.Checks {
			if i := ruleIndex(id); i >= 0 && audit.Checks()[i].Severity.AtLeast(no) {
				return true
			}
		}
	}
	return false
}

// AuditDiffText says what changed for people.
func AuditDiffText(c Canvas, d AuditDiff) string {
	p := page{c: c}
	p.line(span{c.Theme.Title, "Since " + d.Since.UTC().Format("2006-01-02 15:04 MST")})
	if d.Empty() {
		p.line(span{c.Theme.Success, "nothing changed"}, plain("   "+counted(d.Same, "finding", "findings")+" as before"))
		return p.String()
	}
	p.line(plain(strings.Join([]string{
		itoa(len(d.New)) + " new", itoa(len(d.Gone)) + " gone", itoa(len(d.Changed)) + " changed", itoa(d.Same) + " as before",
	}, "   ")))
	p.diffFindings("New", span{c.Theme.Danger, c.Glyphs.Add + " "}, d.New)
	for i, ch := range d.Changed {
		if i == 0 {
			p.section("Changed")
		}
		p.hanging(span{c.Theme.Changed, c.Glyphs.Update + " "}, lipgloss.NewStyle(),
			string(ch.Was.Severity)+" "+c.Glyphs.Arrow+" "+string(ch.Finding.Severity)+"  "+where(ch.AuditFound)+ch.Finding.Title)
	}
	p.diffFindings("Gone", span{c.Theme.Success, c.Glyphs.Remove + " "}, d.Gone)
	p.diffReads("No longer checked", d.Blind)
	p.diffReads("Checked again", d.Sighted)
	p.diffNames("New clusters", d.Appeared)
	p.diffNames("Clusters that are not in this audit", d.Vanished)
	return p.String()
}

func (p *page) section(title string) {
	p.blank()
	p.line(span{p.c.Theme.Title, title})
}

func where(f AuditFound) string {
	if f.Cluster == "" {
		return f.Account + ": "
	}
	return f.Cluster + ": "
}

func (p *page) diffFindings(title string, mark span, list []AuditFound) {
	for i, f := range list {
		if i == 0 {
			p.section(title)
		}
		p.hanging(span{mark.style, mark.text + pad(string(f.Finding.Severity), severityWidth)}, lipgloss.NewStyle(), where(f)+f.Finding.Title)
	}
}

func (p *page) diffReads(title string, list []AuditMissing) {
	for i, m := range list {
		if i == 0 {
			p.section(title)
		}
		p.hanging(span{p.c.Theme.Warning, p.c.Glyphs.Unknown + " "}, lipgloss.NewStyle(), m.Unread.Action+" on "+m.Unread.Resource+": "+m.Unread.Reason)
	}
}

func (p *page) diffNames(title string, list []string) {
	for i, n := range list {
		if i == 0 {
			p.section(title)
		}
		p.hanging(plain(p.c.Glyphs.Bullet+" "), lipgloss.NewStyle(), n)
	}
}

// AuditDiffMarkdown writes what changed for a pull request.
func AuditDiffMarkdown(d AuditDiff) string {
	var m markdown
	m.paragraph("### slipway audit: what changed")
	m.fence("text", AuditDiffText(markdownCanvas(), d))
	return m.String()
}

// auditDiffReport is the JSON shape of a difference.
type auditDiffReport struct {
	Kind     string         `json:"kind"`
	Version  int            `json:"version"`
	Since    time.Time      `json:"since"`
	New      []AuditFound   `json:"new"`
	Gone     []AuditFound   `json:"gone"`
	Changed  []AuditChanged `json:"changed"`
	Blind    []AuditMissing `json:"no_longer_checked"`
	Sighted  []AuditMissing `json:"checked_again"`
	Appeared []string       `json:"new_clusters"`
	Vanished []string       `json:"missing_clusters"`
	Same     int            `json:"same"`
}

// AuditDiffJSON writes what changed as JSON.
func AuditDiffJSON(d AuditDiff) ([]byte, error) {
	return encodeReport(auditDiffReport{
		Kind: "audit-diff", Version: AuditVersion, Since: d.Since, New: orEmpty(d.New), Gone: orEmpty(d.Gone),
		Changed: orEmpty(d.Changed), Blind: orEmpty(d.Blind), Sighted: orEmpty(d.Sighted),
		Appeared: orEmpty(d.Appeared), Vanished: orEmpty(d.Vanished), Same: d.Same,
	})
}
