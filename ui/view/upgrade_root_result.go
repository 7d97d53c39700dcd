package view

import (
	"errors"
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
)

// RootSummary is what an upgrade of a root came to.
type RootSummary struct {
	// Preview is never nil.
	Preview *migrate.RootPreview
	Route   migrate.Route
	Result  migrate.UpgradeResult
	// Publishing is what was seen of publishing in the end; empty when it did
	// not come to that.
	Publishing []migrate.Publishing
	// Err is nil, [checklist.ErrStopped], or why it failed.
	Err error
	// Resume is the command that goes on.
	Resume string
}

// Status tells how it ended.
func (s RootSummary) Status() Status {
	switch {
	case errors.Is(s.Err, checklist.ErrStopped):
		return StatusStopped
	case s.Err != nil:
		return StatusFailed
	}
	return StatusDone
}

// headline says in one sentence how it ended.
func (s RootSummary) headline() string {
	var waiting *checklist.WaitingError
	switch {
	case errors.As(s.Err, &waiting):
		return "Waiting for you: " + waiting.Question.Text + "."
	case s.Status() == StatusStopped:
		return "Stopped."
	case s.Status() == StatusFailed:
		return "Failed."
	}
	return fmt.Sprintf("Done: %s is at contract %s, with the same user, the same key and all its access.", s.Preview.Request.Dir, s.Preview.Clusters[0].Request.To)
}

// Next lists what to do now, in order.
func (s RootSummary) Next() []NextStep {
	if s.Status() != StatusDone {
		return []NextStep{{"When that is done, or put right, go on with:", s.Resume}}
	}
	var out []NextStep
	if s.Route == migrate.RouteTofu && len(s.Preview.Rewrite.Edits) > 0 {
		out = append(out, NextStep{Text: "Commit the edits, the lock file too if init changed it. The moved blocks may go once they are applied everywhere."})
	}
	out = append(out, publishingNext(s.Publishing)...)
	return append(out, NextStep{Text: "Nothing has to be told to CI or to nullplatform: the key is the same, and so is its secret."})
}

// RootSummaryText draws what an upgrade of a root came to.
func RootSummaryText(c Canvas, s RootSummary) string {
	return concluded(c, s.Status(), s.headline(), func(p *page) { p.rootSummary(s) })
}

// RootSummaryMarkdown writes the same for a pull request or a job summary.
func RootSummaryMarkdown(s RootSummary) string {
	var m markdown
	m.paragraph("### slipway upgrade")
	return m.concluded(Inert(s.headline()), func(p *page) { p.rootSummary(s) })
}

func (p *page) rootSummary(s RootSummary) {
	p.blank()
	p.failed(s.Status(), s.Err)
	if s.Status() != StatusDone && s.Preview.Bridged() {
		p.text(markWidth, lipgloss.NewStyle(), "Safe: what is built of the bridge stays until the upgrade is through, so CI can publish as before.")
		p.blank()
	}
	p.proofs(s.Result.Proofs)
	p.publishing(s.Publishing)
	p.blank()
	p.next(s.Next())
}

// RootResultJSON writes the [RootReport] of what an upgrade came to.
func RootResultJSON(s RootSummary) ([]byte, error) {
	r := rootReport(s.Preview, s.Route)
	r.Kind, r.Status = "root-result", s.Status()
	r.Done, r.Proofs = orEmpty(s.Result.Done), orEmpty(s.Result.Proofs)
	r.Publishing = publishingReports(s.Publishing)
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	return encodeReport(r)
}
