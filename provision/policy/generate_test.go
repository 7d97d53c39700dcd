package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Generators for property tests. Their alphabets are small, so that patterns
// meet, contain and miss each other often.

var (
	genActions = []string{
		"s3:GetObject", "s3:PutObject", "s3:*", "S3:get*", "s3:?etObject", "ecr:*", "ecr:PutImage",
		"*", "sns:Publish", "sns:P*", "sns:*", "*:Pub*", "s3:NoSuchThing*",
	}
	genResources = []string{
		"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x*", "arn:aws:s3:::b/*x", "arn:aws:s3:::b/xx", "arn:aws:s3:::b/?",
		"arn:aws:s3:::*", "arn:aws:s3:::c/*", "arn:aws:ecr:*:*:repository/*", "arn:aws:ecr:us-*-1:*:repository/a",
		"arn:aws:ecr:*:1:repository/?", "arn:aws:s3:::b/x*x",
	}
	genConditions = []map[string]map[string]any{
		nil,
		{"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
		{"StringEquals": {"aws:RequestedRegion": []string{"us-east-1", "eu-west-1"}}},
		{"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
		{"StringLike": {"AWS:requestedregion": "us-*"}},
		{"StringEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"}},
		{"Null": {"aws:RequestedRegion": "true"}},
		{"NumericLessThan": {"s3:max-keys": "10"}},
		{"NumericGreaterThanEquals": {"s3:max-keys": 10}},
		{"Bool": {"aws:SecureTransport": false}},
		{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
		{"NotIpAddress": {"aws:SourceIp": []string{"10.1.0.0/16", "2001:db8::/32"}}},
		{"ForAllValues:StringEquals": {"aws:TagKeys": []string{"a", "b"}}},
		{"ForAnyValue:StringLike": {"aws:TagKeys": "a*"}},
		{"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
		{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b*"}, "Bool": {"aws:SecureTransport": "true"}},
	}
	askedActions = []string{
		"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "ecr:PutImage", "ecr:BatchGetImage", "iam:GetUser",
		"sns:Publish", "sns:Post", "sqs:Publish", "sqs:Send",
	}
	askedResources = []string{
		"*", "arn:aws:s3:::b", "arn:aws:s3:::b/", "arn:aws:s3:::b/x", "arn:aws:s3:::b/xx", "arn:aws:s3:::b/xyx",
		"arn:aws:s3:::b/y", "arn:aws:s3:::b/yx", "arn:aws:s3:::b/yy", "arn:aws:s3:::c/x", "arn:aws:s3:::d",
		"arn:aws:ecr:us-east-1:1:repository/a", "arn:aws:ecr:us-east-2:1:repository/a",
		"arn:aws:ecr:us-east-1:2:repository/bb", "arn:aws:sns:::t",
	}
	askedValues = map[string][][]string{
		"aws:RequestedRegion": {nil, {"us-east-1"}, {"us-west-2"}, {"eu-west-1"}, {"ap-x"}, {""}},
		"s3:max-keys":         {nil, {"9"}, {"10"}, {"11"}, {"many"}},
		"aws:SecureTransport": {nil, {"true"}, {"false"}},
		"aws:SourceIp":        {nil, {"10.0.0.1"}, {"10.1.2.3"}, {"192.0.2.1"}, {"2001:db8::1"}, {"2001:db9::1"}},
		"aws:TagKeys":         {nil, {"a"}, {"b"}, {"c"}, {"a", "b"}, {"ab", "c"}, {"b", "c"}},
		"aws:CurrentTime":     {nil, {"2025-12-31T23:59:59Z"}, {"2026-01-01T00:00:00Z"}, {"1900000000"}},
		"aws:SourceArn":       {nil, {"arn:aws:s3:::bb"}, {"arn:aws:s3:::c"}, {"none"}},
	}
)

// drawStatement draws a statement; deny says whether it may deny.
func drawStatement(t *rapid.T, deny bool) map[string]any {
	list := func(from []string, label string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, label)
	}
	name := func(name string) string {
		if rapid.IntRange(0, 7).Draw(t, "not") == 0 {
			return "Not" + name
		}
		return name
	}
	s := map[string]any{"Effect": "Allow"}
	if deny && rapid.IntRange(0, 2).Draw(t, "deny") == 0 {
		s["Effect"] = "Deny"
	}
	s[name("Action")] = list(genActions, "actions")
	s[name("Resource")] = list(genResources, "resources")
	if c := rapid.SampledFrom(genConditions).Draw(t, "conditions"); c != nil {
		s["Condition"] = c
	}
	return s
}

// drawDocument draws a document's text.
func drawDocument(t *rapid.T) string {
	var statements []any
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		statements = append(statements, drawStatement(t, true))
	}
	b, err := json.Marshal(map[string]any{
		"Version":   rapid.SampledFrom([]string{Version2008, Version2012}).Draw(t, "version"),
		"Statement": statements,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// drawPolicies draws all that one principal has.
func drawPolicies(t *rapid.T) *Policies {
	source := func(name string) Source {
		d, err := Parse(drawDocument(t))
		if err != nil {
			t.Fatal(err)
		}
		return Source{Name: name, Document: d}
	}
	p := &Policies{}
	for range rapid.IntRange(0, 2).Draw(t, "policies") {
		p.Identity = append(p.Identity, source("p"))
	}
	if rapid.IntRange(0, 3).Draw(t, "bounded") == 0 {
		b := source("boundary")
		p.Boundary = &b
	}
	return p
}

// drawRequest draws a request with a full context.
func drawRequest(t *rapid.T) Request {
	r := Request{
		Action:   rapid.SampledFrom(askedActions).Draw(t, "action"),
		Resource: rapid.SampledFrom(askedResources).Draw(t, "resource"),
		Context:  Context{Values: map[string][]string{}},
	}
	for _, key := range slices.Sorted(maps.Keys(askedValues)) {
		lists := askedValues[key]
		if v := rapid.SampledFrom(lists).Draw(t, key); v != nil {
			r.Context.Values[key] = v
		}
	}
	return r
}

// mustParse parses a text that the test knows to be good.
func mustParse(tb testing.TB, text string) *Document {
	tb.Helper()
	d, err := Parse(text)
	if err != nil {
		tb.Fatalf("parse %s: %v", text, err)
	}
	return d
}
