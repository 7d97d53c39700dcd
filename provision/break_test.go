package provision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// Make before break: on every way through a plan, after every call, the build
// user can do everything that it could do before and can do at the end.

// situation is an account in some state, and a plan for it.
type situation struct {
	inv  *provision.Inventory
	plan provision.Plan
	// order is one of the orders that the changes' needs allow.
	order []provision.Change
}

func drawDocument(t *rapid.T, bucket string) string {
	resources := []string{"*", "arn:aws:s3:::" + bucket + "/*", "arn:aws:s3:::" + bucket + "/team/*", "arn:aws:ecr:*:*:repository/*", "arn:aws:ecr:*:*:repository/app"}
	actions := []string{"s3:PutObject", "s3:GetObject", "s3:*", "ecr:PutImage", "ecr:BatchGetImage", "ecr:*", "ecr:GetAuthorizationToken", "*"}
	var statements []string
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		effect := "Allow"
		if rapid.IntRange(0, 4).Draw(t, "deny") == 0 {
			effect = "Deny"
		}
		condition := ""
		if rapid.IntRange(0, 5).Draw(t, "condition") == 0 {
			condition = `,"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`
		}
		statements = append(statements, fmt.Sprintf(`{"Effect":%q,"Action":["%s"],"Resource":%q%s}`, effect,
			strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(actions), 1, 3, rapid.ID).Draw(t, "actions"), `","`),
			rapid.SampledFrom(resources).Draw(t, "resource"), condition))
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// drawSituation gives accounts of every kind: fresh and half installed, of
// other contracts, drifted, with foreign policies on the user and the group,
// inline policies, foreign members and boundaries.
func drawSituation(t *rapid.T) situation {
	spec := drawSpec(t)
	inv := drawInventory(t, spec)
	bucket := spec.Bucket()
	if bucket == "" {
		bucket = "none"
	}
	some := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	for i := range inv.Policies {
		if some("drifted document") {
			inv.Policies[i].Document = drawDocument(t, bucket)
		}
	}
	foreign := func(name string) provision.AttachedPolicy {
		p := provision.Policy{Name: name, ARN: home.PolicyARN(name), Document: drawDocument(t, bucket), Version: "v1", Attachments: 1}
		if inv.Policy(p.ARN) == nil {
			inv.Policies = append(inv.Policies, p)
		}
		return provision.AttachedPolicy{Name: name, ARN: p.ARN}
	}
	if u := inv.User; u != nil {
		if some("foreign policy on the user") {
			u.Attached = append(u.Attached, foreign("foreign-user"))
		}
		if names := spec.WithDefaults().Contract.Names(spec.Cluster); some("direct attachment") && inv.Policy(home.PolicyARN(names.ECRPolicy)) != nil {
			u.Attached = append(u.Attached, provision.AttachedPolicy{Name: names.ECRPolicy, ARN: home.PolicyARN(names.ECRPolicy)})
		}
		if some("inline on the user") {
			u.Inline = append(u.Inline, provision.InlinePolicy{Name: "inline", Document: drawDocument(t, bucket)})
		}
		if some("old group") {
			old := "nullplatform-" + spec.Cluster + "-ecr-managers"
			u.Groups = append(u.Groups, old)
			inv.Groups = append(inv.Groups, provision.Group{Name: old, Members: []string{u.Name}, Attached: []provision.AttachedPolicy{foreign("foreign-old-group")}})
		}
		if some("boundary") {
			u.Boundary = foreign("foreign-boundary").ARN
		}
	}
	for i := range inv.Groups {
		if some("foreign policy on the group") {
			a := foreign("foreign-group") // may grow the list of policies only
			inv.Groups[i].Attached = append(inv.Groups[i].Attached, a)
		}
		if some("inline on the group") {
			inv.Groups[i].Inline = append(inv.Groups[i].Inline, provision.InlinePolicy{Name: "inline", Document: drawDocument(t, bucket)})
		}
	}
	if spec.PermissionsBoundary != "" && some("readable boundary") {
		inv.Policies = append(inv.Policies, provision.Policy{Name: "boundary", ARN: spec.PermissionsBoundary, Document: drawDocument(t, bucket)})
	}
	b, err := provision.NewBlueprint(spec, home)
	if err != nil {
		t.Fatal(err)
	}
	s := situation{inv: inv, plan: provision.NewPlan(b, inv)}
	s.order = drawOrder(t, s.plan.Changes)
	return s
}

// drawOrder gives one of the orders in which a runner may carry changes out.
func drawOrder(t *rapid.T, changes []provision.Change) []provision.Change {
	var order []provision.Change
	left := slices.Clone(changes)
	done := map[string]bool{}
	for len(left) > 0 {
		var ready []int
		for i, c := range left {
			if !slices.ContainsFunc(c.Needs, func(id string) bool { return !done[id] }) {
				ready = append(ready, i)
			}
		}
		if len(ready) == 0 {
			t.Fatalf("nothing is ready among %v", left)
		}
		i := rapid.SampledFrom(ready).Draw(t, "next")
		done[left[i].ID] = true
		order = append(order, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return order
}

func userAccess(inv *provision.Inventory) (policy.Access, *policy.Policies) {
	p, _ := inv.PoliciesOfUser()
	return policy.AccessOf(p), p
}

// gap finds the first moment on the way at which something is missing. Calls
// that cannot be made are passed over: only the reversed order has such.
func (s situation) gap(order []provision.Change) string {
	states := []*provision.Inventory{s.inv.Clone()}
	at := []string{"the start"}
	state := s.inv.Clone()
	for _, c := range order {
		for _, call := range c.Calls {
			if state.Apply(call) == nil {
				states, at = append(states, state.Clone()), append(at, c.ID)
			}
		}
	}
	before, beforePolicies := userAccess(s.inv)
	after, afterPolicies := userAccess(state)
	due := before.Intersect(after)
	for i, st := range states {
		now, policies := userAccess(st)
		if d := policy.Compare(due, now); len(d.Lost) > 0 && d.Exact {
			return fmt.Sprintf("after %s: %+v", at[i], d.Lost)
		}
		for _, r := range probes(s.plan.Blueprint.Spec.Bucket()) {
			allowed := func(p *policy.Policies) bool { return p.Decide(r).Outcome == policy.Allowed }
			if allowed(beforePolicies) && allowed(afterPolicies) && !allowed(policies) {
				return fmt.Sprintf("after %s: %s on %s is denied", at[i], r.Action, r.Resource)
			}
		}
	}
	return ""
}

// probes are requests that CI makes, and some that it does not.
func probes(bucket string) []policy.Request {
	if bucket == "" {
		bucket = "none"
	}
	var out []policy.Request
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		ctx := policy.Context{Values: map[string][]string{"aws:RequestedRegion": {region}}}
		for _, r := range [][2]string{
			{"ecr:GetAuthorizationToken", "*"},
			{"ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/app"},
			{"ecr:BatchGetImage", "arn:aws:ecr:us-east-1:123456789012:repository/other"},
			{"s3:PutObject", "arn:aws:s3:::" + bucket + "/team/a.zip"},
			{"s3:GetObject", "arn:aws:s3:::" + bucket + "/b.zip"},
			{"s3:PutObject", "arn:aws:s3:::elsewhere/b.zip"},
			{"iam:ListUsers", "*"},
		} {
			out = append(out, policy.Request{Action: r[0], Resource: r[1], Context: ctx})
		}
	}
	return out
}

func TestMakeBeforeBreak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		if gap := s.gap(s.order); gap != "" {
			t.Fatalf("the build user lacks something %s", gap)
		}
	})
}

// The test above would find a break: in reversed order there are some.
func TestReversedOrderBreaks(t *testing.T) {
	examples := rapid.Custom(drawSituation)
	breaks, tried := 0, 0
	for seed := range 400 {
		s := examples.Example(seed)
		if len(s.plan.Changes) < 2 {
			continue
		}
		tried++
		reversed := slices.Clone(s.order)
		slices.Reverse(reversed)
		if s.gap(reversed) != "" {
			breaks++
		}
	}
	t.Logf("%d of %d plans break when they are reversed", breaks, tried)
	if breaks == 0 {
		t.Error("no plan breaks when it is reversed, so the test proves nothing")
	}
}

// Two policies that hand something over to each other: neither can go first,
// so one says both for a while.
func TestPoliciesThatSwapAreWidened(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	inv := carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	ecr, s3 := inv.Policies[0].Document, inv.Policies[1].Document
	inv.Policies[0].Document, inv.Policies[1].Document = s3, ecr
	p := planFor(t, spec, inv)
	if p.Blocked() != nil {
		t.Fatal(p.Blocked())
	}
	if got := strings.Join(ids(p), " "); got != "widen-update-ecr-policy update-s3-policy update-ecr-policy" {
		t.Errorf("changes: %s", got)
	}
	if gap := (situation{inv: inv, plan: p}).gap(p.Changes); gap != "" {
		t.Errorf("the build user lacks something %s", gap)
	}
	if again := planFor(t, spec, carryOut(t, p, inv)); !again.Empty() {
		t.Errorf("there is still %v", ids(again))
	}
}
