package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/mototest"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// open opens an emulated account.
func open(t testing.TB, url, id, secret string) *account.Account {
	t.Helper()
	a, err := account.Open(t.Context(), account.Options{Region: "us-east-1", Endpoint: url, KeyID: id, Secret: provision.NewSecret(secret)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func opened(t testing.TB, sb *sandbox.Sandbox) *account.Account {
	t.Helper()
	return open(t, sb.URL(), sb.Operator().ID, sb.Operator().Secret)
}

func auditOf(t testing.TB, a *account.Account, at time.Time) audit.Report {
	t.Helper()
	s, err := a.Survey(t.Context(), audit.Scope("demo"))
	if err != nil {
		t.Fatal(err)
	}
	return audit.Run(audit.Subject{Survey: s, Now: at})
}

// What is found in each scenario, read through the real SDK: this and nothing
// besides.
func TestScenarios(t *testing.T) {
	want := map[string]struct {
		contract provision.Contract
		findings []string
	}{
		"fresh":         {"", []string{"high identity-present"}},
		"legacy-direct": {provision.Contract112, []string{"medium key-age", "low contract-current", "advice ecr-delete", "advice trust-external-id"}},
		"legacy":        {provision.Contract34, []string{"medium key-age", "low contract-current", "advice ecr-delete", "advice trust-external-id"}},
		"split":         {provision.Contract50, []string{"medium key-age", "advice contract-current", "advice ecr-delete", "advice trust-external-id"}},
		"current":       {provision.Contract61, []string{"advice ecr-delete", "advice trust-external-id"}},
		"drifted": {provision.Contract61, []string{
			"high grant-data", "medium user-policy", "medium grant-destructive", "medium trust-principal", "advice ecr-delete", "advice trust-external-id",
		}},
		"messy": {provision.Contract34, []string{
			"high group-members", "high login-profile", "high key-age", "high grant-data", "high grant-data", "medium key-never-used",
			"low contract-current", "low policy-versions", "low group-policy", "low grant-beyond", "low grant-beyond",
			"advice ecr-delete", "advice trust-external-id",
		}},
	}
	for _, name := range sandbox.Scenarios() {
		t.Run(name, func(t *testing.T) {
			w, known := want[name]
			if !known {
				t.Fatalf("scenario %s has no expected findings", name)
			}
			sb := sandboxtest.Start(t, sandbox.Options{Scenario: name, Now: func() time.Time { return now }})
			r := auditOf(t, opened(t, sb), now)
			if r.Contract != w.contract {
				t.Errorf("closest to contract %q, want %q", r.Contract, w.contract)
			}
			if got := found(r); !slices.Equal(got, w.findings) {
				t.Errorf("found %q, want %q", got, w.findings)
			}
			if len(r.Unread) > 0 {
				t.Errorf("reads are missing: %v", r.Unread)
			}
			if writes := sandboxtest.Writes(sb); len(writes) > 0 {
				t.Errorf("an audit wrote: %v", writes)
			}
			wellFormed(t, r)
		})
	}
}

// A user who may read nothing but itself learns what is not known, and no
// check that it could not make passes.
func TestWithoutRightsNothingPasses(t *testing.T) {
	var key sandbox.Key
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "messy", Now: func() time.Time { return now }, Seeding: func(s *sandbox.Seed) error {
		s.User("nobody", 0)
		s.Inline(directory.Users, "nobody", "self", allow("sts:GetCallerIdentity", "*"))
		key = s.Key("nobody", 0)
		return nil
	}})
	r := auditOf(t, open(t, sb.URL(), key.ID, key.Secret), now)
	if len(r.Findings) > 0 {
		t.Errorf("found %q without reading anything", found(r))
	}
	for _, res := range r.Results {
		if res.Status == audit.Pass {
			t.Errorf("%s passes without a read", res.Check)
		}
	}
	if !r.Says(audit.High) {
		t.Error("the report is content with knowing nothing")
	}
}

// Accounts that others set up, in an emulator that others wrote: what it can
// hold is audited as it is in the sandbox.
func TestMotoHoldsTheSame(t *testing.T) {
	url := mototest.Start(t)
	a := open(t, url, "AKIAIOSFODNN7EXAMPLE", "moto-accepts-any-secret")
	api := iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "any", "")})
	at := time.Now()

	byHand(t, api)
	if got, want := found(auditOf(t, a, at)), []string{"advice ecr-delete", "advice trust-external-id"}; !slices.Equal(got, want) {
		t.Errorf("a clean account has %q, want %q", got, want)
	}
	mess(t, api)
	want := []string{"high group-members", "high login-profile", "high grant-iam-write", "medium key-two", "advice ecr-delete", "advice trust-external-id"}
	r := auditOf(t, a, at)
	if got := found(r); !slices.Equal(got, want) {
		t.Errorf("a messy account has %q, want %q", got, want)
	}
	wellFormed(t, r)
}

// byHand makes what contract 6.1 makes, with calls of one's own.
func byHand(t *testing.T, api *iam.Client) {
	t.Helper()
	ctx := t.Context()
	inv := installed(t, provision.Contract61).Inventory
	do := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(api.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(buildUser)}))
	do(api.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String(publishers)}))
	do(api.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String(buildUser), GroupName: aws.String(publishers)}))
	do(api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)}))
	do(api.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(appRole), AssumeRolePolicyDocument: &inv.Role.Trust}))
	for _, p := range inv.Policies {
		do(api.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &p.Name, PolicyDocument: &p.Document}))
		do(api.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String(publishers), PolicyArn: &p.ARN}))
	}
	do(api.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(appRole), PolicyArn: aws.String(place().PolicyARN(ecrPolicy))}))
}

// mess does to it what people do.
func mess(t *testing.T, api *iam.Client) {
	t.Helper()
	for _, err := range []error{
		second(api.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ana")})),
		second(api.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: aws.String("ana"), GroupName: aws.String(publishers)})),
		second(api.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: aws.String(buildUser), Password: aws.String("Sup3r-secret!")})),
		second(api.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})),
		second(api.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String(buildUser), PolicyName: aws.String("fix"), PolicyDocument: aws.String(allow("iam:*", "*"))})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
