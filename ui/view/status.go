package view

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
)

// RunStatus is where a run stands, and who works on it.
type RunStatus struct {
	*migrate.RunStatus
	// Directory is where the journal is.
	Directory string
	// Holder is the process that works on it now; nil when none does.
	Holder *checklist.Holder
}

// headline is the run in one line of plain text.
func (r RunStatus) headline() string {
	return fmt.Sprintf("%s in account %s: %s", r.Cluster, r.Account, r.standing())
}

// standing says in words where it stands.
func (r RunStatus) standing() string {
	done := fmt.Sprintf("%d of %s", r.Done(), counted(len(r.Changes), "change", "changes"))
	switch r.State {
	case migrate.RunDone:
		return fmt.Sprintf("%s is done (%s)", r.Job, done)
	case migrate.RunUndone:
		return "the last run was taken back"
	case migrate.RunUndoing:
		return "the last run is being taken back, " + done + " so far"
	case migrate.RunOpen:
	}
	return fmt.Sprintf("%s is open, %s done", r.Job, done)
}

// lines are what else there is to know, in order.
func (r RunStatus) lines() []string {
	out := []string{fmt.Sprintf("begun %s, last heard of %s", clock(r.Begun), clock(r.Last))}
	if r.Holder != nil {
		out = append(out, fmt.Sprintf("process %d is at it now (%s), since %s", r.Holder.PID, r.Holder.Command, clock(r.Holder.Since)))
	}
	if r.Key != "" {
		out = append(out, "access key "+r.Key+"; its secret went to "+r.Handover)
	}
	for _, id := range r.Lost {
		out = append(out, "access key "+id+" was made, and its secret is not known to be handed over; going on looks, and replaces it if need be")
	}
	return out
}

// ways are the commands that fit where it stands.
func (r RunStatus) ways() [][2]string {
	if r.Holder != nil {
		return nil
	}
	resume := [2]string{"go on", "slipway resume --cluster " + r.Cluster}
	undo := [2]string{"take it back", "slipway undo --cluster " + r.Cluster}
	switch r.State {
	case migrate.RunOpen:
		return [][2]string{resume, undo}
	case migrate.RunDone:
		return [][2]string{undo}
	case migrate.RunUndoing:
		return [][2]string{{"go on", undo[1]}}
	case migrate.RunUndone:
	}
	return nil
}

func clock(t time.Time) string { return t.Local().Format(time.DateTime) }

// StatusText draws where runs stand, one after another.
func StatusText(c Canvas, runs []RunStatus) string {
	out := page{c: c}
	for n, r := range runs {
		if n > 0 {
			out.blank()
		}
		out.status(r)
	}
	return out.String()
}

func (p *page) status(r RunStatus) {
	mark := map[migrate.RunState]span{
		migrate.RunDone:    {p.c.Theme.Success, p.c.Glyphs.Done},
		migrate.RunUndone:  {p.c.Theme.Muted, p.c.Glyphs.Done},
		migrate.RunOpen:    {p.c.Theme.Warning, p.c.Glyphs.Warning},
		migrate.RunUndoing: {p.c.Theme.Warning, p.c.Glyphs.Warning},
	}[r.State]
	p.hanging(spaced(mark), p.c.Theme.Title, r.headline())
	for _, line := range r.lines() {
		p.text(markWidth, lipgloss.NewStyle(), line)
	}
	if r.State == migrate.RunOpen || r.State == migrate.RunUndoing {
		p.blank()
		for _, change := range r.Changes {
			p.changeStatus(change)
		}
	}
	for n, way := range r.ways() {
		if n == 0 {
			p.blank()
		}
		const width = len("take it back")
		p.row(
			column(markWidth, lipgloss.NewStyle(), ""),
			column(width+columnGap, p.c.Theme.Muted, way[0]),
			column(max(1, p.c.Width-markWidth-width-columnGap), p.c.Theme.Accent, way[1]),
		)
	}
}

func (p *page) changeStatus(change migrate.ChangeStatus) {
	mark, word := span{p.c.Theme.Muted, p.c.Glyphs.Waiting}, "not done"
	switch change.State {
	case checklist.EffectDone:
		mark, word = span{p.c.Theme.Success, p.c.Glyphs.Done}, "done"
	case checklist.EffectOpen:
		mark, word = span{p.c.Theme.Warning, p.c.Glyphs.Warning}, "in doubt"
	case checklist.EffectNotDone:
	}
	const width = len("not done")
	p.row(
		column(markWidth, lipgloss.NewStyle(), ""),
		column(markWidth, mark.style, mark.text),
		column(width+columnGap, p.c.Theme.Muted, word),
		column(max(1, p.c.Width-2*markWidth-width-columnGap), lipgloss.NewStyle(), change.Title),
	)
}

// StatusMarkdown is where runs stand, as Markdown.
func StatusMarkdown(runs []RunStatus) string {
	if len(runs) == 0 {
		return "No run is known on this machine."
	}
	var b strings.Builder
	for _, r := range runs {
		fmt.Fprintf(&b, "## %s\n\n", r.headline())
		for _, line := range r.lines() {
			fmt.Fprintf(&b, "- %s\n", line)
		}
		for _, way := range r.ways() {
			fmt.Fprintf(&b, "- %s: `%s`\n", way[0], way[1])
		}
		b.WriteString("\n| change | state |\n|---|---|\n")
		for _, change := range r.Changes {
			fmt.Fprintf(&b, "| %s | %s |\n", change.Title, change.State)
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Undone says that a run was taken back, and what of it stays.
func Undone(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	out.hanging(spaced(span{c.Theme.Success, c.Glyphs.Done}), c.Theme.Title,
		fmt.Sprintf("Taken back: %s, read back and gone.", counted(len(p.Plan.Changes)+len(p.Back), "change", "changes")))
	for _, n := range p.Plan.Notes {
		out.hanging(plain("  "+c.Glyphs.Bullet+" "), lipgloss.NewStyle(), n.Entity.String()+" "+n.Text)
	}
	return out.String()
}
