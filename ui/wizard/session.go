package wizard

import (
	"context"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// session is what the screens of one run share: what was given, what was
// answered, what was found out. Screens read and write it within Update only.
type session struct {
	opts Options
	// ctx ends with the program. What writes has a context of its own.
	ctx    context.Context
	cancel context.CancelFunc
	// gone is closed when no screen is left to tell anything to.
	gone chan struct{}

	canvas  view.Canvas
	answers ask.Answers

	acct     migrate.Account
	identity account.Identity
	found    ask.Found
	entry    entry

	// task is the job that is asked about; empty at home.
	task string
	// upgrade are the answers of an upgrade, and project those about what
	// holds the installation. projects were found, and finding is what the one
	// holds that was chosen; both are nil until they are known.
	upgrade  migrate.UpgradeRequest
	project  ask.Project
	projects []migrate.Project
	finding  *migrate.RootFinding
	// audit are the answers of an audit, reports what came of it, and report
	// the place of the one that is looked at.
	audit   migrate.AuditRequest
	reports []audit.Report
	report  int
	// look is what the preview showed, and work what was confirmed of it.
	look   ask.Look
	glance glance
	work   ask.Work
	// job is the last checklist that was started.
	job *job
	// reveals carries a secret from the checklist to the screen that shows it.
	reveals chan revealMsg
	// before is what earlier checklists of this run had done.
	before ask.Result
	// finished is set when the person came to an end of the flow.
	finished bool

	tickets int
	// testOnlyStill keeps the stopwatches from running.
	testOnlyStill bool
}

func newSession(ctx context.Context, o Options) *session {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &session{
		opts: o, gone: make(chan struct{}), reveals: make(chan revealMsg),
		canvas:  view.NewCanvas(0, !o.ASCII, !o.NoColor),
		answers: ask.AnswersOf(o.Request), upgrade: o.Upgrade, project: ask.ProjectOf(o.Upgrade),
		audit: migrate.AuditRequest{All: true},
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// drainTime is how long a call in flight may take to end once the program is
// gone; after it the call is given up.
const drainTime = 20 * time.Second

// close ends all that is under way and waits for the checklist. Nothing is
// left writing afterwards.
func (s *session) close() {
	close(s.gone)
	s.cancel()
	if s.job != nil {
		s.job.drain(drainTime)
	}
}

// soFar says whether anything has been changed up to now.
func (s *session) soFar() string {
	if s.job != nil {
		return "What was done before stays done."
	}
	return "Nothing has been changed so far."
}

// asked is the task with its answers so far.
func (s *session) asked() ask.Task {
	switch s.task {
	case ask.UpgradeTask:
		req := s.project.Request(s.upgrade)
		return ask.Task{Upgrade: &req}
	case ask.AuditTask:
		req := s.audit
		return ask.Task{Audit: &req}
	}
	req := s.answers.Request()
	return ask.Task{Install: &req}
}

// sight is what a look at the account needs to be told.
func (s *session) sight() ask.Sight {
	return ask.Sight{
		Account: s.acct, Places: s.places(), Keep: s.opts.Keep, Staleness: s.opts.Staleness, Now: s.opts.Now, Allow: s.allowed(),
		Platform: s.opts.Platform,
		State:    s.opts.State, Environ: s.opts.Environ,
	}
}

// cluster is the name of the cluster, as far as it is known.
func (s *session) cluster() string {
	switch {
	case s.task == ask.UpgradeTask && s.look.Up != nil:
		return s.look.Cluster()
	case s.task == ask.UpgradeTask && s.project.Kept:
		return s.foundCluster()
	case s.task == ask.UpgradeTask:
		return s.upgrade.Cluster
	case s.task == ask.AuditTask && s.audit.All:
		return ""
	case s.task == ask.AuditTask:
		return s.audit.Cluster
	}
	return s.answers.Cluster
}

// foundCluster is the name of the cluster that a root holds, as far as its
// files and its state tell.
func (s *session) foundCluster() string {
	if s.finding == nil || len(s.finding.Layout.Identities) != 1 {
		return ""
	}
	return s.finding.Layout.Identities[0].Cluster.Value
}

// allowed are the words that were given beforehand.
func (s *session) allowed() migrate.Allow {
	if s.task == ask.UpgradeTask {
		return s.opts.Upgrade.Allow
	}
	return s.opts.Request.Allow
}

// done is what has been done, over all attempts.
func (s *session) done() ask.Result {
	if s.job == nil {
		return s.before
	}
	return s.before.Then(s.job.work.Result())
}

// outcome is what it came to so far. It may be called only while no checklist
// runs.
func (s *session) outcome() ask.Outcome {
	out := ask.Outcome{Task: s.asked(), Look: s.look, Reports: s.reports}
	if s.job != nil {
		out.Applied = true
		out.Result, out.Err, out.Look = s.done(), s.job.err, s.job.look
	}
	if s.finished && s.look.Nothing() {
		// A new preview found that nothing was left to do.
		out.Err = nil
	}
	return out
}
