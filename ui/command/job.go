package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/view"
)

// installJobRun is one run of install.
type installJobRun struct {
	edge    Edge
	flags   *installFlags
	session *session
	answers answersFile
}

// direct installs without asking anything:
//
//  1. judge the request and the handover, without the account
//  2. preview, and show it
//  3. refuse what must not be carried out, or not without a word
//  4. carry it out, telling each step
//  5. say what came of it
func (j *installJobRun) direct(ctx context.Context, req migrate.InstallRequest) error {
	if err := req.Spec.Validate(); err != nil {
		return err
	}
	place, err := j.place(req.Handover)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := j.watch(cancel)
	defer stops.end()

	acct, err := j.session.open(ctx, j.session.options)
	if err != nil {
		return err
	}
	p, err := migrate.PreviewInstall(ctx, acct, req)
	if err != nil {
		return stopped(ctx, err)
	}
	install, refusal := migrate.NewInstall(p, acct, place)
	if proceed, err := j.decide(p, refusal); !proceed {
		return err
	}
	steps := install.Steps()
	run, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop)
	failure := stopped(ctx, run.Do(ctx))
	return j.conclude(view.InstallSummary{
		Preview: p, Result: install.Result(), Err: failure, Sandbox: j.flags.common.sandbox != "",
	})
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
	return handover.Parse(text, handover.Edge{Stdout: j.edge.Stdout})
}

// decide shows the preview and says whether to go on. The refusal is the job's
// own word on the plan.
func (j *installJobRun) decide(p *migrate.InstallPreview, refusal error) (bool, error) {
	f := j.flags
	nothing := p.Plan.Empty() && p.Plan.Blocked() == nil
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

// data is where plan and summary go: standard output, unless the secret has
// been sent there and somebody is reading it.
func (j *installJobRun) data() io.Writer {
	if j.flags.handover == "stdout" || j.answers.Handover == "stdout" {
		return j.edge.Stderr
	}
	return j.edge.Stdout
}

func (j *installJobRun) canvas(w io.Writer) view.Canvas { return canvasFor(j.edge, &j.flags.common, w) }

func (j *installJobRun) showPlan(p *migrate.InstallPreview) error {
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(j.data(), func() ([]byte, error) { return view.PlanJSON(p) })
	case outputMarkdown:
		return say(j.data(), view.PlanMarkdown(p))
	}
	return say(j.data(), planText(j.canvas(j.data()), p, j.flags.show))
}

func writeJSON(w io.Writer, marshal func() ([]byte, error)) error {
	text, err := marshal()
	if err != nil {
		return err
	}
	return say(w, string(text))
}

func say(w io.Writer, text string) error {
	if _, err := fmt.Fprintln(w, strings.TrimRight(text, "\n")); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

// progress tells each step's end on standard error, one line each, in words.
func (j *installJobRun) progress(steps []checklist.Step) func(checklist.Event) {
	titles := map[string]string{}
	for _, s := range steps {
		titles[s.ID] = s.Title
	}
	return func(e checklist.Event) {
		j.session.log.Debug("step", "step", e.Step, "state", string(e.State), "detail", e.Detail)
		switch e.State {
		case checklist.Done:
			fmt.Fprintf(j.edge.Stderr, "done     %s (%s)\n", titles[e.Step], e.Took.Round(10*time.Millisecond))
		case checklist.Failed:
			word := "failed "
			if errors.Is(e.Err, checklist.ErrStopped) {
				word = "stopped"
			}
			fmt.Fprintf(j.edge.Stderr, "%s  %s\n", word, titles[e.Step])
		case checklist.NotRun:
			fmt.Fprintf(j.edge.Stderr, "not run  %s\n", titles[e.Step])
		}
	}
}

// conclude says what came of it and gives the error that decides the exit
// code.
func (j *installJobRun) conclude(s view.InstallSummary) error {
	if s.Err == nil && j.flags.writeAnswers != "" {
		if err := j.saveAnswers(s.Preview.Request, j.flags.writeAnswers); err != nil {
			return err
		}
		s.Answers = j.flags.writeAnswers
	}
	if err := j.showSummary(s); err != nil {
		return err
	}
	return s.Err
}

func (j *installJobRun) showSummary(s view.InstallSummary) error {
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(j.data(), func() ([]byte, error) { return view.ResultJSON(s) })
	case outputMarkdown:
		return say(j.data(), view.SummaryMarkdown(s))
	}
	return say(j.data(), "\n"+view.Summary(j.canvas(j.data()), s))
}

func (j *installJobRun) saveAnswers(req migrate.InstallRequest, path string) error {
	if path == "" {
		return nil
	}
	return writeAnswers(path, req, &j.flags.common)
}
