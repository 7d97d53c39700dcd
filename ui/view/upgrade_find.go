package view

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/provision"
)

// RootFound draws what was found of a root before a route is chosen: what is
// in the way first, then what it holds, where its state is, what works on it,
// and where its outputs go.
func RootFound(c Canvas, f *migrate.RootFinding) string {
	out := page{c: c}
	out.layoutProblems(f.Layout)
	out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "In "+f.Dir)
	list := []fact{}
	for _, id := range f.Layout.Identities {
		list = append(list, fact{"holds", identityWords(id)})
	}
	for _, call := range f.Layout.Calls {
		list = append(list, fact{"module", call.Name + ": " + callWords(call)})
	}
	list = append(list, fact{"state", stateWords(f)})
	switch {
	case f.Untooled != nil:
		list = append(list, fact{"tool", "none works on it here, so the state was not read; see below"})
	case f.Tool.Path != "":
		list = append(list, fact{"tool", f.Tool.String() + ", which the state belongs to"})
	}
	out.facts(append(list, outputWords(f.Layout.Uses)...))
	for _, q := range f.Layout.Problems {
		if q.Severity == layout.Tells {
			out.told(q)
		}
	}
	if f.Untooled != nil {
		out.heading(span{c.Theme.Warning, c.Glyphs.Warning}, "Why no tool works on it here")
		// What a tool says is laid out for its own width.
		out.text(markWidth, lipgloss.NewStyle(), strings.Join(strings.Fields(f.Untooled.Error()), " "))
	}
	return out.String()
}

// layoutProblems draws what refuses an upgrade, and what has to be answered.
func (p *page) layoutProblems(l *layout.Layout) {
	draw := func(s layout.Severity, mark span, words string) {
		list := slices.DeleteFunc(slices.Clone(l.Problems), func(q layout.Problem) bool { return q.Severity != s })
		if s == layout.Asks {
			list = l.Open()
		}
		if len(list) == 0 {
			return
		}
		p.heading(mark, words)
		for _, q := range list {
			p.hanging(plain("  "+p.c.Glyphs.Bullet+" "), lipgloss.NewStyle(), positioned(q))
			if q.Way != "" {
				p.hanging(span{p.c.Theme.Accent, "    " + p.c.Glyphs.Arrow + " "}, lipgloss.NewStyle(), q.Way)
			}
		}
	}
	draw(layout.Refuses, span{p.c.Theme.Danger, p.c.Glyphs.Failed}, "In the way of an upgrade")
	draw(layout.Asks, span{p.c.Theme.Warning, p.c.Glyphs.Unknown}, "Has to be said first")
}

func positioned(q layout.Problem) string {
	if q.Position.File == "" {
		return q.Reason
	}
	return fmt.Sprintf("%s (%s:%d)", q.Reason, q.Position.File, q.Position.Line)
}

// identityWords say what a contract is for who has never heard of contracts.
func identityWords(id *layout.Identity) string {
	words := "a build user"
	if id.Cluster.Known {
		words = "the build user of " + id.Cluster.Value
	}
	if len(id.Holdings) > 1 {
		words = fmt.Sprintf("%d build users", len(id.Holdings))
	}
	switch {
	case id.Contract == "":
		return words
	case layout.Split(id.Contract):
		return words + ", by contract " + string(id.Contract) + ", in a module of its own"
	}
	return words + ", by contract " + string(id.Contract) + ", inside the module of ECR"
}

// stateWords say where the state is, and what it holds as far as it was read.
func stateWords(f *migrate.RootFinding) string {
	words := backendWords(f.Layout.Backend)
	if w := f.Layout.Root.Workspace; w != "" && w != "default" {
		words += ", workspace " + w
	}
	for _, id := range f.Layout.Identities {
		for _, h := range id.Holdings {
			words += fmt.Sprintf("; %s holds %s and its key %s", orRoot(h.Module), h.UserName, h.KeyID)
		}
	}
	return words
}

// outputWords tell where the outputs go that the upgrade points elsewhere.
func outputWords(uses []layout.Use) []fact {
	const most = 6
	var out []fact
	for _, u := range uses[:min(most, len(uses))] {
		out = append(out, fact{"output", fmt.Sprintf("%s of %s goes to %s (%s:%d)", orWhole(u.Output), u.Call, u.In, u.Position.File, u.Position.Line)})
	}
	if more := len(uses) - most; more > 0 {
		out = append(out, fact{"output", fmt.Sprintf("and %d more", more)})
	}
	return out
}

func orWhole(output string) string {
	if output == "" {
		return "the whole"
	}
	return output
}

// RootHeadline is an upgrade of a root in one line of plain words.
func RootHeadline(p *migrate.RootPreview) string {
	if p.Done() {
		return "Nothing to do: configuration, state and account are there"
	}
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, counted(n, one, many))
		}
	}
	if p.Tool.Path == "" {
		add(len(p.Rewrite.Edits), "file in the patch", "files in the patch")
	} else {
		add(len(p.Rewrite.Edits), "file edited", "files edited")
	}
	if p.AccountBehind() {
		add(len(p.Rewrite.Moves), "move", "moves")
		changes := 0
		for _, c := range p.Clusters {
			changes += len(c.Plan().Changes)
		}
		add(changes, "change in the account", "changes in the account")
	}
	if p.Bridged() {
		parts = append(parts, "over a bridge")
	}
	if len(p.Leftover) > 0 {
		parts = append(parts, "the bridge of an earlier run taken away")
	}
	return strings.Join(parts, ", ")
}

// RootChanges draws what an upgrade of a root does, but for the files, which
// [Files] has: what is in the way first, then what stays, what moves, how CI
// gets over it, and what comes of it in the account.
func RootChanges(c Canvas, p *migrate.RootPreview, blocked error) string {
	var parts []string
	var no *provision.BlockedError
	if errors.As(blocked, &no) {
		out := page{c: c}
		out.heading(span{c.Theme.Danger, c.Glyphs.Failed}, counted(len(no.Blockers), "reason", "reasons")+" not to go on")
		out.problems(no.Blockers)
		parts = append(parts, out.String())
	}
	for _, cluster := range p.Clusters {
		parts = append(parts, Stays(c, cluster))
	}
	parts = append(parts, BridgeText(c, p), Moves(c, p))
	for _, cluster := range p.Clusters {
		if p.AccountBehind() && !cluster.Plan().Empty() {
			parts = append(parts, applied(c, p), Changes(c, cluster.Account), AccessHeadline(c, cluster.Account))
		}
		parts = append(parts, ConsentText(c, cluster.Account), remarksButBlockers(c, cluster.Account))
	}
	parts = append(parts, rootRemarks(c, p))
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}

// applied heads what the apply does in the account.
func applied(c Canvas, p *migrate.RootPreview) string {
	who := "the pipeline"
	if p.Tool.Path != "" {
		who = p.Tool.String()
	}
	out := page{c: c}
	out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "What "+who+" changes in the account")
	return out.String()
}

// remarksButBlockers are the remarks without the blockers, which a root tells
// together with its own.
func remarksButBlockers(c Canvas, p *migrate.InstallPreview) string {
	rest := *p
	rest.Plan.Blockers = nil
	return Remarks(c, &rest)
}

// RootAccess draws who may do what, for each identity.
func RootAccess(c Canvas, p *migrate.RootPreview) string { return each(c, p, Access) }

// RootDocuments draws the policy documents, for each identity.
func RootDocuments(c Canvas, p *migrate.RootPreview) string { return each(c, p, Documents) }

// RootCalls draws the requests that slipway itself sends: those of the bridge,
// and what no apply does.
func RootCalls(c Canvas, p *migrate.RootPreview) string {
	return Calls(c, &migrate.InstallPreview{Plan: p.Agreed()})
}

func each(c Canvas, p *migrate.RootPreview, draw func(Canvas, *migrate.InstallPreview) string) string {
	var parts []string
	for _, cluster := range p.Clusters {
		text := draw(c, cluster.Account)
		if len(p.Clusters) > 1 && text != "" {
			head := page{c: c}
			head.heading(span{c.Theme.Title, c.Glyphs.Arrow}, cluster.Request.Cluster)
			text = head.String() + "\n\n" + text
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n\n")
}

// FileEdit draws what changes in one file, as a unified difference.
func FileEdit(c Canvas, e rewrite.Edit) string {
	out := page{c: c}
	for _, l := range strings.Split(strings.TrimRight(rewrite.Patch([]rewrite.Edit{e}, filepath.ToSlash(e.Root)), "\n"), "\n") {
		if strings.HasPrefix(l, "diff --git ") || strings.HasPrefix(l, "new file mode ") {
			continue // The next lines name the file.
		}
		out.codeLine(0, out.diffStyle(l), l)
	}
	return out.String()
}

// EditCounts tells how many lines of a file come and go, in signs.
func EditCounts(e rewrite.Edit) string {
	added, removed := editCounts(e)
	if e.Before == nil {
		return fmt.Sprintf("new, %s", counted(added, "line", "lines"))
	}
	return fmt.Sprintf("+%d -%d", added, removed)
}

// EditWords tells the same in words.
func EditWords(e rewrite.Edit) string {
	added, removed := editCounts(e)
	if e.Before == nil {
		return fmt.Sprintf("new, with %s", counted(added, "line", "lines"))
	}
	return fmt.Sprintf("%s added, %d removed", counted(added, "line", "lines"), removed)
}

func editCounts(e rewrite.Edit) (added, removed int) {
	inside := false
	for _, l := range strings.Split(rewrite.Patch([]rewrite.Edit{e}, filepath.ToSlash(e.Root)), "\n") {
		switch {
		case strings.HasPrefix(l, "@@ "):
			inside = true
		case !inside: // The names of the file begin with signs too.
		case strings.HasPrefix(l, "+"):
			added++
		case strings.HasPrefix(l, "-"):
			removed++
		}
	}
	return added, removed
}

// Steps draws a checklist before it begins: each step with what it is good for.
func Steps(c Canvas, list []checklist.Step) string {
	out := page{c: c}
	for i, s := range list {
		title := s.Title
		if s.Kind != checklist.Automatic {
			title += " (yours to do)"
		}
		number := fmt.Sprintf("%*d", len(strconv.Itoa(len(list))), i+1)
		out.hanging(span{c.Theme.Muted, number + "  "}, lipgloss.NewStyle(), title)
		if s.Why != "" {
			out.text(len(number)+columnGap, c.Theme.Muted, s.Why)
		}
	}
	return out.String()
}
