package provision_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

// Accounts that hold the identity by an older contract.

const earlyECR = `{"Statement":[{"Action":["ecr:PutImage","ecr:BatchGetImage"],"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1"]}},"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]},{"Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`

// modules gives the documents that the modules write for a bucket.
func modules(bucket string) (ecr, s3, trust string) {
	b, err := provision.NewBlueprint(provision.Spec{Cluster: "x", Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: bucket}}}, home)
	if err != nil {
		panic(err)
	}
	return b.Policies[0].Document, b.Policies[1].Document, b.Role.Trust
}

// legacy is an account as a contract's modules leave it. The contracts before
// 5.0 know no bucket.
func legacy(c provision.Contract, cluster, bucket string) *provision.Inventory {
	n, old := c.Names(cluster), provision.Contract112.Names(cluster)
	ecrDoc, s3Doc, trust := modules("demo-assets")
	if bucket != "" {
		_, s3Doc, _ = modules(bucket)
	}
	ecr := provision.AttachedPolicy{Name: n.ECRPolicy, ARN: home.PolicyARN(n.ECRPolicy)}
	inv := &provision.Inventory{
		Place: home, Caller: "arn:aws:iam::123456789012:user/operator",
		User: &provision.User{
			Name: old.User, ID: "AIDABUILDUSER", ARN: home.UserARN(old.User), Path: "/",
			Keys: []provision.Key{{ID: "AKIAONE", Active: true}},
		},
		Role: &provision.Role{Name: n.Role, ID: "AROAROLE", ARN: home.RoleARN(n.Role), Trust: trust, Attached: []provision.AttachedPolicy{ecr}},
		Policies: []provision.Policy{{
			Name: ecr.Name, ARN: ecr.ARN, Description: "Policy for managing ECR repositories with restricted access", Document: ecrDoc, Version: "v1", Attachments: 2,
		}},
	}
	if c == provision.Contract112 {
		inv.Policies[0].Document = earlyECR
		inv.User.Attached = []provision.AttachedPolicy{ecr}
		return inv
	}
	g := provision.Group{Name: n.Group, ID: "AGPAGROUP", ARN: home.GroupARN(n.Group), Path: "/", Members: []string{old.User}, Attached: []provision.AttachedPolicy{ecr}}
	inv.User.Groups = []string{n.Group}
	if n.S3Policy != "" && bucket != "" {
		s3 := provision.AttachedPolicy{Name: n.S3Policy, ARN: home.PolicyARN(n.S3Policy)}
		g.Attached = append(g.Attached, s3)
		inv.Policies = append(inv.Policies, provision.Policy{
			Name: s3.Name, ARN: s3.ARN, Description: "Policy for publishing build assets (e.g. Lambda zips) to the assets S3 bucket",
			Document: s3Doc, Version: "v1", Versions: 1, Attachments: 1,
		})
	}
	inv.Groups = []provision.Group{g}
	return inv
}

// upgradeCase is an account of an older contract, and its upgrade.
type upgradeCase struct {
	situation
	blueprint provision.Blueprint
}

func drawUpgrade(t *rapid.T) upgradeCase {
	from := rapid.SampledFrom([]provision.Contract{provision.Contract112, provision.Contract34, provision.Contract50, provision.Contract61}).Draw(t, "from")
	to := rapid.SampledFrom([]provision.Contract{provision.Contract50, provision.Contract61}).Draw(t, "to")
	if to.Before(from) {
		to = from
	}
	cluster := rapid.StringMatching(`[a-z][a-z0-9-]{0,12}`).Draw(t, "cluster")
	bucket := rapid.SampledFrom([]string{"", "assets-one"}).Draw(t, "bucket")
	inv := legacy(from, cluster, bucket)
	inhabit(t, inv, cluster)

	standing := provision.StandingOf(cluster, inv)
	named := rapid.SampledFrom([]string{"", "assets-one"}).Draw(t, "named")
	spec, err := standing.Spec(cluster, to, named)
	if err != nil {
		if spec, err = standing.Spec(cluster, to, "assets-one"); err != nil {
			t.Fatal(err)
		}
	}
	if len(spec.Destinations) == 0 {
		spec.Destinations = []provision.Destination{{Kind: provision.ECR}} // refused for want of any grant
	}
	if spec.Bucket() != "" && len(standing.Destinations) > 0 && inv.Bucket(spec.Bucket()) == nil {
		inv.Buckets = []provision.Bucket{{Name: spec.Bucket(), State: provision.BucketOwn}}
	}
	b, err := provision.NewBlueprint(spec, home)
	if err != nil {
		t.Fatal(err)
	}
	// Perhaps an earlier run was killed on its way.
	first := provision.NewUpgrade(b, inv)
	order := drawOrder(t, first.Changes)
	for _, c := range order[:rapid.IntRange(0, len(order)).Draw(t, "done before")] {
		for _, call := range c.Calls {
			if err := inv.Apply(call); err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
		}
	}
	s := situation{inv: inv, plan: provision.NewUpgrade(b, inv)}
	s.order = drawOrder(t, s.plan.Changes)
	return upgradeCase{situation: s, blueprint: b}
}

// inhabit lets people work in the account.
func inhabit(t *rapid.T, inv *provision.Inventory, cluster string) {
	some := func(what string) bool { return rapid.IntRange(0, 3).Draw(t, what) == 0 }
	foreign := func(name string) provision.AttachedPolicy {
		p := provision.Policy{Name: name, ARN: home.PolicyARN(name), Document: drawDocument(t, "assets-one"), Version: "v1", Attachments: 1}
		inv.Policies = append(inv.Policies, p)
		return provision.AttachedPolicy{Name: name, ARN: p.ARN}
	}
	u := inv.User
	if some("second key") {
		u.Keys = append(u.Keys, provision.Key{ID: "AKIATWO", Active: rapid.Bool().Draw(t, "second key active")})
	}
	if some("first key off") {
		u.Keys[0].Active = false
	}
	for i := range inv.Policies {
		if some("drifted document") {
			inv.Policies[i].Document = drawDocument(t, "assets-one")
		}
		if some("attached elsewhere") {
			inv.Policies[i].Attachments++
		}
		if some("more versions") {
			inv.Policies[i].Versions++
		}
	}
	for i := range inv.Policies {
		a := provision.AttachedPolicy{Name: inv.Policies[i].Name, ARN: inv.Policies[i].ARN}
		if !slices.Contains(u.Attached, a) && some("direct too") {
			u.Attached = append(u.Attached, a)
			inv.Policies[i].Attachments++
		}
	}
	for i := range inv.Groups {
		g := &inv.Groups[i]
		if some("foreign member") {
			g.Members = append(g.Members, "ana")
		}
		if some("foreign policy on the group") {
			g.Attached = append(g.Attached, foreign("team-uploads"))
		}
		if some("inline on the group") {
			g.Inline = append(g.Inline, provision.InlinePolicy{Name: "inline", Document: drawDocument(t, "assets-one")})
		}
		if some("out of the group") && len(u.Groups) > 0 {
			u.Groups, g.Members = nil, slices.DeleteFunc(g.Members, func(m string) bool { return m == u.Name })
		}
	}
	if some("foreign policy on the user") {
		u.Attached = append(u.Attached, foreign("user-extra"))
	}
	if some("inline on the user") {
		u.Inline = append(u.Inline, provision.InlinePolicy{Name: "temporary-fix", Document: drawDocument(t, "assets-one")})
	}
	if some("boundary") {
		u.Boundary = foreign("boundary").ARN
	}
	if some("another group") {
		u.Groups = append(u.Groups, "developers")
		inv.Groups = append(inv.Groups, provision.Group{Name: "developers", Members: []string{u.Name}, Attached: []provision.AttachedPolicy{foreign("developers-policy")}})
	}
	publishers := provision.Contract61.Names(cluster).Group
	if inv.Group(publishers) == nil && some("both groups") {
		inv.Groups = append(inv.Groups, provision.Group{Name: publishers, ARN: home.GroupARN(publishers)})
		if rapid.Bool().Draw(t, "member of both") {
			u.Groups = append(u.Groups, publishers)
			inv.Groups[len(inv.Groups)-1].Members = []string{u.Name}
		}
	}
}

// identityOf is what must never change: who the user is, and its keys.
func identityOf(inv *provision.Inventory) string {
	if inv.User == nil {
		return "no user"
	}
	return fmt.Sprintf("%s %s %s %+v", inv.User.Name, inv.User.ID, inv.User.ARN, inv.User.Keys)
}
