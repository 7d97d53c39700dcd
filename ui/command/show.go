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

// planText is a plan for people: the headlines, the views asked for, what
// needs a word, and remarks.
func planText(c view.Canvas, p *migrate.InstallPreview, views []string) string {
	draw := map[string]func(view.Canvas, *migrate.InstallPreview) string{
		showChanges: view.Changes, showGraph: view.Graph, showAccess: view.Access,
		showDocuments: view.Documents, showCalls: view.Calls,
	}
	parts := []string{view.Headline(c, p)}
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	for _, v := range views {
		add(draw[v](c, p))
	}
	if !p.Plan.Empty() {
		add(view.AccessHeadline(c, p))
	}
	add(view.ConsentText(c, p))
	add(view.Remarks(c, p))
	return strings.Join(parts, "\n\n")
}
