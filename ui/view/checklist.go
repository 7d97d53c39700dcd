package view

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// ChecklistState is a checklist with how far each step has come. The zero
// value with its steps filled in is a list of which nothing has begun.
type ChecklistState struct {
	Steps []checklist.Step
	// States, Details, Took and Errors are by step ID. A step without a
	// state is waiting.
	States  map[string]checklist.State
	Details map[string]string
	Took    map[string]time.Duration
	Errors  map[string]error
}

// Apply takes an event in. An event without a detail leaves the last one.
func (s *ChecklistState) Apply(e checklist.Event) {
	set(&s.States, e.Step, e.State)
	if e.Detail != "" {
		set(&s.Details, e.Step, e.Detail)
	}
	if e.Took > 0 {
		set(&s.Took, e.Step, e.Took)
	}
	if e.Err != nil {
		set(&s.Errors, e.Step, e.Err)
	}
}

func set[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

// Count tells how many steps are done, and of how many.
func (s *ChecklistState) Count() (done, all int) {
	for _, step := range s.Steps {
		if s.state(step) == checklist.Done {
			done++
		}
	}
	return done, len(s.Steps)
}

// Current gives the first step that is running or waits for a person, and
// false when none is.
func (s *ChecklistState) Current() (checklist.Step, bool) {
	for _, step := range s.Steps {
		if st := s.state(step); st == checklist.Running || st == checklist.Asking {
			return step, true
		}
	}
	return checklist.Step{}, false
}

func (s *ChecklistState) state(step checklist.Step) checklist.State {
	if st, ok := s.States[step.ID]; ok {
		return st
	}
	return checklist.Waiting
}

const timeWidth = 7

// Checklist draws the steps, one line each whatever their state, so that
// nothing moves while it runs: glyph, title, what the step is at, how long it
// took. Why steps failed stands below, in full.
func Checklist(c Canvas, list ChecklistState) string {
	out := page{c: c}
	title, detail := list.columns(c.Width)
	for _, step := range list.Steps {
		state := list.state(step)
		mark, style := c.stepMark(state)
		if c.Width < narrow {
			room := max(1, c.Width-markWidth-columnGap-wordWidth)
			out.row(
				column(markWidth, mark.style, mark.text),
				column(room+columnGap, style, c.cut(step.Title, room)),
				column(wordWidth, c.detailStyle(state), list.word(step)),
			)
			continue
		}
		out.row(
			column(markWidth, mark.style, mark.text),
			column(title+columnGap, style, c.cut(step.Title, title)),
			column(detail+columnGap, c.detailStyle(state), c.cut(list.detail(step), detail)),
			column(timeWidth, c.Theme.Muted, list.time(step)),
		)
	}
	for _, step := range list.Steps {
		if err := list.Errors[step.ID]; err != nil && !errors.Is(err, checklist.ErrStopped) {
			out.blank()
			mark, _ := c.stepMark(checklist.Failed)
			out.behind(spaced(mark), withTitle(step.Title, err.Error()))
		}
	}
	return out.String()
}

// narrow is below which there is no column for details: then the last one says
// how long a step took or, where it is not done, what it is at in one word.
const (
	narrow    = 64
	wordWidth = len("waiting")
)

// word is what a step is at, or how long it took, where there is no room for
// more.
func (s *ChecklistState) word(step checklist.Step) string {
	switch s.state(step) {
	case checklist.Done:
		return s.time(step)
	case checklist.Running:
		return "running"
	case checklist.Asking:
		return "waiting"
	case checklist.Waiting:
		return ""
	case checklist.Failed, checklist.NotRun:
	}
	return s.detail(step)
}

// columns shares the width between titles and details.
func (s *ChecklistState) columns(width int) (title, detail int) {
	for _, step := range s.Steps {
		title = max(title, widest(step.Title))
	}
	room := max(2, width-markWidth-2*columnGap-timeWidth)
	detail = room - title
	if least := min(18, room/3); detail < least {
		detail = least
	}
	return room - detail, detail
}

// detail is what a step has to say for itself. States that glyphs alone would
// tell are said in words as well.
func (s *ChecklistState) detail(step checklist.Step) string {
	switch s.state(step) {
	case checklist.Failed:
		if errors.Is(s.Errors[step.ID], checklist.ErrStopped) {
			return "stopped"
		}
		return "failed"
	case checklist.NotRun:
		return "not run"
	case checklist.Running:
		if s.Details[step.ID] == "" {
			return "running"
		}
	case checklist.Asking:
		return "waits for you"
	case checklist.Waiting:
		switch step.Kind {
		case checklist.Decision:
			return "asks you"
		case checklist.Manual:
			return "yours to do"
		case checklist.Automatic:
		}
		return ""
	case checklist.Done:
	}
	return s.Details[step.ID]
}

func (s *ChecklistState) time(step checklist.Step) string {
	took, ok := s.Took[step.ID]
	if !ok {
		return ""
	}
	text := Took(took)
	return strings.Repeat(" ", max(0, timeWidth-len(text))) + text
}

// Took writes a duration for people, in at most seven characters.
func Took(d time.Duration) string {
	switch d = d.Round(100 * time.Millisecond); {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 100*time.Hour:
		return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return "days"
}

func (c Canvas) stepMark(s checklist.State) (span, lipgloss.Style) {
	normal := lipgloss.NewStyle()
	switch s {
	case checklist.Done:
		return span{c.Theme.Success, c.Glyphs.Done}, normal
	case checklist.Running:
		return span{c.Theme.Accent, c.Glyphs.Running}, normal
	case checklist.Asking:
		return span{c.Theme.Warning, c.Glyphs.Unknown}, normal
	case checklist.Failed:
		return span{c.Theme.Danger, c.Glyphs.Failed}, normal
	case checklist.NotRun:
		return span{c.Theme.Muted, c.Glyphs.NotRun}, c.Theme.Muted
	case checklist.Waiting:
	}
	return span{c.Theme.Muted, c.Glyphs.Waiting}, c.Theme.Muted
}

func (c Canvas) detailStyle(s checklist.State) lipgloss.Style {
	if s == checklist.Failed {
		return c.Theme.Danger
	}
	return c.Theme.Muted
}
