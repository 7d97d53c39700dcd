package provision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

func upgradeOf(t testing.TB, inv *provision.Inventory, to provision.Contract, bucket string) provision.Plan {
	t.Helper()
	spec, err := provision.StandingOf("demo", inv).Spec("demo", to, bucket)
	if err != nil {
		t.Fatal(err)
	}
	b, err := provision.NewBlueprint(spec, home)
	if err != nil {
		t.Fatal(err)
	}
	return provision.NewUpgrade(b, inv)
}

func TestUpgradeFromEachContract(t *testing.T) {
	for _, tt := range []struct {
		why    string
		from   provision.Contract
		to     provision.Contract
		bucket string // that the account has
		named  string // that the operator names
		want   []string
	}{
		{
			why:  "the policy was on the user itself: group first, document after, detached last",
			from: provision.Contract112, to: provision.Contract61,
			want: []string{"create-group", "add-member", "attach-ecr-to-group", "update-ecr-policy", "detach-ecr-from-user"},
		},
		{
			why:  "the group is renamed, and that is all",
			from: provision.Contract34, to: provision.Contract61, want: []string{"rename-group"},
		},
		{why: "the same to 5.0", from: provision.Contract34, to: provision.Contract50, want: []string{"rename-group"}},
		{
			why:  "a bucket that is named on the way is granted",
			from: provision.Contract34, to: provision.Contract61, named: "demo-assets",
			want: []string{"rename-group", "create-s3-policy", "attach-s3-to-group"},
		},
		{
			why:  "the S3 grant gets its new name before it loses the old one",
			from: provision.Contract50, to: provision.Contract61, bucket: "demo-assets",
			want: []string{"create-s3-policy", "attach-s3-to-group", "detach-old-s3-from-group", "delete-old-s3-policy"},
		},
		{why: "without S3 the two are the same", from: provision.Contract50, to: provision.Contract61},
		{why: "nothing to do", from: provision.Contract61, to: provision.Contract61, bucket: "demo-assets"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			inv := legacy(tt.from, "demo", tt.bucket)
			inv.Buckets = []provision.Bucket{{Name: "demo-assets", State: provision.BucketOwn}}
			p := upgradeOf(t, inv, tt.to, tt.named)
			if err := p.Blocked(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, ids(p), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if again := upgradeOf(t, carryOut(t, p, inv), tt.to, tt.named); !again.Empty() {
				t.Errorf("a second upgrade still has %v", ids(again))
			}
		})
	}
}

func TestStandingOf(t *testing.T) {
	for _, tt := range []struct {
		why    string
		inv    func() *provision.Inventory
		want   provision.Contract
		bucket string
		open   string
	}{
		{why: "nothing is there", inv: func() *provision.Inventory { return fresh("demo-assets") }},
		{why: "1.12", want: provision.Contract112, inv: func() *provision.Inventory { return legacy(provision.Contract112, "demo", "") }},
		{why: "3.4", want: provision.Contract34, inv: func() *provision.Inventory { return legacy(provision.Contract34, "demo", "") }},
		{why: "5.0", want: provision.Contract50, bucket: "demo-assets", inv: func() *provision.Inventory { return legacy(provision.Contract50, "demo", "demo-assets") }},
		{why: "6.1", want: provision.Contract61, bucket: "demo-assets", inv: func() *provision.Inventory { return legacy(provision.Contract61, "demo", "demo-assets") }},
		{why: "a grant for every bucket names none", want: provision.Contract61, open: "--s3", inv: func() *provision.Inventory {
			inv := legacy(provision.Contract61, "demo", "demo-assets")
			inv.Policies[1].Document = strings.Replace(inv.Policies[1].Document, "arn:aws:s3:::demo-assets/*", "*", 1)
			return inv
		}},
		{why: "both S3 grants, half way, are one bucket", want: provision.Contract50, bucket: "demo-assets", inv: func() *provision.Inventory {
			inv := legacy(provision.Contract50, "demo", "demo-assets")
			p := upgradeOf(t, inv, provision.Contract61, "")
			for _, c := range p.Changes[:2] {
				if err := inv.Apply(c.Calls[0]); err != nil {
					t.Fatal(err)
				}
			}
			return inv
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			s := provision.StandingOf("demo", tt.inv())
			if s.Contract != tt.want {
				t.Errorf("contract %q, want %q", s.Contract, tt.want)
			}
			spec, err := s.Spec("demo", provision.Contract61, "")
			switch {
			case tt.open != "" && (err == nil || !strings.Contains(err.Error(), tt.open)):
				t.Errorf("error %v, want one that names %s", err, tt.open)
			case tt.open == "" && err != nil:
				t.Error(err)
			case spec.Bucket() != tt.bucket:
				t.Errorf("bucket %q, want %q", spec.Bucket(), tt.bucket)
			}
		})
	}
}

func TestUpgradeIsRefused(t *testing.T) {
	for _, tt := range []struct {
		why  string
		inv  *provision.Inventory
		to   provision.Contract
		says string
	}{
		{why: "nothing to start from", inv: fresh("demo-assets"), to: provision.Contract61, says: "slipway install"},
		{why: "backwards", inv: legacy(provision.Contract61, "demo", "demo-assets"), to: provision.Contract50, says: "older than 6.1"},
		{
			why: "a user without any grant", to: provision.Contract61, says: "none of the modules' grants",
			inv: &provision.Inventory{Place: home, User: &provision.User{Name: provision.Contract61.Names("demo").User}},
		},
		{why: "something could not be read", to: provision.Contract61, says: "iam:GetGroup", inv: func() *provision.Inventory {
			inv := legacy(provision.Contract34, "demo", "")
			inv.Unread = []provision.Gap{{Action: "iam:GetGroup", Resource: "group/x", Reason: "may not", Asked: true}}
			return inv
		}()},
	} {
		t.Run(tt.why, func(t *testing.T) {
			b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Contract: tt.to, Destinations: ecrAndS3()}, home)
			if err != nil {
				t.Fatal(err)
			}
			p := provision.NewUpgrade(b, tt.inv)
			if err := p.Blocked(); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("blocked = %v, want %q", err, tt.says)
			}
			if !p.Empty() {
				t.Errorf("a refused upgrade plans %v", ids(p))
			}
		})
	}
}

func TestUpgradeLeavesWhatIsForeign(t *testing.T) {
	inv := legacy(provision.Contract34, "demo", "")
	inv.Groups[0].Members = append(inv.Groups[0].Members, "ana")
	inv.Groups[0].Attached = append(inv.Groups[0].Attached, provision.AttachedPolicy{Name: "team", ARN: home.PolicyARN("team")})
	inv.Groups[0].Inline = []provision.InlinePolicy{{Name: "list-buckets", Document: `{"Version":"2012-10-17","Statement":[]}`}}
	p := upgradeOf(t, inv, provision.Contract61, "")
	if got := ids(p); !slices.Equal(got, []string{"rename-group"}) {
		t.Errorf("changes %v", got)
	}
	var notes []string
	for _, n := range p.Notes {
		notes = append(notes, n.Entity.Name+" "+n.Text)
	}
	all := strings.Join(notes, "\n")
	for _, say := range []string{"nullplatform-demo-asset-publishers has the member ana", "policy/team", "list-buckets"} {
		if !strings.Contains(all, say) {
			t.Errorf("no note says %q:\n%s", say, all)
		}
	}
	g := carryOut(t, p, inv).Group("nullplatform-demo-asset-publishers")
	if g == nil || g.ID != "AGPAGROUP" || len(g.Members) != 2 || len(g.Attached) != 2 || len(g.Inline) != 1 {
		t.Errorf("after the rename the group is %+v", g)
	}
}

// The S3 grant under its old name goes only when nobody else has it.
func TestTheOldPolicyIsDeletedOnlyWhenItIsOurs(t *testing.T) {
	for _, tt := range []struct {
		why  string
		mess func(*provision.Policy)
		says string
	}{
		{why: "ours alone", mess: func(*provision.Policy) {}},
		{why: "somebody else has it", says: "attached to others", mess: func(p *provision.Policy) { p.Attachments++ }},
		{why: "with versions that somebody may want", says: "other versions", mess: func(p *provision.Policy) { p.Versions = 3 }},
		{why: "with versions that nobody could count", says: "other versions", mess: func(p *provision.Policy) { p.Versions = 0 }},
		{why: "changed by hand", says: "did not write", mess: func(p *provision.Policy) {
			p.Document = strings.Replace(p.Document, `"s3:PutObject"`, `"s3:PutObject","s3:DeleteObject"`, 1)
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			inv := legacy(provision.Contract50, "demo", "demo-assets")
			tt.mess(&inv.Policies[1])
			p := upgradeOf(t, inv, provision.Contract61, "")
			deleted := slices.Contains(ids(p), "delete-old-s3-policy")
			if deleted != (tt.says == "") {
				t.Errorf("changes %v", ids(p))
			}
			if tt.says != "" && !slices.ContainsFunc(p.Notes, func(n provision.Note) bool { return strings.Contains(n.Text, tt.says) }) {
				t.Errorf("no note says %q: %+v", tt.says, p.Notes)
			}
		})
	}
}

// The new policy carries on the tags of the one that it takes the place of.
func TestTheNewPolicyKeepsTheTags(t *testing.T) {
	inv := legacy(provision.Contract50, "demo", "demo-assets")
	inv.Policies[1].Tags = map[string]string{"team": "platform"}
	p := upgradeOf(t, inv, provision.Contract61, "")
	if got := p.Changes[0].Calls[0].Tags["team"]; got != "platform" {
		t.Errorf("the new policy has the tags %v", p.Changes[0].Calls[0].Tags)
	}
}

// Never rotate: on every way through an upgrade, after every call, the build
// user is the same and so are its keys; and no call speaks of either but to
// link or unlink it.
func TestUpgradeNeverRotates(t *testing.T) {
	mayName := []string{"iam:AddUserToGroup", "iam:RemoveUserFromGroup", "iam:AttachUserPolicy", "iam:DetachUserPolicy"}
	rapid.Check(t, func(t *rapid.T) {
		u := drawUpgrade(t)
		state, was := u.inv.Clone(), identityOf(u.inv)
		for _, c := range u.order {
			for _, call := range slices.Concat(c.Calls, c.Undo) {
				if call.Param("AccessKeyId") != "" || call.Param("UserName") != "" && !slices.Contains(mayName, call.Action) {
					t.Fatalf("%s speaks of the user or its key: %s", c.ID, call)
				}
			}
			for _, call := range c.Calls {
				if err := state.Apply(call); err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
				if now := identityOf(state); now != was {
					t.Fatalf("after %s the user is %s, and was %s", call, now, was)
				}
			}
		}
	})
}

func TestUpgradeMakesBeforeItBreaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := drawUpgrade(t)
		if u.plan.Blocked() != nil {
			t.Skip("no upgrade")
		}
		if gap := u.gap(u.order); gap != "" {
			t.Fatalf("the build user lacks something %s", gap)
		}
	})
}

// The test above would find a break: in reversed order there are some.
func TestAReversedUpgradeBreaks(t *testing.T) {
	examples := rapid.Custom(drawUpgrade)
	breaks, tried := 0, 0
	for seed := range 400 {
		u := examples.Example(seed)
		if len(u.plan.Changes) < 2 {
			continue
		}
		tried++
		reversed := slices.Clone(u.order)
		slices.Reverse(reversed)
		if u.gap(reversed) != "" {
			breaks++
		}
	}
	t.Logf("%d of %d upgrades break when they are reversed", breaks, tried)
	if breaks == 0 {
		t.Error("no upgrade breaks when it is reversed, so the test proves nothing")
	}
}

// An upgrade leads to what its contract calls for, once, and leaves what is
// not slipway's.
func TestUpgradeLeadsToTheBlueprint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := drawUpgrade(t)
		if u.plan.Blocked() != nil {
			t.Skip("no upgrade")
		}
		after := u.inv.Clone()
		for _, c := range u.order {
			for _, call := range c.Calls {
				if err := after.Apply(call); err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
			}
		}
		if again := provision.NewUpgrade(u.blueprint, after); !again.Empty() || again.Blocked() != nil {
			t.Fatalf("a second upgrade has %v, blocked %v", ids(again), again.Blocked())
		}
		if p := provision.NewPlan(u.blueprint, after); !p.Empty() {
			t.Fatalf("install would still do %v", ids(p))
		}
		foreignStays(t, u, after)
	})
}

func foreignStays(t *rapid.T, u upgradeCase, after *provision.Inventory) {
	own := func(arn string) bool {
		for _, c := range []provision.Contract{provision.Contract50, provision.Contract61} {
			n := c.Names(u.blueprint.Spec.Cluster)
			if arn == home.PolicyARN(n.ECRPolicy) || arn == home.PolicyARN(n.S3Policy) {
				return true
			}
		}
		return false
	}
	for _, a := range u.inv.User.Attached {
		if !own(a.ARN) && !slices.Contains(after.User.Attached, a) {
			t.Fatalf("the user lost %s", a.ARN)
		}
	}
	if d := cmp.Diff(u.inv.User.Inline, after.User.Inline); d != "" {
		t.Fatalf("inline policies of the user: %s", d)
	}
	for _, g := range u.inv.Groups {
		now := after.Group(g.Name)
		if now == nil {
			now = after.Group(u.blueprint.Group.Name)
		}
		for _, m := range g.Members {
			if m != u.inv.User.Name && !slices.Contains(now.Members, m) {
				t.Fatalf("%s is no longer in %s", m, now.Name)
			}
		}
		for _, a := range g.Attached {
			if !own(a.ARN) && !slices.Contains(now.Attached, a) {
				t.Fatalf("group %s lost %s", now.Name, a.ARN)
			}
		}
		if len(g.Inline) > 0 && !cmp.Equal(g.Inline, now.Inline) {
			t.Fatalf("inline policies of %s: %v", now.Name, now.Inline)
		}
	}
	for _, p := range u.inv.Policies {
		if !own(p.ARN) && after.Policy(p.ARN) == nil {
			t.Fatalf("policy %s is gone", p.Name)
		}
	}
}

// Undone from the end to the beginning, an upgrade leaves no trace but the
// versions of documents.
func TestUpgradeCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := drawUpgrade(t)
		state := u.inv.Clone()
		for _, c := range u.order {
			for _, call := range c.Calls {
				if err := state.Apply(call); err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
			}
		}
		for _, c := range slices.Backward(u.order) {
			for _, call := range c.Undo {
				if call.Action == "iam:SetDefaultPolicyVersion" {
					state.Policy(call.Param("PolicyArn")).Document = c.Before
					continue
				}
				if err := state.Apply(call); err != nil {
					t.Fatalf("undo %s: %v", c.ID, err)
				}
			}
		}
		sameAsBefore(t, u.inv, state)
	})
}

// sameAsBefore compares all that a call can change; IDs, paths and versions of
// what was made anew are AWS's.
func sameAsBefore(t *rapid.T, was, is *provision.Inventory) {
	opts := []cmp.Option{
		cmpopts.EquateEmpty(),
		cmpopts.IgnoreFields(provision.Group{}, "ID", "Path", "ARN"),
		cmpopts.IgnoreFields(provision.Policy{}, "ID", "Version", "Versions"),
		cmpopts.SortSlices(func(a, b string) bool { return a < b }),
		cmpopts.SortSlices(func(a, b provision.AttachedPolicy) bool { return a.ARN < b.ARN }),
		cmpopts.SortSlices(func(a, b provision.Group) bool { return a.Name < b.Name }),
		cmpopts.SortSlices(func(a, b provision.Policy) bool { return a.ARN < b.ARN }),
	}
	if d := cmp.Diff(was, is, opts...); d != "" {
		t.Fatalf("undone, the account is not as it was (-was +is):\n%s", d)
	}
}
