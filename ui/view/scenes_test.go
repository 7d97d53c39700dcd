package view

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// scene is a preview with the reason why it is worth looking at.
type scene struct {
	name    string
	why     string
	preview *migrate.InstallPreview
}

var testPlace = provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}

func ecr() provision.Destination { return provision.Destination{Kind: provision.ECR} }
func s3(bucket string) provision.Destination {
	return provision.Destination{Kind: provision.S3, Bucket: bucket}
}

func demo() provision.Spec {
	return provision.Spec{Cluster: "demo", Destinations: []provision.Destination{ecr(), s3("demo-assets")}}
}

// emptyAccount has nothing but the bucket.
func emptyAccount(bucket string) *provision.Inventory {
	inv := &provision.Inventory{Place: testPlace, Caller: testPlace.UserARN("ops")}
	if bucket != "" {
		inv.Buckets = []provision.Bucket{{Name: bucket, State: provision.BucketOwn, Region: testPlace.Region}}
	}
	return inv
}

// installed is an account in which the spec has been carried out.
func installed(t testing.TB, s provision.Spec) *provision.Inventory {
	t.Helper()
	inv := emptyAccount(s.Bucket())
	for _, c := range preview(t, s, inv).Plan.Calls() {
		if err := inv.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	inv.User.Keys = []provision.Key{{ID: "AKIAEXAMPLEW3QA00001", Active: true}}
	for i := range inv.Policies {
		inv.Policies[i].Version = "v1"
	}
	return inv
}

func preview(t testing.TB, s provision.Spec, inv *provision.Inventory) *migrate.InstallPreview {
	t.Helper()
	b, err := provision.NewBlueprint(s, testPlace)
	if err != nil {
		t.Fatal(err)
	}
	return judged(t, &migrate.InstallPreview{
		Request:   migrate.InstallRequest{Spec: b.Spec, Handover: "file:creds.env"},
		Identity:  account.Identity{ARN: testPlace.UserARN("ops"), Place: testPlace},
		Inventory: inv,
		Plan:      provision.NewPlan(b, inv),
	})
}

// judged adds what a plan means for access, as [migrate.PreviewInstall] does.
func judged(t rapid.TB, p *migrate.InstallPreview) *migrate.InstallPreview {
	t.Helper()
	if p.Plan.Empty() {
		return p
	}
	var err error
	if p.Access, err = provision.AccessChanges(p.Plan, p.Inventory); err != nil {
		t.Fatal(err)
	}
	p.Consent = provision.NewConsent(p.Plan, p.Access)
	return p
}

// hostileName tries all that a name could do to a terminal, to Markdown and to
// a reader.
const hostileName = "eve\x1b[31m\x1b]0;owned\x07\u202etxt.exe\u2066\u200b\x9b2J``` ```` </details><script>alert(1)</script>@everyone\r\n# not a heading\tend\xff"

func scenes(t testing.TB) []scene {
	t.Helper()
	var out []scene
	add := func(name, why string, p *migrate.InstallPreview) {
		out = append(out, scene{name, why, p})
	}
	add("fresh", "the most common run: nothing is there but the bucket", preview(t, demo(), emptyAccount("demo-assets")))

	only := demo()
	only.Destinations = []provision.Destination{s3("demo-assets")}
	add("s3-only", "no role and no ECR policy", preview(t, only, emptyAccount("demo-assets")))

	add("nothing", "a second run has nothing to do", preview(t, demo(), installed(t, demo())))
	add("differs", "documents, trust, tags and boundary change in place", differing(t))
	add("foreign", "other people's things are shown and left", foreignScene(t))
	add("blocked", "every sort of reason not to go on", blockedScene(t))

	bucket := demo()
	bucket.CreateBucket, bucket.Tags = true, map[string]string{"team": "platform", "env": "prod"}
	inv := emptyAccount("")
	inv.Buckets = []provision.Bucket{{Name: "demo-assets", State: provision.BucketAbsent}}
	p := preview(t, bucket, inv)
	p.Unchecked = []string{"quotas: arn:aws:iam::123456789012:user/ops may not iam:GetAccountSummary on *"}
	add("bucket", "a bucket is made too, in several calls, with tags", p)

	long := demo()
	long.Cluster = strings.Repeat("long-", 6) + "x"
	long.Destinations[1].Bucket = strings.Repeat("bucket-", 9)[:62] + "x"
	long.PermissionsBoundary = testPlace.PolicyARN("org/security/" + strings.Repeat("boundary-", 10) + "policy")
	add("long", "names as long as AWS lets them be", preview(t, long, emptyAccount(long.Destinations[1].Bucket)))

	pull := demo()
	pull.CrossAccountPull, pull.PullAccounts = true, []string{"210987654321", "345678901234"}
	half := emptyAccount("demo-assets")
	for _, c := range preview(t, pull, half).Plan.Calls()[:4] {
		if err := half.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	p = preview(t, pull, half)
	p.Warnings = []provision.Problem{{Field: "bucket", Rule: `"demo.assets" has a dot, so virtual-hosted addresses fail the TLS host check`, Way: "use hyphens where you can", Warning: true}}
	add("resumed", "half of it is there after a run that was stopped; other accounts pull", p)
	add("hostile", "names of the account that try to get out of their place", hostileScene(t))
	return append(out, accessScenes(t)...)
}

func differing(t testing.TB) *migrate.InstallPreview {
	s := demo()
	inv := installed(t, s)
	inv.Policies[0].Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:*"],"Resource":"*"}]}`
	inv.Role.Trust = strings.ReplaceAll(inv.Role.Trust, "283477532906", "999999999999")
	inv.Role.Boundary = testPlace.PolicyARN("old-boundary")
	inv.User.Tags = map[string]string{"team": "apps"}
	s.Tags = map[string]string{"team": "platform", "cost-center": "42"}
	s.PermissionsBoundary = testPlace.PolicyARN("boundary")
	return preview(t, s, inv)
}

func foreignScene(t testing.TB) *migrate.InstallPreview {
	s := demo()
	inv := installed(t, s)
	inv.Groups[0].Members = append(inv.Groups[0].Members, "alice")
	inv.Groups[0].Inline = []provision.InlinePolicy{{Name: "extra", Document: "{}"}}
	inv.User.Groups = append(inv.User.Groups, "developers")
	inv.User.Attached = []provision.AttachedPolicy{{Name: "AdministratorAccess", ARN: "arn:aws:iam::aws:policy/AdministratorAccess"}}
	inv.User.Keys = []provision.Key{{ID: "AKIAEXAMPLEW3QA00001"}, {ID: "AKIAEXAMPLEW3QA00002"}}
	return preview(t, s, inv)
}

func blockedScene(t testing.TB) *migrate.InstallPreview {
	inv := emptyAccount("")
	inv.Buckets = []provision.Bucket{{Name: "demo-assets", State: provision.BucketForbidden}}
	inv.Unread = []provision.Gap{{
		Action: "iam:GetRole", Resource: testPlace.RoleARN("nullplatform-demo-application-role"), Asked: true,
		Reason: "arn:aws:iam::123456789012:user/ops may not iam:GetRole on it",
	}}
	p := preview(t, demo(), inv)
	p.Plan.Blockers = append(p.Plan.Blockers, provision.Problem{
		Field: "rights", Rule: "are missing: arn:aws:iam::123456789012:user/ops may not iam:CreateUser on arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user",
		Way: "allow iam:CreateUser on arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user",
	})
	return p
}

func hostileScene(t testing.TB) *migrate.InstallPreview {
	s := demo()
	inv := installed(t, s)
	inv.Caller = hostileName
	inv.Groups[0].Members = append(inv.Groups[0].Members, hostileName)
	inv.User.Groups = append(inv.User.Groups, hostileName)
	inv.User.Tags = map[string]string{"note": hostileName}
	inv.User.Inline = []provision.InlinePolicy{{Name: hostileName, Document: hostileName}}
	inv.User.Keys = []provision.Key{{ID: hostileName, Active: true}}
	inv.Policies[0].Document = `{"` + "\u009b31m\u202e```" + `":"</details>"}`
	inv.Policies[1].Document = hostileName + "\n```\n`````\n<b>eve</b>\n"
	inv.Policies[1].Description = hostileName
	inv.Role.Boundary = hostileName
	s.Tags = map[string]string{"note": "ours"}
	p := preview(t, s, inv)
	p.Identity.ARN = hostileName
	p.Unchecked = []string{hostileName}
	p.Plan.Blockers = []provision.Problem{{Field: hostileName, Rule: hostileName, Way: hostileName}}
	return p
}
