package command_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// The commands of scripts that are about nullplatform.

// nullplatform show-key-id starts the account anew with a nullplatform that
// shows which key it holds; nullplatform SCENARIO with another content.
func setPlatform(ts *testscript.TestScript, _ bool, args []string) {
	o := sandbox.Options{Scenario: "current"}
	if o.Platform.Scenario = args[0]; args[0] == "show-key-id" {
		o.Platform = platform.Options{ShowKeyID: true}
	} else {
		o.Scenario = "fresh"
	}
	startWith(ts, o)
}

// platformfault ACTION HOW COUNT makes nullplatform fail that often: 401, 403,
// 404, with a web page, half an answer, none, or a broken connection (reset).
// platformfault none ends it, and platformfault expire ends all tokens.
func failPlatform(ts *testscript.TestScript, _ bool, args []string) {
	sb := current(ts).account
	if args[0] == "expire" {
		sb.Platform().Revoke()
		return
	}
	if args[0] == "none" {
		sb.ClearFaults()
		return
	}
	f := sandbox.Fault{Service: "platform", Action: args[0], Times: -1}
	f.Kind = map[string]sandbox.FaultKind{
		"401": sandbox.FaultUnauthorized, "403": sandbox.FaultAccessDenied, "404": sandbox.FaultNoSuchEntity,
		"page": sandbox.FaultPage, "half": sandbox.FaultMalformed, "silent": sandbox.FaultTimeoutAfter, "reset": sandbox.FaultResetAfter,
	}[args[1]]
	if f.Kind == 0 {
		ts.Fatalf("no fault is called %s", args[1])
	}
	if args[2] != "all" {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		f.Times = n
	}
	sb.Inject(f)
}

// registered fails unless nullplatform holds the build user's key and its
// secret; negated, unless no destination is registered.
func checkRegistered(ts *testscript.TestScript, neg bool, _ []string) {
	sb := current(ts).account
	for _, c := range sb.Platform().Configurations() {
		if neg && c.Slug != "aws-configuration" {
			ts.Fatalf("%s is registered", c.Slug)
		}
		if c.Slug != "ecr" {
			continue
		}
		if secret, ok := sb.TestOnlySecret(c.Attributes["ci.access_key"]); !ok || secret != c.Attributes["ci.secret_key"] {
			ts.Fatalf("%s is registered, and not its secret", c.Attributes["ci.access_key"])
		}
		return
	}
	if !neg {
		ts.Fatalf("ECR is not registered")
	}
}

// bucket NAME kms|denies makes a bucket encrypt with a key of somebody's own, or
// its policy deny what is written to it.
func setBucket(ts *testscript.TestScript, _ bool, args []string) {
	api := sandboxtest.S3(current(ts).account)
	var err error
	if args[1] == "kms" {
		_, err = api.PutBucketEncryption(context.Background(), &s3.PutBucketEncryptionInput{
			Bucket: &args[0], ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
					SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String("arn:aws:kms:us-east-1:123456789012:key/1234"),
				},
			}}},
		})
	} else {
		_, err = api.PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: &args[0], Policy: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::` + args[0] + `/*"}]}`)})
	}
	ts.Check(err)
}

// configure SPECIFICATION PATH VALUE changes what is registered, as somebody
// else would.
func configure(ts *testscript.TestScript, _ bool, args []string) {
	if !current(ts).account.Platform().TestOnlySet(args[0], args[1], args[2]) {
		ts.Fatalf("%s is not registered", args[0])
	}
}

// configuration SPECIFICATION PATH VALUE fails unless that is registered.
func checkConfiguration(ts *testscript.TestScript, _ bool, args []string) {
	for _, c := range current(ts).account.Platform().Configurations() {
		if c.Slug != args[0] {
			continue
		}
		if got := c.Attributes[args[1]]; got != args[2] {
			ts.Fatalf("%s of %s is %q", args[1], args[0], got)
		}
		return
	}
	ts.Fatalf("%s is not registered", args[0])
}

// token NAME signs in to nullplatform and keeps the token in a variable.
func signIn(ts *testscript.TestScript, _ bool, args []string) {
	sb := current(ts).account
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+sb.PlatformHost()+"/token",
		strings.NewReader(`{"apikey":"`+sb.PlatformKey()+`"}`))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	var got struct {
		Token string `json:"access_token"`
	}
	ts.Check(json.NewDecoder(res.Body).Decode(&got))
	ts.Setenv(args[0], got.Token)
}
