package view

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Tally counts what a plan does.
type Tally struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	// Keep counts what is as it should be already.
	Keep int `json:"keep"`
	// Calls counts the requests that change something.
	Calls int `json:"calls"`
}

// NewTally counts a plan.
func NewTally(p provision.Plan) Tally {
	t := Tally{Keep: len(p.Kept), Calls: len(p.Calls())}
	for _, c := range p.Changes {
		switch c.Mark {
		case provision.Add:
			t.Add++
		case provision.Update:
			t.Change++
		case provision.Remove:
			t.Remove++
		}
	}
	return t
}

// String is the tally in words.
func (t Tally) String() string {
	return fmt.Sprintf("%d to add, %d to change, %d to remove; %s",
		t.Add, t.Change, t.Remove, counted(t.Calls, "call", "calls"))
}

func (t Tally) short() string {
	return fmt.Sprintf("+%d ~%d -%d; %s", t.Add, t.Change, t.Remove, counted(t.Calls, "call", "calls"))
}

// Headline is the plan in one line: how much it does, that it does nothing, or
// that it cannot be carried out.
func Headline(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	words, style := headline(p.Plan)
	if widest(words) > c.Width {
		words = shortHeadline(p.Plan)
	}
	if p.Plan.Empty() && len(p.Plan.Blockers) == 0 && (p.Registers() || len(p.Back) > 0) {
		words, style = platformHeadline, title
	}
	out.line(span{style(c.Theme), words})
	return out.String()
}

const platformHeadline = "Nothing changes in the account, only at nullplatform"

const nothingToDo = "Nothing to do: all of it is there, and as it should be"

func headline(p provision.Plan) (string, func(Theme) lipgloss.Style) {
	switch blocked := len(p.Blockers); {
	case blocked > 0 && p.Empty():
		return "Blocked for " + counted(blocked, "reason", "reasons"), danger
	case blocked > 0:
		return fmt.Sprintf("Blocked for %s; it would be %s", counted(blocked, "reason", "reasons"), NewTally(p)), danger
	case p.Empty():
		return nothingToDo, success
	}
	return NewTally(p).String(), title
}

func shortHeadline(p provision.Plan) string {
	switch {
	case len(p.Blockers) > 0:
		return "Blocked for " + counted(len(p.Blockers), "reason", "reasons")
	case p.Empty():
		return "Nothing to do"
	}
	return NewTally(p).short()
}

func danger(t Theme) lipgloss.Style  { return t.Danger }
func success(t Theme) lipgloss.Style { return t.Success }
func title(t Theme) lipgloss.Style   { return t.Title }
