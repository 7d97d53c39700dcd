package command

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// How a run without the wizard speaks: data on standard output, one line a
// step on standard error. Lines for people that nobody reads any more are lost
// and stop nothing.

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
			if e.Already {
				fmt.Fprintf(j.edge.Stderr, "before   %s\n", titles[e.Step])
				return
			}
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
