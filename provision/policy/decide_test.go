package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The pages of the IAM User Guide that rows cite.
const (
	pageLogic     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
	pageBoundary  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
	pageAction    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"
	pageNotAction = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"
	pageResource  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
	pageNotRes    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html"
	pageVersion   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
	pageVariables = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
)

// policies makes one identity policy of each text.
func policies(tb testing.TB, texts ...string) *Policies {
	tb.Helper()
	p := &Policies{}
	for i, text := range texts {
		p.Identity = append(p.Identity, Source{Name: string(rune('a' + i)), Document: mustParse(tb, text)})
	}
	return p
}

// v2012 wraps statements into a document.
func v2012(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func TestDecide(t *testing.T) {
	const (
		all      = `{"Effect":"Allow","Action":"*","Resource":"*"}`
		denyPut  = `{"Sid":"NoPut","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`
		getInB   = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
		putInB   = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`
		objectX  = "arn:aws:s3:::b/x"
		userHome = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/home/${aws:username}/*"}`
	)
	bob := map[string][]string{"aws:username": {"bob"}}
	allow := func(action, resource string) string {
		return v2012(`{"Effect":"Allow","Action":` + action + `,"Resource":` + resource + `}`)
	}
	for _, c := range []struct {
		name, page string
		documents  []string
		boundary   string
		action     string
		resource   string
		context    map[string][]string
		want       Outcome
		explicit   bool
	}{
		{"nothing allows by default", pageLogic, nil, "", "s3:GetObject", objectX, nil, Denied, false},
		{"an allow allows", pageLogic, []string{v2012(getInB)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"a deny wins over an allow before it", pageLogic, []string{v2012(all, denyPut)}, "", "s3:PutObject", objectX, nil, Denied, true},
		{"a deny wins from another policy", pageLogic, []string{v2012(denyPut), v2012(all)}, "", "s3:PutObject", objectX, nil, Denied, true},
		{"a deny leaves other actions alone", pageLogic, []string{v2012(all, denyPut)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"policies add up", pageLogic, []string{v2012(getInB), v2012(putInB)}, "", "s3:PutObject", objectX, nil, Allowed, false},

		{"a boundary grants nothing", pageBoundary, nil, v2012(all), "s3:GetObject", objectX, nil, Denied, false},
		{"a boundary lets through what both allow", pageBoundary, []string{v2012(all)}, v2012(getInB), "s3:GetObject", objectX, nil, Allowed, false},
		{"a boundary stops what it does not allow", pageBoundary, []string{v2012(all)}, v2012(getInB), "s3:PutObject", objectX, nil, Denied, false},
		{"a deny in a boundary is explicit", pageBoundary, []string{v2012(all)}, v2012(all, denyPut), "s3:PutObject", objectX, nil, Denied, true},

		{"action names ignore case", pageAction, []string{allow(`"S3:getobject"`, `"*"`)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"an asterisk ends an action", pageAction, []string{allow(`"iam:*AccessKey*"`, `"*"`)}, "", "iam:ListAccessKeys", "*", nil, Allowed, false},
		{"a question mark is one character", pageAction, []string{allow(`"s3:?etObject"`, `"*"`)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"a question mark is not none", pageAction, []string{allow(`"s3:?GetObject"`, `"*"`)}, "", "s3:GetObject", objectX, nil, Denied, false},
		{"a service wildcard stays in the service", pageAction, []string{allow(`"s3:*"`, `"*"`)}, "", "ecr:PutImage", "*", nil, Denied, false},
		{"all actions of all services", pageAction, []string{allow(`"*:*"`, `"*"`)}, "", "ecr:PutImage", "*", nil, Allowed, false},

		{"NotAction with Allow is about the rest", pageNotAction, []string{v2012(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"NotAction with Allow leaves its list alone", pageNotAction, []string{v2012(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)}, "", "iam:GetUser", "*", nil, Denied, false},
		{"NotAction with Deny denies the rest", pageNotAction, []string{v2012(all, `{"Effect":"Deny","NotAction":["s3:GetObject"],"Resource":"*"}`)}, "", "s3:PutObject", objectX, nil, Denied, true},
		{"NotAction with Deny grants nothing", pageNotAction, []string{v2012(`{"Effect":"Deny","NotAction":["s3:GetObject"],"Resource":"*"}`)}, "", "s3:GetObject", objectX, nil, Denied, false},

		{"an asterisk reaches over slashes", pageResource, []string{v2012(getInB)}, "", "s3:GetObject", "arn:aws:s3:::b/x/y/z", nil, Allowed, false},
		{"objects are not the bucket", pageResource, []string{v2012(getInB)}, "", "s3:GetObject", "arn:aws:s3:::b", nil, Denied, false},
		{"resources keep their case", pageResource, []string{v2012(getInB)}, "", "s3:GetObject", "arn:aws:s3:::B/x", nil, Denied, false},
		{"segments may be wild", pageResource, []string{allow(`"ecr:*"`, `"arn:aws:ecr:*:*:repository/*"`)}, "", "ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/team/app", nil, Allowed, false},
		{"an asterisk that ends a segment reaches beyond colons", pageResource, []string{allow(`"s3:*"`, `"arn:aws:s3*"`)}, "", "s3:GetObject", objectX, nil, Allowed, false},
		{"an asterisk inside a segment does not", pageResource, []string{allow(`"s3:*"`, `"arn:aws:s3:u*t:1:x"`)}, "", "s3:GetObject", "arn:aws:s3:us:east-t:1:x", nil, Denied, false},
		{"an asterisk inside a segment stays there", pageResource, []string{allow(`"ecr:*"`, `"arn:aws:ecr:us-*-1:*:repository/a"`)}, "", "ecr:PutImage", "arn:aws:ecr:us-east-1:1:repository/a", nil, Allowed, false},
		{"colons in the resource are part of it", pageResource, []string{allow(`"s3:*"`, `"arn:aws:s3:::b/*.txt"`)}, "", "s3:GetObject", "arn:aws:s3:::b/a:b.txt", nil, Allowed, false},
		{"one character, however many bytes", pageResource, []string{allow(`"s3:*"`, `"arn:aws:s3:::b/?"`)}, "", "s3:GetObject", "arn:aws:s3:::b/é", nil, Allowed, false},
		{"an action without resources needs the asterisk", pageResource, []string{allow(`"ecr:*"`, `"arn:aws:ecr:*:*:repository/*"`)}, "", "ecr:GetAuthorizationToken", "*", nil, Denied, false},

		{"NotResource is about the rest", pageNotRes, []string{v2012(all, `{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`)}, "", "s3:GetObject", "arn:aws:s3:::c/x", nil, Denied, true},
		{"NotResource leaves its list alone", pageNotRes, []string{v2012(all, `{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`)}, "", "s3:GetObject", objectX, nil, Allowed, false},

		{"a variable takes the key's value", pageVariables, []string{v2012(userHome)}, "", "s3:GetObject", "arn:aws:s3:::b/home/bob/x", bob, Allowed, false},
		{"another user's home", pageVariables, []string{v2012(userHome)}, "", "s3:GetObject", "arn:aws:s3:::b/home/eve/x", bob, Denied, false},
		{"keys in variables ignore case", pageVariables, []string{v2012(strings.Replace(userHome, "aws:username", "AWS:UserName", 1))}, "", "s3:GetObject", "arn:aws:s3:::b/home/bob/x", bob, Allowed, false},
		{"a variable without value matches nothing", pageVariables, []string{v2012(userHome)}, "", "s3:GetObject", "arn:aws:s3:::b/home//x", nil, Denied, false},
		{"a variable with several values matches nothing", pageVariables, []string{v2012(userHome)}, "", "s3:GetObject", "arn:aws:s3:::b/home/bob/x", map[string][]string{"aws:username": {"bob", "eve"}}, Denied, false},
		{"a value's asterisk is no wildcard", pageVariables, []string{v2012(userHome)}, "", "s3:GetObject", "arn:aws:s3:::b/home/bob/x", map[string][]string{"aws:username": {"*"}}, Denied, false},
		{"a default stands in", pageVariables, []string{allow(`"s3:*"`, `"arn:aws:s3:::b-${aws:PrincipalTag/team, 'company-wide'}/*"`)}, "", "s3:GetObject", "arn:aws:s3:::b-company-wide/x", nil, Allowed, false},
		{"a value goes before the default", pageVariables, []string{allow(`"s3:*"`, `"arn:aws:s3:::b-${aws:PrincipalTag/team, 'company-wide'}/*"`)}, "", "s3:GetObject", "arn:aws:s3:::b-company-wide/x", map[string][]string{"aws:PrincipalTag/team": {"yellow"}}, Denied, false},
		{"an escaped asterisk is one", pageVariables, []string{allow(`"s3:*"`, `"arn:aws:s3:::b/${*}${?}${$}"`)}, "", "s3:GetObject", "arn:aws:s3:::b/*?$", nil, Allowed, false},
		{"an escaped asterisk is no wildcard", pageVariables, []string{allow(`"s3:*"`, `"arn:aws:s3:::b/${*}"`)}, "", "s3:GetObject", objectX, nil, Denied, false},
		{"in NotResource a variable without value excepts nothing", pageVariables, []string{v2012(all, `{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/${aws:username}"}`)}, "", "s3:GetObject", "arn:aws:s3:::b/bob", nil, Denied, true},

		{"the old version knows no variables", pageVersion, []string{`{"Version":"2008-10-17","Statement":` + userHome + `}`}, "", "s3:GetObject", "arn:aws:s3:::b/home/bob/x", bob, Denied, false},
		{"without a version it is the old one", pageVersion, []string{`{"Statement":` + userHome + `}`}, "", "s3:GetObject", "arn:aws:s3:::b/home/${aws:username}/x", bob, Allowed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policies(t, c.documents...)
			if c.boundary != "" {
				p.Boundary = &Source{Name: "boundary", Document: mustParse(t, c.boundary)}
			}
			got := p.Decide(Request{c.action, c.resource, Context{Values: c.context}})
			if got.Outcome != c.want || got.Explicit != c.explicit {
				t.Errorf("%s: got %+v, want %v, explicit %v", c.page, got, c.want, c.explicit)
			}
			if got.Why == "" {
				t.Error("no reason given")
			}
		})
	}
}

// The reason names what decided, so that a stranger finds it.
func TestDecideSaysWhy(t *testing.T) {
	region := `"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`
	doc := v2012(`{"Sid":"Pull","Effect":"Allow","Action":"ecr:BatchGetImage","Resource":"*",`+region+`}`,
		`{"Effect":"Deny","Action":"ecr:Delete*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`)
	p := &Policies{Identity: []Source{{Name: "publish", Via: "group ci", Document: mustParse(t, doc)}}}
	for _, c := range []struct {
		action, resource string
		context          Context
		want             Decision
	}{
		{"s3:GetObject", "arn:aws:s3:::b/x", Context{}, Decision{
			Outcome: Allowed, Source: "publish", Statement: 2,
			Why: "statement 2 of publish (through group ci) allows s3:GetObject on arn:aws:s3:::b/x",
		}},
		{"ecr:DeleteRepository", "*", Context{}, Decision{
			Explicit: true, Source: "publish", Statement: 1,
			Why: "statement 1 of publish (through group ci) explicitly denies ecr:DeleteRepository on *",
		}},
		{"s3:GetObject", "arn:aws:s3:::c/x", Context{}, Decision{
			Statement: -1,
			Why:       "no policy allows s3:GetObject on arn:aws:s3:::c/x; statement 2 of publish allows the action, but not on this resource",
		}},
		{"ecr:BatchGetImage", "*", Context{}, Decision{
			Statement: -1,
			Why:       "no policy allows ecr:BatchGetImage on *; statement 0 (Pull) of publish would allow it, but its condition StringEquals aws:RequestedRegion does not hold",
		}},
		{"ecr:BatchGetImage", "*", Context{Partial: true}, Decision{
			Outcome: Depends, Source: "publish", Statement: 0, Keys: []string{"aws:RequestedRegion"},
			Why: "it depends on aws:RequestedRegion whether statement 0 (Pull) of publish (through group ci) allows ecr:BatchGetImage on *",
		}},
	} {
		if diff := cmp.Diff(c.want, p.Decide(Request{c.action, c.resource, c.context})); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", c.action, c.resource, diff)
		}
	}
}

// What a partial context decides stays so, whatever the open keys are; and an
// answer stays open only because of keys that it names.
func TestPartialContextIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := drawPolicies(t), drawRequest(t)
		full := p.Decide(r).Outcome
		open := r
		open.Context = Context{Partial: true, Values: map[string][]string{}}
		for _, key := range slices.Sorted(maps.Keys(askedValues)) {
			if rapid.Bool().Draw(t, "known") {
				open.Context.Values[key] = r.Context.Values[key]
			}
		}
		d := p.Decide(open)
		if d.Outcome != Depends {
			if d.Outcome != full {
				t.Fatalf("partial %v, full %v: %s", d.Outcome, full, d.Why)
			}
			return
		}
		if len(d.Keys) == 0 {
			t.Fatalf("depends on nothing: %+v", d)
		}
		for _, key := range d.Keys {
			for _, spelled := range slices.Sorted(maps.Keys(askedValues)) {
				if strings.EqualFold(spelled, key) {
					open.Context.Values[spelled] = r.Context.Values[spelled]
				}
			}
		}
		if d := p.Decide(open); d.Outcome != full {
			t.Fatalf("with the named keys still %v, full %v: %s", d.Outcome, full, d.Why)
		}
	})
}

// Deciding costs only what the result needs.
func TestDecideAllocates(t *testing.T) {
	p := &Policies{Identity: []Source{{Name: "ten", Via: "group publishers", Document: tenStatements(t)}}}
	r := Request{"s3:PutObject", "arn:aws:s3:::assets/app/1.zip", Context{}}
	if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n > 1 {
		t.Errorf("%v allocations, want one for the reason", n)
	}
}
