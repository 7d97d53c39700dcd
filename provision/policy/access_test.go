package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// accessOf is the access that one document gives by a given path.
func accessOf(tb testing.TB, name, via, text string) Access {
	tb.Helper()
	return AccessOf(&Policies{Identity: []Source{{Name: name, Via: via, Document: mustParse(tb, text)}}})
}

func TestCompare(t *testing.T) {
	allow := func(action, resource string) string {
		return `{"Effect":"Allow","Action":` + action + `,"Resource":` + resource + `}`
	}
	deny := func(action, resource string) string {
		return strings.Replace(allow(action, resource), "Allow", "Deny", 1)
	}
	when := func(statement, condition string) string {
		return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + `}`
	}
	const (
		bucket = `"arn:aws:s3:::b/*"`
		inB    = "arn:aws:s3:::b/*"
		east   = `{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`
		eastUS = "StringEquals aws:RequestedRegion us-east-1"
	)
	ecr := Actions("ecr")
	quoted, _ := json.Marshal(ecr)
	for _, c := range []struct {
		name          string
		before, after []string
		want          Delta
		inexact       bool
	}{
		{
			name: "one statement split in two", before: []string{allow(`["s3:GetObject","s3:PutObject"]`, bucket)},
			after: []string{allow(`"s3:GetObject"`, bucket), allow(`"s3:PutObject"`, bucket)},
			want:  Delta{Kept: []Grant{{Action: "s3:GetObject", Resource: inB}, {Action: "s3:PutObject", Resource: inB}}},
		},
		{
			name: "a whole service and its list", before: []string{allow(`"ecr:*"`, `"*"`)}, after: []string{allow(string(quoted), `"*"`)},
			want: Delta{Kept: []Grant{{Action: "ecr:*", Resource: "*"}}},
		},
		{
			name: "an action less", before: []string{allow(`["ecr:PutImage","ecr:DeleteRepository"]`, `"*"`)}, after: []string{allow(`"ecr:PutImage"`, `"*"`)},
			want: Delta{Kept: []Grant{{Action: "ecr:PutImage", Resource: "*"}}, Lost: []Grant{{Action: "ecr:DeleteRepository", Resource: "*"}}},
		},
		{
			name: "a narrower resource", before: []string{allow(`"s3:GetObject"`, bucket)}, after: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/x/*"`)},
			want: Delta{
				Kept: []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x/*"}},
				Lost: []Grant{{Action: "s3:GetObject", Resource: inB, Except: []string{"arn:aws:s3:::b/x/*"}}},
			},
		},
		{
			name: "two resources that cross", before: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/x*"`)}, after: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/*x"`)},
			want: Delta{
				Gained: []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*x", Except: []string{"arn:aws:s3:::b/x*"}}},
				Kept:   []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*x", AndResources: []string{"arn:aws:s3:::b/x*"}}},
				Lost:   []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x*", Except: []string{"arn:aws:s3:::b/*x"}}},
			},
		},
		{
			name: "a new deny", before: []string{allow(`"s3:GetObject"`, bucket)}, after: []string{allow(`"s3:GetObject"`, bucket), deny(`"s3:*"`, `"arn:aws:s3:::b/secret/*"`)},
			want: Delta{
				Kept: []Grant{{Action: "s3:GetObject", Resource: inB, Except: []string{"arn:aws:s3:::b/secret/*"}}},
				Lost: []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/secret/*"}},
			},
		},
		{
			name: "a new condition", before: []string{allow(`"s3:GetObject"`, bucket)}, after: []string{when(allow(`"s3:GetObject"`, bucket), east)},
			want: Delta{
				Kept: []Grant{{Action: "s3:GetObject", Resource: inB, Condition: eastUS}},
				Lost: []Grant{{Action: "s3:GetObject", Resource: inB, Condition: "not (" + eastUS + ")"}},
			},
		},
		{
			name: "a region more", before: []string{when(allow(`"s3:GetObject"`, bucket), east)},
			after: []string{when(allow(`"s3:GetObject"`, bucket), `{"StringEquals":{"aws:RequestedRegion":["us-east-1","us-west-2"]}}`)},
			want: Delta{
				Gained: []Grant{{Action: "s3:GetObject", Resource: inB, Condition: "StringEquals aws:RequestedRegion [us-east-1, us-west-2] and not (" + eastUS + ")"}},
				Kept:   []Grant{{Action: "s3:GetObject", Resource: inB, Condition: eastUS}},
			},
		},
		{
			name: "two conditions that cover everything", before: []string{allow(`"s3:GetObject"`, bucket)},
			after: []string{when(allow(`"s3:GetObject"`, bucket), east), when(allow(`"s3:GetObject"`, bucket), `{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}`)},
			want:  Delta{Kept: []Grant{{Action: "s3:GetObject", Resource: inB}}},
		},
		{
			name: "the same condition in other words", before: []string{when(allow(`"s3:GetObject"`, bucket), `{"NumericLessThan":{"s3:max-keys":"10"}}`)},
			after: []string{when(allow(`"s3:GetObject"`, bucket), `{"NumericLessThan":{"s3:max-keys":"10.0"},"Null":{"S3:max-keys":"false"}}`)},
			want:  Delta{Kept: []Grant{{Action: "s3:GetObject", Resource: inB, Condition: "NumericLessThan s3:max-keys 10"}}},
		},
		{
			name: "everything but one service", before: []string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`}, after: []string{allow(`["ecr:*","s3:*","sts:*","ecr-public:*"]`, `"*"`)},
			want: Delta{
				Kept: []Grant{{Action: "ecr-public:*", Resource: "*"}, {Action: "ecr:*", Resource: "*"}, {Action: "s3:*", Resource: "*"}, {Action: "sts:*", Resource: "*"}},
				Lost: []Grant{{Action: "*", Resource: "*", ExceptActions: []string{"ecr-public:*", "ecr:*", "iam:*", "s3:*", "sts:*"}}},
			},
		},
		{
			name: "administration", before: nil, after: []string{allow(`"*"`, `"*"`)},
			want: Delta{Gained: []Grant{{Action: "*", Resource: "*"}}},
		},
		{
			name: "services without vocabulary", before: []string{allow(`"sns:*"`, `"*"`)}, after: []string{allow(`"sns:Publish"`, `"*"`)},
			want: Delta{
				Kept: []Grant{{Action: "sns:Publish", Resource: "*"}},
				Lost: []Grant{{Action: "sns:*", Resource: "*", ExceptActions: []string{"sns:Publish"}}},
			},
		},
		{
			name: "the same variable on both sides", before: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/${aws:username}/*"`)}, after: []string{allow(`"s3:GetObject"`, bucket)},
			want: Delta{
				Gained: []Grant{{Action: "s3:GetObject", Resource: inB, Except: []string{"arn:aws:s3:::b/${aws:username}/*"}}},
				Kept:   []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/${aws:username}/*"}},
			},
		},
		{
			name: "a variable against one of its values", before: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/${aws:username}/*"`)}, after: []string{allow(`"s3:GetObject"`, `"arn:aws:s3:::b/bob/*"`)},
			want: Delta{
				Gained: []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/bob/*"}},
				Lost:   []Grant{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/${aws:username}/*"}},
			},
			inexact: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			of := func(statements []string) Access {
				if statements == nil {
					return Access{}
				}
				return accessOf(t, "p", "", v2012(statements...))
			}
			got := Compare(of(c.before), of(c.after))
			c.want.Exact = !c.inexact
			opts := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Grant{}, "By", "Was"), cmpopts.IgnoreFields(Delta{}, "Notes")}
			if diff := cmp.Diff(c.want, got, opts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Exact != (len(got.Notes) == 0) {
				t.Errorf("exact %v with notes %v", got.Exact, got.Notes)
			}
		})
	}
}

// The same grant by another path is kept, and the paths are named.
func TestCompareByAnotherPath(t *testing.T) {
	doc := v2012(`{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*"}`)
	got := Compare(accessOf(t, "ecr", "", doc), accessOf(t, "ecr", "group publishers", doc))
	want := Delta{Exact: true, Kept: []Grant{{Action: "ecr:PutImage", Resource: "*", By: []string{"ecr (through group publishers)"}, Was: []string{"ecr"}}}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A boundary cuts what the identity policies give.
func TestCompareHonoursBoundary(t *testing.T) {
	all, s3 := mustParse(t, v2012(`{"Effect":"Allow","Action":"*","Resource":"*"}`)), mustParse(t, v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`))
	bound := AccessOf(&Policies{Identity: []Source{{Name: "all", Document: all}}, Boundary: &Source{Name: "b", Document: s3}})
	want := []Grant{{Action: "s3:*", Resource: "*", By: []string{"all"}}}
	if diff := cmp.Diff(want, bound.Grants()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ok, _ := accessOf(t, "s3", "", s3.text).Covers(bound); !ok {
		t.Error("what the boundary allows does not cover what it bounds")
	}
	if ok, missing := bound.Covers(accessOf(t, "all", "", all.text)); ok || len(missing) != 1 || missing[0].Action != "*" {
		t.Errorf("covers %v, missing %+v", ok, missing)
	}
}

func TestActions(t *testing.T) {
	for service, name := range map[string]string{"ecr": "ecr:PutImage", "S3": "s3:PutObject", "sts": "sts:AssumeRole", "iam": "iam:CreateUser"} {
		list := Actions(service)
		if !slices.Contains(list, name) || !slices.IsSorted(list) {
			t.Errorf("%s: %v", service, list)
		}
	}
	if Actions("sns") != nil {
		t.Error("a service that is not in the vocabulary has actions")
	}
}

// Too many conditions at once are blurred, on the safe side.
func TestCompareGivesUpSafely(t *testing.T) {
	var many []string
	for i := range mostBlocks + 2 {
		many = append(many, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/t`+string(rune('a'+i))+`":"x"}}}`)
	}
	d := Compare(accessOf(t, "p", "", v2012(many...)), accessOf(t, "p", "", v2012(many[1:]...)))
	if d.Exact || len(d.Lost) == 0 || len(d.Notes) == 0 {
		t.Errorf("got %+v, want a loss that is said not to be exact", d)
	}
}
