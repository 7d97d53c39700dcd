package view

import (
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// markdownWidth is how wide text within Markdown is: what a pull request
// shows without a scroll bar.
const markdownWidth = 100

func markdownCanvas() Canvas { return NewCanvas(markdownWidth, true, false) }

// PlanMarkdown writes a preview for a pull request: the headline, what needs
// consent, the tree of changes, remarks, the access before and after, and the
// documents and commands to unfold. Whatever comes
// from the account stands in code, behind fences that it cannot end.
func PlanMarkdown(p *migrate.InstallPreview) string {
	c := markdownCanvas()
	b := p.Plan.Blueprint
	var m markdown
	m.paragraph("### slipway install: %s in account %s, %s",
		codeSpan(b.Spec.Cluster), codeSpan(b.Place.Account), codeSpan(b.Place.Region))
	m.paragraph("**%s**", Headline(NewCanvas(2*markdownWidth, true, false), p))
	if remarks := Remarks(c, p); remarks != "" && len(p.Plan.Blockers) > 0 {
		m.fence("text", remarks)
	}
	if consent := ConsentText(c, p); consent != "" {
		m.paragraph("**Consent**")
		m.fence("text", consent)
	}
	m.fence("diff", Changes(c, p))
	if remarks := Remarks(c, p); remarks != "" && len(p.Plan.Blockers) == 0 {
		m.fence("text", remarks)
	}
	if text := RegistrationsBack(c, p.Back); text != "" {
		m.fence("diff", text)
	}
	if text := Registrations(c, p.Survey); text != "" {
		m.fence("text", text)
	}
	if len(p.Access) > 0 {
		m.paragraph("**Access**: %s", codeSpan(AccessHeadline(c, p)))
		m.fence("diff", Access(c, p))
	}
	m.details("Who may do what", func() { m.fence("text", Graph(c, p)) })
	if list := documents(p); len(list) > 0 {
		m.details(counted(len(list), "document", "documents"), func() { m.documents(newAccessWords(b), list) })
	}
	if calls := p.Plan.Calls(); len(calls) > 0 {
		m.details(counted(len(calls), "call", "calls")+" as AWS CLI commands", func() { m.commands(p.Plan) })
	}
	return m.String()
}

// SummaryMarkdown writes what an install came to, for a pull request or a job
// summary.
func SummaryMarkdown(s InstallSummary) string {
	b := s.Preview.Plan.Blueprint
	var m markdown
	m.paragraph("### slipway install: %s in account %s, %s",
		codeSpan(b.Spec.Cluster), codeSpan(b.Place.Account), codeSpan(b.Place.Region))
	return m.concluded(s.headline(), func(p *page) { p.summary(s) })
}

// markdown gathers blocks.
type markdown struct{ blocks []string }

// String is all blocks with an empty line in between and a line feed at the
// end.
func (m *markdown) String() string { return strings.Join(m.blocks, "\n\n") + "\n" }

// paragraph adds text of our own; what is not ours comes as code spans.
func (m *markdown) paragraph(format string, args ...any) {
	m.blocks = append(m.blocks, fmt.Sprintf(format, args...))
}

// fence adds code behind a fence that is longer than any within it.
func (m *markdown) fence(language, text string) {
	f := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	m.blocks = append(m.blocks, f+language+"\n"+text+"\n"+f)
}

// details adds blocks to unfold. The title must be ours.
func (m *markdown) details(title string, inner func()) {
	m.blocks = append(m.blocks, "<details>\n<summary>"+title+"</summary>")
	inner()
	m.blocks = append(m.blocks, "</details>")
}

func (m *markdown) documents(w accessWords, list []document) {
	for _, d := range list {
		m.paragraph("%s: %s", codeSpan(d.title), d.word)
		if meaning := w.meaning(d); meaning != "" {
			m.fence("text", strings.Join(wrap(Inert(meaning), markdownWidth), "\n"))
		}
		if d.stand == changed {
			m.paragraph("%s", differenceSentence)
			m.fence("diff", inertLines(strings.Join(difference(d.before, d.after), "\n")))
			continue
		}
		m.fence("json", inertLines(pretty(d.after)))
	}
}

// commands are the calls for a shell, one block, each change a comment.
func (m *markdown) commands(plan provision.Plan) {
	var lines []string
	n := 0
	for _, change := range plan.Changes {
		if n > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "# "+Inert(change.Title))
		if change.MakesKey() {
			lines = append(lines, "# By hand this prints the secret; slipway hands it over without showing it.")
		}
		for _, call := range change.Calls {
			n++
			lines = append(lines, command(call.CLI()))
		}
	}
	m.fence("sh", strings.Join(lines, "\n"))
}

// codeSpan is text as code within a line.
func codeSpan(text string) string {
	text = Inert(text)
	ticks := strings.Repeat("`", longestRun(text, '`')+1)
	if text == "" || strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// inertLines is text of several lines, each inert.
func inertLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = Inert(l)
	}
	return strings.Join(lines, "\n")
}

// longestRun is the length of the longest run of one byte.
func longestRun(s string, b byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != b {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
