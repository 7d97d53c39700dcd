package account_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	// No test may find an account of the person who runs it.
	for _, name := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
	} {
		must(os.Unsetenv(name))
	}
	must(os.Setenv("AWS_EC2_METADATA_DISABLED", "true"))
	must(os.Setenv("AWS_CONFIG_FILE", os.DevNull))
	must(os.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull))
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func optionsFor(sb *sandbox.Sandbox, key sandbox.Key) account.Options {
	return account.Options{
		Region: sb.Region(), Endpoint: sb.URL(), KeyID: key.ID, Secret: provision.NewSecret(key.Secret),
		Patience: 20 * time.Second,
	}
}

func open(t testing.TB, sb *sandbox.Sandbox) *account.Account {
	t.Helper()
	a, err := account.Open(t.Context(), optionsFor(sb, sb.Operator()))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func demo(t testing.TB, sb *sandbox.Sandbox) provision.Blueprint {
	t.Helper()
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster:      "demo",
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}, provision.Place{Account: sb.AccountID(), Partition: "aws", Region: sb.Region()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// install carries a plan out call after call.
func install(t testing.TB, a *account.Account, b provision.Blueprint) []account.Result {
	t.Helper()
	inv, err := a.Read(t.Context(), b.Scope())
	if err != nil {
		t.Fatal(err)
	}
	var results []account.Result
	for _, c := range provision.NewPlan(b, inv).Calls() {
		res, err := a.Do(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, res)
	}
	return results
}

func actions(sb *sandbox.Sandbox) []string {
	var out []string
	for _, e := range sb.Log() {
		out = append(out, e.Action)
	}
	return out
}

func TestReadAFreshAccountAsksNoMoreThanItMust(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	inv, err := open(t, sb).Read(t.Context(), demo(t, sb).Scope())
	if err != nil {
		t.Fatal(err)
	}
	want := &provision.Inventory{
		Place:   provision.Place{Account: sb.AccountID(), Partition: "aws", Region: sb.Region()},
		Caller:  inv.Caller,
		Buckets: []provision.Bucket{{Name: "demo-assets", State: provision.BucketOwn, Region: "us-east-1"}},
	}
	if d := cmp.Diff(want, inv); d != "" {
		t.Errorf("inventory (-want +got):\n%s", d)
	}
	if got := actions(sb); len(got) != 7 {
		t.Errorf("%d reads, want 7: %v", len(got), got)
	}
}

func TestReadWhatWasInstalled(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a, b := open(t, sb), demo(t, sb)
	results := install(t, a, b)
	key := results[len(results)-1].Key
	if key == nil || key.Secret.Empty() || key.Region != sb.Region() || key.User != b.User.Name {
		t.Fatalf("the key's result is %+v", key)
	}
	sb.ClearLog()
	inv, err := a.Read(t.Context(), b.Scope())
	if err != nil {
		t.Fatal(err)
	}
	if got := actions(sb); len(got) != 13 {
		t.Errorf("%d reads by an account that knows who it is, want 13: %v", len(got), got)
	}
	if p := provision.NewPlan(b, inv); !p.Empty() {
		t.Errorf("there is still %v", p.Changes)
	}
	if len(inv.User.Keys) != 1 || inv.User.Keys[0].ID != key.KeyID || !inv.User.Keys[0].Active {
		t.Errorf("keys = %+v, want %s", inv.User.Keys, key.KeyID)
	}
	for _, g := range inv.Unread {
		if g.Asked {
			t.Errorf("%s was asked and not answered: %s", g.Action, g.Reason)
		}
	}
}

func TestReadDeep(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a, b := open(t, sb), demo(t, sb)
	install(t, a, b)
	doc := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}`
	api := sandboxtest.IAM(sb)
	if _, err := api.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &b.User.Name, PolicyName: aws.String("one"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutGroupPolicy(t.Context(), &iam.PutGroupPolicyInput{GroupName: &b.Group.Name, PolicyName: aws.String("two"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &b.Role.Name, PolicyName: aws.String("three"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	scope := b.Scope()
	scope.Deep = true
	inv, err := a.Read(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]provision.InlinePolicy{"one": inv.User.Inline, "two": inv.Groups[0].Inline, "three": inv.Role.Inline} {
		if d := cmp.Diff([]provision.InlinePolicy{{Name: name, Document: doc}}, got); d != "" {
			t.Errorf("inline policies (-want +got):\n%s", d)
		}
	}
	if len(inv.Unread) != 0 {
		t.Errorf("a deep read leaves nothing out, but: %v", inv.Unread)
	}
}

// What the account refuses to tell is a gap and never passes for absent.
func TestARefusedReadIsAGap(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:GetRole", Times: -1})
	b := demo(t, sb)
	inv, err := open(t, sb).Read(t.Context(), b.Scope())
	if err != nil {
		t.Fatal(err)
	}
	missing := inv.Missing()
	if len(missing) != 1 || missing[0].Action != "iam:GetRole" || !strings.Contains(missing[0].Reason, "may not iam:GetRole") {
		t.Fatalf("missing = %+v", missing)
	}
	if provision.NewPlan(b, inv).Blocked() == nil {
		t.Error("a plan over a gap must be blocked")
	}
}

func TestBucketsAreToldApart(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a := open(t, sb)
	for name, want := range map[string]provision.BucketState{
		"demo-assets":     provision.BucketOwn,
		"nobody-has-this": provision.BucketAbsent,
		"taken-by-others": provision.BucketForbidden,
	} {
		inv, err := a.Read(t.Context(), provision.Scope{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		if got := inv.Bucket(name); got == nil || got.State != want {
			t.Errorf("bucket %s = %+v, want %s", name, got, want)
		}
	}
}

// Entities made a moment ago are waited for; others are not.
func TestDoWaitsForWhatItMade(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Lag: 700 * time.Millisecond, Seed: 7})
	a, b := open(t, sb), demo(t, sb)
	install(t, a, b) // attaches at once, while replicas still lag

	_, err := a.Do(t.Context(), provision.Call{
		Action: "iam:AttachGroupPolicy", Resource: "arn:aws:iam::123456789012:group/nobody",
		Params: []provision.Param{{Name: "GroupName", Value: "nobody"}, {Name: "PolicyArn", Value: "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
	})
	var e *account.Error
	if !errors.As(err, &e) || !e.Absent() {
		t.Fatalf("err = %v, want that it is not there", err)
	}
	asked := 0
	for _, action := range actions(sb) {
		if strings.HasSuffix(action, "AttachGroupPolicy") {
			asked++
		}
	}
	last := sb.Log()[len(sb.Log())-1]
	if last.Code != "NoSuchEntity" || !strings.HasSuffix(last.Action, "AttachGroupPolicy") || asked < 3 {
		t.Errorf("the foreign group was asked for more than once: %+v", last)
	}
}

func TestSettleWaitsForAgreement(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Lag: 500 * time.Millisecond, Seed: 3})
	a, b := open(t, sb), demo(t, sb)
	inv, err := a.Read(t.Context(), b.Scope())
	if err != nil {
		t.Fatal(err)
	}
	var links []provision.Call
	for _, c := range provision.NewPlan(b, inv).Changes {
		if c.MakesKey() {
			continue
		}
		for _, call := range c.Calls {
			if _, err := a.Do(t.Context(), call); err != nil {
				t.Fatal(err)
			}
		}
		if c.Links() {
			links = append(links, c.Calls...)
		}
	}
	var told []int
	if err := a.Settle(t.Context(), links, 3, func(n int) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	if n := len(told); n < 3 || !slices.Equal(told[n-3:], []int{1, 2, 3}) {
		t.Errorf("told %v, want it to end with three in a row", told)
	}
}

func TestSettleGivesUpWithAWayOut(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	o := optionsFor(sb, sb.Operator())
	o.Patience = 2 * time.Second // long enough for one answer
	a, err := account.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	call := provision.Call{Action: "iam:AddUserToGroup", Params: []provision.Param{{Name: "UserName", Value: "nobody"}, {Name: "GroupName", Value: "none"}}}
	err = a.Settle(t.Context(), []provision.Call{call}, 2, func(int) {})
	if err == nil || !strings.Contains(err.Error(), "AddUserToGroup") || !strings.Contains(err.Error(), "no key was made") {
		t.Errorf("err = %v", err)
	}
}

func TestDoRepeatsWhatWasThrottled(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultThrottle, Action: "iam:CreateGroup", Times: 2})
	a := open(t, sb)
	_, err := a.Do(t.Context(), provision.Call{
		Action: "iam:CreateGroup", Resource: "arn:aws:iam::123456789012:group/g",
		Params: []provision.Param{{Name: "GroupName", Value: "g"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A key whose secret was lost on the way is one key too many already; a second
// try would make two.
func TestALostAnswerMakesNoSecondKey(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{sandbox.FaultResetAfter, sandbox.FaultMalformed, sandbox.FaultInternal} {
		sb := sandboxtest.Start(t, sandbox.Options{})
		a, b := open(t, sb), demo(t, sb)
		calls := provision.NewPlan(b, &provision.Inventory{Buckets: []provision.Bucket{*b.Bucket}}).Calls()
		for _, c := range calls[:len(calls)-1] {
			if _, err := a.Do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		sb.Inject(sandbox.Fault{Kind: kind, Action: "iam:CreateAccessKey"})
		if _, err := a.Do(t.Context(), calls[len(calls)-1]); err == nil {
			t.Errorf("fault %d: no error", kind)
		}
		user, _ := sb.Peek().User(b.User.Name)
		if len(user.Keys) > 1 {
			t.Errorf("fault %d: %d keys", kind, len(user.Keys))
		}
	}
}

func TestAThrottledKeyIsMadeInTheEnd(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a, b := open(t, sb), demo(t, sb)
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultThrottle, Action: "iam:CreateAccessKey"})
	install(t, a, b)
	user, _ := sb.Peek().User(b.User.Name)
	if len(user.Keys) != 1 {
		t.Errorf("%d keys, want one", len(user.Keys))
	}
}

func TestEveryEffectCanBeSent(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a := open(t, sb)
	for _, action := range append(provision.Actions(), "iam:SetDefaultPolicyVersion") {
		_, err := a.Do(t.Context(), provision.Call{Action: action, Resource: "x"})
		if err == nil || strings.Contains(err.Error(), "does not know how") {
			t.Errorf("%s: %v", action, err)
		}
	}
	if _, err := a.Do(t.Context(), provision.Call{Action: "iam:Unknown"}); err == nil || !strings.Contains(err.Error(), "does not know how") {
		t.Errorf("an unknown action must be refused; got %v", err)
	}
}

func TestRights(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	api := sandboxtest.IAM(sb)
	name := "limited"
	if _, err := api.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	doc := `{"Version":"2012-10-17","Statement":[
	  {"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Simulate*","iam:Create*","s3:*"],"Resource":"*"},
	  {"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"}]}`
	if _, err := api.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &doc}); err != nil {
		t.Fatal(err)
	}
	made, err := api.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.Open(t.Context(), optionsFor(sb, sandbox.Key{ID: *made.AccessKey.AccessKeyId, Secret: *made.AccessKey.SecretAccessKey}))
	if err != nil {
		t.Fatal(err)
	}
	b := demo(t, sb)
	rights, err := a.Rights(t.Context(), provision.NewPlan(b, &provision.Inventory{Buckets: []provision.Bucket{*b.Bucket}}).Calls())
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, c := range rights.Missing {
		missing = append(missing, c.Action)
	}
	want := []string{"iam:CreateUser", "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy"}
	if d := cmp.Diff(want, missing); d != "" || rights.Unchecked != "" {
		t.Errorf("missing (-want +got):\n%s unchecked: %q", d, rights.Unchecked)
	}
}

// A stranger reads these; each names what is wrong and a way out.
func TestErrorsOfOpening(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Welcome</title>"))
	}))
	t.Cleanup(web.Close)
	missing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(missing.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte("<html>\n<head>\n<meta charset=\"utf-8\">\n</head><body>Unsupported method</body></html>"))
	}))
	t.Cleanup(page.Close)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	operator := sb.Operator()
	for _, tt := range []struct {
		why  string
		with func(*account.Options)
		says []string
	}{
		{why: "no region", with: func(o *account.Options) { o.Region = "" }, says: []string{"no region is set", "--region"}},
		{why: "no credentials", with: func(o *account.Options) { o.KeyID = "" }, says: []string{"no AWS credentials", "--profile"}},
		{why: "no such profile", with: func(o *account.Options) { o.KeyID, o.Profile = "", "nobody" }, says: []string{`no profile "nobody"`, "list-profiles"}},
		{why: "nobody listens", with: func(o *account.Options) { o.Endpoint = closed }, says: []string{"does not answer", "--endpoint-url"}},
		{why: "a web site", with: func(o *account.Options) { o.Endpoint = web.URL }, says: []string{"not as AWS does", "--endpoint-url"}},
		{why: "a server of something else", with: func(o *account.Options) { o.Endpoint = missing.URL }, says: []string{"not as AWS does", "--endpoint-url"}},
		{why: "a page in place of an error", with: func(o *account.Options) { o.Endpoint = page.URL }, says: []string{"not as AWS does", "--endpoint-url"}},
		{why: "an unknown key", with: func(o *account.Options) { o.KeyID = "AKIANOBODY" }, says: []string{"does not know the access key", "profile"}},
		{why: "a wrong secret", with: func(o *account.Options) { o.Secret = provision.NewSecret("wrong") }, says: []string{"secret key does not belong", "AWS_SECRET_ACCESS_KEY"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			o := optionsFor(sb, operator)
			tt.with(&o)
			a, err := account.Open(t.Context(), o)
			if err == nil {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				_, err = a.Identity(ctx)
			}
			if err == nil {
				t.Fatal("no error")
			}
			for _, say := range tt.says {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("%q does not say %q", err, say)
				}
			}
		})
	}
}
