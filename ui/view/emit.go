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
		parts = append(parts, emitFiles(c, p), TakenOver(c, p), Registrations(c, p.Account.Survey), emitSecret(c, p))
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

// TakenOver draws what the state takes over from the account and from
// nullplatform, and what it cannot.
func TakenOver(c Canvas, p *migrate.EmitPreview) string {
	out := page{c: c}
	if n := len(p.Emission.Imports); n > 0 {
		out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, counted(n, "entity is", "entities are")+" taken over as "+isOrAreIt(n)+", by import blocks")
		for _, i := range p.Emission.Imports {
			out.hanging(plain("  "+c.Glyphs.Bullet+" "), lipgloss.NewStyle(), i.ID+" to "+i.To)
		}
	}
	if taken := takenRegistrations(p); len(taken) > 0 {
		out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, counted(len(taken), "registration is", "registrations are")+" taken over from nullplatform, by import blocks: there is no second one")
		for _, i := range taken {
			out.hanging(plain("  "+c.Glyphs.Bullet+" "), lipgloss.NewStyle(), i.ID+" to "+i.To)
		}
	}
	for _, q := range p.Emission.Problems {
		out.told(q)
	}
	return out.String()
}

// takenRegistrations are the registrations that get an import block.
func takenRegistrations(p *migrate.EmitPreview) []rewrite.Import {
	var out []rewrite.Import
	for _, r := range p.Emission.Registrations {
		if r.TakesOver != "" {
			out = append(out, rewrite.Import{To: r.Address, ID: r.TakesOver})
		}
	}
	return out
}

func isOrAreIt(n int) string {
	if n == 1 {
		return "it is"
	}
	return "they are"
}

func emitSecret(c Canvas, p *migrate.EmitPreview) string {
	out := page{c: c}
	title, also := "The secret of the key goes into the state", ""
	if p.HandsOver() {
		title += " and to nullplatform"
		also = fmt.Sprintf(" The apply registers it at %s, where CI gets it.", p.Request.Register.NRN)
	}
	out.heading(span{c.Theme.Warning, c.Glyphs.Warning}, title)
	out.text(markWidth, lipgloss.NewStyle(), fmt.Sprintf(
		"It is in plain text in the state, as with every key that a module makes: see that few can read it.%s The outputs %s and %s carry the key, the secret as sensitive.",
		also, p.Emission.KeyID, p.Emission.Secret))
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
	for _, text := range []string{TakenOver(c, p), Registrations(c, p.Account.Survey), emitSecret(c, p), ConsentText(c, p.Account), Remarks(c, p.Account)} {
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
		for _, i := range slices.Concat(out.Imports, takenRegistrations(s.Preview)) {
			judge = append(judge, "--allow", i.To)
		}
		return []NextStep{
			{"Commit the files, and let your pipeline plan and apply them. It may judge its plan with:", command(judge)},
			{Text: fmt.Sprintf("The outputs %s and %s then carry the key, the secret as sensitive.", out.KeyID, out.Secret)},
		}
	}
	tool := strings.TrimSuffix(filepath.Base(s.Preview.Tool.Path), ".exe")
	commit := "Commit the files, the lock file too."
	if len(out.Imports)+len(takenRegistrations(s.Preview)) > 0 {
		commit += " The import blocks may be taken out now."
	}
	steps := []NextStep{
		{Text: commit},
		{"The secret is in the state. To read it, where nobody looks on:", command([]string{tool, "-chdir=" + emit.Dir, "output", "-raw", out.Secret})},
	}
	switch who := s.Preview.Account.Inventory.User; {
	case s.Preview.Request.Register.NRN == "":
		steps = append(steps, NextStep{Text: fmt.Sprintf("Give nullplatform the outputs %s and %s: none of it is registered by this root.", out.KeyID, out.Secret)})
	case s.Preview.HandsOver() && who != nil && len(who.Keys) == 1 && who.Keys[0].Active:
		steps = append(steps, NextStep{
			"CI gets the new key from nullplatform at its next build. When you have seen it used, make the old one inactive, and later delete it:",
			command([]string{"aws", "iam", "update-access-key", "--user-name", who.Name, "--access-key-id", who.Keys[0].ID, "--status", "Inactive"}),
		})
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
