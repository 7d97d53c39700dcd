package view

import (
	"errors"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/provision"
)

const rootText = `module "ecr_iam" {
  source = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0"

  cluster_name = "demo" # as everywhere
}

output "key_id" {
  value = module.ecr_iam.build_workflow_access_key_id
}
`

// rootPreview is a root of contract 3.4 that a pipeline applies.
func rootPreview(t testing.TB) *migrate.RootPreview {
	t.Helper()
	l := layout.Find(layout.Input{Root: layout.Root{
		Dir: "infrastructure", Workspace: "default", Files: []layout.File{{Name: "main.tf", Data: []byte(rootText)}},
	}})
	if err := l.Refused(); err != nil {
		t.Fatal(err)
	}
	r, err := rewrite.Plan(l, rewrite.Options{Contract: provision.Contract61, Ref: "v6.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	cluster := upgradePreview(t, legacyAccount(t, provision.Contract34))
	return &migrate.RootPreview{
		Request: migrate.RootRequest{Dir: "infrastructure"}, Layout: l, Rewrite: r,
		Clusters: []*migrate.UpgradePreview{cluster},
		Bridges:  []provision.Bridge{provision.NewBridge(cluster.Plan().Blueprint, cluster.Account.Inventory, nil)},
	}
}

func rootEndings(t testing.TB) map[string]RootSummary {
	t.Helper()
	p := rootPreview(t)
	const resume = "slipway upgrade --dir=infrastructure --patch=x.patch --yes"
	return map[string]RootSummary{
		"done": {Preview: p, Route: migrate.RouteTofu, Resume: resume, Result: migrate.UpgradeResult{
			Done: []string{"edit", "apply infrastructure"}, Proofs: []migrate.Proof{{What: "a fresh plan of infrastructure has nothing to do", Holds: true, Detail: "all no-op"}},
		}},
		"waiting": {Preview: p, Route: migrate.RoutePipeline, Resume: resume, Err: &checklist.StepError{
			Step: checklist.Step{ID: "pipeline"}, Err: &checklist.WaitingError{Manual: true, Question: checklist.Question{ID: "pipeline", Text: "Merge the patch, and let the pipeline apply it"}},
		}},
		"failed": {Preview: p, Route: migrate.RouteTofu, Resume: resume, Err: &checklist.StepError{
			Step: checklist.Step{ID: "apply infrastructure", Title: "Apply exactly that plan"}, Err: errors.New("the provider answered 500"),
		}},
		"stopped": {Preview: p, Route: migrate.RouteTofu, Resume: resume, Err: checklist.ErrStopped},
	}
}

func TestRootDrawings(t *testing.T) {
	p := rootPreview(t)
	bare := rootPreview(t)
	bare.Request.NoBridge = true
	for name, s := range map[string]*migrate.RootPreview{"pipeline": p, "without a bridge": bare} {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, RootText(c, s, Changes)+"\n") })
		}
	}
	t.Run("markdown", func(t *testing.T) { golden(t, RootMarkdown(p)) })
	t.Run("json", func(t *testing.T) {
		b, err := RootPlanJSON(p, migrate.RoutePipeline)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, string(b))
	})
}

func TestRootSummaries(t *testing.T) {
	for name, s := range rootEndings(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, RootSummaryText(c, s)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, RootSummaryMarkdown(s)) })
	}
}

// rootReports are all JSON that upgrades of roots write, by name.
func rootReports(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	b, err := RootPlanJSON(rootPreview(t), migrate.RoutePipeline)
	if err != nil {
		t.Fatal(err)
	}
	out["root plan"] = b
	for name, s := range rootEndings(t) {
		if out["root result "+name], err = RootResultJSON(s); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
