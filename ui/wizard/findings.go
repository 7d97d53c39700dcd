package wizard

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// findings lists what was found of one cluster, gravest first, and lets one
// narrow the list down by words. The one with the cursor is told in short below
// the list, and in full on a screen of its own.
type findings struct {
	s      *session
	at     int
	filter view.AuditFilter
	// asking is set while the words of the filter are typed.
	asking bool
	// of tells which report the place in the list is of.
	of int

	// shown is what the filter lets through, and rows its drawings, kept
	// while neither filter nor width changes.
	shown   []audit.Finding
	rows    []string
	drawnOf string
}

var _ screen = (*findings)(nil)

func newFindings(s *session) *findings { return &findings{s: s} }

func (f *findings) enter() tea.Cmd {
	if f.of != f.s.report {
		f.at, f.filter, f.asking = 0, view.AuditFilter{}, false
	}
	f.of, f.drawnOf, f.s.finished = f.s.report, "", true
	f.choose()
	return nil
}

func (f *findings) report() audit.Report { return f.s.reports[f.s.report] }

// choose applies the filter.
func (f *findings) choose() {
	f.shown, f.drawnOf = f.filter.Choose(f.report().Findings), ""
	f.at = max(0, min(f.at, len(f.shown)-1))
}

// current is the finding with the cursor, if there is one.
func (f *findings) current() (audit.Finding, bool) {
	if f.at >= len(f.shown) {
		return audit.Finding{}, false
	}
	return f.shown[f.at], true
}

const leap = 10

func (f *findings) update(msg tea.Msg) (tea.Cmd, wish) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		f.words(f.filter.Words + strings.Join(strings.Fields(msg.Content), " "))
	case tea.KeyPressMsg:
		return nil, f.press(msg)
	}
	return nil, wish{}
}

func (f *findings) press(k tea.KeyPressMsg) wish {
	switch {
	case f.asking && k.Text != "":
		f.words(f.filter.Words + k.Text)
	case f.asking && key.Matches(k, bind("", "", "backspace")):
		_, size := lastRune(f.filter.Words)
		f.words(f.filter.Words[:len(f.filter.Words)-size])
	case f.asking && key.Matches(k, bind("", "", "ctrl+u")):
		f.words("")
	case f.asking && key.Matches(k, bind("", "", "enter")):
		f.asking = false
	case f.asking && key.Matches(k, backKey()):
		f.asking = false
		f.words("")
	case key.Matches(k, bind("", "", "/")):
		f.asking = true
	case key.Matches(k, bind("", "", "up", "k")):
		f.at = max(0, f.at-1)
	case key.Matches(k, bind("", "", "down", "j")):
		f.at = max(0, min(f.at+1, len(f.shown)-1))
	case key.Matches(k, bind("", "", "pgup")):
		f.at = max(0, f.at-leap)
	case key.Matches(k, bind("", "", "pgdown")):
		f.at = max(0, min(f.at+leap, len(f.shown)-1))
	case key.Matches(k, nextKey("")):
		if x, ok := f.current(); ok {
			return wish{aside: newFinding(f.s, f.report(), x)}
		}
	}
	return wish{}
}

func (f *findings) words(text string) {
	f.filter.Words = text
	f.choose()
}

func (f *findings) about() about {
	n := f.report().Counts()
	a := about{
		stage: atFindings, title: "What was found of " + view.Inert(view.AuditName(f.report())),
		why: fmt.Sprintf("Gravest first. Checks passed: %d, not made: %d.", n.Passed, n.Unknown),
	}
	if len(f.shown) < len(f.report().Findings) {
		a.mark = fmt.Sprintf("%d of %d shown", len(f.shown), len(f.report().Findings))
	}
	return a
}

func (f *findings) keys() []key.Binding {
	some := len(f.shown) > 0
	return []key.Binding{
		onlyIf(some, bind(f.s.arrows(), "choose", "up", "down", "k", "j", "pgup", "pgdown")),
		onlyIf(!f.asking, bind("/", "filter", "/")),
		onlyIf(some && !f.asking, nextKey("detail")),
		onlyIf(f.asking, bind("enter", "keep", "enter")),
		onlyIf(f.asking, bind("esc", "all again", "esc", "alt+esc")),
	}
}

func (f *findings) page(c view.Canvas) page {
	p := page{id: "findings", lines: f.drawRows(c)}
	if f.asking || f.filter.Words != "" {
		cursor := ""
		if f.asking {
			cursor = c.Theme.Selected.Render("_")
		}
		p.pinned = []string{c.Theme.Key.Render("/") + " " + cut(c, view.Inert(f.filter.Words), c.Width-3) + cursor, ""}
	}
	x, ok := f.current()
	switch {
	case !ok && f.filter.Words != "":
		p.lines = muted(c, wrap("Nothing has these words.", c.Width))
		return p
	case !ok:
		p.lines = wrap(c.Glyphs.Done+" Nothing. Every check that could be made has passed.", c.Width)
		return p
	}
	p.from, p.to = f.at, f.at+1
	p.lines = append([]string(nil), p.lines...)
	p.lines[f.at] = c.Theme.Selected.Render(c.Glyphs.Cursor) + p.lines[f.at][1:]
	const most = 5
	rule := c.Theme.Muted.Render(strings.Repeat(c.Glyphs.Dash, c.Width))
	p.below = append([]string{rule}, atMost(most, split(view.AuditFinding(c, x)))...)
	return p
}

// drawRows draws the list, once for a filter and a width.
func (f *findings) drawRows(c view.Canvas) []string {
	if of := fmt.Sprintf("%d %s", c.Width, f.filter.Words); f.drawnOf != of {
		f.drawnOf, f.rows = of, nil
		for _, x := range f.shown {
			f.rows = append(f.rows, "  "+view.AuditRow(c.Narrower(2), x))
		}
	}
	return f.rows
}

func (f *findings) typing() bool { return f.asking }

func (f *findings) leave() {}

// finding is one finding in full. What slipway can mend itself leads to that
// job's preview.
type finding struct {
	s      *session
	report audit.Report
	f      audit.Finding
	copied bool
}

var _ screen = (*finding)(nil)

func newFinding(s *session, r audit.Report, f audit.Finding) *finding {
	return &finding{s: s, report: r, f: f}
}

func (f *finding) enter() tea.Cmd { return nil }

func (f *finding) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return nil, wish{}
	case key.Matches(k, bind("", "", "c")):
		f.copied = true
		return tea.SetClipboard(view.Commands(f.f.Remedy.Fix)), wish{}
	case key.Matches(k, bind("", "", "f")):
		return nil, f.mend()
	}
	return nil, wish{to: away}
}

// mend goes to the job that mends it, with what is known filled in.
func (f *finding) mend() wish {
	if f.f.Remedy.Job == ask.UpgradeTask {
		f.s.upgrade = migrate.UpgradeRequest{Cluster: f.report.Cluster}
		return wish{to: begin, flow: upgradeFlow(f.s)}
	}
	a := &f.s.answers
	a.Cluster, a.ECR, a.S3 = f.report.Cluster, false, false
	for _, d := range f.report.Destinations {
		if d == string(provision.ECR) {
			a.ECR = true
		} else {
			a.S3, a.Bucket = true, d
		}
	}
	return wish{to: begin, flow: installFlow(f.s)}
}

func (f *finding) about() about {
	return about{stage: atFindings, title: "One finding", mark: string(f.f.Severity) + " " + f.s.canvas.Glyphs.Bullet + " " + string(f.f.Kind)}
}

func (f *finding) keys() []key.Binding {
	job := f.f.Remedy.Job
	return []key.Binding{
		onlyIf(job == ask.InstallTask || job == ask.UpgradeTask, bind("f", "fix with "+job+f.s.canvas.Glyphs.Ellipsis, "f")),
		onlyIf(len(f.f.Remedy.Fix) > 0, bind("c", "copy the fix", "c")),
		bind("esc", "back", "esc", "alt+esc"),
	}
}

func (f *finding) page(c view.Canvas) page {
	p := page{id: "finding " + f.f.ID, lines: split(view.AuditFinding(c, f.f))}
	if f.copied {
		p.lines = append(append(p.lines, ""), muted(c, wrap("Asked the terminal to put the fix on the clipboard; not every terminal does.", c.Width))...)
	}
	return p
}

func (f *finding) typing() bool { return false }

func (f *finding) leave() {}

// lastRune gives the last character of a text and how many bytes it takes.
func lastRune(text string) (string, int) {
	last := ""
	for g := text; g != ""; {
		cluster, _ := ansi.FirstGraphemeCluster(g, ansi.GraphemeWidth)
		last, g = cluster, g[len(cluster):]
	}
	return last, len(last)
}
