package wizard

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/ask"
)

// reportOf is a report with so many findings, the first of which upgrade
// mends, the second install, and the third only a person.
func reportOf(cluster string, n int) audit.Report {
	r := audit.Report{
		Place: place(), Caller: operator, Cluster: cluster, Contract: provision.Contract34,
		Destinations: []string{"ecr", "demo-assets"}, Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Results: []audit.Result{{Check: "a", Status: audit.Pass}, {Check: "b", Status: audit.Unknown}},
	}
	jobs := []string{ask.UpgradeTask, ask.InstallTask, ""}
	for i := range n {
		severity := audit.Severities()[min(3, i*4/max(1, n))]
		r.Findings = append(r.Findings, audit.Finding{
			ID: fmt.Sprintf("check/%d", i), Check: "check", Kind: audit.GrantKind, Severity: severity,
			Entity:   provision.Entity{Type: provision.UserEntity, Name: fmt.Sprintf("somebody-%04d", i)},
			Title:    fmt.Sprintf("somebody-%04d is a member of the publishers group", i),
			Text:     "Everyone in it can publish as CI does.",
			Evidence: []audit.Evidence{{Read: "iam:GetGroup", Text: "members: somebody and others"}},
			Remedy: audit.Remedy{
				Text: "Remove them from the group.", Job: jobs[i%3],
				Fix:      [][]string{{"aws", "iam", "remove-user-from-group", "--user-name", fmt.Sprintf("somebody-%04d", i)}},
				UndoText: "Put them back.", Undo: [][]string{{"aws", "iam", "add-user-to-group"}},
			},
		})
	}
	return r
}

// audits has the audit give these reports.
func audits(reports ...audit.Report) func(*Options) {
	return func(o *Options) {
		o.Start = ask.AuditTask
		o.Audit = func(context.Context, migrate.AuditRequest, func(migrate.AuditProgress)) ([]audit.Report, error) {
			return reports, nil
		}
	}
}

func (d *driver) toFindings() *driver {
	return d.until("enter yes, go on").press("enter", "enter").until("How it stands").press("enter").until("What was found")
}

// An audit, from home to a finding and its fix, on an emulated account.
func TestAuditEndToEnd(t *testing.T) {
	sb, acct := inSandbox(t, sandbox.Options{Scenario: "legacy"})
	before := len(sb.Log())
	d := drive(t, acct, func(o *Options) {
		atHome(o)
		o.Audit = func(ctx context.Context, req migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error) {
			return migrate.Audit(ctx, []migrate.AuditTarget{{Account: acct.(*account.Account)}}, req, o.Now, tell)
		}
	})
	d.until("you are").press("down", "down", "enter").until("enter yes, go on").press("enter")
	d.has("Which clusters", "An audit only reads").press("enter").until("How it stands").has("> demo", "Who can publish")
	d.press("enter").until("What was found of demo").press("/", "split").has("/ split_")
	d.press("enter", "enter").has("One finding", "f fix with upgrade")
	for _, e := range sb.Log()[before:] {
		if !readsOnly(e) {
			t.Errorf("an audit made %s", e.Action)
		}
	}
	d.press("f").has("slipway upgrade · demo", "enter yes, go on").press("enter").has("> Cluster demo")
	// And back to where one was.
	d.press("esc", "esc").until("What was found of demo").press("ctrl+c").untilQuit()
	out, err := d.outcome()
	if err != nil || out.Task.Name() != ask.AuditTask || len(out.Reports) != 1 {
		t.Errorf("got %v, %s, %d reports", err, out.Task.Name(), len(out.Reports))
	}
}

func readsOnly(e sandbox.Entry) bool {
	for _, verb := range []string{"Get", "List", "Simulate", "Head"} {
		if len(e.Action) >= len(verb) && e.Action[:len(verb)] == verb {
			return true
		}
	}
	return false
}

// The list is walked through and narrowed down, and each finding is told.
func TestFindings(t *testing.T) {
	d := drive(t, freshAccount(), audits(reportOf("demo", 1000), reportOf("prod", 2)))
	d.until("enter yes, go on").press("enter", "enter").until("How it stands").has("> demo", "prod").press("down", "enter")
	d.has("What was found of prod").press("down", "down", "down").has("> ", "somebody-0001 is a member")
	d.press("esc").until("How it stands").press("up", "enter").has("What was found of demo", "high", "somebody-0000")
	d.press("pgdown", "down").has("somebody-0011 is a member of the publishers group Everyone in it")
	d.press("/", "0999").has("1 of 1000 shown", "/ 0999_", "advice").press("backspace").has("11 of 1000 shown")
	d.press("enter").has("/ 099").press("/", "nobody").has("Nothing has these words.", "/ 099nobody_").press("enter", "enter")
	d.press("/", "ctrl+u", "0001").press("enter", "enter").has("One finding", "f fix with install", "seen iam:GetGroup", "undo")
	d.press("c").has("Asked the terminal to put the fix on the clipboard")
	d.waitFor("the clipboard", func() bool { return d.copied != "" })
	if d.copied != "aws iam remove-user-from-group --user-name somebody-0001" {
		t.Errorf("the clipboard holds %q", d.copied)
	}
	d.press("f").has("slipway install · demo").press("enter").has("[x] ECR", "[x] S3").press("enter").has("> Cluster demo", "demo-assets")
	d.press("esc", "esc", "esc").has("What was found of demo", "/ 0001").press("/", "esc").lacks("shown").has("somebody-0000")
	d.send(tea.PasteMsg{Content: "ignored outside the filter"})
	d.lacks("ignored")
}

func TestAuditThatCannotBe(t *testing.T) {
	tries := 0
	d := drive(t, freshAccount(), func(o *Options) {
		o.Start = ask.AuditTask
		o.Audit = func(context.Context, migrate.AuditRequest, func(migrate.AuditProgress)) ([]audit.Report, error) {
			if tries++; tries == 1 {
				return nil, &account.Error{Op: "list the users", Why: "operator may not iam:ListUsers", Way: "allow iam:ListUsers"}
			}
			return []audit.Report{reportOf("demo", 0)}, nil
		}
	})
	d.until("enter yes, go on").press("enter", "enter").until("The account could not be read").has("may not iam:ListUsers", "Half an audit").lacks("enter findings")
	d.press("enter").has("could not be read").press("r").until("How it stands").press("enter").has("Nothing. Every check that could be made has passed.")
	d.press("enter", "down", "pgdown").has("What was found").press("esc", "esc").has("Which clusters")
	// One that is named costs the calls of that one only, and is asked anew.
	d.press("down", "enter").has("> Cluster").press("enter").has("This is needed.").press("demo", "enter").until("How it stands")
	if !d.s.audit.All && d.s.audit.Cluster != "demo" || tries != 3 {
		t.Errorf("it asked %d times, last for %+v", tries, d.s.audit)
	}
	d.press("ctrl+c").untilQuit()
	if _, err := d.outcome(); errors.Is(err, ask.ErrCancelled) {
		t.Error("what was read is not told in the end")
	}
}
