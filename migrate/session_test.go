package migrate_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// asRole signs in as a role with a path that may do what the document says,
// through the environment, as a person's shell would.
func asRole(t *testing.T, sb *sandbox.Sandbox, doc string) *account.Account {
	t.Helper()
	ctx := t.Context()
	operator := sandboxtest.Operator(sb)
	api := sandboxtest.IAM(sb)
	role, err := api.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("admins"), Path: aws.String("/sso/"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("admins"), PolicyName: aws.String("p"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	session, err := sts.New(sts.Options{Region: sb.Region(), BaseEndpoint: aws.String(sb.URL()), Credentials: operator}).
		AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", *session.Credentials.AccessKeyId)
	t.Setenv("AWS_SECRET_ACCESS_KEY", *session.Credentials.SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", *session.Credentials.SessionToken)
	a, err := account.Open(ctx, account.Options{Region: sb.Region(), Endpoint: sb.URL()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The missing right of a role session is found through the role, whose path
// the session's own ARN does not tell.
func TestARoleSessionThatLacksARight(t *testing.T) {
	sb := start(t, sandbox.Options{})
	a := asRole(t, sb, `{"Version":"2012-10-17","Statement":[
	  {"Effect":"Allow","Action":["iam:*","s3:*"],"Resource":"*"},
	  {"Effect":"Deny","Action":"iam:AttachRolePolicy","Resource":"*"}]}`)
	p := preview(t, a, request())
	err := p.Plan.Blocked()
	for _, say := range []string{"assumed-role/admins/me", "iam:AttachRolePolicy", "role/nullplatform-demo-application-role"} {
		if err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("blocked = %v, want %q named", err, say)
		}
	}
	if len(p.Unchecked) != 0 {
		t.Errorf("unchecked: %q", p.Unchecked)
	}
	if _, err := migrate.NewInstall(p, a, &keeper{}, migrate.Keeping{}); err == nil {
		t.Error("it would go on")
	}
}

func TestExpiredCredentials(t *testing.T) {
	var later atomic.Bool
	clock := func() time.Time {
		if later.Load() {
			return time.Now().Add(2 * time.Hour)
		}
		return time.Now()
	}
	sb := start(t, sandbox.Options{Now: clock})
	a := asRole(t, sb, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	later.Store(true)
	_, err := migrate.PreviewInstall(t.Context(), a, request())
	if err == nil || !strings.Contains(err.Error(), "the credentials have expired") || !strings.Contains(err.Error(), "renew them") {
		t.Errorf("err = %v", err)
	}
}
