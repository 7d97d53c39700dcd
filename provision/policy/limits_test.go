package policy

import (
	"errors"
	"strings"
	"testing"
)

func TestSizes(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("x \t\r\n", n) }
	for _, c := range []struct {
		name  string
		check func(string) error
		limit int
	}{
		{"managed", CheckManaged, 6144},
		{"trust", CheckTrustSize, 2048},
		{"user", func(s string) error { return CheckUserInline(s[:5], s[5:]) }, 2048},
		{"group", func(s string) error { return CheckGroupInline(s[:5], s[5:]) }, 5120},
		{"role", func(s string) error { return CheckRoleInline(s[:5], s[5:]) }, 10240},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(fill(c.limit)); err != nil {
				t.Errorf("as large as IAM takes: %v", err)
			}
			err := c.check(fill(c.limit + 1))
			var e *SizeError
			if !errors.As(err, &e) || e.Size != c.limit+1 || e.Limit != c.limit {
				t.Errorf("one character too many: %v", err)
			}
		})
	}
	if n := Size("\u00e9 \u00ff"); n != 2 {
		t.Errorf("two characters count as %d", n)
	}
}

func TestCheckVersions(t *testing.T) {
	if err := CheckVersions(4); err != nil {
		t.Error(err)
	}
	if CheckVersions(5) == nil {
		t.Error("a sixth version is let through")
	}
}

func TestCheckCharacters(t *testing.T) {
	for text, want := range map[string]Position{
		"a\tb\r\n \u00ff~": {},
		"a\n b\u0100":      {2, 3},
		"\x7f":             {},
		"\x01":             {1, 1},
		"\u20ac":           {1, 1},
	} {
		err := CheckCharacters(text)
		var e *SyntaxError
		switch {
		case want == Position{} && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != Position{} && (!errors.As(err, &e) || e.Position != want):
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		kind            Kind
		reason          string
	}{
		{"an identity policy", `{"Sid":"A1","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}`, IdentityPolicy, ""},
		{"an identity policy with a principal", `{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}`, IdentityPolicy, "names no principal"},
		{"an identity policy without resource", `{"Effect":"Allow","Action":"s3:*"}`, IdentityPolicy, "needs Resource"},
		{"a resource that is no ARN", `{"Effect":"Allow","Action":"s3:*","Resource":"b/*"}`, IdentityPolicy, "ARN format"},
		{"a Sid with a space", `{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}`, IdentityPolicy, "letters and digits"},
		{"a date that is none", `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}`, IdentityPolicy, "ISO 8601"},
		{"a trust policy", `{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"123456789012"}}`, TrustPolicy, ""},
		{"a trust policy with a resource", `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}`, TrustPolicy, "no Resource"},
		{"a trust policy without principal", `{"Effect":"Allow","Action":"sts:AssumeRole"}`, TrustPolicy, "needs Principal"},
		{"a trust policy about S3", `{"Effect":"Allow","Action":"s3:GetObject","Principal":"*"}`, TrustPolicy, "sts actions"},
		{"a trust policy with NotPrincipal", `{"Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"1"}}`, TrustPolicy, "no NotPrincipal"},
		{"a resource policy", `{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}`, ResourcePolicy, ""},
		{"a resource policy without principal", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, ResourcePolicy, "needs Principal"},
		{"NotPrincipal with Allow", `{"Effect":"Allow","Action":"s3:*","Resource":"*","NotPrincipal":{"AWS":"1"}}`, ResourcePolicy, `"Effect": "Deny"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := mustParse(t, v2012(c.statement)).Check(c.kind)
			var e *SyntaxError
			switch {
			case c.reason == "" && err != nil:
				t.Error(err)
			case c.reason != "" && (!errors.As(err, &e) || e.Statement != 0 || !strings.Contains(e.Reason, c.reason)):
				t.Errorf("got %v, want … %s …", err, c.reason)
			}
		})
	}
}
