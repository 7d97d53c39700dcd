package policy

import (
	"strings"
	"testing"

	awspolicy "github.com/hashicorp/awspolicyequivalence"
	"pgregory.net/rapid"
)

func TestEquivalent(t *testing.T) {
	base := v2012(`{"Sid":"A","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}`,
		`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`)
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"order of statements, elements and values", base, v2012(`{"Resource":"*","Action":["sts:AssumeRole"],"Effect":"Allow"}`,
			`{"Effect":"Allow","Resource":["arn:aws:s3:::b/*"],"Action":["s3:PutObject","s3:GetObject"]}`), true},
		{"case of actions", v2012(`{"Effect":"Allow","Action":"S3:getobject","Resource":"*"}`), v2012(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`), true},
		{"case of resources", v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::B"}`), v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}`), false},
		{
			"duplicate values and statements", v2012(`{"Effect":"Allow","Action":["s3:*","s3:*"],"Resource":"*"}`, `{"Effect":"Allow","Action":"s3:*","Resource":["*","*"]}`),
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), true,
		},
		{
			"white space and one statement for a list", "{\n\t\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}",
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), true,
		},
		{
			"Sid and Id carry no access", `{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"y","Effect":"Allow","Action":"s3:*","Resource":"*"}}`,
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), true,
		},
		{"effect", v2012(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`), v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), false},
		{"NotAction is not Action", v2012(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`), v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), false},
		{
			"condition operators and keys in any case, numbers with and without quotation marks",
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"numericlessthan":{"S3:max-keys":10},"Bool":{"aws:SecureTransport":"True"}}}`),
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:securetransport":[true]},"NumericLessThan":{"s3:max-keys":["10"]}}}`), true,
		},
		{
			"condition values keep their case",
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"a:b":"X"}}}`),
			v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"}}}`), false,
		},
		{
			"an account and its root", v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}`),
			v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}`), true,
		},
		{
			"everybody, twice spelled", v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}`),
			v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}`), true,
		},
		{"versions, where nothing depends on them", v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, true},
		{"versions, where a variable does", v2012(`{"Effect":"Allow","Action":"s3:*","Resource":"${aws:username}"}`), `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"${aws:username}"}}`, false},
		{"no policy is equivalent to nothing", "x", "x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Equivalent(c.a, c.b); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if got := Equivalent(c.b, c.a); got != c.want {
				t.Errorf("the other way round: got %v, want %v", got, c.want)
			}
		})
	}
}

// The canonical form is one fixed text.
func TestCanonicalText(t *testing.T) {
	d := mustParse(t, `{"Statement":{"Resource":"*","Sid":"x","Effect":"Allow","Action":["s3:PutObject","S3:GetObject"],
		"Condition":{"StringLike":{"aws:X":"<a&b>"}}}}`)
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:getobject","s3:putobject"],"Resource":["*"],"Condition":{"StringLike":{"aws:x":["<a&b>"]}}}]}`
	if got := d.Canonical(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCanonicalKeepsMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := Parse(drawDocument(t))
		if err != nil {
			t.Fatal(err)
		}
		text := d.Canonical()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("canonical form %s: %v", text, err)
		}
		if twice := again.Canonical(); twice != text {
			t.Fatalf("not idempotent:\n%s\n%s", text, twice)
		}
		a := &Policies{Identity: []Source{{Document: d}}}
		b := &Policies{Identity: []Source{{Document: again}}}
		for range 20 {
			r := drawRequest(t)
			if x, y := a.Decide(r), b.Decide(r); x.Outcome != y.Outcome || x.Explicit != y.Explicit {
				t.Fatalf("%+v: %v, canonical %v", r, x, y)
			}
		}
	})
}

// A library that compares structure finds no difference that we do not; we
// find more to be equal, such as documents that differ in a Sid.
func TestEquivalentWithSecondOpinion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDocument(t), drawDocument(t)
		if rapid.Bool().Draw(t, "same") {
			b = strings.ReplaceAll(a, `["*"]`, `"*"`)
		}
		theirs, err := awspolicy.PoliciesAreEquivalent(a, b)
		if err == nil && theirs && !Equivalent(a, b) {
			t.Fatalf("held to be equivalent:\n%s\n%s", a, b)
		}
	})
}
