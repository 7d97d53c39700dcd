package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// emitTofu is what --emit may be: the calls of the modules, which OpenTofu and
// Terraform read alike.
const emitTofu = "tofu"

// emitFlags are the flags of an install through the modules.
type emitFlags struct {
	what    string
	patch   string
	request migrate.EmitRequest
	// args are the command line, for a person to go on with.
	args []string
}

func (f *emitFlags) add(fl *pflag.FlagSet) {
	r := &f.request
	fl.StringVar(&f.what, "emit", "", "write module calls into --dir and apply them: tofu (`WHAT`)")
	fl.StringVar(&r.Dir, "dir", "", "the root that --emit writes into, a `DIR`")
	fl.StringVar(&f.patch, "patch", "", "with --emit: write the files as a patch to this `FILE` instead")
	fl.BoolVar(&r.WriteOnly, "write-only", false, "with --emit: write the files; your own pipeline applies")
	fl.StringVar(&r.Ref, "module-ref", "", "`RELEASE` of the modules (default: the newest of the contract)")
	fl.StringVar(&r.Source, "module-source", "", "where the modules come from: a `REPOSITORY`, or a directory as seen from the root")
	fl.StringVar(&r.Tool, "tool", "", "the `BINARY` of OpenTofu or Terraform (default: the one that the state tells of)")
	fl.StringArrayVar(&r.VarFiles, "var-file", nil, "`FILE` of variables for the plan; repeatable")
	fl.StringArrayVar(&r.BackendConfigs, "backend-config", nil, "`FILE` of backend settings for init; repeatable")
	fl.BoolVar(&r.AcceptRefs, "accept-refs", false, "agree to a --module-ref that is no release")
	fl.StringArrayVar(&r.AllowAddresses, "allow", nil, "consent to what the plan does at this `ADDRESS`; repeatable")
	fl.BoolVar(&r.AllowUnrelated, "allow-unrelated", false, "consent to unrelated changes of the plan that destroy nothing")
	rarely(fl, "emit", "dir", "patch", "write-only", "module-ref", "module-source", "tool", "var-file", "backend-config", "accept-refs", "allow", "allow-unrelated")
}

// over lays the flags over a request.
func (f *emitFlags) over(cmd *cobra.Command, req *migrate.InstallRequest) error {
	if f.what == "" {
		for _, name := range []string{"dir", "patch", "write-only", "module-ref", "module-source", "tool", "var-file", "backend-config", "accept-refs", "allow", "allow-unrelated"} {
			if cmd.Flags().Changed(name) {
				return usage("--%s goes with --emit %s; give both, or neither", name, emitTofu)
			}
		}
		return nil
	}
	if f.what != emitTofu {
		return usage("--emit %s is unknown; use %s, which Terraform reads too", f.what, emitTofu)
	}
	if !cmd.Flags().Changed("handover") {
		req.Handover = "" // An answers file's; there is nothing to hand over.
	}
	emit := f.request
	if emit.Dir != "" {
		emit.Dir = named(emit.Dir)
	}
	emit.WriteOnly = emit.WriteOnly || f.patch != ""
	req.Emit, f.args = &emit, commandLine(cmd)
	return nil
}

// checkEmit refuses flags that do not go together.
func (f *installFlags) checkEmit() error {
	switch {
	case f.emit.what == "":
		return nil
	case f.common.sandbox != "":
		return usage("--sandbox makes an account of its own, which no root knows; start one with slipway sandbox, and use --endpoint-url")
	case f.emit.patch != "" && (f.check || f.yes):
		return usage("--patch writes the patch and nothing else; leave --check and --yes out")
	case f.credentials != "":
		return usage("--credentials is for an install without --emit; leave it out")
	}
	return nil
}

// emit installs through the modules:
//
//  1. see what is to be written, and show it; a patch is written and that is all
//  2. refuse what must not be carried out, or not without a word
//  3. carry it out, telling each step
//  4. say what came of it
func (j *installJobRun) emit(ctx context.Context, req migrate.InstallRequest) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(j.edge, cancel)
	defer stops.end()

	if err := req.Spec.Validate(); err != nil {
		return err
	}
	var err error
	if j.reg, err = j.registering(req); err != nil {
		return err
	}
	acct, err := j.session.open(ctx, j.session.options)
	if err != nil {
		return err
	}
	p, err := j.previewEmit(ctx, acct, req)
	if err != nil {
		return stopped(ctx, err)
	}
	if j.flags.emit.patch != "" {
		return j.writePatch(p)
	}
	proceed, err := j.decideEmit(p)
	closing := p.Done() && j.flags.yes && !j.flags.check
	if err != nil || !proceed && !closing {
		return err
	}
	id := p.Account.Identity
	journal, err := j.journal("slipway install", id, req.Spec.Cluster)
	switch {
	case err != nil:
		return stopped(ctx, err)
	case p.Done() && migrate.OpenRun(journal) == nil:
		return nil
	}
	state, err := stateDirectory(j.edge, id.Place.Account, req.Spec.Cluster)
	if err != nil {
		return err
	}
	keeping := j.flags.common.keeping(j.edge, journal, id)
	if err := p.Recall(journal); err != nil {
		return err
	}
	run, err := migrate.NewRootInstall(ctx, p, acct, filepath.Join(state, "backups"), keeping.Run)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { _ = run.Close() }() // What is left is a temporary file.
	return j.carryEmit(ctx, stops, p, run, keeping)
}

// previewEmit previews it, with what of the bucket's own settings will keep CI
// out where nullplatform is told of it.
func (j *installJobRun) previewEmit(ctx context.Context, acct migrate.Account, req migrate.InstallRequest) (*migrate.EmitPreview, error) {
	p, err := migrate.PreviewEmit(ctx, acct, j.reg, req, j.edge.Environ)
	if err != nil || j.reg == nil {
		return p, err
	}
	evidence, err := j.session.evidence(ctx)
	if err != nil {
		return nil, err
	}
	j.reg.LookAtBucket(ctx, evidence, p.Account)
	return p, nil
}

func (j *installJobRun) carryEmit(ctx context.Context, stops *stops, p *migrate.EmitPreview, run *migrate.RootInstall, k migrate.Keeping) error {
	if err := migrate.BeginEmit(k, p); err != nil {
		return err
	}
	steps := run.Steps()
	list, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now, Journal: k.Journal})
	if err != nil {
		return err
	}
	stops.graceful(list.Stop, "the same command goes on later")
	s := view.EmitSummary{Preview: p, Err: stopped(ctx, list.Do(ctx)), Resume: "slipway " + strings.Join(j.flags.emit.args, " ")}
	s.Result = run.Result()
	if err := j.tellEmit(
		func(c view.Canvas) string { return "\n" + view.EmitSummaryText(c, s) },
		func() string { return view.EmitSummaryMarkdown(s) },
		func() ([]byte, error) { return view.EmitResultJSON(s) },
	); err != nil {
		return err
	}
	if s.Err != nil {
		return s.Err
	}
	return j.saveAnswers(p.Request, j.flags.writeAnswers)
}

// tellEmit writes one of three forms to standard output.
func (j *installJobRun) tellEmit(text func(view.Canvas) string, markdown func() string, json func() ([]byte, error)) error {
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(j.edge.Stdout, json)
	case outputMarkdown:
		return say(j.edge.Stdout, markdown())
	}
	return say(j.edge.Stdout, text(canvasFor(j.edge, &j.flags.common, j.edge.Stdout)))
}

// decideEmit shows the preview and says whether to go on.
func (j *installJobRun) decideEmit(p *migrate.EmitPreview) (bool, error) {
	f := j.flags
	// A JSON result holds its plan, so that there is one document to read.
	if f.common.output != outputJSON || f.check || !f.yes || p.Done() {
		if err := j.tellEmit(
			func(c view.Canvas) string { return view.EmitText(c, p, drawings(f.show)...) },
			func() string { return view.EmitMarkdown(p) },
			func() ([]byte, error) { return view.EmitPlanJSON(p) },
		); err != nil {
			return false, err
		}
	}
	switch {
	case p.Done():
		return false, j.saveAnswers(p.Request, f.writeAnswers)
	case f.check:
		return false, &toldError{code: exitCheck}
	case !f.yes:
		fmt.Fprintln(j.edge.Stderr, "slipway: nothing is written without --yes; look at it, and run again with it")
		return false, &toldError{code: exitCheck}
	}
	return true, nil
}

// writePatch writes the files as a patch that `git apply` takes in the root.
func (j *installJobRun) writePatch(p *migrate.EmitPreview) error {
	path, diff := j.flags.emit.patch, p.Diff()
	if err := p.Refusal(); err != nil {
		return err
	}
	if diff == "" {
		fmt.Fprintln(j.edge.Stderr, "there is nothing to write: the files are there")
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return usage("--patch %s is there already, and is not written over; name another file", path)
	}
	if err := replaceFile(path, []byte(diff)); err != nil {
		return fmt.Errorf("write the patch: %w; name another file with --patch", err)
	}
	for _, q := range p.Emission.Problems {
		fmt.Fprintln(j.edge.Stderr, q.Error())
	}
	fmt.Fprintf(j.edge.Stderr, "written to %s; take it with: git -C %s apply %s\n", path, p.Request.Emit.Dir, absoluteOr(path))
	return nil
}

func absoluteOr(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// resumeEmit goes on with an open install through the modules: the same request
// again, which finds what is left to do.
func resumeEmit(ctx context.Context, e Edge, f *resumeFlags, run keptRun, c commonFlags) error {
	h, err := checklist.ReadJournal(run.path)
	if err != nil {
		return err
	}
	req, err := migrate.RequestOf(h.Last())
	if err != nil {
		return err
	}
	req.Allow = f.allow
	in := &installFlags{common: c, yes: f.yes, allow: f.allow, update: f.update}
	in.emit = emitFlags{what: emitTofu, args: []string{"resume", "--cluster", run.Cluster, "--yes"}}
	if in.show, err = parseViews(f.show); err != nil {
		return err
	}
	s, err := openSession(e, &in.common)
	if err != nil {
		return err
	}
	defer s.close()
	return (&installJobRun{edge: e, flags: in, session: s}).emit(ctx, req)
}

// undoEmit takes the last run back when it is an install through the modules;
// ok is false when it is something else.
func (j *installJobRun) undoEmit(ctx context.Context, stops *stops, k migrate.Keeping, cluster string) (ok bool, err error) {
	target := k.Journal.History().ToUndo()
	if target == nil || target.Begin.Job != migrate.EmitJob {
		return false, nil
	}
	undo, err := migrate.PreviewEmitUndo(k)
	if errors.Is(err, migrate.ErrNothingToUndo) {
		fmt.Fprintf(j.edge.Stderr, "there is nothing to take back: no run of cluster %s has left anything\n", cluster)
		return true, nil
	}
	if err != nil {
		return true, err
	}
	tellFilesBack(j.edge.Stderr, undo.Files)
	return true, j.walkBack(ctx, stops, cluster, undo)
}
