package view

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// Verification draws what a verification found: the verdict, and each check
// with what was found and what to do about it.
func Verification(c Canvas, v *migrate.Verification) string {
	out := page{c: c}
	mark, _ := verdictMark(c, v.Verdict())
	out.hanging(spaced(mark), c.Theme.Title, verdictHeadline(v))
	out.blank()
	out.checks(v.Checks)
	return out.String()
}

// verdictHeadline says in one sentence how things stand.
func verdictHeadline(v *migrate.Verification) string {
	count := map[migrate.Verdict]int{}
	for _, c := range v.Checks {
		count[c.Verdict]++
	}
	all := len(v.Checks)
	where := fmt.Sprintf("%s in account %s, %s", v.Request.Cluster, v.Identity.Place.Account, v.Identity.Place.Region)
	switch v.Verdict() {
	case migrate.Fail:
		return fmt.Sprintf("%d of %s %s no: %s.", count[migrate.Fail], counted(all, "check", "checks"), says(count[migrate.Fail]), where)
	case migrate.Unknown, migrate.NotRun:
		open := count[migrate.Unknown] + count[migrate.NotRun]
		return fmt.Sprintf("Nothing says no, but %d of %s %s open: %s.", open, counted(all, "check", "checks"), isOrAre(open), where)
	case migrate.Pass:
	}
	return fmt.Sprintf("CI can publish: %s, all well: %s.", counted(all, "check", "checks"), where)
}

func says(n int) string {
	if n == 1 {
		return "says"
	}
	return "say"
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func verdictMark(c Canvas, v migrate.Verdict) (span, string) {
	switch v {
	case migrate.Fail:
		return span{c.Theme.Danger, c.Glyphs.Failed}, "fail"
	case migrate.Unknown:
		return span{c.Theme.Warning, c.Glyphs.Unknown}, "unknown"
	case migrate.NotRun:
		return span{c.Theme.Muted, c.Glyphs.NotRun}, "not run"
	case migrate.Pass:
	}
	return span{c.Theme.Success, c.Glyphs.Done}, "pass"
}

// checks draws each check: mark and verdict, the sentence, and below it what
// was found and the way out.
func (p *page) checks(list []migrate.Check) {
	const width = len("unknown")
	indent := markWidth + markWidth + width + columnGap
	for _, check := range list {
		mark, word := verdictMark(p.c, check.Verdict)
		p.row(
			column(markWidth, lipgloss.NewStyle(), ""),
			column(markWidth, mark.style, mark.text),
			column(width+columnGap, p.c.Theme.Muted, word),
			column(max(1, p.c.Width-indent), lipgloss.NewStyle(), check.Title),
		)
		p.text(indent, p.c.Theme.Muted, check.Found)
		if check.Way != "" {
			p.behind(plain(strings.Repeat(" ", indent)+p.c.Glyphs.Arrow+" "), check.Way)
		}
	}
}

// VerificationMarkdown writes what a verification found, for a pull request or
// a job summary.
func VerificationMarkdown(v *migrate.Verification) string {
	var m markdown
	m.paragraph("### slipway verify: %s in account %s, %s",
		codeSpan(v.Request.Cluster), codeSpan(v.Identity.Place.Account), codeSpan(v.Identity.Place.Region))
	m.paragraph("**%s**", verdictSentence(v))
	body := page{c: markdownCanvas()}
	body.checks(v.Checks)
	m.fence("text", body.String())
	return m.String()
}

// verdictSentence is the headline without names, which are not ours.
func verdictSentence(v *migrate.Verification) string {
	sentence, _, _ := strings.Cut(verdictHeadline(v), ": "+v.Request.Cluster+" in account")
	return sentence + "."
}

// VerifyReport is the JSON of a verification. Lists are never null. It holds
// no secrets.
type VerifyReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "verification".
	Kind string `json:"kind"`
	// Verdict is the worst of the checks: pass, not-run, unknown or fail.
	Verdict   migrate.Verdict `json:"verdict"`
	Cluster   string          `json:"cluster"`
	Account   string          `json:"account"`
	Partition string          `json:"partition"`
	Region    string          `json:"region"`
	// Identity is the ARN of the operator.
	Identity string `json:"identity"`
	// BuildUser is the ARN of the user that CI publishes as.
	BuildUser    string                  `json:"build_user"`
	Destinations []provision.Destination `json:"destinations"`
	// NRN is where nullplatform was asked; empty when it was not.
	NRN    string          `json:"nrn"`
	Checks []migrate.Check `json:"checks"`
	// Probe is null when it was not run.
	Probe *account.ProbeResult `json:"probe" jsonschema:"nullable"`
}

// VerificationJSON writes a [VerifyReport].
func VerificationJSON(v *migrate.Verification) ([]byte, error) {
	r := VerifyReport{
		Version: ReportVersion, Kind: "verification", Verdict: v.Verdict(), Cluster: v.Request.Cluster,
		Account: v.Identity.Place.Account, Partition: v.Identity.Place.Partition, Region: v.Identity.Place.Region,
		Identity: v.Identity.ARN, BuildUser: v.Blueprint.User.ARN, NRN: v.Request.Target.NRN.String(),
		Destinations: orEmpty(v.Blueprint.Spec.Destinations), Checks: orEmpty(v.Checks), Probe: v.Probe,
	}
	return encodeReport(r)
}
