package plain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/ask"
)

func TestInstallInLines(t *testing.T) {
	s := newScript(t, sandbox.Options{}, both()...)
	out, err := s.run(nil)
	if err != nil || out.Err != nil || !out.Applied || len(out.Result.Install.Done) != 10 {
		t.Fatalf("got %v, %+v\n%s", err, out, s.text())
	}
	if want := bothRequest(s.dir); !reflect.DeepEqual((*out.Task.Install), want) {
		t.Errorf("the request is\n%+v, want\n%+v", (*out.Task.Install), want)
	}
	secret, ok := s.sb.TestOnlySecret(out.Result.Install.KeyID)
	text, err := os.ReadFile(filepath.Join(s.dir, "creds.env"))
	if !ok || err != nil || !strings.Contains(string(text), secret) {
		t.Errorf("the file does not hold the secret: %v", err)
	}
	if strings.Contains(s.text(), secret) {
		t.Error("the secret was said")
	}
	golden(t, "install", s.text())
}

// Each flow is a conversation to be read: it must make sense to somebody who
// hears it once.
func TestConversations(t *testing.T) {
	for _, tc := range []struct {
		name, why, scenario string
		lines               []string
		prepare             func(s *script)
		with                func(o *Options)
		want                error
		writes              int
	}{
		{
			name: "back", why: "back from everywhere, with every answer kept",
			lines: []string{
				"back", "1", "2", "demo", "demo-other", "back", "back", "back", "back", "1", "3", "", "", "", "DIR/creds.env", "",
				"back", "", "1", "back", "1", "no", "quit",
			},
			want: ask.ErrCancelled,
		},
		{
			name: "help", why: "help at each kind of question",
			lines: []string{"help", "1", "?", "3", "help", `"help"`, "help", "quit"},
			want:  ask.ErrCancelled,
		},
		{
			name: "options", why: "all there is to ask, and words for taking away",
			lines: []string{
				"1", "3", "demo", "demo-new", "2", "2", "age1notakey", testRecipient, "DIR/creds.age", "2", "2",
				"arn:aws:iam::12345:role/x", "arn:aws:iam::123456789012:role/m", "12", "111122223333, 444455556666",
				"none", "team", "team=ci", "2", "3", "4", "quit",
			},
			want: ask.ErrCancelled,
		},
		{
			name: "bucket-missing", why: "what is in the way comes with a way out",
			lines:  []string{"1", "2", "demo", "demo-new", "1", "", "DIR/creds.env", "", "2", "1", "yes"},
			writes: 10,
		},
		{
			name: "changes-what-is-there", why: "the name has to be typed, and what happens is said twice",
			scenario: "drifted", lines: []string{"1", "3", "demo", "2", "1", "1", "", "DIR/creds.env", "1", "1", "yes", "DEMO", "quit"},
			want: ask.ErrCancelled,
		},
		{
			name: "nothing-to-do", why: "the second time",
			scenario: "current", lines: []string{"1", "3", "demo", "1", "", "DIR/creds.env", "", "1"},
		},
		{
			name: "before-the-split", why: "an installation that needs an upgrade blocks, and says so",
			scenario: "legacy", lines: []string{"1", "1", "demo", "", "DIR/creds.env", "", "1", "quit"},
			want: ask.ErrCancelled,
		},
		{
			name: "place-taken", why: "the place is looked at before anything is made",
			lines: []string{"1", "1", "demo", "", "~/creds.env", "DIR/creds.env", "", "1", "back", "back", "DIR/other.env", "", "quit"},
			prepare: func(s *script) {
				if err := os.WriteFile(filepath.Join(s.dir, "creds.env"), nil, 0o600); err != nil {
					s.t.Fatal(err)
				}
			},
			want: ask.ErrCancelled,
		},
		{
			name: "changed-in-between", why: "only what was shown is carried out",
			lines: append(both(), "quit"),
			prepare: func(s *script) {
				s.before = func(i int) {
					if i == len(both())-1 {
						addGroup(s)
					}
				}
			},
			want: ask.ErrCancelled, writes: 1,
		},
		{
			name: "fails-midway", why: "what failed, why, what is safe; then on from there",
			lines: append(both(), "7", "1", "1", "yes"),
			prepare: func(s *script) {
				s.sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:CreateAccessKey"})
			},
			writes: 11,
		},
		{
			name: "no-credentials", why: "the way in fails, is tried again, and is left",
			lines: []string{"1", "2"},
			with: func(o *Options) {
				o.Open = func(context.Context, account.Options) (migrate.Account, error) {
					return nil, &account.Error{Op: "open the account", Why: "no AWS credentials were found", Way: "sign in (aws sso login)"}
				}
			},
			want: ask.ErrCancelled,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, sandbox.Options{Scenario: tc.scenario}, tc.lines...)
			if tc.prepare != nil {
				tc.prepare(s)
			}
			out, err := s.run(func(o *Options) {
				o.Sandbox = tc.scenario
				if tc.with != nil {
					tc.with(o)
				}
			})
			if !errors.Is(err, tc.want) || tc.want == nil && out.Err != nil {
				t.Errorf("%s: got %v, %v", tc.why, err, out.Err)
			}
			if got := sandboxtest.Writes(s.sb); len(got) != tc.writes {
				t.Errorf("%s: %d writes: %v", tc.why, len(got), got)
			}
			if s.next != len(tc.lines) {
				t.Errorf("%s: %d of %d lines were read", tc.why, s.next, len(tc.lines))
			}
			golden(t, tc.name, s.text())
		})
	}
}

// testRecipient is the public key of an identity that nobody has.
const testRecipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

func addGroup(s *script) {
	_, err := sandboxtest.IAM(s.sb).CreateGroup(context.Background(), &iam.CreateGroupInput{
		GroupName: aws.String("nullplatform-demo-asset-publishers"),
	})
	if err != nil {
		s.t.Error(err)
	}
}

// A stop ends after the call in flight; what is left is done when one goes on.
func TestStopInTheMiddle(t *testing.T) {
	var s *script
	var stop func()
	s = newScript(t, sandbox.Options{Hook: func(e sandbox.Entry, phase sandbox.Phase) {
		if e.Action == "AttachGroupPolicy" && phase == sandbox.Before && stop != nil {
			stop()
		}
	}}, append(both(), "1", "1", "yes")...)
	began := 0
	out, err := s.run(func(o *Options) {
		o.Stoppable = func(f func()) {
			if stop = nil; f == nil {
				return
			}
			if began++; began == 1 {
				stop = f
			}
		}
	})
	if err != nil || out.Err != nil || len(out.Result.Install.Done) != 10 || began != 2 {
		t.Errorf("got %v, %v, %d changes, %d runs", err, out.Err, len(out.Result.Install.Done), began)
	}
	s.has("Stopped. What is done stays done.", "No access key was made", "Not done: Create the access key")
}

// Who leaves after a stop is told how it stands, and the outcome tells too.
func TestLeftAfterAStop(t *testing.T) {
	for _, last := range [][]string{{"2"}, {"quit"}, {}} {
		s := newScript(t, sandbox.Options{}, append(both(), last...)...)
		out, err := s.run(func(o *Options) { o.Stoppable = func(f func()) { stopAtOnce(f) } })
		if err != nil || !out.Applied || !errors.Is(out.Err, checklist.ErrStopped) {
			t.Errorf("%v: got %v, %v", last, err, out.Err)
		}
		s.has("What was done before stays done.")
	}
}

func stopAtOnce(stop func()) {
	if stop != nil {
		stop()
	}
}

// A context that ends while a question stands leaves, and waits for nobody.
func TestContextEndsWhileAsking(t *testing.T) {
	s := newScript(t, sandbox.Options{}, both()...)
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	s.before = func(i int) {
		if i == 2 {
			cancel()
			<-release
		}
	}
	_, err := Run(ctx, Options{Start: ask.InstallTask, Open: s.open, Input: s, Output: s})
	close(release)
	if !errors.Is(err, ask.ErrCancelled) {
		t.Errorf("got %v", err)
	}
	s.has("Nothing has been changed.")
}

// Flags and answers files are walked through with enter.
func TestWhatIsGivenIsKept(t *testing.T) {
	s := newScript(t, sandbox.Options{}, "1", "", "", "", "", "", "", "1", "quit")
	out, err := s.run(func(o *Options) { o.Request = bothRequest(s.dir) })
	if !errors.Is(err, ask.ErrCancelled) || out.Look.Preview == nil {
		t.Fatalf("got %v\n%s", err, s.text())
	}
	if !reflect.DeepEqual((*out.Task.Install), bothRequest(s.dir)) {
		t.Errorf("the request is %+v", (*out.Task.Install))
	}
}

// With a journal, what failed is gone on with: what is left is told first, and
// where the account has changed meanwhile a new plan is made for the run.
func TestAnOpenRunGoesOn(t *testing.T) {
	j := checklist.MemoryJournal(time.Now)
	keep := func(o *Options) {
		o.Keep = func(account.Identity, string) (migrate.Keeping, error) {
			return migrate.Keeping{Journal: j, Run: "run-1"}, nil
		}
		o.Staleness = 10 * time.Millisecond
	}
	s := newScript(t, sandbox.Options{}, append(both(), "2")...)
	s.sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:CreateAccessKey"})
	if out, err := s.run(keep); err != nil || out.Err == nil {
		t.Fatalf("got %v, %v", err, out.Err)
	}
	_, err := sandboxtest.IAM(s.sb).RemoveUserFromGroup(t.Context(), &iam.RemoveUserFromGroupInput{
		GroupName: aws.String("nullplatform-demo-asset-publishers"), UserName: aws.String("nullplatform-demo-build-workflow-user"),
	})
	if err != nil {
		t.Fatal(err)
	}
	again := &script{t: t, sb: s.sb, dir: s.dir, lines: append(both()[:len(both())-2], "1", "1", "yes")}
	out, err := again.run(keep)
	if err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
		t.Errorf("got %v, %v\n%s", err, out.Err, again.text())
	}
	again.has("the account is not as that run left it", "make a new plan for the run", "A run is open.", "This is what is left of it")
}

// An open run is offered with the jobs, and leads straight to what is left.
func TestAnOpenRunIsOffered(t *testing.T) {
	j := checklist.MemoryJournal(time.Now)
	keep := func(o *Options) {
		o.Keep = func(account.Identity, string) (migrate.Keeping, error) {
			return migrate.Keeping{Journal: j, Run: "run-1"}, nil
		}
		o.Staleness = 10 * time.Millisecond
	}
	s := newScript(t, sandbox.Options{}, append(both(), "2")...)
	s.sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:CreateAccessKey"})
	if out, err := s.run(keep); err != nil || out.Err == nil {
		t.Fatalf("got %v, %v", err, out.Err)
	}
	again := &script{t: t, sb: s.sb, dir: s.dir, lines: []string{"3", "back", "3", "1", "1", "yes"}}
	out, err := again.run(func(o *Options) {
		keep(o)
		o.Start = ""
		o.OpenRuns = []ask.OpenRun{{Cluster: "demo", Account: "123456789012", Done: 9, All: 10}}
	})
	if err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
		t.Errorf("got %v, %v\n%s", err, out.Err, again.text())
	}
	again.has("3. resume: demo in 123456789012", "9 of 10 done", "Step 2 of 3: what would be done.", "A run is open.")
}

// An upgrade in lines: the same user, the same key, and the proofs at the end.
func TestUpgradeInLines(t *testing.T) {
	s := newScript(t, sandbox.Options{Scenario: "legacy"}, "2", "1", "demo", "", "", "1", "yes", "demo")
	before, _ := s.sb.Peek().User("nullplatform-demo-build-workflow-user")
	out, err := s.run(func(o *Options) { o.Start = "" })
	if err != nil || out.Err != nil || !out.Applied || len(out.Result.Upgrade.Proofs) == 0 {
		t.Fatalf("got %v, %+v\n%s", err, out, s.text())
	}
	after, _ := s.sb.Peek().User("nullplatform-demo-build-workflow-user")
	if len(after.Keys) != 1 || after.Keys[0].ID != before.Keys[0].ID {
		t.Errorf("the keys were %v and are %v", before.Keys, after.Keys)
	}
	golden(t, "upgrade", s.text())
}

// An audit in lines reads and ends; what it found is told by who called.
func TestAuditInLines(t *testing.T) {
	s := newScript(t, sandbox.Options{Scenario: "messy"}, "3", "1", "2", "nobody has this", "demo")
	out, err := s.run(func(o *Options) {
		o.Start = ""
		o.Audit = func(ctx context.Context, req migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error) {
			acct, err := s.open(ctx, account.Options{})
			if err != nil {
				return nil, err
			}
			return migrate.Audit(ctx, []migrate.AuditTarget{{Account: acct.(*account.Account)}}, req, time.Now, tell)
		}
	})
	if err != nil || len(out.Reports) != 1 || out.Reports[0].Cluster != "demo" || len(out.Reports[0].Findings) == 0 {
		t.Fatalf("got %v, %d reports\n%s", err, len(out.Reports), s.text())
	}
	if got := sandboxtest.Writes(s.sb); len(got) != 0 {
		t.Errorf("an audit made %v", got)
	}
	s.has("Not taken: ", "Step 3 of 3: how it stands.")
}
