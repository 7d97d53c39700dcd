package provision_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func accessChanges(t testing.TB, p provision.Plan, inv *provision.Inventory) []provision.AccessChange {
	t.Helper()
	changes, err := provision.AccessChanges(p, inv)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func actionsOf(grants []policy.Grant) []string {
	var out []string
	for _, g := range grants {
		out = append(out, g.Action)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAccessOfAFirstInstall(t *testing.T) {
	inv := fresh("demo-assets")
	p := planFor(t, provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, inv)
	changes := accessChanges(t, p, inv)
	var who []string
	for _, c := range changes {
		who = append(who, c.Principal.String())
		if len(c.Kept)+len(c.Lost)+len(c.Beyond)+len(c.Needed)+len(c.Unread) != 0 || !c.Exact {
			t.Errorf("%s: %+v; want that it only gains what is called for", c.Principal, c)
		}
	}
	want := []string{
		"user nullplatform-demo-build-workflow-user", "role nullplatform-demo-application-role",
		"principal arn:aws:iam::283477532906:role/application_manager",
	}
	if !slices.Equal(who, want) {
		t.Errorf("principals %v, want %v", who, want)
	}
	if got := actionsOf(changes[0].Gained); len(got) != 16 || !slices.Contains(got, "s3:PutObject") {
		t.Errorf("the build user gains %v, want 12 + 2 + 2 actions", got)
	}
	if got := actionsOf(changes[2].Gained); !slices.Equal(got, []string{"sts:AssumeRole"}) {
		t.Errorf("the application manager gains %v", got)
	}
	if c := provision.NewConsent(p, changes); len(c.Broadening)+len(c.Loss)+len(c.Narrowing) != 0 {
		t.Errorf("a first install needs no word, but: %+v", c)
	}
}

// The same grant by another path is kept.
func TestAnotherPathIsKept(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	inv := carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	inv.Groups[0].Attached, inv.User.Attached = nil, inv.Groups[0].Attached
	p := planFor(t, spec, inv)
	user := accessChanges(t, p, inv)[0]
	if !user.Quiet() || len(user.Kept) == 0 {
		t.Errorf("gained %v, lost %v; want all kept", user.Gained, user.Lost)
	}
}

// Each level of consent, and what asks for it.
func TestConsent(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	installed := func(t *testing.T) *provision.Inventory {
		return carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	}
	for _, tt := range []struct {
		why                         string
		spec                        func(*provision.Spec)
		mess                        func(*provision.Inventory)
		broadening, loss, narrowing string
	}{
		{why: "more of the blueprint's own grants needs no word", mess: func(inv *provision.Inventory) {
			inv.Groups[0].Attached = inv.Groups[0].Attached[:1]
		}},
		{why: "a document that says more is narrowed", narrowing: "s3:DeleteObject", mess: func(inv *provision.Inventory) {
			inv.Policies[1].Document = strings.Replace(inv.Policies[1].Document, `"s3:PutObject"`, `"s3:PutObject","s3:DeleteObject"`, 1)
		}},
		{why: "another bucket takes the place of this one", loss: "demo-old", mess: func(inv *provision.Inventory) {
			inv.Policies[1].Document = strings.Replace(inv.Policies[1].Document, "demo-assets", "demo-old", 1)
		}},
		{why: "somebody else in the group gains what it gains", broadening: "user alice", mess: func(inv *provision.Inventory) {
			inv.Groups[0].Members = append(inv.Groups[0].Members, "alice")
			inv.Groups[0].Attached = inv.Groups[0].Attached[:1]
		}},
		{why: "joining a group that may more", broadening: "iam:ListUsers", mess: func(inv *provision.Inventory) {
			inv.User.Groups, inv.Groups[0].Members = nil, nil
			inv.Groups[0].Inline = []provision.InlinePolicy{{Name: "x", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}}`}}
		}},
		{
			why: "a boundary that takes away", loss: "which the spec calls for",
			spec: func(s *provision.Spec) { s.PermissionsBoundary = home.PolicyARN("b") },
			mess: func(inv *provision.Inventory) {
				inv.Policies = append(inv.Policies, provision.Policy{Name: "b", ARN: home.PolicyARN("b"), Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`})
			},
		},
		{
			why: "a boundary that nobody could read", loss: "could not be read",
			spec: func(s *provision.Spec) { s.PermissionsBoundary = home.PolicyARN("b") },
			mess: func(*provision.Inventory) {},
		},
		{why: "another principal may assume the role instead", loss: "111111111111", mess: func(inv *provision.Inventory) {
			inv.Role.Trust = strings.Replace(inv.Role.Trust, "283477532906", "111111111111", 1)
		}},
		{why: "one principal fewer may assume the role", narrowing: "111111111111", mess: func(inv *provision.Inventory) {
			inv.Role.Trust = strings.Replace(inv.Role.Trust, `"arn:aws:iam::283477532906:role/application_manager"`, `["arn:aws:iam::283477532906:role/application_manager","arn:aws:iam::111111111111:root"]`, 1)
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			s := spec
			if tt.spec != nil {
				tt.spec(&s)
			}
			inv := installed(t)
			tt.mess(inv)
			p := planFor(t, s, inv)
			c := provision.NewConsent(p, accessChanges(t, p, inv))
			for name, pair := range map[string][2]string{
				"broadening": {strings.Join(c.Broadening, "\n"), tt.broadening},
				"loss":       {strings.Join(c.Loss, "\n"), tt.loss},
				"narrowing":  {strings.Join(c.Narrowing, "\n"), tt.narrowing},
			} {
				if got, want := pair[0], pair[1]; (got == "") != (want == "") || !strings.Contains(got, want) {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

// Whatever the access changes say agrees with decisions, request by request.
func TestAccessChangesAgreeWithDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		changes, err := provision.AccessChanges(s.plan, s.inv)
		if err != nil {
			t.Fatal(err)
		}
		after := s.inv.Clone()
		for _, c := range s.plan.Calls() {
			if err := after.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		_, was := userAccess(s.inv)
		_, is := userAccess(after)
		user := changes[0]
		for _, r := range probes(s.plan.Blueprint.Spec.Bucket()) {
			before, now := was.Decide(r).Outcome == policy.Allowed, is.Decide(r).Outcome == policy.Allowed
			if now && !before && len(user.Gained) == 0 {
				t.Fatalf("%s on %s is gained, and the delta says nothing", r.Action, r.Resource)
			}
			if before && !now && len(user.Lost) == 0 {
				t.Fatalf("%s on %s is lost, and the delta says nothing", r.Action, r.Resource)
			}
		}
	})
}
