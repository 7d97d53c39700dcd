package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// Going on with an upgrade, and taking one back.

// resumeUpgrade goes on with an open upgrade: the same request again, which
// finds what is left to do.
func resumeUpgrade(ctx context.Context, e Edge, f *resumeFlags, run keptRun, c commonFlags) error {
	h, err := checklist.ReadJournal(run.path)
	if err != nil {
		return err
	}
	req, err := migrate.UpgradeRequestOf(h.Last())
	if err != nil {
		return err
	}
	req.Allow = f.allow
	up := &upgradeFlags{common: c, route: string(req.Route), yes: f.yes, allow: f.allow, args: []string{"resume", "--cluster", run.Cluster, "--yes"}}
	if up.show, err = parseViews(f.show); err != nil {
		return err
	}
	s, err := openSession(e, &up.common)
	if err != nil {
		return err
	}
	defer s.close()
	job := &upgradeJob{
		installJobRun: installJobRun{edge: e, flags: &installFlags{common: c, yes: f.yes}, session: s}, flags: up,
	}
	return job.run(ctx, req)
}

// undoUpgrade takes the last run back when it is an upgrade; ok is false when
// it is something else.
func (j *installJobRun) undoUpgrade(ctx context.Context, stops *stops, acct migrate.Account, f *undoFlags, k migrate.Keeping, cluster string) (ok bool, err error) {
	target := k.Journal.History().ToUndo()
	if target == nil || target.Begin.Job != migrate.UpgradeJob {
		return false, nil
	}
	undo, err := migrate.PreviewUpgradeUndo(ctx, acct, k)
	if errors.Is(err, migrate.ErrNothingToUndo) {
		fmt.Fprintf(j.edge.Stderr, "there is nothing to take back: no run of cluster %s has left anything\n", cluster)
		return true, nil
	}
	var applied *migrate.AppliedError
	if errors.As(err, &applied) {
		return true, j.undoRoot(ctx, stops, acct, f, k, cluster)
	}
	if err != nil {
		return true, stopped(ctx, err)
	}
	fmt.Fprintf(j.edge.Stderr, "taking back the upgrade of %s\n", when(undo.Target.At))
	if !undo.Plan.Empty() {
		if err := say(j.data(), view.Order(j.canvas(j.data()), undo.Plan)); err != nil {
			return true, err
		}
	}
	tellFilesBack(j.edge.Stderr, undo.Files)
	if err := undo.Plan.Blocked(); err != nil {
		return true, err
	}
	return true, j.walkBack(ctx, stops, cluster, undo)
}

// undoRoot takes back an upgrade that was applied through a root.
func (j *installJobRun) undoRoot(ctx context.Context, stops *stops, acct migrate.Account, f *undoFlags, k migrate.Keeping, cluster string) error {
	undo, err := migrate.PreviewRootUndo(ctx, acct, k, j.edge.Environ, j.edge.Now)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { _ = undo.Close() }() // What is left is a temporary file.
	undo.Allowed, undo.AllowUnrelated = f.addresses, f.unrelated
	fmt.Fprintf(j.edge.Stderr, "taking back the upgrade of %s, through its root with %s\n", when(undo.Target.At), undo.Tool)
	tellFilesBack(j.edge.Stderr, undo.Files)
	for _, m := range undo.Moves {
		fmt.Fprintf(j.edge.Stderr, "%s moves back to %s\n", m.From, m.To)
	}
	if !undo.Plan.Empty() {
		if err := say(j.data(), view.Order(j.canvas(j.data()), undo.Plan)); err != nil {
			return err
		}
	}
	if err := undo.Plan.Blocked(); err != nil {
		return err
	}
	if err := j.walkBack(ctx, stops, cluster, undo); err != nil {
		return err
	}
	for _, p := range undo.Proofs() {
		fmt.Fprintf(j.edge.Stderr, "seen: %s (%s)\n", p.What, p.Detail)
	}
	fmt.Fprintln(j.edge.Stderr, "the upgrade is taken back; commit the files")
	return nil
}

// wayBack is a run of whatever kind, about to be taken back.
type wayBack interface {
	Steps() []checklist.Step
	Start(o checklist.Options) (*checklist.Run, error)
}

// walkBack takes a run back that has been shown, if --yes says so.
func (j *installJobRun) walkBack(ctx context.Context, stops *stops, cluster string, way wayBack) error {
	if !j.flags.yes {
		return usage("nothing is changed without --yes: look at the way back, and run again with it")
	}
	run, err := way.Start(checklist.Options{Observe: j.progress(way.Steps()), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop, "slipway undo --cluster "+cluster+" goes on later")
	return stopped(ctx, run.Do(ctx))
}

// tellFilesBack says what becomes of each file that a run has written.
func tellFilesBack(w io.Writer, files []migrate.EditedFile) {
	for _, f := range files {
		if f.Backup == "" {
			fmt.Fprintf(w, "%s goes: the run made it\n", f.Path)
			continue
		}
		fmt.Fprintf(w, "%s goes back to what it was before\n", f.Path)
	}
}
