package view

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/rewrite"
)

// EmitText is the preview of an install through the modules, for people: the
// files, what is taken over, where the secret goes, and what the modules make
// in the account.
func EmitText(c Canvas, p *migrate.EmitPreview, views ...func(Canvas, *migrate.InstallPreview) string) string {
	parts := []string{emitHeadline(c, p)}
	if !p.Done() {
		parts = append(parts, emitFiles(c, p), TakenOver(c, p), emitSecret(c, p))
		for _, draw := range views {
			parts = append(parts, draw(c, p.Account))
		}
		if !p.Account.Plan.Empty() {
			parts = append(parts, AccessHeadline(c, p.Account))
		}
		parts = append(parts, ConsentText(c, p.Account), Remarks(c, p.Account))
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}

func emitHeadline(c Canvas, p *migrate.EmitPreview) string {
	out := page{c: c}
	spec, emit, id := p.Request.Spec, p.Request.Emit, p.Account.Identity
	out.text(0, c.Theme.Title, fmt.Sprintf("Install %s through the modules of contract %s", spec.Cluster, spec.Contract))
	who := "applied by slipway"
	if emit.WriteOnly {
		who = "your own pipeline applies it"
	}
	out.text(0, c.Theme.Muted, fmt.Sprintf("In %s, %s. Account %s, %s, as %s.", emit.Dir, who, id.Place.Account, id.Place.Region, id.ARN))
	switch {
	case p.Done() && emit.WriteOnly:
		out.blank()
		out.text(0, c.Theme.Success, "Nothing to do: the files are written")
	case p.Done():
		out.blank()
		out.text(0, c.Theme.Success, "Nothing to do: files, state and account are there")
	case len(p.Emission.Edits) == 0:
		out.blank()
		out.text(0, c.Theme.Warning, "The files are written, and not applied yet")
	}
	return out.String()
}

func emitFiles(c Canvas, p *migrate.EmitPreview) string {
	if len(p.Emission.Edits) == 0 {
		return ""
	}
	out := page{c: c}
	out.heading(span{c.Theme.Added, c.Glyphs.Add}, counted(len(p.Emission.Edits), "file is written", "files are written"))
	for _, l := range strings.Split(strings.TrimRight(shownDiff(p), "\n"), "\n") {
		out.codeLine(2, out.diffStyle(l), l)
	}
	return out.String()
}

// shownDiff names the files with the root's own directory, for a person.
func shownDiff(p *migrate.EmitPreview) string {
	return rewrite.Patch(p.Emission.Edits, filepath.ToSlash(filepath.Dir(filepath.Clean(p.Request.Emit.Dir))))
}

// TakenOver draws what the state takes over from the account, and what it
// cannot.
func TakenOver(c Canvas, p *migrate.EmitPreview) string {
	out := page{c: c}
	if n := len(p.Emission.Imports); n > 0 {
		out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, counted(n, "entity is", "entities are")+" taken over as "+isOrAreIt(n)+", by import blocks")
		for _, i := range p.Emission.Imports {
			out.hanging(plain("  "+c.Glyphs.Bullet+" "), lipgloss.NewStyle(), i.ID+" to "+i.To)
		}
	}
	for _, q := range p.Emission.Problems {
		out.told(q)
	}
	return out.String()
}

func isOrAreIt(n int) string {
	if n == 1 {
		return "it is"
	}
	return "they are"
}

func emitSecret(c Canvas, p *migrate.EmitPreview) string {
	out := page{c: c}
	out.heading(span{c.Theme.Warning, c.Glyphs.Warning}, "The secret of the key goes into the state")
	out.text(markWidth, lipgloss.NewStyle(), fmt.Sprintf(
		"It is in plain text there, as with every key that a module makes: see that few can read the state. The outputs %s and %s carry the key, the secret as sensitive.",
		p.Emission.KeyID, p.Emission.Secret))
	return out.String()
}

// EmitMarkdown writes the preview of an install through the modules for a pull
// request.
func EmitMarkdown(p *migrate.EmitPreview) string {
	c := markdownCanvas()
	var m markdown
	m.paragraph("### slipway install: %s through the modules of contract %s", codeSpan(p.Request.Spec.Cluster), codeSpan(string(p.Request.Spec.Contract)))
	m.fence("text", emitHeadline(c, p))
	if p.Done() {
		return m.String()
	}
	if diff := shownDiff(p); diff != "" {
		m.fence("diff", inertLines(strings.TrimRight(diff, "\n")))
	}
	for _, text := range []string{TakenOver(c, p), emitSecret(c, p), ConsentText(c, p.Account), Remarks(c, p.Account)} {
		if text != "" {
			m.fence("text", text)
		}
	}
	m.fence("diff", Changes(c, p.Account))
	return m.String()
}

// EmitSummary is what an install through the modules came to.
type EmitSummary struct {
	// Preview is never nil.
	Preview *migrate.EmitPreview
	Result  migrate.UpgradeResult
	// Err is nil, [checklist.ErrStopped], or why it failed.
	Err error
	// Resume is the command that goes on.
	Resume string
}

// Status tells how it ended.
func (s EmitSummary) Status() Status {
	switch {
	case errors.Is(s.Err, checklist.ErrStopped):
		return StatusStopped
	case s.Err != nil:
		return StatusFailed
	}
	return StatusDone
}

func (s EmitSummary) headline() string {
	emit := s.Preview.Request.Emit
	switch {
	case s.Status() == StatusStopped:
		return "Stopped."
	case s.Status() == StatusFailed:
		return "Failed."
	case emit.WriteOnly:
		return "Written: nothing is applied yet."
	}
	return fmt.Sprintf("Done: %s is installed, and %s keeps it.", s.Preview.Request.Spec.Cluster, emit.Dir)
}

// Next lists what to do now, in order.
func (s EmitSummary) Next() []NextStep {
	emit, out := s.Preview.Request.Emit, s.Preview.Emission
	if s.Status() != StatusDone {
		return []NextStep{{"Put right what is wrong, and go on with:", s.Resume}}
	}
	if emit.WriteOnly {
		judge := []string{"slipway", "guard", "PLAN", "--expect", "install", "--cluster", s.Preview.Request.Spec.Cluster}
		for _, i := range out.Imports {
			judge = append(judge, "--allow", i.To)
		}
		return []NextStep{
			{"Commit the files, and let your pipeline plan and apply them. It may judge its plan with:", command(judge)},
			{Text: fmt.Sprintf("The outputs %s and %s then carry the key, the secret as sensitive.", out.KeyID, out.Secret)},
		}
	}
	tool := strings.TrimSuffix(filepath.Base(s.Preview.Tool.Path), ".exe")
	commit := "Commit the files, the lock file too."
	if len(out.Imports) > 0 {
		commit += " The import blocks may be taken out now."
	}
	steps := []NextStep{
		{Text: commit},
		{"The secret is in the state. To read it, where nobody looks on:", command([]string{tool, "-chdir=" + emit.Dir, "output", "-raw", out.Secret})},
	}
	if s.Preview.Request.Register.NRN == "" {
		steps = append(steps, NextStep{Text: fmt.Sprintf("Give nullplatform the outputs %s and %s: none of it is registered by this root.", out.KeyID, out.Secret)})
	}
	return steps
}

// EmitSummaryText draws what an install through the modules came to.
func EmitSummaryText(c Canvas, s EmitSummary) string {
	return concluded(c, s.Status(), s.headline(), func(p *page) { p.emitSummary(s) })
}

// EmitSummaryMarkdown writes the same for a pull request or a job summary.
func EmitSummaryMarkdown(s EmitSummary) string {
	var m markdown
	m.paragraph("### slipway install")
	return m.concluded(Inert(s.headline()), func(p *page) { p.emitSummary(s) })
}

func (p *page) emitSummary(s EmitSummary) {
	p.blank()
	p.failed(s.Status(), s.Err)
	p.proofs(s.Result.Proofs)
	p.blank()
	p.next(s.Next())
}

// EmitReport is the JSON of an install through the modules, previewed or
// carried out. Lists are never null. It holds no secrets.
type EmitReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "emit-plan" or "emit-result".
	Kind string `json:"kind"`
	// Status is how it ended; empty for a plan.
	Status Status `json:"status"`
	// Dir is the root, and Tool what works on it; empty as long as none has.
	Dir  string `json:"dir"`
	Tool string `json:"tool"`
	// WriteOnly says that a pipeline applies the files.
	WriteOnly bool `json:"write_only"`
	// Nothing is true when there is nothing left to do.
	Nothing bool `json:"nothing"`
	// Diff is what is written, as a unified difference.
	Diff string `json:"diff"`
	// Imports are what the state takes over from the account.
	Imports []ImportReport `json:"imports"`
	// Remarks are what is good to know.
	Remarks []string `json:"remarks"`
	// KeyIDOutput and SecretOutput are the outputs that carry the key.
	KeyIDOutput  string `json:"key_id_output"`
	SecretOutput string `json:"secret_output"`
	// Account is what the modules make in the account.
	Account PlanReport `json:"account"`
	// Proofs are what was seen at the end.
	Proofs []migrate.Proof `json:"proofs"`
	// NextSteps are what to do now; empty for a plan.
	NextSteps []NextStep `json:"next_steps"`
	// Error is why it ended early; empty when it did not.
	Error string `json:"error"`
}

// ImportReport is one entity that an address takes over.
type ImportReport struct {
	To string `json:"to"`
	ID string `json:"id"`
}

func emitReport(p *migrate.EmitPreview) EmitReport {
	r := EmitReport{
		Version: ReportVersion, Kind: "emit-plan", Dir: p.Request.Emit.Dir, WriteOnly: p.Request.Emit.WriteOnly, Nothing: p.Done(),
		Diff: shownDiff(p), Imports: []ImportReport{}, Remarks: []string{}, KeyIDOutput: p.Emission.KeyID, SecretOutput: p.Emission.Secret,
		Account: NewPlanReport(p.Account), Proofs: []migrate.Proof{}, NextSteps: []NextStep{},
	}
	if p.Tool.Path != "" {
		r.Tool = p.Tool.String()
	}
	for _, i := range p.Emission.Imports {
		r.Imports = append(r.Imports, ImportReport{To: i.To, ID: i.ID})
	}
	for _, q := range p.Emission.Problems {
		r.Remarks = append(r.Remarks, q.Error())
	}
	return r
}

// EmitPlanJSON writes the [EmitReport] of a preview.
func EmitPlanJSON(p *migrate.EmitPreview) ([]byte, error) { return encodeReport(emitReport(p)) }

// EmitResultJSON writes the [EmitReport] of what it came to.
func EmitResultJSON(s EmitSummary) ([]byte, error) {
	r := emitReport(s.Preview)
	r.Kind, r.Status, r.Proofs, r.NextSteps = "emit-result", s.Status(), orEmpty(s.Result.Proofs), s.Next()
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	return encodeReport(r)
}
