package policy

import (
	"fmt"
	"strings"
	"testing"
)

// tenStatements is a document of ten statements with the shapes that
// publishing policies have; the request that it decides matches only the last.
func tenStatements(tb testing.TB) *Document {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for i := range 9 {
		fmt.Fprintf(&b, `{"Effect":"Allow","Action":["ecr:Get*","ecr:BatchGetImage","s3:GetObject"],`+
			`"Resource":["arn:aws:ecr:*:*:repository/team-%d/*","arn:aws:s3:::bucket-%d/*"],`+
			`"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1","us-west-2"]}}},`, i, i)
	}
	b.WriteString(`{"Sid":"Put","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::assets/*"}]}`)
	d, err := Parse(b.String())
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func BenchmarkDecide(b *testing.B) {
	p := &Policies{Identity: []Source{{Name: "ten", Via: "group publishers", Document: tenStatements(b)}}}
	region := Context{Values: map[string][]string{"aws:RequestedRegion": {"us-west-2"}}}
	for _, r := range []struct {
		name string
		Request
	}{
		{"allowed by the last", Request{"s3:PutObject", "arn:aws:s3:::assets/app/1.zip", region}},
		{"condition in the last but one", Request{"s3:GetObject", "arn:aws:s3:::bucket-8/x", region}},
		{"wildcards over segments", Request{"ecr:GetDownloadUrlForLayer", "arn:aws:ecr:us-west-2:123456789012:repository/team-8/app", region}},
		{"implicitly denied", Request{"s3:DeleteObject", "arn:aws:s3:::assets/app/1.zip", region}},
	} {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = p.Decide(r.Request)
			}
		})
	}
}

// fullDocument is a document of nearly 6,144 characters with many resources.
func fullDocument(tb testing.TB, variant int) *Document {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::*"}`)
	for i := 0; ; i++ {
		s := fmt.Sprintf(`,{"Effect":"Allow","Action":["s3:Get*","s3:PutObject","ecr:PutImage"],`+
			`"Resource":["arn:aws:s3:::bucket-%d/releases/*","arn:aws:ecr:*:*:repository/team-%d/*"],`+
			`"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-%d"}}}`, i*variant, i+variant, i%3)
		if b.Len()+len(s)+2 > ManagedPolicySize {
			break
		}
		b.WriteString(s)
	}
	b.WriteString(`]}`)
	d, err := Parse(b.String())
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func BenchmarkCompare(b *testing.B) {
	of := func(d *Document) Access { return AccessOf(&Policies{Identity: []Source{{Name: "p", Document: d}}}) }
	one, two := of(fullDocument(b, 1)), of(fullDocument(b, 2))
	for _, c := range []struct {
		name          string
		before, after Access
	}{{"same", one, one}, {"different", one, two}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compare(c.before, c.after)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	text := fullDocument(b, 1).text
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
