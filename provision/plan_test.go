package provision_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

func planFor(t testing.TB, s provision.Spec, inv *provision.Inventory) provision.Plan {
	t.Helper()
	b, err := provision.NewBlueprint(s, home)
	if err != nil {
		t.Fatal(err)
	}
	return provision.NewPlan(b, inv)
}

// fresh is an account with nothing but the bucket.
func fresh(bucket string) *provision.Inventory {
	return &provision.Inventory{
		Place: home, Caller: "arn:aws:iam::123456789012:user/operator",
		Buckets: []provision.Bucket{{Name: bucket, State: provision.BucketOwn, Region: "us-east-1"}},
	}
}

func ids(p provision.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.ID)
	}
	return out
}

func carryOut(t testing.TB, p provision.Plan, inv *provision.Inventory) *provision.Inventory {
	t.Helper()
	after := inv.Clone()
	for _, c := range p.Calls() {
		if err := after.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	return after
}

func TestPlanOfAFreshAccount(t *testing.T) {
	p := planFor(t, provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, fresh("demo-assets"))
	want := []string{
		"create-user", "create-group", "create-ecr-policy", "create-s3-policy", "create-role",
		"add-member", "attach-ecr-to-group", "attach-s3-to-group", "attach-ecr-to-role", "create-key",
	}
	if d := cmp.Diff(want, ids(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if n := len(p.Calls()); n != 10 {
		t.Errorf("%d calls, want 10", n)
	}
	if d := p.Depth(); d != 3 {
		t.Errorf("depth %d, want 3: stand-alone, links, key", d)
	}
	if err := p.Blocked(); err != nil {
		t.Errorf("blocked: %v", err)
	}
}

func TestPlanWithABucketToCreate(t *testing.T) {
	inv := fresh("demo-assets")
	inv.Buckets[0].State = provision.BucketAbsent
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}

	if p := planFor(t, spec, inv); p.Blocked() == nil || !strings.Contains(p.Blocked().Error(), "--create-bucket") {
		t.Errorf("a missing bucket must block and name the way out; got %v", p.Blocked())
	}
	spec.CreateBucket = true
	p := planFor(t, spec, inv)
	if p.Blocked() != nil {
		t.Fatal(p.Blocked())
	}
	var actions []string
	for _, c := range p.Calls() {
		if c.Service() == "s3" {
			actions = append(actions, c.Operation())
		}
	}
	if d := cmp.Diff([]string{"CreateBucket", "PutPublicAccessBlock", "PutBucketEncryption", "PutBucketPolicy"}, actions); d != "" {
		t.Errorf("bucket calls (-want +got):\n%s", d)
	}
	i := slices.IndexFunc(p.Changes, func(c provision.Change) bool { return c.ID == "attach-s3-to-group" })
	if !slices.Contains(p.Changes[i].Needs, "create-bucket") {
		t.Error("the S3 grant must wait for the bucket")
	}
}

func TestPlanLeavesWhatIsForeign(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	inv := carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	inv.Groups[0].Members = append(inv.Groups[0].Members, "alice")
	inv.Groups[0].Attached = append(inv.Groups[0].Attached, provision.AttachedPolicy{Name: "extra", ARN: "arn:aws:iam::123456789012:policy/extra"})
	inv.User.Attached = []provision.AttachedPolicy{{Name: "direct", ARN: "arn:aws:iam::123456789012:policy/direct"}}
	inv.User.Groups = append(inv.User.Groups, "developers")
	inv.User.Boundary = "arn:aws:iam::123456789012:policy/boundary"
	inv.User.Keys = append(inv.User.Keys, provision.Key{ID: "AKIAOTHER", Active: true})
	inv.Role.Inline = []provision.InlinePolicy{{Name: "mine"}}

	p := planFor(t, spec, inv)
	if !p.Empty() {
		t.Errorf("nothing of this is slipway's to change; plan %v", ids(p))
	}
	var notes []string
	for _, n := range p.Notes {
		notes = append(notes, n.Text)
	}
	all := strings.Join(notes, "\n")
	for _, say := range []string{"alice", "policy/extra", "policy/direct", "developers", "policy/boundary", "inline policy mine"} {
		if !strings.Contains(all, say) {
			t.Errorf("no note names %s:\n%s", say, all)
		}
	}
}

func TestPlanShowsDifferences(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	installed := carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	for _, tt := range []struct {
		why  string
		mess func(*provision.Inventory)
		want []string
	}{
		{why: "nothing", mess: func(*provision.Inventory) {}},
		{why: "another order of actions is no difference", mess: func(inv *provision.Inventory) {
			inv.Policies[1].Document = strings.Replace(inv.Policies[1].Document, `["s3:PutObject","s3:GetObject"]`, `["s3:GetObject", "s3:PutObject"]`, 1)
		}},
		{why: "a document that grants more", want: []string{"update-s3-policy"}, mess: func(inv *provision.Inventory) {
			inv.Policies[1].Document = strings.Replace(inv.Policies[1].Document, "s3:PutObject", "s3:*", 1)
		}},
		{why: "another principal", want: []string{"update-trust"}, mess: func(inv *provision.Inventory) {
			inv.Role.Trust = strings.Replace(inv.Role.Trust, "283477532906", "111111111111", 1)
		}},
		{why: "a missing attachment", want: []string{"attach-s3-to-group"}, mess: func(inv *provision.Inventory) {
			inv.Groups[0].Attached = inv.Groups[0].Attached[:1]
		}},
		{why: "a user outside the group", want: []string{"add-member"}, mess: func(inv *provision.Inventory) {
			inv.User.Groups, inv.Groups[0].Members = nil, nil
		}},
		{why: "a user without a key", want: []string{"create-key"}, mess: func(inv *provision.Inventory) {
			inv.User.Keys = nil
		}},
		{why: "an inactive key is somebody's decision", mess: func(inv *provision.Inventory) {
			inv.User.Keys[0].Active = false
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			inv := installed.Clone()
			tt.mess(inv)
			p := planFor(t, spec, inv)
			if d := cmp.Diff(tt.want, ids(p)); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if again := planFor(t, spec, carryOut(t, p, inv)); !again.Empty() {
				t.Errorf("after carrying it out there is still %v", ids(again))
			}
		})
	}
}

func TestPlanDoesNotInstallOverOtherLayouts(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	for _, tt := range []struct {
		why, says string
		mess      func(*provision.Inventory)
	}{
		{why: "the group of before the split", says: "before 5.0", mess: func(inv *provision.Inventory) {
			inv.User = &provision.User{Name: "nullplatform-demo-build-workflow-user", Groups: []string{"nullplatform-demo-ecr-managers"}}
		}},
		{why: "the policy on the user itself", says: "before 3.4", mess: func(inv *provision.Inventory) {
			inv.User = &provision.User{
				Name:     "nullplatform-demo-build-workflow-user",
				Attached: []provision.AttachedPolicy{{Name: "p", ARN: home.PolicyARN("nullplatform-demo-ecr-manager-policy")}},
			}
		}},
		{why: "the S3 policy of 5.0", says: "--contract 5.0", mess: func(inv *provision.Inventory) {
			inv.User = &provision.User{Name: "nullplatform-demo-build-workflow-user", Groups: []string{"nullplatform-demo-asset-publishers"}}
			inv.Groups = []provision.Group{{
				Name:     "nullplatform-demo-asset-publishers",
				Attached: []provision.AttachedPolicy{{Name: "p", ARN: home.PolicyARN("nullplatform-demo-s3-assets-policy")}},
			}}
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			inv := fresh("demo-assets")
			tt.mess(inv)
			err := planFor(t, spec, inv).Blocked()
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("blocked = %v, want %q", err, tt.says)
			}
		})
	}
}

func TestPlanDoesNotGuess(t *testing.T) {
	inv := fresh("demo-assets")
	inv.Unread = []provision.Gap{
		{Action: "iam:GetRole", Resource: "role/x", Reason: "may not", Asked: true},
		{Action: "iam:ListUserPolicies", Resource: "user/x", Reason: "not asked"},
	}
	err := planFor(t, provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, inv).Blocked()
	if err == nil || !strings.Contains(err.Error(), "iam:GetRole") {
		t.Errorf("blocked = %v, want iam:GetRole named", err)
	}
	if err != nil && strings.Contains(err.Error(), "ListUserPolicies") {
		t.Error("a read that was not asked for must not block")
	}
}

// drawInventory gives accounts in any half-done and messed-up state: a random
// prefix of an install of some spec, with things of other people on top.
func drawInventory(t *rapid.T, spec provision.Spec) *provision.Inventory {
	inv := fresh(spec.Bucket())
	if spec.Bucket() != "" && spec.CreateBucket && rapid.Bool().Draw(t, "no bucket") {
		inv.Buckets[0].State = provision.BucketAbsent
	}
	other := spec
	if rapid.Bool().Draw(t, "another spec before") {
		other.Tags = map[string]string{"old": "tag"}
		other.PermissionsBoundary = rapid.SampledFrom([]string{"", "arn:aws:iam::123456789012:policy/old"}).Draw(t, "old boundary")
		other.ApplicationManager = "arn:aws:iam::111111111111:role/old"
	}
	b, err := provision.NewBlueprint(other, home)
	if err != nil {
		t.Fatal(err)
	}
	calls := provision.NewPlan(b, inv).Calls()
	for _, c := range calls[:rapid.IntRange(0, len(calls)).Draw(t, "prefix")] {
		if err := inv.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	mess(t, inv)
	return inv
}

func mess(t *rapid.T, inv *provision.Inventory) {
	for i := range inv.Policies {
		if rapid.IntRange(0, 3).Draw(t, "drift") == 0 {
			inv.Policies[i].Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}`
		}
	}
	if inv.User != nil && rapid.Bool().Draw(t, "foreign policy") {
		inv.User.Attached = []provision.AttachedPolicy{{Name: "foreign", ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
	}
	for i := range inv.Groups {
		if rapid.Bool().Draw(t, "foreign member") {
			inv.Groups[i].Members = append(inv.Groups[i].Members, "alice")
		}
	}
}

// The plan carried out gives the blueprint, a second plan is empty, the order
// respects every need, and nothing that was there before is gone.
func TestPlanLeadsToTheBlueprint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		inv := drawInventory(t, spec)
		b, err := provision.NewBlueprint(spec, home)
		if err != nil {
			t.Fatal(err)
		}
		p := provision.NewPlan(b, inv)
		if p.Blocked() != nil {
			t.Fatalf("blocked: %v", p.Blocked())
		}
		after := inv.Clone()
		done := map[string]bool{}
		for _, c := range p.Changes {
			for _, n := range c.Needs {
				if !done[n] {
					t.Fatalf("%s comes before %s, which it needs", c.ID, n)
				}
			}
			if done[c.ID] {
				t.Fatalf("%s is there twice", c.ID)
			}
			done[c.ID] = true
			for _, call := range c.Calls {
				if err := after.Apply(call); err != nil {
					t.Fatal(err)
				}
			}
		}
		if again := provision.NewPlan(b, after); !again.Empty() {
			t.Fatalf("a second plan still has %v", again.Changes)
		}
		meets(t, b, after)
		keeps(t, inv, after)
	})
}

// meets holds the inventory against the blueprint without the planner.
func meets(t *rapid.T, b provision.Blueprint, inv *provision.Inventory) {
	if inv.User == nil || inv.User.Name != b.User.Name || len(inv.User.Keys) == 0 || !slices.Contains(inv.User.Groups, b.Group.Name) {
		t.Fatalf("user %+v does not meet %+v", inv.User, b.User)
	}
	g := inv.Group(b.Group.Name)
	if g == nil || !slices.Contains(g.Members, b.User.Name) {
		t.Fatalf("group %+v does not meet %+v", g, b.Group)
	}
	for _, a := range b.Group.Attached {
		if !slices.Contains(g.Attached, a) {
			t.Fatalf("group lacks %v", a)
		}
	}
	for _, want := range b.Policies {
		if have := inv.Policy(want.ARN); have == nil || have.Document != want.Document {
			t.Fatalf("policy %+v does not meet %+v", have, want)
		}
	}
	if b.Role != nil && (inv.Role == nil || inv.Role.Trust != b.Role.Trust || !slices.Contains(inv.Role.Attached, b.Role.Attached[0])) {
		t.Fatalf("role %+v does not meet %+v", inv.Role, b.Role)
	}
	if b.Bucket != nil && inv.Bucket(b.Bucket.Name).State != provision.BucketOwn {
		t.Fatal("the bucket is not there")
	}
}

// keeps holds that nothing that was there is gone.
func keeps(t *rapid.T, before, after *provision.Inventory) {
	if before.User != nil {
		for _, k := range before.User.Keys {
			if !slices.Contains(after.User.Keys, k) {
				t.Fatalf("key %s is gone", k.ID)
			}
		}
		for _, a := range before.User.Attached {
			if !slices.Contains(after.User.Attached, a) {
				t.Fatalf("attachment %s is gone", a.ARN)
			}
		}
	}
	for _, g := range before.Groups {
		for _, m := range g.Members {
			if !slices.Contains(after.Group(g.Name).Members, m) {
				t.Fatalf("member %s is gone", m)
			}
		}
	}
}

// Whatever was planned can be planned again, word for word.
func TestPlanIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		inv := drawInventory(t, spec)
		b, err := provision.NewBlueprint(spec, home)
		if err != nil {
			t.Fatal(err)
		}
		first, err := json.Marshal(provision.NewPlan(b, inv))
		if err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(provision.NewPlan(b, inv.Clone()))
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) {
			t.Fatalf("two plans of the same:\n%s\n%s", first, second)
		}
	})
}

// Undoing an install in reverse leaves an account as it was.
func TestUndoLeadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		inv := fresh(spec.Bucket())
		b, err := provision.NewBlueprint(spec, home)
		if err != nil {
			t.Fatal(err)
		}
		p := provision.NewPlan(b, inv)
		after := inv.Clone()
		for _, c := range p.Calls() {
			if err := after.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range slices.Backward(p.Changes) {
			for _, call := range c.Undo {
				if c.MakesKey() {
					call.Params = append(slices.Clone(call.Params), provision.Param{Name: "AccessKeyId", Value: "new"})
				}
				if err := after.Apply(call); err != nil {
					t.Fatal(err)
				}
			}
		}
		if after.User != nil || after.Role != nil || len(after.Groups)+len(after.Policies) != 0 {
			t.Fatalf("left behind: %+v", after)
		}
	})
}

// A document that holds the old and the new for a while may be too large.
func TestADocumentThatIAMRefusesBlocks(t *testing.T) {
	spec := provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}
	inv := carryOut(t, planFor(t, spec, fresh("demo-assets")), fresh("demo-assets"))
	var many []string
	for i := range 400 {
		many = append(many, fmt.Sprintf(`"ecr:Action%d"`, i))
	}
	s3 := inv.Policies[1].Document
	inv.Policies[1].Document = inv.Policies[0].Document
	inv.Policies[0].Document = strings.Replace(s3, `"s3:PutObject"`, `"s3:PutObject",`+strings.Join(many, ","), 1)
	err := planFor(t, spec, inv).Blocked()
	if err == nil || !strings.Contains(err.Error(), "6144") {
		t.Errorf("blocked = %v, want that it is too large", err)
	}
}

func TestQuotaProblems(t *testing.T) {
	inv := fresh("demo-assets")
	p := planFor(t, provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}, inv)
	roomy := provision.Quotas{
		"Users": 10, "UsersQuota": 11, "Groups": 3, "GroupsQuota": 4, "Roles": 0, "RolesQuota": 1,
		"Policies": 8, "PoliciesQuota": 10, "PolicySizeQuota": 6144, "AssumeRolePolicySizeQuota": 2048,
	}
	if got := provision.QuotaProblems(p, inv, roomy); len(got) != 0 {
		t.Errorf("it just fits, but: %v", got)
	}
	for key, tight := range map[string]int{
		"UsersQuota": 10, "GroupsQuota": 3, "RolesQuota": 0, "PoliciesQuota": 9, "PolicySizeQuota": 100, "AssumeRolePolicySizeQuota": 20,
	} {
		q := provision.Quotas{}
		for k, v := range roomy {
			q[k] = v
		}
		q[key] = tight
		got := provision.QuotaProblems(p, inv, q)
		if len(got) == 0 || !strings.Contains(got[0].Field, key) {
			t.Errorf("with %s = %d: %v", key, tight, got)
		}
	}
	if got := provision.QuotaProblems(p, inv, nil); len(got) != 0 {
		t.Errorf("an account that names no quota is not judged, but: %v", got)
	}
}
