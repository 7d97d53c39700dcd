package ask

import (
	"github.com/nullplatform/slipway/migrate"
)

// RouteChoice is one way to go through an upgrade.
type RouteChoice struct {
	Route migrate.Route
	// Name, Does and Fits say in words what it is called, what happens on it,
	// and where it fits.
	Name, Does, Fits string
	// Refusal is why it cannot be gone; nil when it can.
	Refusal error
}

// Routes are the ways that there are, for what was found of a root.
func Routes(f *migrate.RootFinding) []RouteChoice {
	tool := "OpenTofu or Terraform"
	if f.Untooled == nil && f.Tool.Path != "" {
		tool = f.Tool.String()
	}
	out := []RouteChoice{
		{
			Route: migrate.RouteTofu, Name: "tofu",
			Does: "slipway edits the files, plans with " + tool + ", has the plan judged, applies exactly that plan, and proves it.",
			Fits: "Fits where you may apply this root from this machine.",
		},
		{
			Route: migrate.RoutePipeline, Name: "pipeline",
			Does: "slipway writes a patch and a checklist for the pull request, holds a bridge open while your pipeline applies, and proves it afterwards.",
			Fits: "Fits where plan and apply run elsewhere.",
		},
		{
			Route: migrate.RouteAccount, Name: "account",
			Does: "slipway changes the account through IAM; no file is touched.",
			Fits: "Fits where no tool holds the installation.",
		},
	}
	for i := range out {
		out[i].Refusal = f.Offer(out[i].Route).Refusal
	}
	return out
}

// OpenRoutes gives the routes that can be gone.
func OpenRoutes(all []RouteChoice) []RouteChoice {
	var out []RouteChoice
	for _, r := range all {
		if r.Refusal == nil {
			out = append(out, r)
		}
	}
	return out
}
