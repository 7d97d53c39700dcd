package provision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision"
)

// What install makes is known again afterwards, for every contract and every
// kind of destination: an upgrade or a verify that misses a grant would call a
// sound installation broken.
func TestWhatInstallMakesIsFoundAgain(t *testing.T) {
	example := map[provision.Kind]provision.Destination{
		provision.ECR: {Kind: provision.ECR},
		provision.S3:  {Kind: provision.S3, Bucket: "demo-assets"},
	}
	var all []provision.Destination
	for _, k := range provision.Kinds() {
		if example[k].Kind == "" {
			t.Fatalf("there is no example of kind %s: add one here", k)
		}
		all = append(all, example[k])
	}
	for _, contract := range provision.Contracts() {
		t.Run(string(contract), func(t *testing.T) {
			b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Contract: contract, Destinations: all}, place())
			if err != nil {
				t.Fatal(err)
			}
			scope := provision.StandingScope("demo")
			for _, p := range b.Policies {
				if !slices.Contains(scope.Policies, p.Name) {
					t.Errorf("StandingScope does not read %s", p.Name)
				}
			}
			inv := &provision.Inventory{
				Place: place(), User: &b.User, Groups: []provision.Group{b.Group}, Role: b.Role, Policies: b.Policies,
			}
			s := provision.StandingOf("demo", inv)
			if s.Contract != contract {
				t.Errorf("StandingOf tells contract %q", s.Contract)
			}
			if d := cmp.Diff(all, s.Destinations); d != "" {
				t.Errorf("StandingOf tells other destinations (-made +told):\n%s", d)
			}
			if d := cmp.Diff(all, inv.FoundDestinations("demo")); d != "" {
				t.Errorf("FoundDestinations tells others (-made +told):\n%s", d)
			}
		})
	}
}

// What CI asks for is asked of a resource of the same service: a grant that
// nobody gave an example in expect.go would be tried on an image repository.
func TestEachActionIsAskedOfItsOwnService(t *testing.T) {
	b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, place())
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Policies) != len(provision.Kinds()) {
		t.Fatalf("there are %d kinds of destinations, and ecrAndS3 has %d", len(provision.Kinds()), len(b.Policies))
	}
	for _, e := range provision.Expectations(b, nil) {
		service, _, _ := strings.Cut(e.Action, ":")
		if e.Resource != "*" && !strings.HasPrefix(e.Resource, "arn:aws:"+service+":") {
			t.Errorf("%s is asked of %s: see example in expect.go", e.Action, e.Resource)
		}
	}
}

// A plan says of each destination's grant that it is that destination's.
func TestEachGrantHasWordsOfItsOwn(t *testing.T) {
	titles := map[string]string{}
	b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, place())
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Policies) != len(provision.Kinds()) {
		t.Fatalf("there are %d kinds of destinations, and ecrAndS3 has %d", len(provision.Kinds()), len(b.Policies))
	}
	for _, c := range provision.NewPlan(b, &provision.Inventory{Place: place()}).Changes {
		if c.Entity.Type != provision.AttachmentEntity || c.Entity.ToType != provision.GroupEntity {
			continue
		}
		if other, twice := titles[c.Title]; twice {
			t.Errorf("%s and %s are both called %q: see destinationWord", other, c.Entity.Name, c.Title)
		}
		titles[c.Title] = c.Entity.Name
	}
	if len(titles) == 0 {
		t.Error("the plan attaches nothing")
	}
}
