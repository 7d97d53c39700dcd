package command

import (
	"context"
	"fmt"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/view"
)

// installJobRun is one run of install.
type installJobRun struct {
	edge    Edge
	flags   *installFlags
	session *session
	answers answersFile
	// reg registers what is installed; nil when no place in nullplatform was
	// given.
	reg *migrate.Registering
}

func (j *installJobRun) sandboxed() bool { return j.flags.common.sandbox != "" }

// direct installs without asking anything:
//
//  1. judge the request and the handover, without the account
//  2. take the cluster's journal, and go on with a run that is open in it
//  3. preview, and show it
//  4. refuse what must not be carried out, or not without a word
//  5. carry it out, telling each step
//  6. say what came of it
func (j *installJobRun) direct(ctx context.Context, req migrate.InstallRequest) error {
	if err := req.Spec.Validate(); err != nil {
		return err
	}
	var err error
	if j.reg, err = j.registering(req); err != nil {
		return err
	}
	place, err := j.place(req.Handover)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(j.edge, cancel)
	defer stops.end()

	acct, err := j.session.open(ctx, j.session.options)
	if err != nil {
		return err
	}
	id, err := acct.Identity(ctx)
	if err != nil {
		return stopped(ctx, err)
	}
	journal, err := j.journal("slipway install", id, req.Spec.Cluster)
	if err != nil {
		return err
	}
	if open := migrate.OpenRun(journal); open != nil {
		if err := migrate.SameRequest(open, req); err != nil {
			return err
		}
		resuming := j.resuming(journal)
		resuming.Register = &req.Register
		install, err := migrate.ResumeInstall(ctx, acct, resuming)
		if err != nil {
			return stopped(ctx, err)
		}
		if err := j.lookAgain(ctx, acct, install, journal); err != nil {
			return stopped(ctx, err)
		}
		j.sayGoingOn(open, install)
		return j.carryOut(ctx, stops, install, install.Left())
	}
	if err := migrate.CatchUp(ctx, acct, j.resuming(journal)); err != nil {
		return stopped(ctx, err)
	}
	p, err := migrate.PreviewInstall(ctx, acct, req)
	if err != nil {
		return stopped(ctx, err)
	}
	if err := j.lookAtPlatform(ctx, p, p.Inventory); err != nil {
		return stopped(ctx, err)
	}
	install, refusal := migrate.NewInstall(p, acct, place, j.flags.common.keeping(j.edge, journal, id))
	if refusal == nil {
		refusal = j.refusal()
	}
	if proceed, err := j.decide(p, refusal); !proceed {
		return err
	}
	return j.carryOut(ctx, stops, install, nil)
}

// journal opens the cluster's journal when something may be written. When not,
// it only tells of a run that is open.
func (j *installJobRun) journal(what string, id account.Identity, cluster string) (*checklist.Journal, error) {
	if j.flags.yes && !j.flags.check {
		return j.session.journalOf(j.edge, j.sandboxed(), what, id.Place.Account, cluster)
	}
	if dir, err := stateDirectory(j.edge, id.Place.Account, cluster); err == nil && !j.sandboxed() {
		if run, err := keptRunIn(dir); err == nil && run != nil && (run.State == migrate.RunOpen || run.State == migrate.RunUndoing) {
			fmt.Fprintf(j.edge.Stderr, "a run of %s for cluster %s is open since %s; see slipway status\n", run.Job, cluster, when(run.Begun))
		}
	}
	return checklist.MemoryJournal(j.edge.Now), nil
}

func (j *installJobRun) resuming(journal *checklist.Journal) migrate.Resuming {
	return migrate.Resuming{
		Journal: journal, Place: j.place, Allow: j.flags.allow, Now: j.edge.Now, Staleness: j.edge.TestOnlyStaleness,
		Tell: func(text string) { fmt.Fprintln(j.edge.Stderr, text) },
	}
}

// sayGoingOn tells that a run goes on, and what becomes of a key that was lost
// on the way.
func (j *installJobRun) sayGoingOn(open *checklist.Past, i *migrate.Install) {
	fmt.Fprintf(j.edge.Stderr, "going on with the run of %s: %d of %d changes are done, and the account is as they left it\n",
		when(open.At), len(i.Result().Done), len(i.Preview().Plan.Changes))
	for _, id := range i.Lost() {
		fmt.Fprintf(j.edge.Stderr, "access key %s was made by this run, and its secret was never handed over: it is deleted, and another one made\n", id)
	}
}

// carryOut runs an install to its end and says what came of it. Left is what
// is shown first of a run that goes on.
func (j *installJobRun) carryOut(ctx context.Context, stops *stops, install *migrate.Install, left *migrate.InstallPreview) error {
	p := install.Preview()
	if left != nil && j.flags.common.output == outputText {
		if err := j.showPlan(left); err != nil {
			return err
		}
	}
	hint := j.goOn(p.Request.Spec.Cluster)
	if err := j.endWithRegistration(ctx, install); err != nil {
		return err
	}
	run, err := install.Start(checklist.Options{Observe: j.progress(install.Steps()), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop, hint)
	failure := stopped(ctx, run.Do(ctx))
	if failure != nil {
		fmt.Fprintln(j.edge.Stderr, hint)
	}
	s := view.InstallSummary{Preview: p, Result: install.Result(), Err: failure, Sandbox: j.sandboxed()}
	if j.reg != nil {
		s.Registered, s.Proved = j.reg.Registered(), j.reg.Proved()
	}
	return j.conclude(s)
}

// goOn says how to go on with a run that ended early.
func (j *installJobRun) goOn(cluster string) string {
	if j.sandboxed() {
		return "the sandbox ends with this run, and everything in it"
	}
	return "the same command goes on later, and so does slipway resume --cluster " + cluster
}

// stopped takes an error for a stop when the person has asked for one twice.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", checklist.ErrStopped, err)
	}
	return err
}

// place reads the handover, which may stay open while nothing is written.
func (j *installJobRun) place(text string) (handover.Place, error) {
	if text == "" {
		return nil, nil
	}
	if text == "stdout" && j.flags.common.output != outputText {
		return nil, usage("--handover stdout and --output %s would both write to standard output; use another place", j.flags.common.output)
	}
	edge := handover.Edge{Stdout: j.edge.Stdout, TestOnlyDisk: j.edge.TestOnlyHandover}
	if j.reg == nil {
		return handover.Parse(text, edge)
	}
	edge.Platform = j.reg.Place()
	place, err := handover.Parse(text, edge)
	if err != nil {
		return nil, err
	}
	return j.reg.Keeping(place), nil
}

// decide shows the preview and says whether to go on. The refusal is the job's
// own word on the plan.
func (j *installJobRun) decide(p *migrate.InstallPreview, refusal error) (bool, error) {
	f := j.flags
	nothing := p.Plan.Empty() && p.Plan.Blocked() == nil && refusal == nil && !p.Registers()
	// A JSON result holds its plan, so that there is one document to read.
	result := f.common.output == outputJSON && !f.check && (nothing || f.yes && refusal == nil)
	if !result {
		if err := j.showPlan(p); err != nil {
			return false, err
		}
	}
	switch {
	case p.Plan.Blocked() != nil:
		return false, p.Plan.Blocked()
	case nothing && result:
		return false, j.conclude(view.InstallSummary{Preview: p, Sandbox: f.common.sandbox != ""})
	case nothing:
		return false, j.saveAnswers(p.Request, f.writeAnswers)
	case f.check:
		return false, &toldError{code: exitCheck}
	case !f.yes:
		return false, usage("nothing is changed without --yes where nobody can be asked")
	}
	return refusal == nil, refusal
}
