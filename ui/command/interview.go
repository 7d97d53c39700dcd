package command

import (
	"context"
	"path/filepath"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/plain"
	"github.com/nullplatform/slipway/ui/view"
	"github.com/nullplatform/slipway/ui/wizard"
)

// interactive reports whether questions may be asked: only on a terminal, and
// only when nothing says that they should not.
func (j *installJobRun) interactive() bool {
	if j.flags.yes || j.flags.check || j.flags.common.output != outputText {
		return false
	}
	return onTerminal(j.edge)
}

// inLines reports whether questions are asked in lines and not on screens.
func (j *installJobRun) inLines() bool {
	return j.flags.common.plain || j.edge.Env("ACCESSIBLE") != "" || j.edge.Env("TERM") == "dumb"
}

// interview asks for what is missing, on screens or in lines, and leaves a
// summary behind.
func (j *installJobRun) interview(ctx context.Context, req migrate.InstallRequest) error {
	if req.Handover == "stdout" {
		return usage("--handover stdout needs --yes: where questions are asked, standard output is the screen; use another place")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := j.watch(cancel)
	defer stops.end()
	out, err := j.asked(ctx, req, stops)
	if err != nil {
		return err
	}
	if out.Preview == nil {
		return out.Err
	}
	s := view.InstallSummary{
		Preview: out.Preview, Result: out.Result, Err: out.Err, Sandbox: j.flags.common.sandbox != "",
	}
	if out.Applied && out.Err == nil {
		if s.Answers, err = j.rememberAnswers(out); err != nil {
			return err
		}
	}
	if j.inLines() {
		err = say(j.edge.Stdout, "\n"+view.Summary(view.WordsCanvas(), s))
	} else {
		err = j.showSummary(s)
	}
	if err != nil {
		return err
	}
	return out.Err
}

// asked has the questions asked and the plan carried out.
func (j *installJobRun) asked(ctx context.Context, req migrate.InstallRequest, stops *stops) (ask.Outcome, error) {
	if j.inLines() {
		return plain.Run(ctx, plain.Options{
			Request: req, Account: j.session.options, Sandbox: j.flags.common.sandbox,
			Open: j.session.open, Buckets: j.session.buckets,
			Input: j.edge.Stdin, Output: j.edge.Stdout, Now: j.edge.Now, Stoppable: stops.graceful,
		})
	}
	return wizard.Run(ctx, wizard.Options{
		Request: req, Account: j.session.options, Sandbox: j.flags.common.sandbox,
		Open: j.session.open, Input: j.edge.Stdin, Output: j.edge.Stdout, Environ: j.edge.Environ,
		Now: j.edge.Now, NoColor: j.noColor(), ASCII: !j.utf8(),
		Buckets: j.session.buckets,
	})
}

// rememberAnswers writes the answers of a wizard run where they are asked for,
// or else with the cluster's state. A sandbox has no state to keep.
func (j *installJobRun) rememberAnswers(out ask.Outcome) (string, error) {
	path := j.flags.writeAnswers
	if path == "" && j.flags.common.sandbox == "" {
		dir, err := stateDirectory(j.edge, out.Preview.Identity.Place.Account, out.Request.Spec.Cluster)
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, "install.yaml")
	}
	return path, j.saveAnswers(out.Request, path)
}
