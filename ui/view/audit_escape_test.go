package view

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// overwrite puts a text into every field of a value that is plain text, with a
// number that tells them apart. Fields with a type of their own, such as
// severities, are ours.
func overwrite(v reflect.Value, text func(n int) string, n *int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			overwrite(v.Elem(), text, n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				overwrite(v.Field(i), text, n)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			overwrite(v.Index(i), text, n)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() && v.String() != "" {
			*n++
			v.SetString(text(*n))
		}
	}
}

// auditRewritten is an audit in which every text of an account is another.
func auditRewritten(t rapid.TB, a Audit, text func(n int) string) Audit {
	t.Helper()
	// A copy that shares nothing: what was written and read again.
	raw, err := json.Marshal(a.Reports)
	if err != nil {
		t.Fatal(err)
	}
	var out Audit
	if err := json.Unmarshal(raw, &out.Reports); err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range out.Reports {
		r := &out.Reports[i]
		overwrite(reflect.ValueOf(r).Elem(), text, &n)
		for j := range r.Results {
			r.Results[j].Check = a.Reports[i].Results[j].Check // ours
		}
		for j := range r.Findings {
			r.Findings[j].Check = a.Reports[i].Findings[j].Check
		}
		for j := range r.Unread {
			r.Unread[j].Checks = a.Reports[i].Unread[j].Checks
		}
	}
	return out
}

// anyHostile draws what a name could try, and now and then an honest one.
func anyHostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Just(hostileName), rapid.Just(hostileValue),
		rapid.SampledFrom([]string{
			`"><img src=x onerror=alert(1)>`, `</style><script>alert(1)</script>`, `=HYPERLINK("http://x","y")`, "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1",
			"`code`", "``", "| cell |", "</details>", "{{.Title}}", "\u202eevil", "\x00", "\x1b[2J", "&amp;", "'; rm -rf ~", "$(id)", "\u200f", "\U000e0041",
		}),
		rapid.String(),
	)
}

// Whatever is in an account, nothing of it acts: not on a terminal, not in
// Markdown, not in a page, not in a spreadsheet.
func TestAuditsAreInertWhateverTheAccountHolds(t *testing.T) {
	sandboxtest.Draws(t, 40)
	var all []audit.Report
	for _, s := range auditScenes(t) {
		if slices.Contains([]string{"drifted", "unread", "suppressed"}, s.name) {
			all = append(all, s.audit.Reports...)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		whole := Audit{Reports: []audit.Report{rapid.SampledFrom(all).Draw(rt, "report")}}
		evil := anyHostile().Draw(rt, "evil")
		a := auditRewritten(rt, whole, func(n int) string { return evil + strconv.Itoa(n) })
		formats := auditFormats(t, a)
		formats["text"] = AuditText(NewCanvas(60, true, false), a, AuditOptions{Details: true, Now: auditedAt})
		d := CompareAudits(whole.Report(auditedAt), a.Reports)
		formats["diff"] = AuditDiffText(NewCanvas(80, true, false), d)
		for name, text := range formats {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && active(r) }); i >= 0 || !utf8.ValidString(text) {
				rt.Fatalf("%s is not inert at %q", name, text[max(0, i):min(len(text), max(0, i)+40)])
			}
		}
		onlyOurTags(rt, formats["html"])
		safeTable(rt, formats["csv"])
		if bare := outsideOfCode(rt, formats["markdown"]); strings.Contains(bare, "script") || strings.Contains(bare, "@everyone") || strings.Contains(bare, "<img") {
			rt.Fatalf("Markdown shows text of the account outside of code:\n%s", bare)
		}
		for _, name := range []string{"json", "sarif"} {
			if !json.Valid([]byte(formats[name])) {
				rt.Fatalf("%s is not JSON", name)
			}
		}
	})
}

// onlyOurTags reads a page as a browser would, and holds that no tag and no
// attribute is there but those of the template.
func onlyOurTags(t rapid.TB, page string) {
	t.Helper()
	tags := strings.Fields("html head meta title style body a header main section footer h1 h2 h3 h4 p ul li b br span div table thead tbody tr th td " +
		"svg desc path g rect text article dl dt dd pre code details summary")
	attributes := strings.Fields("lang charset name content http-equiv class href id aria-labelledby aria-label role tabindex scope " +
		"viewBox xmlns d x y width height rx text-anchor")
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the page cannot be read: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(tags, start.Name.Local) {
			t.Fatalf("the page has a tag <%s>", start.Name.Local)
		}
		for _, attr := range start.Attr {
			if !slices.Contains(attributes, attr.Name.Local) || attr.Name.Local == "href" && !strings.HasPrefix(attr.Value, "#") {
				t.Fatalf("<%s> has %s=%q", start.Name.Local, attr.Name.Local, attr.Value)
			}
		}
	}
}

// safeTable holds that no cell begins a formula.
func safeTable(t rapid.TB, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r|%", rune(cell[0])) {
				t.Fatalf("a cell begins a formula: %q", cell)
			}
		}
	}
}

// A text for a terminal is as wide as it may be, but for words of commands.
func TestAuditTextKeepsItsWidth(t *testing.T) {
	for _, s := range auditScenes(t) {
		for _, width := range []int{40, 60, 80, 120} {
			c := NewCanvas(width, true, false)
			for _, r := range s.audit.Reports {
				drawings := []string{AuditGraph(c, r, auditedAt), AuditCounts(c, r.Counts())}
				for _, f := range r.Findings {
					drawings = append(drawings, AuditFinding(c, f), AuditRow(c, f))
				}
				for _, d := range drawings {
					for _, l := range strings.Split(d, "\n") {
						if widest(l) > width || strings.TrimRight(l, " ") != l {
							t.Errorf("%s at %d columns: %q", s.name, width, l)
						}
					}
				}
			}
		}
	}
}
