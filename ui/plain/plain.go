// Package plain asks what the wizard asks, in lines: for screen readers, for
// terminals that cannot move their cursor, and for those who like it so.
//
// Its rules:
//
//   - Lines are written once and stay. Nothing is drawn over, nothing spins,
//     there is no colour, and no sign stands where a word could.
//   - There is one reader. A line is read when one is asked for and not before.
//   - At every question, "back" goes to the one before, "help" says more and
//     "quit" leaves. Input that ends cancels.
//   - A value that is not good is refused in words, and the question is asked
//     again.
//   - Nothing is changed before the whole word yes, or the cluster's name where
//     the plan changes what is there.
//   - The secret is never written: what is printed here stays in a scrollback.
//
// What is asked, and what is done with the answers, is package ask's, as it is
// for the wizard.
package plain

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// Options are what a conversation is started with.
type Options struct {
	// Start is the job, [ask.InstallTask] or [ask.UpgradeTask]; empty asks
	// which.
	Start string
	// Request is filled in as far as flags or an answers file did, and
	// Upgrade is the same for an upgrade.
	Request migrate.InstallRequest
	Upgrade migrate.UpgradeRequest
	// Account says which account to open.
	Account account.Options
	// Sandbox is the name of the sandbox's scenario; empty for a real
	// account.
	Sandbox string
	// Open opens the account.
	Open func(ctx context.Context, o account.Options) (migrate.Account, error)
	// Buckets and Clusters list what the account has, to choose from; nil
	// where names are to be typed.
	Buckets, Clusters func(ctx context.Context) ([]string, error)
	// OpenRuns are offered to go on with.
	OpenRuns []ask.OpenRun
	// Keep gives the journal of a cluster; nil means that what is done leaves
	// no trace. Staleness is how long answers of the account may be out of
	// date; zero is what real ones may.
	Keep      ask.Keep
	Staleness time.Duration
	// Platform reaches nullplatform; nil where it cannot be.
	Platform *ask.Platform
	// Projects looks for roots that hold an installation; nil where roots are
	// not asked about. State names the directory of a cluster's files, and
	// Environ is the person's environment, for work on them.
	Projects func() []migrate.Project
	State    func(account, cluster string) (string, error)
	Environ  []string
	// Audit makes an audit; nil where none can be made.
	Audit func(ctx context.Context, req migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error)

	Input  io.Reader
	Output io.Writer
	// Now is the clock.
	Now func() time.Time
	// Stoppable is called with what asks a run to stop after the call in
	// flight, when one begins, and with nil when it has ended.
	Stoppable func(stop func())
}

// Run asks, shows the plan and, after a yes, carries it out. It gives
// [ask.ErrCancelled] when the person left, the input ended or the context
// ended before anything was written; otherwise the outcome tells.
func Run(ctx context.Context, o Options) (ask.Outcome, error) {
	t := newTalk(o)
	defer t.in.close()
	t.open()
	err := t.walk(ctx)
	if errors.Is(err, errLeft) {
		err = nil
		t.say("")
		t.say("%s", t.soFar())
	}
	return t.outcome(), t.verdict(err)
}

// talk is one conversation.
type talk struct {
	o      Options
	in     *reader
	c      view.Canvas
	places ask.Places

	name    string
	a       ask.Answers
	upgrade migrate.UpgradeRequest
	// project are the answers about what holds the installation, projects the
	// roots that were found, and finding what the chosen one holds.
	project  ask.Project
	projects []migrate.Project
	finding  *migrate.RootFinding
	audit    migrate.AuditRequest
	reports  []audit.Report
	found    ask.Found
	acct     migrate.Account
	identity account.Identity
	// asked is the name of the question of the details that was asked last.
	asked          string
	askedOfProject string
	look           ask.Look
	// told is the preview that was told in full.
	told *migrate.InstallPreview
	// seen is what the look is of.
	seen ask.Task
	work ask.Work

	// before is what earlier runs of this conversation had done, last what
	// the latest run began from, and err what it came to.
	before ask.Result
	last   ask.Look
	err    error
	// resuming is set for a run that goes on: its answers are in its journal.
	resuming bool
	// newPlan makes the next look plan anew for an open run.
	newPlan bool
	// failed is why the last look failed.
	failed error
	// mu guards what is written while a checklist runs, which tells and asks
	// from sides of its own, and step, what its step under way said last.
	mu   sync.Mutex
	step string
	// finished is set when the person came to an end of the flow.
	finished bool
}

func newTalk(o Options) *talk {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Stoppable == nil {
		o.Stoppable = func(func()) {}
	}
	return &talk{
		o: o, in: newReader(o.Input), c: view.WordsCanvas(), name: o.Start,
		places: ask.PlacesWith(handover.Edge{}), a: ask.AnswersOf(o.Request), upgrade: o.Upgrade, project: ask.ProjectOf(o.Upgrade),
		audit: migrate.AuditRequest{All: true},
	}
}

// turn is where to go from a stop.
type turn int

const (
	onward turn = iota
	backward
	// anew goes to the preview for a new one.
	anew
	finish
)

// walk goes from stop to stop. Once something may have been written, nothing
// before the preview can be changed any more.
func (t *talk) walk(ctx context.Context) error {
	for at := 0; at < len(t.stops()); {
		to, err := t.stops()[at].visit(ctx)
		if err != nil {
			return err
		}
		floor := 0
		if t.last.Preview != nil {
			floor = t.previewAt()
		}
		switch to {
		case onward:
			at++
		case backward:
			if at == floor {
				t.say("There is nothing to go back to.")
			}
			at = max(floor, at-1)
		case anew:
			t.look = ask.Look{}
			at = t.previewAt()
		case finish:
			return nil
		}
	}
	return nil
}

// stop is one of the places that the conversation goes through. Those with a
// title are counted.
type stop struct {
	title string
	visit func(context.Context) (turn, error)
}

// stops are those of the job, in their order.
func (t *talk) stops() []stop {
	var out []stop
	if t.o.Start == "" {
		out = append(out, stop{"", t.askJob})
	}
	out = append(out, stop{"the account", t.askAccount})
	if t.resuming {
		return append(out, stop{previewTitle, t.showPreview}, stop{"", t.confirm}, stop{"carrying it out", t.apply})
	}
	switch t.name {
	case ask.AuditTask:
		return append(out, stop{clustersTitle, t.askDetails}, stop{"how it stands", t.judge})
	case ask.UpgradeTask:
		out = append(out, t.upgradeStops()...)
	default:
		out = append(out, stop{"where should CI publish build assets?", t.askDestinations},
			stop{"names, and where the secret goes", t.askDetails})
	}
	return append(out, stop{previewTitle, t.showPreview}, stop{"", t.confirm}, stop{"carrying it out", t.apply})
}

// upgradeStops are those between the account and the preview.
func (t *talk) upgradeStops() []stop {
	cluster := stop{upgradeTitle, t.askDetails}
	switch {
	case !t.offersRoots():
		return []stop{cluster}
	case t.project.Kept:
		return []stop{{projectTitle, t.askProject}, {layoutTitle, t.tellRoot}, {routeTitle, t.askRoute}}
	}
	return []stop{{projectTitle, t.askProject}, cluster}
}

const (
	projectTitle  = "what holds the installation today?"
	layoutTitle   = "how it is held"
	routeTitle    = "who applies it?"
	previewTitle  = "what would be done"
	upgradeTitle  = "which installation is to be upgraded?"
	clustersTitle = "which clusters are to be looked at?"
)

func (t *talk) previewAt() int {
	return slices.IndexFunc(t.stops(), func(s stop) bool { return s.title == previewTitle })
}

// heading begins a stop, with its place among those that are counted.
func (t *talk) heading(title string) {
	n, at := 0, 0
	for _, s := range t.stops() {
		if s.title == "" {
			continue
		}
		if n++; s.title == title {
			at = n
		}
	}
	end := "."
	if strings.HasSuffix(title, "?") {
		end = ""
	}
	t.title("Step %d of %d: %s%s", at, n, title, end)
}

// soFar says whether anything has been changed up to now.
func (t *talk) soFar() string {
	if t.last.Preview != nil {
		return "What was done before stays done."
	}
	return "Nothing has been changed."
}

// task is the job with the answers so far.
func (t *talk) task() ask.Task {
	switch t.name {
	case ask.UpgradeTask:
		req := t.project.Request(t.upgrade)
		return ask.Task{Upgrade: &req}
	case ask.AuditTask:
		req := t.audit
		return ask.Task{Audit: &req}
	}
	req := t.a.Request()
	return ask.Task{Install: &req}
}

// outcome is what it came to so far.
func (t *talk) outcome() ask.Outcome {
	out := ask.Outcome{Task: t.task(), Look: t.look, Reports: t.reports}
	if t.last.Preview != nil {
		out.Applied, out.Look, out.Err = true, t.last, t.err
		out.Result = t.before.Then(t.work.Result())
	}
	if t.finished && t.look.Nothing() {
		out.Err = nil // A new preview found that nothing was left to do.
	}
	return out
}

// verdict is the error that a conversation ends with.
func (t *talk) verdict(err error) error {
	switch {
	case t.last.Preview != nil, t.finished && err == nil:
		return nil // The outcome tells.
	case err != nil:
		return err
	}
	return ask.ErrCancelled
}
