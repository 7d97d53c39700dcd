package policy

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseForms(t *testing.T) {
	text := `{
  "Version": "2012-10-17",
  "Id": "demo",
  "Statement": [
    {"Sid": "One", "Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::b/*"]},
    {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "*",
     "Condition": {"boolifexists": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:max-keys": [10, "20"]}}},
    {"Effect": "Allow", "Action": "sts:AssumeRole",
     "Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:user/x"], "Service": "ec2.amazonaws.com"}},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "NotPrincipal": {"CanonicalUser": "abc", "Federated": "cognito-identity.amazonaws.com"}}
  ]
}`
	want := &Document{
		Version: Version2012, ID: "demo",
		Statements: []Statement{
			{Position: Position{5, 5}, Sid: "One", Effect: Allow, Actions: []string{"s3:Get*"}, Resources: []string{"arn:aws:s3:::b/*"}},
			{
				Position: Position{6, 5}, Effect: Deny, Actions: []string{"iam:*"}, NotAction: true, Resources: []string{"*"}, NotResource: true,
				Conditions: []Condition{
					{Operator: "BoolIfExists", Key: "aws:SecureTransport", Values: []string{"false"}},
					{Operator: "NumericLessThan", Key: "s3:max-keys", Values: []string{"10", "20"}},
				},
			},
			{
				Position: Position{8, 5}, Effect: Allow, Actions: []string{"sts:AssumeRole"},
				Principals: []Principal{{"AWS", "123456789012"}, {"AWS", "arn:aws:iam::123456789012:user/x"}, {"Service", "ec2.amazonaws.com"}},
			},
			{Position: Position{10, 5}, Effect: Allow, Actions: []string{"sts:AssumeRole"}, Principals: []Principal{{"*", "*"}}},
			{
				Position: Position{11, 5}, Effect: Deny, Actions: []string{"s3:*"}, Resources: []string{"*"}, NotPrincipal: true,
				Principals: []Principal{{"CanonicalUser", "abc"}, {"Federated", "cognito-identity.amazonaws.com"}},
			},
		},
	}
	for name, encoded := range map[string]string{
		"plain":           text,
		"percent-encoded": url.PathEscape(text),
		"form-encoded":    url.QueryEscape(text),
		"byte order mark": "\ufeff" + text,
	} {
		t.Run(name, func(t *testing.T) {
			opts := cmp.Options{cmpopts.IgnoreUnexported(Document{}, Statement{})}
			if diff := cmp.Diff(want, mustParse(t, encoded), opts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDefaults(t *testing.T) {
	d := mustParse(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if d.Version != Version2008 {
		t.Errorf("a document without Version has version %s, want %s", d.Version, Version2008)
	}
	if len(d.Statements) != 1 {
		t.Errorf("a lone statement gives %d statements", len(d.Statements))
	}
}

func TestParseRefuses(t *testing.T) {
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	for _, c := range []struct {
		name, text string
		statement  int
		line, col  int
		reason     string
	}{
		{"nothing", "  ", -1, 1, 3, "empty"},
		{"not JSON", "policy", -1, 1, 1, "unexpected 'p'"},
		{"a list", "[]", -1, 1, 1, "a policy is an object, not a list"},
		{"trailing data", statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`) + "\n x", -1, 2, 2, "after the end"},
		{"two documents", `{"Statement":{"Effect":"Allow","Action":"*"}} {}`, -1, 1, 47, "after the end"},
		{"unclosed string", `{"Version":"2012`, -1, 1, 12, "not closed"},
		{"unclosed object", `{"Version":"2012-10-17"`, -1, 1, 24, "end of the document"},
		{"trailing comma", `{"Version":"2012-10-17",}`, -1, 1, 25, "quoted name"},
		{"a comment", "{\n// hi\n}", -1, 2, 1, "unexpected '/'"},
		{"bad escape", `{"Id":"\x"}`, -1, 1, 8, `unknown escape \x`},
		{"lone surrogate", `{"Id":"\ud800"}`, -1, 1, 8, "malformed \\u"},
		{"control character", "{\"Id\":\"a\x01\"}", -1, 1, 9, "control character"},
		{"escaped control character", `{"Id":"\u0001"}`, -1, 1, 8, "not allowed"},
		{"broken UTF-8", "{\"Id\":\"\xff\"}", -1, 1, 8, "UTF-8"},
		{"too deep", strings.Repeat(`{"a":`, 40), -1, 1, 166, "levels deep"},
		{"no Statement", `{"Version":"2012-10-17"}`, -1, 1, 1, "Statement is missing"},
		{"empty Statement", `{"Statement":[]}`, -1, 1, 14, "holds no statement"},
		{"Statement as text", `{"Statement":"x"}`, -1, 1, 14, "not a string"},
		{"bad Version", `{"Version":"2012-10-18","Statement":[]}`, -1, 1, 12, `Version "2012-10-18"`},
		{"Version as number", `{"Version":2012,"Statement":[]}`, -1, 1, 12, "not a number"},
		{"unknown top element", `{"Statements":[]}`, -1, 1, 2, `unknown element "Statements"`},
		{"element in lower case", `{"statement":[]}`, -1, 1, 2, `write "Statement"`},
		{"duplicate element", statement(`{"Effect":"Allow","Effect":"Deny"}`), -1, 1, 56, `duplicate element "Effect"`},
		{"no Effect", statement(`{"Action":"*","Resource":"*"}`), 0, 1, 38, "Effect is missing"},
		{"Effect in lower case", statement(`{"Effect":"allow","Action":"*"}`), 0, 1, 48, "case-sensitive"},
		{"no Action", statement(`{"Effect":"Allow","Resource":"*"}`), 0, 1, 38, "needs Action or NotAction"},
		{"both actions", statement(`{"Effect":"Allow","Action":"*","NotAction":"iam:*"}`), 0, 1, 69, "exclude each other"},
		{"both resources", statement(`{"Effect":"Allow","NotResource":"*","Resource":"*"}`), 0, 1, 74, "exclude each other"},
		{"both principals", statement(`{"Principal":"*","NotPrincipal":"*"}`), 0, 1, 55, "exclude each other"},
		{"empty actions", statement(`{"Effect":"Allow","Action":[]}`), 0, 1, 65, "empty list"},
		{"action without service", statement(`{"Effect":"Allow","Action":["s3:*","GetObject"]}`), 0, 1, 73, "service:Action"},
		{"action with two colons", statement(`{"Effect":"Allow","Action":"s3:Get:Object"}`), 0, 1, 65, "service:Action"},
		{"wild service", statement(`{"Effect":"Allow","Action":"s*:Get"}`), 0, 1, 65, "not a service prefix"},
		{"action as number", statement(`{"Effect":"Allow","Action":[1]}`), 0, 1, 66, "a number"},
		{"empty resources", statement(`{"Effect":"Allow","Action":"*","Resource":[]}`), 0, 1, 80, "empty list"},
		{"unknown statement element", statement(`{"Effect":"Allow","Actions":"*"}`), 0, 1, 56, `unknown element "Actions"`},
		{"principal as ARN", statement(`{"Principal":"arn:aws:iam::1:root"}`), 0, 1, 51, "or an object"},
		{"unknown principal type", statement(`{"Principal":{"Aws":"*"}}`), 0, 1, 52, `write "AWS"`},
		{"no principal in the map", statement(`{"Principal":{}}`), 0, 1, 51, "names nobody"},
		{"unknown operator", statement(`{"Condition":{"StringEqual":{"a:b":"c"}}}`), 0, 1, 52, `unknown condition operator "StringEqual"`},
		{"NullIfExists", statement(`{"Condition":{"NullIfExists":{"a:b":"true"}}}`), 0, 1, 52, "unknown condition operator"},
		{"condition without keys", statement(`{"Condition":{"StringEquals":"x"}}`), 0, 1, 67, "object from keys to values"},
		{"condition value as object", statement(`{"Condition":{"StringEquals":{"a:b":{}}}}`), 0, 1, 74, "an object"},
		{"condition value null", statement(`{"Condition":{"StringEquals":{"a:b":[null]}}}`), 0, 1, 75, "null"},
		{"condition key twice in other case", statement(`{"Condition":{"StringEquals":{"aws:x":"1","AWS:X":"2"}}}`), 0, 1, 80, "duplicate condition"},
		{"second statement", statement(`{"Effect":"Allow","Action":"*"},7`), 1, 1, 70, "a statement is an object, not a number"},
		{"Sid twice", statement(`{"Sid":"A","Effect":"Allow","Action":"*"},{"Sid":"A","Effect":"Allow","Action":"*"}`), 1, 1, 80, "already used by statement 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.text)
			var e *SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a syntax error", err)
			}
			if e.Statement != c.statement || e.Position != (Position{c.line, c.col}) || !strings.Contains(e.Reason, c.reason) {
				t.Errorf("got %v, want line %d, column %d, statement %d: … %s …", e, c.line, c.col, c.statement, c.reason)
			}
			if !strings.Contains(e.Error(), e.Reason) {
				t.Errorf("%q does not state the reason", e.Error())
			}
		})
	}
}

// What is read is read as encoding/json reads it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		`{"Statement":{"Effect":"Deny","NotAction":["iam:*"],"NotResource":"a","Condition":{"Null":{"k":true}}}}`,
		`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}}`,
		`%7B%22Statement%22%3A%5B%5D%7D`, `{"a":"\ud83d\ude00\u00e9"}`, `[1e5,-0.1,"\\",null,true]`, "{\"Id\":\"\xff\"}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Reason == "" || e.Position.Line < 1 || e.Position.Column < 1 {
				t.Fatalf("no position or reason: %v", err)
			}
			return
		}
		if !json.Valid([]byte(d.text)) {
			t.Fatalf("read what is not JSON: %q", d.text)
		}
		canonical := d.Canonical()
		again, err := Parse(canonical)
		if err != nil {
			t.Fatalf("the canonical form is refused: %v\n%s", err, canonical)
		}
		if twice := again.Canonical(); twice != canonical {
			t.Fatalf("not idempotent:\n%s\n%s", canonical, twice)
		}
		_, _, _ = d.Check(IdentityPolicy), d.Check(TrustPolicy), d.Check(ResourcePolicy)
	})
}

// Deciding and comparing never panic, and the canonical form decides alike.
func FuzzDecide(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/*"}]}`,
		"s3:GetObject", "arn:aws:s3:::bob/x", "aws:username", "bob")
	f.Add(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026"}}}}`,
		"ecr:PutImage", "*", "aws:CurrentTime", "1700000000")
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*:Get?*","NotResource":"arn:*:x?:*a*:1:**","Condition":{"ForAnyValue:ArnNotLike":{"k":["arn:a:b:c:d:*","${*}"]}}}}`,
		"a:GetB", "arn:aws:x1:ab:1:", "K", "arn:a:b:c:d:e")
	f.Fuzz(func(t *testing.T, text, action, resource, key, value string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		p := &Policies{Identity: []Source{{Name: "p", Document: d}}}
		same := &Policies{Identity: []Source{{Name: "p", Document: mustParse(t, d.Canonical())}}}
		for _, ctx := range []Context{{}, {Partial: true}, {Values: map[string][]string{key: {value}}}, {Values: map[string][]string{key: {value, ""}}, Partial: true}} {
			r := Request{action, resource, ctx}
			if a, b := p.Decide(r), same.Decide(r); a.Outcome != b.Outcome {
				t.Fatalf("%+v: %v, but canonical %v\n%s", r, a, b, d.Canonical())
			}
			DecideResource(d, Caller{ARN: resource, Account: value}, r)
		}
		if len(text) < 400 {
			if delta := Compare(AccessOf(p), AccessOf(same)); len(delta.Lost)+len(delta.Gained) > 0 {
				t.Fatalf("the canonical form differs: %+v", delta)
			}
		}
	})
}
