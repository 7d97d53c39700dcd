package audit_test

import (
	"slices"
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// What install makes is right by the audit, for every contract and every kind
// of destination: a finding about it would have somebody take CI's grant away.
func TestWhatInstallMakesIsRight(t *testing.T) {
	for _, contract := range provision.Contracts() {
		t.Run(string(contract), func(t *testing.T) {
			s := audit.Subject{Survey: installed(t, contract), Now: now}
			inv := s.Survey.Inventory
			if len(inv.Policies) != len(provision.Kinds()) {
				t.Fatalf("there are %d kinds of destinations, and installed sets up %d", len(provision.Kinds()), len(inv.Policies))
			}
			scope := audit.Scope("demo")
			for _, p := range inv.Policies {
				if !slices.Contains(scope.Policies, p.Name) {
					t.Errorf("an audit does not read %s: see names.go", p.Name)
				}
				if cluster, ok := audit.Belongs(provision.PolicyEntity, p.Name); !ok || cluster != "demo" {
					t.Errorf("%s is of cluster %q (%t): see suffixes in names.go", p.Name, cluster, ok)
				}
			}
			r := audit.Run(s)
			if r.Contract != contract {
				t.Errorf("it is closest to contract %q: see baseline.go", r.Contract)
			}
			for _, f := range r.Findings {
				older := f.Check == "contract-current" && contract != provision.DefaultContract
				if known := string(f.Severity) + " " + f.Check; f.Severity != audit.Advice || !older && !slices.Contains(always, known) {
					t.Errorf("found %s: %s", known, f.Title)
				}
			}
		})
	}
}
