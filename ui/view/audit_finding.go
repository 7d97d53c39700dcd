package view

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/provision/audit"
)

// severityWidth is the column of severities: the longest is "medium".
const severityWidth = 8

// auditFindings are all that nobody has suppressed, gravest first. Advice is
// short: there is nothing wrong.
func (p *page) auditFindings(r audit.Report, o AuditOptions) {
	advice := false
	for _, f := range r.Findings {
		if f.Suppressed != nil {
			continue
		}
		if f.Severity == audit.Advice && !o.Details {
			if !advice {
				p.blank()
			}
			advice = true
			p.auditHead(f)
			continue
		}
		p.blank()
		p.auditHead(f)
		p.auditBody(f, severityWidth, o.Details)
	}
	if advice {
		p.text(severityWidth, p.c.Theme.Muted, "Advice is about what the contract itself calls for; --details says more.")
	}
}

// auditHead is severity, title and kind.
func (p *page) auditHead(f audit.Finding) {
	kind := string(f.Kind)
	room := p.c.Width - severityWidth
	titles := wrap(Inert(f.Title), room)
	last := titles[len(titles)-1]
	head := span{p.c.SeverityStyle(f.Severity), pad(string(f.Severity), severityWidth)}
	style := p.c.Theme.Title
	if f.Severity == audit.Advice {
		style = lipgloss.NewStyle()
	}
	for i, t := range titles {
		spans := []span{head, {style, t}}
		if i == len(titles)-1 && widest(last)+2+widest(kind) <= room {
			spans = append(spans, plain(strings.Repeat(" ", room-widest(last)-widest(kind))), span{p.c.Theme.Muted, kind})
		}
		p.line(spans...)
		head = plain(strings.Repeat(" ", severityWidth))
	}
}

// AuditFinding is one finding in full, for a screen of its own: what it means,
// where it was seen, what to do and how to take that back.
func AuditFinding(c Canvas, f audit.Finding) string {
	p := page{c: c}
	p.text(0, c.Theme.Title, f.Title)
	p.auditBody(f, 0, true)
	return p.String()
}

// labelWidth is the column of "seen", "fix" and "undo".
const labelWidth = 6

func (p *page) auditBody(f audit.Finding, indent int, details bool) {
	if f.Text != "" {
		p.text(indent, lipgloss.NewStyle(), f.Text)
	}
	left := strings.Repeat(" ", indent)
	label := func(word string) span { return span{p.c.Theme.Muted, left + pad(word, labelWidth)} }
	for i, e := range f.Evidence {
		word := "seen"
		if i > 0 {
			word = ""
		}
		p.hanging(label(word), p.c.Theme.Muted, evidenceLine(e))
		if e.Statement == nil {
			continue
		}
		p.hanging(label(""), lipgloss.NewStyle(), e.Statement.Decides)
		if details {
			for _, l := range strings.Split(pretty(e.Statement.Document), "\n") {
				p.line(plain(left+strings.Repeat(" ", labelWidth+2)), span{p.c.Theme.Muted, l})
			}
		}
	}
	p.remedy(label, left, "fix", f.Remedy.Text, f.Remedy.Fix)
	p.remedy(label, left, "undo", f.Remedy.UndoText, f.Remedy.Undo)
	if s := f.Suppressed; s != nil {
		p.hanging(label("until"), lipgloss.NewStyle(), s.Expires+": "+s.Reason)
	}
	if details && len(f.References) > 0 {
		p.hanging(label("refs"), p.c.Theme.Muted, references(f.References))
	}
}

func evidenceLine(e audit.Evidence) string {
	if s := e.Statement; s != nil {
		return s.Name() + " " + via(s)
	}
	return e.Read + ": " + e.Text
}

func via(s *audit.StatementRef) string {
	if s.Via == "" {
		return ""
	}
	return "on " + s.Via
}

func references(list []audit.Reference) string {
	parts := make([]string, len(list))
	for i, r := range list {
		parts[i] = r.Source + " " + r.ID
	}
	return strings.Join(parts, ", ")
}

// remedy is a sentence and its commands. A command is on one line where there
// is room, and goes on with a backslash where there is none.
func (p *page) remedy(label func(string) span, left, word, text string, commands [][]string) {
	if text == "" && len(commands) == 0 {
		return
	}
	p.hanging(label(word), lipgloss.NewStyle(), text)
	for _, args := range commands {
		lines, indent := p.placed(args, len(left)+labelWidth)
		for _, l := range lines {
			p.commandLine(plain(strings.Repeat(" ", indent)), span{p.c.Theme.Accent, l})
		}
	}
}

// placed breaks a command, as far to the right as it fits: a terminal would
// break what is too wide in the middle of a word.
func (p *page) placed(args []string, indent int) ([]string, int) {
	for _, at := range []int{indent, severityWidth, 2} {
		lines := shellLines(args, p.c.Width-at)
		if at == 2 || widest(lines...) <= p.c.Width-at {
			return lines, min(at, indent)
		}
	}
	return nil, indent
}

// commandLine adds a line of a command. Where it is to be copied it is not cut
// even if a single word is too long for the canvas.
func (p *page) commandLine(spans ...span) {
	if !p.copied {
		p.line(spans...)
		return
	}
	wide := *p
	wide.c.Width = max(p.c.Width, widthOf(spans))
	wide.line(spans...)
	p.lines = wide.lines
}

// shellLines writes a command on as many lines as it needs, broken before
// options. A single word that is too long stays whole: a shell reads it.
func shellLines(args []string, width int) []string {
	var lines []string
	line := ""
	for i := 0; i < len(args); i++ {
		part := quote(args[i])
		if strings.HasPrefix(args[i], "--") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "--") {
			i++
			part += " " + quote(args[i])
		}
		switch {
		case line == "":
			line = part
		case widest(line)+1+widest(part)+2 > width:
			lines = append(lines, line+` \`)
			line = "  " + part
		default:
			line += " " + part
		}
	}
	return append(lines, line)
}

// auditUnread lists the reads that are missing, and what hangs on them.
func (p *page) auditUnread(r audit.Report) {
	if len(r.Unread) == 0 {
		return
	}
	p.blank()
	p.line(span{p.c.Theme.Title, "Not checked"})
	for _, u := range r.Unread {
		p.hanging(span{p.c.Theme.Warning, p.c.Glyphs.Unknown + " "}, lipgloss.NewStyle(), u.Action+" on "+u.Resource+": "+u.Reason)
		p.hanging(plain("  "), p.c.Theme.Muted, "so not known: "+listed(titlesOf(u.Checks), "and"))
	}
}

// mostTitles is how many checks a line names before it counts them.
const mostTitles = 3

// titlesOf names checks as somebody reads them.
func titlesOf(ids []string) []string {
	if len(ids) > mostTitles+1 {
		return []string{strings.Join(ids[:mostTitles], ", "), counted(len(ids)-mostTitles, "more check", "more checks")}
	}
	return ids
}

// auditSuppressed lists what somebody has decided to live with.
func (p *page) auditSuppressed(r audit.Report) {
	first := true
	for _, f := range r.Findings {
		if f.Suppressed == nil {
			continue
		}
		if first {
			p.blank()
			p.line(span{p.c.Theme.Title, "Suppressed"})
			first = false
		}
		p.hanging(span{p.c.Theme.Muted, pad(string(f.Severity), severityWidth)}, p.c.Theme.Muted,
			f.Title+", until "+f.Suppressed.Expires+": "+f.Suppressed.Reason)
	}
}

// auditDifferences lists how the account is not as the contract makes it.
func (p *page) auditDifferences(r audit.Report) {
	if len(r.Differences) == 0 {
		return
	}
	p.blank()
	p.line(span{p.c.Theme.Title, "Differences from contract " + string(r.Contract)})
	for _, d := range r.Differences {
		mark := span{p.c.Theme.Changed, p.c.Glyphs.Update + " "}
		switch d.Stand {
		case audit.Missing:
			mark = span{p.c.Theme.Removed, p.c.Glyphs.Remove + " "}
		case audit.Extra:
			mark = span{p.c.Theme.Added, p.c.Glyphs.Add + " "}
		}
		p.hanging(mark, lipgloss.NewStyle(), d.Entity.String()+": "+d.Text)
	}
}

// auditPassed lists the checks without findings, and what was not looked at.
func (p *page) auditPassed(r audit.Report) {
	for _, part := range []struct {
		title  string
		status audit.Status
	}{{"Passed", audit.Pass}, {"Nothing there to check", audit.Nothing}, {"Not asked for", audit.NotAsked}} {
		var titles []string
		for _, c := range audit.Checks() {
			for _, res := range r.Results {
				if res.Check == c.ID && res.Status == part.status {
					titles = append(titles, c.Title)
				}
			}
		}
		if len(titles) == 0 {
			continue
		}
		p.blank()
		p.line(span{p.c.Theme.Title, part.title})
		glyph := span{p.c.Theme.Success, p.c.Glyphs.Done + " "}
		if part.status != audit.Pass {
			glyph = span{p.c.Theme.Muted, p.c.Glyphs.NotRun + " "}
		}
		for _, t := range titles {
			p.hanging(glyph, p.c.Theme.Muted, t)
		}
	}
}
