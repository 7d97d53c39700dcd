package view

import (
	"errors"
	"fmt"
	"slices"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// UpgradeSummary is what an upgrade came to, with what it started from.
type UpgradeSummary struct {
	// Preview is never nil.
	Preview *migrate.UpgradePreview
	Result  migrate.UpgradeResult
	// Publishing is what was seen of publishing in the end; empty when it did
	// not come to that.
	Publishing []migrate.Publishing
	// Err is nil, [checklist.ErrStopped], or why it failed.
	Err error
	// Sandbox says that the account was emulated.
	Sandbox bool
}

// Status tells how the upgrade ended.
func (s UpgradeSummary) Status() Status {
	switch {
	case errors.Is(s.Err, checklist.ErrStopped):
		return StatusStopped
	case s.Err != nil:
		return StatusFailed
	case s.Preview.Plan().Empty():
		return StatusNothingToDo
	}
	return StatusDone
}

func (s UpgradeSummary) done(c provision.Change) bool { return slices.Contains(s.Result.Done, c.ID) }

func (s UpgradeSummary) headline() string {
	all := len(s.Preview.Plan().Changes)
	switch s.Status() {
	case StatusNothingToDo:
		return nothingToDo + "."
	case StatusStopped:
		return fmt.Sprintf("Stopped after %d of %s.", len(s.Result.Done), counted(all, "change", "changes"))
	case StatusFailed:
		return fmt.Sprintf("Failed after %d of %s.", len(s.Result.Done), counted(all, "change", "changes"))
	case StatusDone:
	}
	return fmt.Sprintf("Done: %s is at contract %s, with the same user, the same key and all its access.", s.Preview.Request.Cluster, s.Preview.Request.To)
}

// Next lists what to do now, in order.
func (s UpgradeSummary) Next() []NextStep {
	switch s.Status() {
	case StatusStopped, StatusFailed:
		return []NextStep{{Text: "Run the same command again. It reads the account first and does only what is left."}}
	case StatusDone, StatusNothingToDo:
	}
	var out []NextStep
	if s.Sandbox {
		out = append(out, NextStep{Text: "This was the sandbox. Run the same without --sandbox to do it in an account."})
	}
	out = append(out, publishingNext(s.Publishing)...)
	return append(out, NextStep{Text: "Nothing has to be told to CI or to nullplatform: the key is the same, and so is its secret."})
}

// UpgradeSummaryText draws what an upgrade came to: how it ended, what is
// proved, what is left, and what to do next.
func UpgradeSummaryText(c Canvas, s UpgradeSummary) string {
	return concluded(c, s.Status(), s.headline(), func(p *page) { p.upgradeSummary(s) })
}

// UpgradeSummaryMarkdown writes the same for a pull request or a job summary.
func UpgradeSummaryMarkdown(s UpgradeSummary) string {
	var m markdown
	m.paragraph("### slipway upgrade: %s to contract %s", codeSpan(s.Preview.Request.Cluster), codeSpan(string(s.Preview.Request.To)))
	return m.concluded(s.headline(), func(p *page) { p.upgradeSummary(s) })
}

// upgradeSummary is all below the headline.
func (p *page) upgradeSummary(s UpgradeSummary) {
	p.blank()
	if s.Status() == StatusStopped || s.Status() == StatusFailed {
		p.upgradeEnded(s)
	}
	p.proofs(s.Result.Proofs)
	p.publishing(s.Publishing)
	p.blank()
	p.next(s.Next())
}

func (p *page) upgradeEnded(s UpgradeSummary) {
	p.failed(s.Status(), s.Err)
	for _, c := range s.Preview.Plan().Changes {
		mark, word := span{p.c.Theme.Muted, p.c.Glyphs.NotRun}, "not done"
		if s.done(c) {
			mark, word = span{p.c.Theme.Success, p.c.Glyphs.Done}, "done"
		}
		p.hanging(spaced(span{mark.style, "  " + mark.text}), lipgloss.NewStyle(), word+"  "+c.Title)
	}
	p.blank()
	p.text(markWidth, lipgloss.NewStyle(), "Safe: nothing is taken away before its replacement is visible, so CI can publish as before.")
	p.blank()
}

// proofs are what was seen at the end, each with what was seen.
func (p *page) proofs(list []migrate.Proof) {
	if len(list) == 0 {
		return
	}
	p.text(markWidth, p.c.Theme.Title, "Seen at the end")
	for _, proof := range list {
		mark := span{p.c.Theme.Success, "  " + p.c.Glyphs.Done}
		if !proof.Holds {
			mark = span{p.c.Theme.Danger, "  " + p.c.Glyphs.Failed}
		}
		p.hanging(spaced(mark), lipgloss.NewStyle(), proof.What)
		if proof.Detail != "" {
			p.hanging(plain("    "), p.c.Theme.Muted, proof.Detail)
		}
	}
}

// UpgradeReport is the JSON of an upgrade, previewed or carried out. Lists are
// never null. It holds no secrets.
type UpgradeReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "upgrade-plan" or "upgrade-result".
	Kind string `json:"kind"`
	// Status is how it ended; empty for a plan.
	Status Status        `json:"status"`
	Route  migrate.Route `json:"route"`
	// From is the contract that was found, and To the one to go to.
	From provision.Contract `json:"from"`
	To   provision.Contract `json:"to"`
	// Stays is the build user and its keys.
	Stays provision.Identity `json:"stays"`
	// Plan is what changes in the account, in the shape of an install's.
	Plan PlanReport `json:"plan"`
	// Done and Left are the IDs of the changes that were carried out, and of
	// those that were not.
	Done []string `json:"done"`
	Left []string `json:"left"`
	// Proofs are what was seen at the end.
	Proofs []migrate.Proof `json:"proofs"`
	// Publishing is what was seen of publishing in the end, for each cluster.
	Publishing []PublishingReport `json:"publishing"`
	// Error is why it ended early; empty when it did not.
	Error     string     `json:"error"`
	NextSteps []NextStep `json:"next_steps"`
	// Sandbox is true when the account was emulated.
	Sandbox bool `json:"sandbox"`
}

// UpgradePlanJSON writes the [UpgradeReport] of a preview.
func UpgradePlanJSON(p *migrate.UpgradePreview) ([]byte, error) {
	r := upgradeReport(UpgradeSummary{Preview: p})
	r.Kind, r.Status, r.NextSteps = "upgrade-plan", "", []NextStep{}
	return encodeReport(r)
}

// UpgradeResultJSON writes the [UpgradeReport] of what an upgrade came to.
func UpgradeResultJSON(s UpgradeSummary) ([]byte, error) { return encodeReport(upgradeReport(s)) }

func upgradeReport(s UpgradeSummary) UpgradeReport {
	p := s.Preview
	r := UpgradeReport{
		Version: ReportVersion, Kind: "upgrade-result", Status: s.Status(), Route: p.Request.Route,
		From: p.Standing.Contract, To: p.Request.To, Stays: p.Identity, Plan: NewPlanReport(p.Account),
		Done: orEmpty(s.Result.Done), Left: []string{}, Proofs: orEmpty(s.Result.Proofs), Publishing: publishingReports(s.Publishing),
		NextSteps: orEmpty(s.Next()), Sandbox: s.Sandbox,
	}
	r.Stays.Keys = orEmpty(r.Stays.Keys)
	for _, c := range p.Plan().Changes {
		if !s.done(c) {
			r.Left = append(r.Left, c.ID)
		}
	}
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	return r
}
