package view

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

var (
	//go:embed web/audit.html
	auditPage string
	//go:embed web/audit.css
	auditStyle string
)

// auditTemplate is read when it is first asked for: most runs need none. Its
// function t makes text inert; escaping is the template's own business.
var auditTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("audit").Funcs(template.FuncMap{"t": inertText}).Parse(auditPage))
})

// inertText makes whatever is text inert.
func inertText(v any) string {
	if s, ok := v.(string); ok {
		return Inert(s)
	}
	return Inert(fmt.Sprint(v))
}

// AuditHTML writes the audit as one page that stands alone: it asks for no
// other resource and runs nothing, which its own policy makes sure of. It
// reads on paper and on a phone, and follows the reader's choice of light or
// dark.
func AuditHTML(a Audit, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	if err := auditTemplate().Execute(&b, newAuditPage(a, now)); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return b.Bytes(), nil
}

// contentPolicy lets the page's own style in by its hash, and nothing else.
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
func contentPolicy() string {
	sum := sha256.Sum256([]byte(auditStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

type (
	htmlPage struct {
		Tab, Title, About, Foot string
		Policy                  string
		CSS                     template.CSS
		Counts                  []htmlCount
		Table                   []htmlRow
		Reports                 []htmlReport
	}
	htmlCount struct {
		Class, Word string
		Number      int
	}
	htmlRow struct {
		Anchor, Name, Account, Contract string
		Numbers                         []int
	}
	htmlReport struct {
		Anchor, Name, About, Contract string
		Counts                        []htmlCount
		Graph                         grantGraph
		Ways                          []htmlWays
		Keys, Passed                  []string
		Findings                      []htmlFinding
		Suppressed                    []audit.Finding
		Unread                        []htmlUnread
		Differences                   []audit.Difference
	}
	htmlFinding struct {
		audit.Finding
		Anchor    string
		Fix, Undo string
	}
	htmlWays struct {
		Who   string
		Items []string
	}
	htmlUnread struct{ Action, Resource, Reason, Checks string }
)

func newAuditPage(a Audit, now time.Time) htmlPage {
	p := htmlPage{
		Title: "Who can publish", Tab: "Who can publish: " + counted(len(a.Reports), "cluster", "clusters"), Counts: htmlCounts(a.Counts()),
		Policy: contentPolicy(),
		CSS:    template.CSS(auditStyle), //nolint:gosec // it is the file above, without a word from anywhere else
		Foot:   "Written by slipway audit, which reads and never writes. This page asks for nothing from anywhere.",
	}
	if a.Sandbox {
		p.Foot += " The account is an emulated one."
	}
	accounts := map[string]bool{}
	for i, r := range a.Reports {
		accounts[r.Place.Account] = true
		p.Reports = append(p.Reports, newHTMLReport(r, i, now))
	}
	p.About = "An audit of " + counted(len(a.Reports), "cluster", "clusters") + " in " + counted(len(accounts), "account", "accounts") +
		", " + now.UTC().Format("2 January 2006, 15:04 MST")
	if len(a.Reports) == 1 {
		p.Tab = "Who can publish: " + AuditName(a.Reports[0])
		return p
	}
	for _, r := range worstFirst(a.Reports) {
		n := r.Counts()
		p.Table = append(p.Table, htmlRow{
			Anchor: anchorOf(a.Reports, r), Name: AuditName(r), Account: r.Place.Account, Contract: string(r.Contract),
			Numbers: []int{n.High, n.Medium, n.Low, n.Advice, n.Unknown},
		})
	}
	return p
}

func anchor(i int) string { return "cluster-" + itoa(i+1) }

func anchorOf(list []audit.Report, r audit.Report) string {
	for i, other := range list {
		if other.Cluster == r.Cluster && other.Place == r.Place {
			return anchor(i)
		}
	}
	return ""
}

func newHTMLReport(r audit.Report, i int, now time.Time) htmlReport {
	out := htmlReport{
		Anchor: anchor(i), Name: AuditName(r), Contract: string(r.Contract), Counts: htmlCounts(r.Counts()),
		About: "account " + r.Place.Account + ", " + r.Place.Region, Graph: newGrantGraph(r), Differences: r.Differences,
	}
	if r.Contract != "" {
		out.About += ", contract " + string(r.Contract)
		out.Keys = keyNotes(r, now)
	}
	for _, w := range r.Routes {
		if onlyTokens(w) {
			continue
		}
		kind, name := principalWords(w.Principal, r)
		if who := kind + " " + name; len(out.Ways) == 0 || out.Ways[len(out.Ways)-1].Who != who {
			out.Ways = append(out.Ways, htmlWays{Who: who})
		}
		last := &out.Ways[len(out.Ways)-1]
		last.Items = append(last.Items, wayInWords(r, w))
	}
	for n, f := range r.Findings {
		if f.Suppressed != nil {
			out.Suppressed = append(out.Suppressed, f)
			continue
		}
		out.Findings = append(out.Findings, htmlFinding{
			Finding: f, Anchor: out.Anchor + "-finding-" + itoa(n+1), Fix: commandLines(f.Remedy.Fix), Undo: commandLines(f.Remedy.Undo),
		})
	}
	for _, u := range r.Unread {
		out.Unread = append(out.Unread, htmlUnread{u.Action, u.Resource, u.Reason, listed(titlesOf(u.Checks), "and")})
	}
	for _, c := range audit.Checks() {
		for _, res := range r.Results {
			if res.Check == c.ID && res.Status == audit.Pass {
				out.Passed = append(out.Passed, c.Title)
			}
		}
	}
	return out
}

// wayInWords is one route as a sentence, for those who do not see the graph.
func wayInWords(r audit.Report, w audit.Route) string {
	s := "by policy " + w.Policy
	if w.Through != (provision.Entity{}) {
		s += " of " + string(w.Through.Type) + " " + w.Through.Name
	}
	s += ": " + routeWords(w)
	if severity := worst(r, w.Findings); severity != "" {
		s += " (" + string(severity) + ")"
	}
	return s
}

// commandLines are commands for a shell, which are inert by how they are
// quoted.
func commandLines(list [][]string) string {
	lines := make([]string, len(list))
	for i, args := range list {
		lines[i] = command(args)
	}
	return strings.Join(lines, "\n")
}

func htmlCounts(n audit.Counts) []htmlCount {
	var out []htmlCount
	for _, s := range audit.Severities() {
		if k := n.Of(s); k > 0 {
			out = append(out, htmlCount{string(s), string(s), k})
		}
	}
	if out == nil {
		out = append(out, htmlCount{"good", "findings", 0})
	}
	out = append(out, htmlCount{"good", were(n.Passed, "check passed", "checks passed"), n.Passed})
	if n.Unknown > 0 {
		out = append(out, htmlCount{"medium", "not checked", n.Unknown})
	}
	if n.Suppressed > 0 {
		out = append(out, htmlCount{"", "suppressed", n.Suppressed})
	}
	return out
}
