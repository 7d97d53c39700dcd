package view

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// surveyed is the fresh scene with a nullplatform that has one of everything.
func surveyed(t testing.TB) *migrate.InstallPreview {
	t.Helper()
	var p migrate.InstallPreview
	for _, s := range scenes(t) {
		if s.name == "fresh" {
			p = *s.preview
		}
	}
	nrn, err := platform.ParseNRN("organization=1:account=2")
	if err != nil {
		t.Fatal(err)
	}
	ws := platform.WantedFor(p.Plan.Blueprint, platform.Target{NRN: nrn}, "AKIAEXAMPLENEW000001")
	found := func(id string, values ...platform.Value) platform.Configuration {
		return platform.Configuration{ID: id, NRN: nrn.String(), Values: values}
	}
	other := platform.Value{Path: "setup.role_arn", Text: "arn:aws:iam::123456789012:role/of\x1b[2Jothers"}
	s := platform.Survey{NRN: nrn, Host: "api.nullplatform.com", Blockers: []provision.Problem{{Field: "registration", Rule: "of the bucket needs a specification", Way: "ask for it"}}, Notes: []string{"ECR is registered at organization=1 too (x); what is closer wins"}}
	s.Registrations = []platform.Registration{
		platform.Compare(ws[0], nil, true),
		platform.Compare(ws[0], []platform.Configuration{found("one", other)}, true),
		platform.Compare(ws[0], []platform.Configuration{found("one"), found("two")}, true),
		platform.Compare(ws[1], []platform.Configuration{found("three", platform.Value{Path: "bucket.name", Text: ws[1].Attribute("bucket.name")})}, true),
	}
	p.Survey = &s
	return &p
}

func TestRegistrations(t *testing.T) {
	p := surveyed(t)
	for size, c := range canvases() {
		t.Run(size, func(t *testing.T) { golden(t, Registrations(c, p.Survey)+"\n") })
	}
	done := InstallSummary{Preview: p, Registered: map[string]string{"ecr": "one", "s3-configuration": "three"}, Proved: "CI can publish: 3 rounds in a row"}
	for _, c := range p.Plan.Changes {
		done.Result.Done = append(done.Result.Done, c.ID)
	}
	t.Run("summary", func(t *testing.T) { golden(t, Summary(NewCanvas(80, true, false), done)+"\n") })
	t.Run("json", func(t *testing.T) {
		b, err := ResultJSON(done)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(b), `"registration":`)
		golden(t, after)
	})
	if Registrations(NewCanvas(80, true, false), nil) != "" {
		t.Error("it draws what was not asked")
	}
}

// What an undo takes back at nullplatform: deleted, put back, and what cannot
// be.
func TestRegistrationsBack(t *testing.T) {
	list := []migrate.RegistrationBack{
		{
			ID: "undo-register-ecr", Specification: "ecr", NRN: "organization=1:account=2", Configuration: "one\x1b[2J", Restores: true,
			Values: []string{"setup.role_arn becomes arn:aws:iam::123456789012:role/of\x1b[2Jothers again"}, Lost: []string{"ci.secret_key"},
		},
		{ID: "undo-register-s3-configuration", Specification: "s3-configuration", NRN: "organization=1:account=2", Configuration: "three"},
	}
	for size, c := range canvases() {
		t.Run(size, func(t *testing.T) { golden(t, RegistrationsBack(c, list)+"\n") })
	}
	p := surveyed(t)
	p.Survey, p.Access, p.Plan, p.Back = nil, nil, provision.Plan{Blueprint: p.Plan.Blueprint}, list
	t.Run("nothing else", func(t *testing.T) { golden(t, PlanMarkdown(p)) })
	if RegistrationsBack(NewCanvas(80, true, false), nil) != "" {
		t.Error("it draws what is not there")
	}
}
