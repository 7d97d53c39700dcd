package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/provision/ownfile"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// The scripts run the real program, as a process of its own, without a
// terminal.
func TestMain(m *testing.M) {
	if isNP(os.Args[0]) {
		os.Exit(playNP(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){
		"slipway": func() {
			os.Exit(command.Run(context.Background(), os.Args[1:], edgeOfTests()))
		},
	})
}

// testSignals names the variable with the path of a file that is made once a
// signal has been heard: from outside there is no telling when that is.
const testSignals = "TEST_SIGNALS"

func edgeOfTests() command.Edge {
	e := command.Process()
	e.TestOnlyStaleness = 500 * time.Millisecond // The accounts of tests have no lag.
	// What is refused for certain, and what never answers, need not be waited
	// for as long as a person would.
	if patience, err := time.ParseDuration(e.Env("TEST_PLATFORM_PATIENCE")); err == nil {
		e.TestOnlyPlatform = func(o platform.Options) platform.Options {
			o.Patience, o.Pause = patience, time.Millisecond
			return o
		}
	}
	e.TestOnlyPatience, _ = time.ParseDuration(e.Env("TEST_PATIENCE"))
	path := e.Env(testSignals)
	if path == "" {
		return e
	}
	heard, signals := e.Interrupts, make(chan os.Signal)
	e.Interrupts = signals
	go func() {
		for s := range heard {
			signals <- s
			_ = os.WriteFile(path, []byte(s.String()), 0o600)
		}
	}()
	return e
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			name, value, _ := strings.Cut(crashtest.AtOnce, "=")
			env.Setenv(name, value)
			// A person's own account is out of reach.
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_CONFIG_FILE", os.DevNull)
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LANG", "C.UTF-8")
			script := &inScript{}
			env.Values[scriptKey{}] = script
			tb, ok := env.T().(testing.TB)
			if !ok {
				return errors.New("the test cannot be told what is wrong")
			}
			env.Defer(func() { script.tape.search(tb, env.WorkDir) })
			return os.Chmod(env.WorkDir, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":          exitWith,
			"account":       startAccount,
			"buildkey":      makeBuildKey,
			"nullplatform":  setPlatform,
			"platformfault": failPlatform,
			"onekey":        checkOneKey,
			"registered":    checkRegistered,
			"bucket":        setBucket,
			"token":         signIn,
			"configure":     configure,
			"configuration": checkConfiguration,
			"writes":        countWrites,
			"json":          jsonField,
			"own":           isOwn,
			"np":            installNP,
			"secret":        secretIn,
			"member":        addMember,
			"fault":         injectFault,
			"refuse":        refuseAll,
			"gone":          nothingIsLeft,
			"profile":       addProfile,
		},
	})
}

// account [scenario] starts an account and points the environment at it.
func startAccount(ts *testscript.TestScript, _ bool, args []string) {
	o := sandbox.Options{}
	if len(args) > 0 {
		o.Scenario = args[0]
	}
	startWith(ts, o)
}

func startWith(ts *testscript.TestScript, o sandbox.Options) {
	sb, err := sandbox.Start(o)
	ts.Check(err)
	ts.Defer(func() { ts.Check(sb.Close()) })
	for _, v := range sb.Environment() {
		name, value, _ := strings.Cut(v, "=")
		ts.Setenv(name, value)
	}
	now := current(ts)
	now.account = sb
	now.tape.accounts = append(now.tape.accounts, sb)
}

// scriptKey is under what a script's own things are kept.
type scriptKey struct{}

// onekey fails unless the build user has one key.
func checkOneKey(ts *testscript.TestScript, _ bool, _ []string) {
	u, _ := current(ts).account.Peek().User("nullplatform-demo-build-workflow-user")
	if len(u.Keys) != 1 {
		ts.Fatalf("the build user has %d keys", len(u.Keys))
	}
}

// buildkey FILE makes a key of the demo cluster's build user and hands it over
// to the file.
func makeBuildKey(ts *testscript.TestScript, _ bool, args []string) {
	user := aws.String("nullplatform-demo-build-workflow-user")
	out, err := sandboxtest.IAM(current(ts).account).CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: user})
	ts.Check(err)
	text := fmt.Sprintf("BUILD_AWS_ACCESS_KEY=%s\nBUILD_AWS_SECRET_ACCESS_KEY=%s\n", *out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
	current(ts).tape.mayHold = append(current(ts).tape.mayHold, ts.MkAbs(args[0]))
}

// inScript is what a script has going.
type inScript struct {
	account *sandbox.Sandbox
	tape    tape
}

func current(ts *testscript.TestScript) *inScript {
	s, ok := ts.Value(scriptKey{}).(*inScript)
	if !ok {
		ts.Fatalf("the script was not set up")
	}
	return s
}

// fault ACTION has the account refuse the next call of that action.
func injectFault(ts *testscript.TestScript, _ bool, args []string) {
	current(ts).account.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: args[0]})
}

// refuse SERVICE ACTION has the account refuse every call of that action.
func refuseAll(ts *testscript.TestScript, _ bool, args []string) {
	current(ts).account.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Service: args[0], Action: args[1], Times: -1})
}

// gone fails unless nothing of the cluster demo is in the account.
func nothingIsLeft(ts *testscript.TestScript, _ bool, _ []string) {
	at := current(ts).account.Peek()
	for _, u := range at.Users {
		if strings.HasPrefix(u.Name, "nullplatform-demo") {
			ts.Fatalf("user %s is left", u.Name)
		}
	}
	for _, g := range at.Groups {
		if strings.HasPrefix(g.Name, "nullplatform-demo") {
			ts.Fatalf("group %s is left", g.Name)
		}
	}
	for _, p := range at.Policies {
		if strings.Contains(p.Name, "-demo-") {
			ts.Fatalf("policy %s is left", p.Name)
		}
	}
}

// member NAME makes a user and puts it into the publishers group of the
// cluster demo, as somebody else would.
func addMember(ts *testscript.TestScript, _ bool, args []string) {
	sb := current(ts).account
	api := sandboxtest.IAM(sb)
	_, err := api.CreateUser(context.Background(), &iam.CreateUserInput{UserName: &args[0]})
	ts.Check(err)
	_, err = api.AddUserToGroup(context.Background(), &iam.AddUserToGroupInput{
		GroupName: aws.String("nullplatform-demo-asset-publishers"), UserName: &args[0],
	})
	ts.Check(err)
}

// writes N fails unless exactly N calls that change something were made since
// the last time; "some" is one or more.
func countWrites(ts *testscript.TestScript, _ bool, args []string) {
	sb := current(ts).account
	got := sandboxtest.Writes(sb)
	sb.ClearLog()
	if args[0] == "some" && len(got) > 0 {
		return
	}
	if want, err := strconv.Atoi(args[0]); err != nil || len(got) != want {
		ts.Fatalf("%d writes, want %s: %v", len(got), args[0], got)
	}
}

// exit CODE PROGRAM ARGS... fails unless the program ends with that code.
func exitWith(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	current(ts).tape.record(ts, args[1:])
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// json PATH VALUE looks a value up in the JSON of the last standard output.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	dec := json.NewDecoder(bytes.NewBufferString(ts.ReadFile("stdout")))
	var v any
	ts.Check(dec.Decode(&v))
	if dec.More() {
		ts.Fatalf("standard output holds more than one JSON document")
	}
	for _, key := range strings.Split(args[0], ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			v = at[i]
		default:
			ts.Fatalf("nothing at %s", args[0])
		}
	}
	if got := fmt.Sprint(v); (got == args[1]) == neg {
		ts.Fatalf("%s = %s", args[0], got)
	}
}

// own FILE... fails unless each is for its owner alone.
func isOwn(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		others, err := ownfile.OthersMayRead(ts.MkAbs(name))
		ts.Check(err)
		if others {
			ts.Fatalf("others may read %s", name)
		}
	}
}

// secret FILE... fails unless each file holds the build user's secret; negated,
// unless none does.
func secretIn(ts *testscript.TestScript, neg bool, args []string) {
	sb := current(ts).account
	for _, u := range sb.Peek().Users {
		for _, k := range u.Keys {
			secret, ok := sb.TestOnlySecret(k.ID)
			if !ok || !strings.HasSuffix(u.Name, "-build-workflow-user") {
				continue
			}
			for _, file := range args {
				if strings.Contains(ts.ReadFile(file), secret) == neg {
					ts.Fatalf("%s holds the secret of %s: %v", file, k.ID, neg)
				}
			}
			return
		}
	}
	ts.Fatalf("there is no build user with a key")
}
