package view

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/layout"
)

// RootText is the preview of an upgrade of a root, for people: what was found,
// the files, the moves, the bridge, and for each identity what changes in the
// account.
func RootText(c Canvas, p *migrate.RootPreview, views ...func(Canvas, *migrate.InstallPreview) string) string {
	parts := []string{rootHeadline(c, p), Finding(c, p), Files(c, p), Moves(c, p), BridgeText(c, p)}
	for _, cluster := range p.Clusters {
		parts = append(parts, Stays(c, cluster))
		for _, draw := range views {
			parts = append(parts, draw(c, cluster.Account))
		}
		if !cluster.Plan().Empty() {
			parts = append(parts, AccessHeadline(c, cluster.Account))
		}
		parts = append(parts, ConsentText(c, cluster.Account), Remarks(c, cluster.Account))
	}
	parts = append(parts, rootRemarks(c, p))
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}

func rootHeadline(c Canvas, p *migrate.RootPreview) string {
	out := page{c: c}
	for _, cluster := range p.Clusters {
		out.text(0, c.Theme.Title, UpgradeTitle(cluster))
	}
	who := "your own pipeline applies it"
	if p.Tool.Path != "" {
		who = "applied by " + p.Tool.String()
	}
	id := p.Clusters[0].Account.Identity
	out.text(0, c.Theme.Muted, fmt.Sprintf("In %s, %s. Account %s, %s, as %s.", p.Request.Dir, who, id.Place.Account, id.Place.Region, id.ARN))
	if p.Done() {
		out.blank()
		out.text(0, c.Theme.Success, "Nothing to do: configuration, state and account are there")
	}
	return out.String()
}

// Finding draws how the root holds the identity today.
func Finding(c Canvas, p *migrate.RootPreview) string {
	out := page{c: c}
	l := p.Layout
	out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "Found in "+p.Request.Dir)
	facts := []fact{}
	for _, call := range l.Calls {
		facts = append(facts, fact{"module " + call.Name, callWords(call)})
	}
	for _, id := range l.Identities {
		for _, h := range id.Holdings {
			facts = append(facts, fact{"state", fmt.Sprintf("%s holds %s and its key %s", orRoot(h.Module), h.UserName, h.KeyID)})
		}
	}
	facts = append(facts, fact{"backend", backendWords(l.Backend)})
	if w := l.Root.Workspace; w != "" && w != "default" {
		facts = append(facts, fact{"workspace", w})
	}
	for _, u := range l.Uses {
		facts = append(facts, fact{"used", fmt.Sprintf("%s.%s in %s (%s)", u.Call, u.Output, u.In, within(u.Position, l.Root.Dir))})
	}
	out.facts(facts)
	for _, q := range l.Problems {
		if q.Severity == layout.Tells {
			out.told(q)
		}
	}
	return out.String()
}

// within is a position, without the name of the root that is spoken of.
func within(at layout.Position, root string) layout.Position {
	if at.Root == root {
		at.Root = ""
	}
	return at
}

func orRoot(module string) string {
	if module == "" {
		return "the root module"
	}
	return module
}

func callWords(call *layout.Call) string {
	words := string(call.Kind)
	if call.Contract != "" {
		words += ", contract " + string(call.Contract)
	}
	if call.Source.Ref != "" {
		words += ", " + call.Source.Ref
	}
	if call.Repeat.Mode != "" {
		words += ", with " + call.Repeat.Mode
	}
	return words + " (" + filepath.Base(call.Position.File) + fmt.Sprintf(":%d)", call.Position.Line)
}

func backendWords(b layout.Backend) string {
	words := []string{b.Type}
	for _, k := range slices.Sorted(maps.Keys(b.Settings)) {
		words = append(words, k+"="+b.Settings[k])
	}
	return strings.Join(words, " ")
}

// told draws what is good to know.
func (p *page) told(q layout.Problem) {
	p.hanging(spaced(span{p.c.Theme.Warning, "  " + p.c.Glyphs.Warning}), lipgloss.NewStyle(), q.Reason)
	if q.Way != "" {
		p.hanging(span{p.c.Theme.Accent, "    " + p.c.Glyphs.Arrow + " "}, lipgloss.NewStyle(), q.Way)
	}
}

// Files draws the edits as one difference.
func Files(c Canvas, p *migrate.RootPreview) string {
	if len(p.Rewrite.Edits) == 0 {
		return ""
	}
	out := page{c: c}
	out.heading(span{c.Theme.Changed, c.Glyphs.Update}, counted(len(p.Rewrite.Edits), "file changes", "files change")+"; every other byte stays")
	for _, l := range strings.Split(strings.TrimRight(p.Rewrite.Diff(filepath.ToSlash(filepath.Dir(filepath.Clean(p.Request.Dir)))), "\n"), "\n") {
		out.codeLine(2, out.diffStyle(l), l)
	}
	return out.String()
}

// Moves draws what gets another address, and what else the plan may do.
func Moves(c Canvas, p *migrate.RootPreview) string {
	r := p.Rewrite
	out := page{c: c}
	bullet := plain("  " + c.Glyphs.Bullet + " ")
	if len(r.Moves) > 0 {
		how := "by moved blocks"
		if len(r.StateMoves) > 0 {
			how = "in the state"
		}
		out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "Moves, "+how)
		for _, m := range r.Moves {
			out.hanging(bullet, lipgloss.NewStyle(), fmt.Sprintf("%s to %s", m.From, m.To))
		}
	}
	if len(r.Effects) > 0 {
		out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "Besides, the plan may do this; the guard refuses all else")
		for _, e := range r.Effects {
			out.hanging(bullet, lipgloss.NewStyle(), fmt.Sprintf("%s %s: %s", strings.Join(e.Actions, ", then "), e.Address, e.Why))
		}
	}
	return out.String()
}

// BridgeText draws how CI gets over the apply.
func BridgeText(c Canvas, p *migrate.RootPreview) string {
	out := page{c: c}
	bullet := plain("  " + c.Glyphs.Bullet + " ")
	switch {
	case p.Bridged():
		out.heading(span{c.Theme.Success, c.Glyphs.Done}, "A bridge carries CI over the apply")
		for _, b := range p.Bridges {
			for _, ch := range b.Up {
				out.hanging(bullet, lipgloss.NewStyle(), ch.Title)
			}
		}
		out.text(markWidth, c.Theme.Muted, "The apply takes grants away before it gives them back. The bridge is built and visible to every reader before it, and taken away when the group's grants are visible after it.")
	case p.Request.NoBridge:
		out.heading(span{c.Theme.Danger, c.Glyphs.Warning}, "No bridge, as was asked: CI may be denied while it is applied")
	}
	if len(p.Leftover) > 0 {
		out.heading(span{c.Theme.Warning, c.Glyphs.Warning}, "Left by an earlier run, and taken away at the end")
		for _, ch := range p.Leftover {
			out.hanging(bullet, lipgloss.NewStyle(), ch.Title)
		}
	}
	return out.String()
}

func rootRemarks(c Canvas, p *migrate.RootPreview) string {
	out := page{c: c}
	for _, q := range p.Rewrite.Problems {
		if q.Severity == layout.Tells {
			out.told(q)
		}
	}
	return out.String()
}

// RootMarkdown writes the preview of an upgrade of a root for a pull request.
func RootMarkdown(p *migrate.RootPreview) string {
	c := markdownCanvas()
	var m markdown
	for _, cluster := range p.Clusters {
		m.paragraph("### slipway upgrade: %s from contract %s to %s", codeSpan(cluster.Request.Cluster), codeSpan(string(cluster.Standing.Contract)), codeSpan(string(cluster.Request.To)))
	}
	for _, text := range []string{Finding(c, p), Moves(c, p), BridgeText(c, p)} {
		if text != "" {
			m.fence("text", text)
		}
	}
	if diff := p.Rewrite.Diff(filepath.ToSlash(filepath.Dir(filepath.Clean(p.Request.Dir)))); diff != "" {
		m.fence("diff", inertLines(strings.TrimRight(diff, "\n")))
	}
	for _, cluster := range p.Clusters {
		m.fence("text", Stays(c, cluster))
		if consent := ConsentText(c, cluster.Account); consent != "" {
			m.fence("text", consent)
		}
		m.fence("diff", Changes(c, cluster.Account))
		if len(cluster.Account.Access) > 0 {
			m.fence("diff", Access(c, cluster.Account))
		}
	}
	return m.String()
}

// RootReport is the JSON of an upgrade of a root, previewed or carried out.
// Lists are never null. It holds no secrets.
type RootReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "root-plan" or "root-result".
	Kind string `json:"kind"`
	// Status is how it ended; empty for a plan.
	Status Status        `json:"status"`
	Route  migrate.Route `json:"route"`
	// Dir is the root, and Tool what works on it; empty for a pipeline.
	Dir  string `json:"dir"`
	Tool string `json:"tool"`
	// Nothing is true when configuration, state and account are there.
	Nothing bool `json:"nothing"`
	// Diff is what changes in files, as a unified difference.
	Diff string `json:"diff"`
	// Moves are addresses that change, and Effects what else the plan may do.
	Moves   []RootMove     `json:"moves"`
	Effects []EffectReport `json:"effects"`
	// Bridge are the titles of what carries CI over the apply.
	Bridge []string `json:"bridge"`
	// Identities are what changes in the account, for each build user.
	Identities []UpgradeReport `json:"identities"`
	// Done are the IDs of what was carried out.
	Done []string `json:"done"`
	// Proofs are what was seen at the end.
	Proofs []migrate.Proof `json:"proofs"`
	// Publishing is what was seen of publishing in the end, for each cluster.
	Publishing []PublishingReport `json:"publishing"`
	// Error is why it ended early; empty when it did not.
	Error string `json:"error"`
}

// RootMove is a resource that gets another address.
type RootMove struct {
	FromRoot string `json:"from_root"`
	From     string `json:"from"`
	ToRoot   string `json:"to_root"`
	To       string `json:"to"`
}

// EffectReport is something that the plan may do.
type EffectReport struct {
	Root    string   `json:"root"`
	Address string   `json:"address"`
	Actions []string `json:"actions"`
	Why     string   `json:"why"`
}

func rootReport(p *migrate.RootPreview, route migrate.Route) RootReport {
	r := RootReport{
		Version: ReportVersion, Kind: "root-plan", Route: route, Dir: p.Request.Dir, Nothing: p.Done(),
		Diff:  p.Rewrite.Diff(filepath.ToSlash(filepath.Dir(filepath.Clean(p.Request.Dir)))),
		Moves: []RootMove{}, Effects: []EffectReport{}, Bridge: []string{}, Identities: []UpgradeReport{},
		Done: []string{}, Proofs: []migrate.Proof{}, Publishing: []PublishingReport{},
	}
	if p.Tool.Path != "" {
		r.Tool = p.Tool.String()
	}
	for _, m := range p.Rewrite.Moves {
		r.Moves = append(r.Moves, RootMove{FromRoot: m.FromRoot, From: m.From, ToRoot: m.ToRoot, To: m.To})
	}
	for _, e := range p.Rewrite.Effects {
		r.Effects = append(r.Effects, EffectReport{Root: e.Root, Address: e.Address, Actions: e.Actions, Why: e.Why})
	}
	for _, b := range p.Bridges {
		for _, c := range b.Up {
			r.Bridge = append(r.Bridge, c.Title)
		}
	}
	for _, c := range p.Clusters {
		u := upgradeReport(UpgradeSummary{Preview: c})
		u.Kind, u.Status, u.NextSteps = "upgrade-plan", "", []NextStep{}
		r.Identities = append(r.Identities, u)
	}
	return r
}

// RootPlanJSON writes the [RootReport] of a preview.
func RootPlanJSON(p *migrate.RootPreview, route migrate.Route) ([]byte, error) {
	return encodeReport(rootReport(p, route))
}
