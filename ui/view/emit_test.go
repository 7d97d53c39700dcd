package view

import (
	"errors"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// emitPreview is an install through the modules into a root, of an account.
func emitPreview(t testing.TB, inv *provision.Inventory, writeOnly bool) *migrate.EmitPreview {
	t.Helper()
	p := preview(t, demo(), inv)
	e, err := rewrite.Emit(rewrite.EmitOptions{Spec: demo(), Root: layout.Root{Dir: "infrastructure"}, Adopt: inv, Ref: "v6.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	req := migrate.InstallRequest{Spec: demo().WithDefaults(), Emit: &migrate.EmitRequest{Dir: "infrastructure", WriteOnly: writeOnly}}
	return &migrate.EmitPreview{Request: req, Account: p, Emission: e}
}

// emitRegistered is an install through the modules that also registers, of an
// account that was installed and registered directly.
func emitRegistered(t testing.TB, writeOnly bool) *migrate.EmitPreview {
	t.Helper()
	inv := installed(t, demo())
	p := emitPreview(t, inv, writeOnly)
	nrn, err := platform.ParseNRN("organization=1:account=2")
	if err != nil {
		t.Fatal(err)
	}
	p.Request.Register.NRN = nrn.String()
	p.Emission, err = rewrite.Emit(rewrite.EmitOptions{
		Spec: demo(), Root: layout.Root{Dir: "infrastructure"}, Adopt: inv, Ref: "v6.1.0", NRN: nrn.String(),
		Registered: map[provision.Kind]string{provision.ECR: "cfg-ecr", provision.S3: "cfg-s3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	was := platform.WantedFor(p.Account.Plan.Blueprint, platform.Target{NRN: nrn}, "AKIAEXAMPLE000000001")
	s := platform.Survey{NRN: nrn, Host: "api.nullplatform.com"}
	for i, w := range platform.WantedFor(p.Account.Plan.Blueprint, platform.Target{NRN: nrn}, "") {
		is := platform.Configuration{ID: []string{"cfg-ecr", "cfg-s3"}[i], NRN: nrn.String()}
		for _, a := range was[i].Attributes {
			is.Values = append(is.Values, platform.Value{Path: a.Path, Text: a.Value, Hidden: a.Secret})
		}
		s.Registrations = append(s.Registrations, platform.Compare(w, []platform.Configuration{is}, true))
	}
	p.Account.Survey = &s
	return p
}

// emitScenes are previews that are worth looking at.
func emitScenes(t testing.TB) map[string]*migrate.EmitPreview {
	t.Helper()
	there := emitPreview(t, installed(t, demo()), true)
	there.Emission.Edits = nil
	return map[string]*migrate.EmitPreview{
		"fresh":         emitPreview(t, emptyAccount("demo-assets"), false),
		"taken over":    emitPreview(t, installed(t, demo()), true),
		"nothing to do": there,
		"registered":    emitRegistered(t, false),
	}
}

func emitEndings(t testing.TB) map[string]EmitSummary {
	t.Helper()
	p := emitPreview(t, emptyAccount("demo-assets"), false)
	p.Tool = tofu.Tool{Path: "/usr/bin/tofu", Product: tofu.OpenTofu, Version: tofu.Version{Major: 1, Minor: 8}}
	registered := emitRegistered(t, false)
	registered.Tool = p.Tool
	const resume = "slipway install --cluster=demo --emit=tofu --dir=infrastructure --yes"
	return map[string]EmitSummary{
		"done":                {Preview: p, Resume: resume, Result: migrate.UpgradeResult{Proofs: []migrate.Proof{{What: "a fresh plan has nothing to do", Holds: true, Detail: "all no-op"}}}},
		"registered":          {Preview: registered, Resume: resume},
		"registered, written": {Preview: emitRegistered(t, true), Resume: resume},
		"written":             {Preview: emitPreview(t, installed(t, demo()), true), Resume: resume},
		"failed": {Preview: p, Resume: resume, Err: &checklist.StepError{
			Step: checklist.Step{ID: "apply", Title: "Apply exactly that plan"}, Err: errors.New("the provider answered 500"),
		}},
		"stopped": {Preview: p, Resume: resume, Err: checklist.ErrStopped},
	}
}

func TestEmitDrawings(t *testing.T) {
	for name, p := range emitScenes(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, EmitText(c, p, Changes)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, EmitMarkdown(p)) })
	}
}

func TestEmitSummaries(t *testing.T) {
	for name, s := range emitEndings(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, EmitSummaryText(c, s)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, EmitSummaryMarkdown(s)) })
	}
}

// emitReports are all JSON that installs through the modules write, by name.
func emitReports(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	var err error
	for name, p := range emitScenes(t) {
		if out["emit plan "+name], err = EmitPlanJSON(p); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range emitEndings(t) {
		if out["emit result "+name], err = EmitResultJSON(s); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
