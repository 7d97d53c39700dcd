package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	trustedRole = "arn:aws:iam::283477532906:role/application_manager"
	theRole     = "arn:aws:iam::123456789012:role/app"
)

func trustDoc(t *testing.T, statements ...string) *Document {
	t.Helper()
	d, err := Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTrusted(t *testing.T) {
	d := trustDoc(
		t,
		`{"Effect":"Allow","Principal":{"AWS":["`+trustedRole+`","111111111111"],"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}`,
		`{"Effect":"Allow","Principal":{"AWS":"`+trustedRole+`"},"Action":"sts:TagSession"}`,
		`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`,
		`{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"*"}`,
	)
	want := []Principal{{"*", "*"}, {"AWS", "111111111111"}, {"AWS", trustedRole}, {"Service", "ecs.amazonaws.com"}}
	if diff := cmp.Diff(want, d.Trusted()); diff != "" {
		t.Errorf("trusted (-want +got):\n%s", diff)
	}
}

func TestTrustOf(t *testing.T) {
	allow := `{"Effect":"Allow","Principal":{"AWS":"` + trustedRole + `"},"Action":"sts:AssumeRole"}`
	me := Principal{Type: "AWS", ID: trustedRole}
	for _, tt := range []struct {
		why        string
		statements []string
		want       []string // grants as "action [condition]"
	}{
		{why: "named", statements: []string{allow}, want: []string{"sts:AssumeRole"}},
		{why: "somebody else is named", statements: []string{strings.Replace(allow, "application_manager", "other", 1)}},
		{
			why:        "its account is named, which stands for all in it",
			statements: []string{strings.Replace(allow, trustedRole, "arn:aws:iam::283477532906:root", 1)},
			want:       []string{"sts:AssumeRole"},
		},
		{
			why:        "everybody is named, under a condition",
			statements: []string{`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`},
			want:       []string{"sts:AssumeRole StringEquals sts:ExternalId x"},
		},
		{why: "denied by name", statements: []string{allow, strings.Replace(allow, "Allow", "Deny", 1)}},
		{
			why: "the denial spares it",
			statements: []string{
				allow,
				`{"Effect":"Deny","NotPrincipal":{"AWS":"` + trustedRole + `"},"Action":"sts:*"}`,
			},
			want: []string{"sts:AssumeRole"},
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			a, err := TrustOf(trustDoc(t, tt.statements...), me, theRole, "trust policy")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range a.Grants() {
				if g.Resource != theRole {
					t.Errorf("resource %s", g.Resource)
				}
				got = append(got, strings.TrimSpace(g.Action+" "+g.Condition))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
		})
	}
	if a, err := TrustOf(nil, me, theRole, ""); err != nil || len(a.Grants()) != 0 {
		t.Errorf("no policy gives %v, %v", a.Grants(), err)
	}
}
