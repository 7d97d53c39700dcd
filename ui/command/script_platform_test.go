package command_test

import (
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
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

// platformfault ACTION 403|reset COUNT makes nullplatform fail that often;
// platformfault none ends it.
func failPlatform(ts *testscript.TestScript, _ bool, args []string) {
	sb := current(ts).account
	if args[0] == "none" {
		sb.ClearFaults()
		return
	}
	f := sandbox.Fault{Kind: sandbox.FaultAccessDenied, Service: "platform", Action: args[0], Times: -1}
	if args[1] == "reset" {
		f.Kind = sandbox.FaultResetAfter
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
