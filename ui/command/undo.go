package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// undoFlags are the flags of undo as they were given.
type undoFlags struct {
	common  commonFlags
	cluster string
	yes     bool
	allow   migrate.Allow
	show    []string
	// addresses and unrelated consent to what the guard would refuse of the
	// plan of a root.
	addresses []string
	unrelated bool
	// leave leaves what was registered with nullplatform.
	leave       bool
	credentials string
}

func newUndo(e Edge) *cobra.Command {
	f := &undoFlags{}
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "Take back what the last run did",
		Long: `Take back what the last run did to a cluster, in reverse, whether it came to
its end or not. What was there before the run stays, and so does what others
have changed since: that is told, and nothing is done until it is out of the
way. An access key is deleted only if the run made it, and what the run told
nullplatform is taken back first (NULLPLATFORM_API_KEY).

The way back is shown first, as a plan; with --yes it is carried out.`,
		Example: `  slipway undo --cluster demo
  slipway undo --cluster demo --yes`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUndo(cmd.Context(), e, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "the cluster's `NAME` (default: the only one with a run)")
	fl.BoolVar(&f.yes, "yes", false, "carry the way back out")
	fl.BoolVar(&f.allow.Loss, "allow-loss", false, "allow that a key is deleted which has been used")
	fl.BoolVar(&f.leave, "leave-registrations", false, "leave what was registered with nullplatform as it is")
	fl.StringVar(&f.credentials, "credentials", "", "where the key is that was registered before: file:PATH (`PLACE`)")
	fl.StringSliceVar(&f.show, "show", []string{showChanges}, "which `VIEWS` of the plan: changes, access, documents, calls, graph, or all")
	fl.StringArrayVar(&f.addresses, "allow", nil, "of an upgrade through a root: consent to what the plan does at this `ADDRESS`; repeatable")
	fl.BoolVar(&f.unrelated, "allow-unrelated", false, "of an upgrade through a root: consent to unrelated changes of the plan that destroy nothing")
	f.common.addLasting(fl)
	rarely(fl, "leave-registrations", "credentials", "show", "allow", "allow-unrelated")
	return cmd
}

// runUndo plans the way back, shows it, and carries it out when that was said
// yes to.
func runUndo(ctx context.Context, e Edge, f *undoFlags) error {
	j, run, err := openRunJob(e, &f.common, f.show, f.cluster, "take back", func(keptRun) bool { return true })
	if err != nil {
		return err
	}
	defer j.session.close()
	j.flags.yes, j.flags.allow = f.yes, f.allow
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(e, cancel)
	defer stops.end()

	acct, journal, err := j.openFor(ctx, run, "slipway undo")
	if err != nil {
		return stopped(ctx, err)
	}
	id, err := acct.Identity(ctx)
	if err != nil {
		return stopped(ctx, err)
	}
	begun, err := migrate.DropTraceless(journal)
	if err != nil {
		return err
	}
	if !begun.IsZero() {
		fmt.Fprintf(e.Stderr, "the run of %s had changed nothing: there is nothing of it to take back, and it is closed; slipway undo --cluster %s is now about the run before it\n",
			when(begun), run.Cluster)
		return nil
	}
	if ok, err := j.undoUpgrade(ctx, stops, acct, f, f.common.keeping(e, journal, id), run.Cluster); ok {
		return err
	}
	if ok, err := j.undoEmit(ctx, stops, f.common.keeping(e, journal, id), run.Cluster); ok {
		return err
	}
	resuming, err := j.undoing(journal, f)
	if err != nil {
		return err
	}
	undo, err := migrate.PreviewUndo(ctx, acct, resuming, f.common.keeping(e, journal, id))
	if errors.Is(err, migrate.ErrNothingToUndo) {
		fmt.Fprintf(e.Stderr, "there is nothing to take back: no run of cluster %s has left anything\n", run.Cluster)
		return nil
	}
	if err != nil {
		return stopped(ctx, err)
	}
	fmt.Fprintf(e.Stderr, "taking back the run of %s\n", when(undo.Target().At))
	if err := j.showPlan(undo.Preview()); err != nil {
		return err
	}
	switch {
	case undo.Refusal() != nil:
		return undo.Refusal()
	case !f.yes:
		return usage("nothing is changed without --yes: look at the way back, and run again with it")
	}
	return j.takeBack(ctx, stops, undo)
}

// undoing is what an undo needs beside what going on does.
func (j *installJobRun) undoing(journal *checklist.Journal, f *undoFlags) (r migrate.Resuming, err error) {
	r = j.resuming(journal)
	r.LeaveRegistrations = f.leave
	r.Platform = func() (migrate.Registry, error) {
		reg, _, err := j.session.nullplatform(j.edge)
		return reg, err
	}
	j.flags.credentials = f.credentials
	r.Key, err = j.buildKey()
	return r, err
}

func (j *installJobRun) takeBack(ctx context.Context, stops *stops, undo *migrate.Undo) error {
	cluster := undo.Preview().Request.Spec.Cluster
	hint := "slipway undo --cluster " + cluster + " goes on later"
	run, err := undo.Start(checklist.Options{Observe: j.progress(undo.Steps()), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop, hint)
	if err := stopped(ctx, run.Do(ctx)); err != nil {
		fmt.Fprintln(j.edge.Stderr, hint)
		return err
	}
	if j.flags.common.output != outputText {
		return nil
	}
	c := j.canvas(j.data())
	return say(j.data(), "\n"+view.Undone(c, undo.Preview()))
}
