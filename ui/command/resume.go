package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/handover"
)

// resumeFlags are the flags of resume as they were given.
type resumeFlags struct {
	common   commonFlags
	cluster  string
	handover string
	// credentials is where the secret of the build user's key is, and update
	// the word with which what is registered may be changed.
	credentials string
	update      bool
	newPlan     bool
	yes         bool
	allow       migrate.Allow
	show        []string
}

func newResume(e Edge) *cobra.Command {
	f := &resumeFlags{}
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Go on with a run that ended in the middle",
		Long: `Go on with a run that ended in the middle. If the account is as the run left
it, the rest of the plan that was shown is carried out. If not, nothing is
changed and the difference is told; --new-plan makes a new plan for it.`,
		Example: `  slipway resume
  slipway resume --cluster demo --yes
  slipway resume --cluster demo --new-plan --yes`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error { return runResume(cmd.Context(), e, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "the cluster's `NAME` (default: the only one with an open run)")
	fl.BoolVar(&f.yes, "yes", false, "carry it out without asking; needed without a terminal")
	fl.BoolVar(&f.newPlan, "new-plan", false, "make a new plan for the account as it is now")
	fl.StringVar(&f.handover, "handover", "", "send the secret to another `PLACE` than was first asked for")
	fl.StringVar(&f.credentials, "credentials", "", "where the secret of an existing key is: file:PATH (`PLACE`)")
	fl.BoolVar(&f.update, "update-registration", false, "change what is registered with nullplatform with other values")
	fl.BoolVar(&f.allow.Broadening, "allow-broadening", false, "allow access beyond what the choices call for")
	fl.BoolVar(&f.allow.Loss, "allow-loss", false, "allow that access which is of use is taken away")
	fl.StringSliceVar(&f.show, "show", []string{showChanges}, "which `VIEWS` of the plan: changes, access, documents, calls, graph, or all")
	f.common.addLasting(fl)
	rarely(fl, "credentials", "update-registration", "allow-broadening", "allow-loss", "show")
	return cmd
}

// runResume finds the open run, looks at the account, and goes on.
func runResume(ctx context.Context, e Edge, f *resumeFlags) error {
	j, run, err := openRunJob(e, &f.common, f.show, f.cluster, "resume", func(r keptRun) bool {
		return r.State == migrate.RunOpen || r.State == migrate.RunUndoing
	})
	if err != nil {
		return err
	}
	defer j.session.close()
	if run.Job == migrate.UpgradeJob {
		return resumeUpgrade(ctx, e, f, run, j.flags.common)
	}
	if run.Job == migrate.EmitJob {
		return resumeEmit(ctx, e, f, run, j.flags.common)
	}
	j.flags.yes, j.flags.allow = f.yes, f.allow
	j.flags.credentials, j.flags.update = f.credentials, f.update
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(e, cancel)
	defer stops.end()

	acct, journal, err := j.openFor(ctx, run, "slipway resume")
	if err != nil {
		return stopped(ctx, err)
	}
	open := migrate.OpenRun(journal)
	switch {
	case open == nil:
		return &noRunError{text: "the run of cluster " + run.Cluster + " has come to its end in between"}
	case run.State == migrate.RunUndoing:
		return &migrate.OpenRunError{Job: open.Begin.Job, Cluster: run.Cluster, Since: open.At}
	}
	if err := j.registerAsIn(open); err != nil {
		return err
	}
	resuming := j.resuming(journal)
	if resuming.Handover, err = handover.Absolute(f.handover); err != nil {
		return err
	}
	if f.newPlan {
		return j.replan(ctx, stops, acct, resuming)
	}
	install, err := migrate.ResumeInstall(ctx, acct, resuming)
	if err != nil {
		return stopped(ctx, err)
	}
	if err := j.lookAgain(ctx, acct, install, journal); err != nil {
		return stopped(ctx, err)
	}
	j.sayGoingOn(open, install)
	if !f.yes && !onTerminal(e) {
		if err := j.showPlan(install.Left()); err != nil {
			return err
		}
		return usage("nothing is changed without --yes where nobody can be asked")
	}
	return j.carryOut(ctx, stops, install, install.Left())
}

// replan makes a new plan for the open run, shows it, and carries it out when
// that was said yes to.
func (j *installJobRun) replan(ctx context.Context, stops *stops, acct migrate.Account, r migrate.Resuming) error {
	install, err := migrate.ReplanInstall(ctx, acct, r)
	if err != nil {
		return stopped(ctx, err)
	}
	if err := j.lookAgain(ctx, acct, install, r.Journal); err != nil {
		return stopped(ctx, err)
	}
	if err := j.showPlan(install.Preview()); err != nil {
		return err
	}
	switch {
	case install.Refusal() != nil:
		return install.Refusal()
	case !j.flags.yes:
		return usage("nothing is changed without --yes: look at the new plan, and run again with it")
	}
	return j.carryOut(ctx, stops, install, nil)
}

// openRunJob finds the run that a command is about and prepares a session for
// it, with the settings that the run had.
func openRunJob(e Edge, c *commonFlags, show []string, cluster, what string, fits func(keptRun) bool) (*installJobRun, keptRun, error) {
	if err := c.validate(); err != nil {
		return nil, keptRun{}, err
	}
	views, err := parseViews(show)
	if err != nil {
		return nil, keptRun{}, err
	}
	run, err := oneRun(e, cluster, what, fits)
	if err != nil {
		return nil, run, err
	}
	c.inherit(run)
	s, err := openSession(e, c)
	if err != nil {
		return nil, run, err
	}
	return &installJobRun{edge: e, flags: &installFlags{common: *c, show: views}, session: s}, run, nil
}

// openFor opens the account and the journal of a run.
func (j *installJobRun) openFor(ctx context.Context, run keptRun, what string) (migrate.Account, *checklist.Journal, error) {
	acct, err := j.session.open(ctx, j.session.options)
	if err != nil {
		return nil, nil, err
	}
	id, err := acct.Identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	if id.Place.Account != run.Account {
		return nil, nil, usage("the run is of account %s, and these credentials are of %s; use others, such as with --profile", run.Account, id.Place.Account)
	}
	journal, err := j.session.journalOf(j.edge, false, fmt.Sprintf("%s --cluster %s", what, run.Cluster), run.Account, run.Cluster)
	return acct, journal, err
}
