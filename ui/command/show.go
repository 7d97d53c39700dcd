package command

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/view"
)

// The views of a plan that --show knows.
const (
	showChanges   = "changes"
	showAccess    = "access"
	showDocuments = "documents"
	showCalls     = "calls"
	showGraph     = "graph"
	showAll       = "all"
)

func allViews() []string {
	return []string{showChanges, showGraph, showAccess, showDocuments, showCalls}
}

// parseViews reads what --show was given, in the order in which it is shown.
func parseViews(given []string) ([]string, error) {
	if slices.Contains(given, showAll) {
		return allViews(), nil
	}
	for _, v := range given {
		if !slices.Contains(allViews(), v) {
			return nil, usage("--show %s is unknown; use %s or all", v, strings.Join(allViews(), ", "))
		}
	}
	return slices.DeleteFunc(allViews(), func(v string) bool { return !slices.Contains(given, v) }), nil
}

type drawing = func(view.Canvas, *migrate.InstallPreview) string

// drawings are the functions behind views.
func drawings(views []string) []drawing {
	of := map[string]drawing{
		showChanges: view.Changes, showGraph: view.Graph, showAccess: view.Access,
		showDocuments: view.Documents, showCalls: view.Calls,
	}
	var out []drawing
	for _, v := range views {
		out = append(out, of[v])
	}
	return out
}

// planText is a plan for people: the headlines, the views asked for, what
// needs a word, and remarks.
func planText(c view.Canvas, p *migrate.InstallPreview, views []string) string {
	parts := []string{view.Headline(c, p)}
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(view.RegistrationsBack(c, p.Back))
	for _, draw := range drawings(views) {
		add(draw(c, p))
	}
	if !p.Plan.Empty() {
		add(view.AccessHeadline(c, p))
	}
	add(view.Registrations(c, p.Survey))
	add(view.ConsentText(c, p))
	add(view.Remarks(c, p))
	return strings.Join(parts, "\n\n")
}
