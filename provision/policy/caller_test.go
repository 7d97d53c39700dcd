package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	pagePrincipal    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	pageNotPrincipal = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
	pageSameAccount  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html"
	pageCrossAccount = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"
)

var (
	bobCaller = Caller{ARN: "arn:aws:iam::111122223333:user/team/bob", Account: "111122223333", UserID: "AIDABOB"}
	session   = Caller{
		ARN: "arn:aws:sts::111122223333:assumed-role/app/s1", RoleARN: "arn:aws:iam::111122223333:role/app",
		Account: "111122223333", UserID: "AROAAPP:s1",
	}
	lambda    = Caller{Service: "lambda.amazonaws.com"}
	anonymous = Caller{}
)

func TestDecideResource(t *testing.T) {
	allow := func(principal string) string {
		return v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + `}`)
	}
	for _, c := range []struct {
		name, page, document string
		caller               Caller
		want                 Outcome
	}{
		{"everybody", pagePrincipal, allow(`"*"`), anonymous, Allowed},
		{"every AWS principal is everybody", pagePrincipal, allow(`{"AWS":"*"}`), bobCaller, Allowed},
		{"the account by number", pagePrincipal, allow(`{"AWS":"111122223333"}`), bobCaller, Allowed},
		{"the account by its root", pagePrincipal, allow(`{"AWS":"arn:aws:iam::111122223333:root"}`), session, Allowed},
		{"another account", pagePrincipal, allow(`{"AWS":"arn:aws:iam::999999999999:root"}`), bobCaller, Denied},
		{"the user", pagePrincipal, allow(`{"AWS":["arn:aws:iam::111122223333:user/team/bob"]}`), bobCaller, Allowed},
		{"another user", pagePrincipal, allow(`{"AWS":"arn:aws:iam::111122223333:user/bob"}`), bobCaller, Denied},
		{"part of a name cannot be wild", pagePrincipal, allow(`{"AWS":"arn:aws:iam::111122223333:user/team/*"}`), bobCaller, Denied},
		{"the unique ID that a deleted user leaves", pagePrincipal, allow(`{"AWS":"AIDABOB"}`), bobCaller, Allowed},
		{"the role of a session", pagePrincipal, allow(`{"AWS":"arn:aws:iam::111122223333:role/app"}`), session, Allowed},
		{"the session", pagePrincipal, allow(`{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}`), session, Allowed},
		{"another session of the role", pagePrincipal, allow(`{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s2"}`), session, Denied},
		{"the role's unique ID", pagePrincipal, allow(`{"AWS":"AROAAPP"}`), session, Allowed},
		{"a service", pagePrincipal, allow(`{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}`), lambda, Allowed},
		{"a service is not a user", pagePrincipal, allow(`{"Service":"lambda.amazonaws.com"}`), bobCaller, Denied},
		{"a web identity provider", pagePrincipal, allow(`{"Federated":"cognito-identity.amazonaws.com"}`), Caller{Federated: "cognito-identity.amazonaws.com"}, Allowed},
		{"a canonical user", pagePrincipal, allow(`{"CanonicalUser":"79a5"}`), Caller{CanonicalUser: "79a5"}, Allowed},
		{"an empty caller is nobody's canonical user", pagePrincipal, allow(`{"CanonicalUser":"79a5"}`), anonymous, Denied},
		{"a deny wins", pageLogic, v2012(`{"Effect":"Allow","Action":"sts:*","Principal":"*"}`,
			`{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}`), bobCaller, Denied},
		{"NotPrincipal spares whom it names", pageNotPrincipal, v2012(`{"Effect":"Allow","Action":"sts:*","Principal":"*"}`,
			`{"Effect":"Deny","Action":"sts:*","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/team/bob"}}`), bobCaller, Allowed},
		{"NotPrincipal denies the others", pageNotPrincipal, v2012(`{"Effect":"Allow","Action":"sts:*","Principal":"*"}`,
			`{"Effect":"Deny","Action":"sts:*","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/team/bob"}}`), session, Denied},
		{"no principal is nobody", pagePrincipal, v2012(`{"Effect":"Allow","Action":"*","Resource":"*"}`), bobCaller, Denied},
		{"a condition that does not hold", pageCondition, v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`), bobCaller, Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := DecideResource(mustParse(t, c.document), c.caller, Request{Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/app"})
			if got.Outcome != c.want || got.Why == "" {
				t.Errorf("%s: got %+v, want %v", c.page, got, c.want)
			}
		})
	}
}

func TestDecideResourceDepends(t *testing.T) {
	doc := mustParse(t, v2012(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"x"},"Condition":{"Null":{"a:b":"true"}}}`,
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`))
	got := DecideResource(doc, bobCaller, Request{Action: "sts:AssumeRole", Context: Context{Partial: true}})
	if got.Outcome != Depends || !cmp.Equal(got.Keys, []string{"sts:ExternalId"}) {
		t.Errorf("got %+v, want it to depend on the external ID alone", got)
	}
}

func TestDecideAt(t *testing.T) {
	const (
		mayPut    = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`
		denyPut   = `{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`
		toAccount = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Principal":{"AWS":"111122223333"}}`
		toBob     = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:user/team/bob"}}`
		toRole    = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"}}`
		toSession = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}}`
		denyAll   = `{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}`
		other     = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
		whenTLS   = `{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	)
	const here, there = "111122223333", "999999999999"
	for _, c := range []struct {
		name, page          string
		own, boundary, them string
		caller              Caller
		owner               string
		must                bool
		partial             bool
		want                Outcome
	}{
		{"own policy is enough at home", pageSameAccount, mayPut, "", "", bobCaller, here, false, false, Allowed},
		{"their policy is enough at home", pageSameAccount, other, "", toBob, bobCaller, here, false, false, Allowed},
		{"naming the account delegates", pageSameAccount, other, "", toAccount, bobCaller, here, false, false, Denied},
		{"naming the account and own policy", pageSameAccount, mayPut, "", toAccount, bobCaller, here, false, false, Allowed},
		{"own deny wins", pageSameAccount, denyPut, "", toBob, bobCaller, here, false, false, Denied},
		{"their deny wins", pageSameAccount, mayPut, "", denyAll, bobCaller, here, false, false, Denied},
		{"a boundary does not bind a user whom they name", pageBoundary, other, other, toBob, bobCaller, here, false, false, Allowed},
		{"a boundary binds a role that they name", pageBoundary, other, other, toRole, session, here, false, false, Denied},
		{"a boundary does not bind a session that they name", pageBoundary, other, other, toSession, session, here, false, false, Allowed},
		{"a role within its boundary", pageBoundary, other, mayPut, toRole, session, here, false, false, Allowed},
		{"abroad both must allow: own only", pageCrossAccount, mayPut, "", other, bobCaller, there, false, false, Denied},
		{"abroad both must allow: theirs only", pageCrossAccount, other, "", toBob, bobCaller, there, false, false, Denied},
		{"abroad both allow", pageCrossAccount, mayPut, "", toAccount, bobCaller, there, false, false, Allowed},
		{"abroad without a policy", pageCrossAccount, mayPut, "", "", bobCaller, there, false, false, Denied},
		{"a trust policy must allow", pageSameAccount, mayPut, "", other, bobCaller, here, true, false, Denied},
		{"a trust policy that names the user", pageSameAccount, other, "", toBob, bobCaller, here, true, false, Allowed},
		{"a trust policy that delegates", pageSameAccount, other, "", toAccount, bobCaller, here, true, false, Denied},
		{"a trust policy that delegates, and own policy", pageSameAccount, mayPut, "", toAccount, bobCaller, here, true, false, Allowed},
		{"their open deny leaves it open", pageLogic, mayPut, "", whenTLS, bobCaller, here, false, true, Depends},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policies(t, v2012(c.own))
			if c.boundary != "" {
				p.Boundary = &Source{Name: "boundary", Document: mustParse(t, v2012(c.boundary))}
			}
			target := Target{Account: c.owner, MustAllow: c.must}
			if c.them != "" {
				target.Policy = mustParse(t, v2012(c.them))
			}
			got := p.DecideAt(target, c.caller, Request{"s3:PutObject", "arn:aws:s3:::b/x", Context{Partial: c.partial}})
			if got.Outcome != c.want || got.Why == "" {
				t.Errorf("%s: got %+v, want %v", c.page, got, c.want)
			}
			if (got.Outcome == Depends) != (len(got.Keys) > 0) {
				t.Errorf("keys %v with outcome %v", got.Keys, got.Outcome)
			}
		})
	}
}

// Source of the table: the principal key values of the page on variables.
func TestCallerKeys(t *testing.T) {
	one := func(v string) []string { return []string{v} }
	for _, c := range []struct {
		name   string
		caller Caller
		want   map[string][]string
	}{
		{"a user with a path", bobCaller, map[string][]string{
			"aws:PrincipalArn": one(bobCaller.ARN), "aws:PrincipalAccount": one("111122223333"), "aws:PrincipalType": one("User"),
			"aws:userid": one("AIDABOB"), "aws:username": one("bob"),
		}},
		{"a session has its role's ARN and no user name", session, map[string][]string{
			"aws:PrincipalArn": one(session.RoleARN), "aws:PrincipalAccount": one("111122223333"), "aws:PrincipalType": one("AssumedRole"),
			"aws:userid": one("AROAAPP:s1"),
		}},
		{"nobody", anonymous, map[string][]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.caller.Keys()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
