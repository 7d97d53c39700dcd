package view

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/policy"
)

func TestMeaningOfDocuments(t *testing.T) {
	w := newAccessWords(preview(t, demo(), emptyAccount("demo-assets")).Plan.Blueprint)
	const own, other = "arn:aws:s3:::demo-assets/*", "arn:aws:s3:::other/*"
	put := allowing("s3:PutObject", own, "")
	const alice, bob = "arn:aws:iam::111111111111:role/alice", "arn:aws:iam::222222222222:role/bob"
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`
	denyAll := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`
	anybody := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`
	tagging := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":["sts:AssumeRole","sts:TagSession"]}}`
	for _, c := range []struct {
		why           string
		kind          policy.Kind
		before, after string
		want          string
	}{
		{"a new document adds all that it says", policy.IdentityPolicy, "", put, "Adds s3:PutObject on demo-assets/*."},
		{"a document that only denies adds nothing", policy.IdentityPolicy, "", deny, "Allows nothing."},
		{"what narrows takes away and keeps", policy.IdentityPolicy, allowing("s3:*", own, ""), put, "Takes away 179 s3 actions on demo-assets/*; keeps s3:PutObject on demo-assets/*."},
		{"another resource is gain and loss", policy.IdentityPolicy, allowing("s3:PutObject", other, ""), put, "Adds s3:PutObject on demo-assets/*; takes away s3:PutObject on arn:aws:s3:::other/*."},
		{"a condition that goes is a gain", policy.IdentityPolicy, allowing("s3:PutObject", own, "apps"), put, "Adds s3:PutObject on demo-assets/* (only if not (StringEquals aws:PrincipalTag/team apps)); keeps s3:PutObject on demo-assets/* (only if StringEquals aws:PrincipalTag/team apps)."},
		{"spelling is no change", policy.IdentityPolicy, allowing("S3:putobject", own, ""), put, "Says the same in other words."},
		{"what is no policy cannot be compared", policy.IdentityPolicy, `{}`, put, "What is there now cannot be understood as a policy, so there is nothing to compare."},
		{"a new trust policy lets in", policy.TrustPolicy, "", trusting(alice, "x"), "Lets " + alice + " assume the role (only if StringEquals sts:ExternalId x)."},
		{"one goes and another comes", policy.TrustPolicy, trusting(alice, ""), trusting(bob, ""), "No longer lets " + alice + " assume the role; lets " + bob + " assume the role."},
		{"the same one with a condition", policy.TrustPolicy, trusting(alice, ""), trusting(alice, "x"), "Lets " + alice + " assume the role in fewer cases than before (only if StringEquals sts:ExternalId x)."},
		{"and without it", policy.TrustPolicy, trusting(alice, "x"), trusting(alice, ""), "Lets " + alice + " assume the role in more cases than before (only if not (StringEquals sts:ExternalId x))."},
		{"an action beside the role goes", policy.TrustPolicy, tagging, trusting(alice, ""), "Takes sts:TagSession away from " + alice + "."},
		{"and comes", policy.TrustPolicy, trusting(alice, ""), tagging, "Gives " + alice + " sts:TagSession too."},
		{"anybody is said to be anybody", policy.TrustPolicy, "", anybody, "Lets anybody assume the role."},
		{"a bucket policy that only denies", policy.ResourcePolicy, "", denyAll, "Lets nobody in by itself; it only denies."},
	} {
		d := document{kind: c.kind, stand: added, before: c.before, after: c.after}
		if c.before != "" {
			d.stand = changed
		}
		if got := w.meaning(d); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.why, got, c.want)
		}
	}
	if got := w.meaning(document{after: put}); got != "" {
		t.Errorf("a document that stays means %q", got)
	}
}

// A document that changes in two steps is shown from where it is, not from
// where it is on its way.
func TestDocumentsInTwoStepsShowTheWholeWay(t *testing.T) {
	inv := installed(t, demo())
	inv.Policies[0].Document, inv.Policies[1].Document = inv.Policies[1].Document, inv.Policies[0].Document
	p := preview(t, demo(), inv)
	if len(p.Plan.Blockers) > 0 || len(p.Plan.Changes) != 3 {
		t.Fatalf("the plan is %v, blocked by %v", p.Plan.Changes, p.Plan.Blockers)
	}
	for _, d := range documents(p)[:2] {
		if got, want := d.before, inv.Policy(testPlace.PolicyARN(strings.TrimPrefix(d.title, "policy "))).Document; got != want {
			t.Errorf("%s is compared with\n%s, want\n%s", d.title, got, want)
		}
	}
}
