package provision_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func bridgeOf(t testing.TB, inv *provision.Inventory, q provision.Quotas) provision.Bridge {
	t.Helper()
	spec, err := provision.StandingOf("demo", inv).Spec("demo", provision.Contract61, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := provision.NewBlueprint(spec, home)
	if err != nil {
		t.Fatal(err)
	}
	return provision.NewBridge(b, inv, q)
}

func changeIDs(list []provision.Change) string {
	var out []string
	for _, c := range list {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func TestBridge(t *testing.T) {
	const ecr, old = "nullplatform-demo-ecr-manager-policy", "nullplatform-demo-s3-assets-policy"
	for _, tt := range []struct {
		why      string
		from     provision.Contract
		bucket   string
		mess     func(*provision.Inventory)
		quota    int
		up, says string
	}{
		{why: "3.4: the ECR grant stays, so it is attached", from: provision.Contract34, up: "bridge-attach-" + ecr},
		{why: "5.0: the S3 policy is deleted, so its document is written", from: provision.Contract50, bucket: "demo-assets", up: "bridge-attach-" + ecr + " bridge-write"},
		{why: "1.12: the user has it directly already", from: provision.Contract112},
		{why: "a direct attachment of somebody else is no part of it", from: provision.Contract34, mess: func(inv *provision.Inventory) {
			inv.User.Attached = append(inv.User.Attached, inv.Groups[0].Attached[0])
		}},
		{why: "other people's policies on the group stay where they are", from: provision.Contract34, up: "bridge-attach-" + ecr, mess: func(inv *provision.Inventory) {
			a := provision.AttachedPolicy{Name: "team", ARN: home.PolicyARN("team")}
			inv.Groups[0].Attached = append(inv.Groups[0].Attached, a)
			inv.Policies = append(inv.Policies, provision.Policy{Name: a.Name, ARN: a.ARN, Document: earlyECR})
		}},
		{why: "no room on the user", from: provision.Contract34, up: "bridge-attach-" + ecr, quota: 1, says: "needs 1 more policies", mess: func(inv *provision.Inventory) {
			inv.User.Attached = []provision.AttachedPolicy{{Name: "x", ARN: home.PolicyARN("x")}}
		}},
		{why: "no room in the inline policies", from: provision.Contract50, bucket: "demo-assets", up: "bridge-attach-" + ecr, says: "no room for the document of " + old, mess: func(inv *provision.Inventory) {
			inv.User.Inline = []provision.InlinePolicy{{Name: "big", Document: strings.Repeat("x", 2000)}}
		}},
		{why: "an inline policy of that name with something else in it", from: provision.Contract50, bucket: "demo-assets", up: "bridge-attach-" + ecr, says: "another document", mess: func(inv *provision.Inventory) {
			inv.User.Inline = []provision.InlinePolicy{{Name: provision.BridgePolicy, Document: earlyECR}}
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			inv := legacy(tt.from, "demo", tt.bucket)
			if tt.mess != nil {
				tt.mess(inv)
			}
			q := provision.Quotas{}
			if tt.quota > 0 {
				q["AttachedPoliciesPerUserQuota"] = tt.quota
			}
			b := bridgeOf(t, inv, q)
			if got := changeIDs(b.Up); got != tt.up {
				t.Errorf("up %q, want %q", got, tt.up)
			}
			said := slices.ContainsFunc(b.Blockers, func(p provision.Problem) bool { return strings.Contains(p.Rule, tt.says) })
			if (tt.says != "") != said || tt.says == "" && len(b.Blockers) > 0 {
				t.Errorf("blockers %v, want %q", b.Blockers, tt.says)
			}
		})
	}
}

// With the bridge up, the group's grants may go and come: the user has what
// they grant all the while; and with the bridge down all is as before.
func TestABridgeCarries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom([]provision.Contract{provision.Contract34, provision.Contract50, provision.Contract61}).Draw(t, "from")
		bucket := rapid.SampledFrom([]string{"", "assets-one"}).Draw(t, "bucket")
		inv := legacy(from, "demo", bucket)
		spec, err := provision.StandingOf("demo", inv).Spec("demo", provision.Contract61, "")
		if err != nil {
			t.Fatal(err)
		}
		b, err := provision.NewBlueprint(spec, home)
		if err != nil {
			t.Fatal(err)
		}
		bridge := provision.NewBridge(b, inv, nil)
		due, _ := userAccess(inv)
		state := inv.Clone()
		for _, c := range bridge.Up {
			apply(t, state, c.Calls)
		}
		state.Groups[0].Attached = nil // what an apply does in between
		if now, _ := userAccess(state); len(policy.Compare(due, now).Lost) > 0 {
			t.Fatalf("over the bridge the user lacks %+v", policy.Compare(due, now).Lost)
		}
		state.Groups[0].Attached = slices.Clone(inv.Groups[0].Attached)
		for _, c := range bridge.Down {
			apply(t, state, c.Calls)
		}
		if len(state.User.Attached)+len(state.User.Inline) > 0 {
			t.Fatalf("left on the user: %v %v", state.User.Attached, state.User.Inline)
		}
	})
}

func apply(t *rapid.T, inv *provision.Inventory, calls []provision.Call) {
	t.Helper()
	for _, call := range calls {
		if err := inv.Apply(call); err != nil {
			t.Fatal(err)
		}
	}
}

// What a call has built is found again by the call alone, when it is there.
func TestBridgeDown(t *testing.T) {
	inv := legacy(provision.Contract50, "demo", "demo-assets")
	for _, up := range bridgeOf(t, inv, nil).Up {
		if _, there := provision.BridgeDown(up.Calls[0], inv); there {
			t.Errorf("%s is not built, and would be taken away", up.ID)
		}
		if err := inv.Apply(up.Calls[0]); err != nil {
			t.Fatal(err)
		}
		down, there := provision.BridgeDown(up.Calls[0], inv)
		if !there {
			t.Fatalf("%s is built, and not found", up.ID)
		}
		if err := inv.Apply(down.Calls[0]); err != nil {
			t.Error(err)
		}
	}
	if len(inv.User.Attached)+len(inv.User.Inline) > 0 {
		t.Errorf("left: %+v", inv.User)
	}
}
