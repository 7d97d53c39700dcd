package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// demoSurvey is what has to be read of the cluster that the scenarios set up.
func demoSurvey() provision.SurveyScope {
	const p = "nullplatform-demo-"
	return provision.SurveyScope{Cluster: "demo", Scope: provision.Scope{
		User: p + "build-workflow-user", Groups: []string{p + "asset-publishers", p + "ecr-managers"}, Role: p + "application-role",
		Policies: []string{p + "ecr-manager-policy", p + "s3-policy", p + "s3-assets-policy"},
	}}
}

// asKey opens an emulated account with a key and a pace.
func asKey(t *testing.T, sb *sandbox.Sandbox, key sandbox.Key, more func(*account.Options)) *account.Account {
	t.Helper()
	o := account.Options{Region: sb.Region(), Endpoint: sb.URL(), KeyID: key.ID, Secret: provision.NewSecret(key.Secret)}
	if more != nil {
		more(&o)
	}
	a, err := account.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func callsByAction(sb *sandbox.Sandbox) map[string]int {
	out := map[string]int{}
	for _, e := range sb.Log() {
		out[e.Action]++
	}
	return out
}

func TestSurveyReadsWhatAnAuditLooksAt(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "messy", Seeding: func(s *sandbox.Seed) error {
		s.MFA("nullplatform-demo-build-workflow-user", "phone")
		return nil
	}})
	got, err := asKey(t, sb, sb.Operator(), nil).Survey(t.Context(), demoSurvey())
	if err != nil {
		t.Fatal(err)
	}
	inv := got.Inventory
	if got.Login == nil || got.Login.Created.IsZero() {
		t.Error("the console password was not seen")
	}
	if !slices.Equal(got.MFA, []string{"arn:aws:iam::123456789012:mfa/phone"}) {
		t.Errorf("devices are %v", got.MFA)
	}
	if n := len(got.Versions["arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy"]); n != 5 {
		t.Errorf("%d versions were seen, there are 5", n)
	}
	if g := inv.Group("developers"); g == nil || len(g.Attached) != 1 {
		t.Error("the user's other group was not read, or not what it carries")
	}
	for _, name := range []string{"ReadOnlyAccess", "team-s3-uploads", "AmazonEC2ContainerRegistryPowerUser"} {
		if !slices.ContainsFunc(inv.Policies, func(p provision.Policy) bool { return p.Name == name && p.Document != "" }) {
			t.Errorf("the document of %s was not read", name)
		}
	}
	if len(inv.User.Inline) != 1 || len(inv.Group("nullplatform-demo-ecr-managers").Inline) != 1 {
		t.Error("inline policies were not read")
	}
	var used, unused int
	for _, k := range inv.User.Keys {
		if k.LastUsed != nil {
			used++
		} else {
			unused++
		}
	}
	if used != 1 || unused != 1 {
		t.Errorf("%d keys are used and %d are not, want one each", used, unused)
	}
	if len(inv.Unread) > 0 {
		t.Errorf("reads are missing: %v", inv.Unread)
	}
	if writes := sandboxtest.Writes(sb); len(writes) > 0 {
		t.Errorf("a survey wrote: %v", writes)
	}
}

// What is not there costs no further reads, and nothing is asked twice.
func TestSurveyAsksNothingTwice(t *testing.T) {
	for scenario, most := range map[string]int{"fresh": 9, "current": 24, "legacy-direct": 20, "messy": 34} {
		sb := sandboxtest.Start(t, sandbox.Options{Scenario: scenario})
		if _, err := asKey(t, sb, sb.Operator(), nil).Survey(t.Context(), demoSurvey()); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, e := range sb.Log() {
			call := fmt.Sprint(e.Action, e.Params)
			if seen[call] {
				t.Errorf("%s: asked twice: %s", scenario, call)
			}
			seen[call] = true
		}
		if n := len(sb.Log()); n > most {
			t.Errorf("%s: %d calls, at most %d are needed: %v", scenario, n, most, callsByAction(sb))
		}
	}
}

// Each read that may be refused becomes a gap that names it, and nothing else
// is lost by it.
func TestSurveySaysWhatItMayNotRead(t *testing.T) {
	for _, action := range []string{
		"iam:GetLoginProfile", "iam:ListMFADevices", "iam:ListPolicyVersions", "iam:GetAccessKeyLastUsed", "iam:ListUserPolicies",
		"iam:ListGroupsForUser", "iam:GetRole", "iam:GetGroup", "iam:GetPolicyVersion", "iam:ListAccessKeys",
	} {
		var key sandbox.Key
		sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current", Seeding: func(s *sandbox.Seed) error {
			s.User("auditor", 0)
			s.Attach(directory.Users, "auditor", sandbox.ReadOnlyAccess)
			s.Inline(directory.Users, "auditor", "less", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"`+action+`","Resource":"*"}]}`)
			key = s.Key("auditor", 0)
			return nil
		}})
		got, err := asKey(t, sb, key, nil).Survey(t.Context(), demoSurvey())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Inventory.Unread) == 0 {
			t.Errorf("%s was refused, and nothing is said to be unread", action)
		}
		for _, g := range got.Inventory.Unread {
			if g.Action != action || !g.Asked || g.Reason == "" || g.Resource == "" {
				t.Errorf("%s was refused, and the gap is %+v", action, g)
			}
		}
	}
}

func TestDiscoverTakesAllPagesAndKeepsWhatIsOurs(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Seeding: func(s *sandbox.Seed) error {
		for _, name := range []string{"a", "b"} {
			s.Cluster(name, 10)
		}
		s.Crowd(2100, 30)
		return nil
	}})
	found, gaps, err := asKey(t, sb, sb.Operator(), nil).Discover(t.Context(), func(f provision.Found) bool { return strings.HasPrefix(f.Name, "nullplatform-") })
	if err != nil || len(gaps) > 0 {
		t.Fatal(err, gaps)
	}
	if len(found) != 10 { // user, group, role and two policies, twice
		t.Errorf("%d entities are ours, want 10: %v", len(found), found)
	}
	if n := callsByAction(sb)["ListUsers"]; n != 3 {
		t.Errorf("2100 users took %d pages", n)
	}
	if n := len(sb.Log()); n != 7 {
		t.Errorf("%d calls, want the identity, three pages of users and one of each other list: %v", n, callsByAction(sb))
	}
}

func TestDiscoverSaysWhichListIsRefused(t *testing.T) {
	var key sandbox.Key
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current", Seeding: func(s *sandbox.Seed) error {
		s.User("auditor", 0)
		s.Inline(directory.Users, "auditor", "some", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:ListGroups","iam:ListPolicies"],"Resource":"*"}]}`)
		key = s.Key("auditor", 0)
		return nil
	}})
	found, gaps, err := asKey(t, sb, key, nil).Discover(t.Context(), func(f provision.Found) bool { return strings.HasPrefix(f.Name, "nullplatform-") })
	if err != nil {
		t.Fatal(err)
	}
	if len(gaps) != 1 || gaps[0].Action != "iam:ListRoles" {
		t.Errorf("gaps are %v", gaps)
	}
	if len(found) != 4 {
		t.Errorf("the other lists name %v", found)
	}
}

func TestSettingsOfDestinations(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current"})
	region, url, operator := sb.Region(), aws.String(sb.URL()), sandboxtest.Operator(sb)
	buckets := s3.New(s3.Options{Region: region, BaseEndpoint: url, Credentials: operator, UsePathStyle: true})
	images := ecr.New(ecr.Options{Region: region, BaseEndpoint: url, Credentials: operator})
	ctx, name := t.Context(), aws.String("demo-assets")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::demo-assets/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	repository := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}`
	all := aws.Bool(true)
	for _, err := range []error{
		failure(buckets.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: all, IgnorePublicAcls: all, BlockPublicPolicy: all, RestrictPublicBuckets: all,
		}})),
		failure(buckets.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: &policy})),
		failure(buckets.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}})),
		failure(images.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("plain")})),
		failure(images.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("strict"), ImageTagMutability: "IMMUTABLE"})),
		failure(images.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: aws.String("plain"), PolicyText: &repository})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, gaps, err := asKey(t, sb, sb.Operator(), nil).Settings(ctx, []string{"demo-assets", "demo-other", "taken-by-others", "nowhere-at-all"}, true)
	if err != nil || len(gaps) > 0 {
		t.Fatal(err, gaps)
	}
	strict, plain := got.Buckets[0], got.Buckets[1]
	if !strict.PublicAccessBlocked || !strict.Versioned || strict.Policy != policy || strict.Algorithm != "AES256" {
		t.Errorf("demo-assets is read as %+v", strict)
	}
	if plain.PublicAccessBlocked || plain.Versioned || plain.Policy != "" {
		t.Errorf("demo-other is read as %+v", plain)
	}
	if got.Buckets[2].State != provision.BucketForbidden || got.Buckets[3].State != provision.BucketAbsent {
		t.Errorf("the others are %v and %v", got.Buckets[2].State, got.Buckets[3].State)
	}
	if len(got.Repositories) != 2 || got.Repositories[0].Policy != repository || got.Repositories[0].Immutable || !got.Repositories[1].Immutable {
		t.Errorf("repositories are read as %+v", got.Repositories)
	}
}

func failure[T any](_ T, err error) error { return err }

func TestSettingsSayWhatMayNotBeRead(t *testing.T) {
	var key sandbox.Key
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current", Seeding: func(s *sandbox.Seed) error {
		s.User("auditor", 0)
		s.Inline(directory.Users, "auditor", "some", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketVersioning"],"Resource":"*"}]}`)
		key = s.Key("auditor", 0)
		return nil
	}})
	_, gaps, err := asKey(t, sb, key, nil).Settings(t.Context(), []string{"demo-assets"}, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range gaps {
		got = append(got, g.Action+" "+g.Resource)
	}
	want := []string{
		"ecr:DescribeRepositories *", "s3:GetBucketPolicy bucket/demo-assets",
		"s3:GetBucketPublicAccessBlock bucket/demo-assets", "s3:GetEncryptionConfiguration bucket/demo-assets",
	}
	if !slices.Equal(got, want) {
		t.Errorf("gaps are %q, want %q", got, want)
	}
}

// Accounts that share a pace are counted together, every attempt of every call.
func TestPaceCountsEveryAttempt(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current"})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultInternal, Action: "GetUser"})
	pace := account.NewPace(1000)
	for range 2 {
		a := asKey(t, sb, sb.Operator(), func(o *account.Options) { o.Pace = pace })
		if _, err := a.Survey(t.Context(), demoSurvey()); err != nil {
			t.Fatal(err)
		}
	}
	if pace.Calls() != len(sb.Log()) {
		t.Errorf("%d calls were counted and %d were made", pace.Calls(), len(sb.Log()))
	}
}

func TestAssumeRole(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "current", Seeding: func(s *sandbox.Seed) error {
		s.Role("audit", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`, 0)
		s.Attach(directory.Roles, "audit", sandbox.ReadOnlyAccess)
		return nil
	}})
	a := asKey(t, sb, sb.Operator(), func(o *account.Options) { o.AssumeRole = "arn:aws:iam::123456789012:role/audit" })
	got, err := a.Survey(t.Context(), demoSurvey())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.Inventory.Caller, ":assumed-role/audit/slipway") {
		t.Errorf("the account was read as %s", got.Inventory.Caller)
	}
	_, err = account.Open(t.Context(), account.Options{
		Region: sb.Region(), Endpoint: sb.URL(), KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret),
		AssumeRole: "arn:aws:iam::123456789012:role/nobody-has-this",
	})
	var failed *account.Error
	if !errors.As(err, &failed) || !failed.Denied() || !strings.Contains(err.Error(), "sts:AssumeRole") {
		t.Errorf("a role that is not there: %v", err)
	}
}
