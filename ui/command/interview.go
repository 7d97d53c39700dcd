package command

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/plain"
	"github.com/nullplatform/slipway/ui/view"
	"github.com/nullplatform/slipway/ui/wizard"
)

// interview is a run in which a person is asked: on screens or in lines, about
// one job or about which.
type interview struct {
	edge    Edge
	common  *commonFlags
	session *session
	// start is the job to begin with; empty asks which.
	start   string
	install migrate.InstallRequest
	upgrade migrate.UpgradeRequest
	// writeAnswers is where the answers of an install are written; empty
	// keeps them with the cluster's state.
	writeAnswers string
	// credentials is where the build user's key is, to publish and to register
	// with.
	credentials string
	// seen is what was seen of publishing after it.
	seen []migrate.Publishing
}

// mayAsk reports whether questions may be asked: only on a terminal, and only
// when nothing says that they should not.
func mayAsk(e Edge, c *commonFlags, yes, check bool) bool {
	return !yes && !check && c.output == outputText && onTerminal(e)
}

// inLines reports whether questions are asked in lines and not on screens.
func (i *interview) inLines() bool {
	return i.common.plain || i.edge.Env("ACCESSIBLE") != "" || i.edge.Env("TERM") == "dumb"
}

// run asks for what is missing, has it carried out, and leaves a summary
// behind.
func (i *interview) run(ctx context.Context) error {
	if i.install.Handover == "stdout" {
		return usage("--handover stdout needs --yes: where questions are asked, standard output is the screen; use another place")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(i.edge, cancel)
	defer stops.end()
	out, err := i.ask(ctx, stops)
	if err != nil {
		return err
	}
	if out.Look.Preview == nil && out.Reports == nil {
		return out.Err
	}
	if err := i.seePublishing(ctx, stops, out); err != nil {
		return err
	}
	text, err := i.summary(out)
	if err != nil {
		return err
	}
	if err := say(i.edge.Stdout, "\n"+strings.TrimRight(text, "\n")); err != nil {
		return err
	}
	if out.Err == nil {
		return denied(i.seen)
	}
	return out.Err
}

// seePublishing looks after an upgrade whether CI can publish, and asks for the
// build user's key where it is not given.
func (i *interview) seePublishing(ctx context.Context, stops *stops, out ask.Outcome) error {
	if out.Look.Up == nil || !out.Applied || out.Err != nil {
		return nil
	}
	stops.idle()
	acct, err := i.session.evidenceOf(ctx, out.Look.Account)
	if err != nil {
		return err
	}
	i.seen = seePublishing(ctx, i.edge, acct, i.credentials, onTerminal(i.edge), false, out.Look.Up.Clusters())
	return nil
}

// ask has the questions asked and the plan carried out.
func (i *interview) ask(ctx context.Context, stops *stops) (ask.Outcome, error) {
	if i.inLines() {
		return plain.Run(ctx, plain.Options{
			Start: i.start, Request: i.install, Upgrade: i.upgrade,
			Account: i.session.options, Sandbox: i.common.sandbox,
			Open: i.session.open, Buckets: i.session.buckets, Clusters: i.clusters, Audit: i.audit,
			Input: i.edge.Stdin, Output: i.edge.Stdout, Now: i.edge.Now,
			OpenRuns: i.openRuns(), Platform: i.platform(),
			Keep: i.keeper(), Staleness: i.edge.TestOnlyStaleness,
			Projects: i.projects(), State: i.state, Environ: i.edge.Environ,
			Stoppable: func(stop func()) {
				if stops.idle(); stop != nil {
					stops.graceful(stop, "the same command goes on later")
				}
			},
		})
	}
	o := wizard.Options{
		Start: i.start, Request: i.install, Upgrade: i.upgrade,
		Account: i.session.options, Sandbox: i.common.sandbox,
		Open: i.session.open, Buckets: i.session.buckets,
		Input: i.edge.Stdin, Output: i.edge.Stdout, Environ: i.edge.Environ, Now: i.edge.Now,
		NoColor: noColor(i.edge, i.common), ASCII: !utf8Locale(i.edge),
	}
	o.Clusters, o.Audit = i.clusters, i.audit
	o.Keep, o.Staleness = i.keeper(), i.edge.TestOnlyStaleness
	o.OpenRuns, o.Platform = i.openRuns(), i.platform()
	o.Projects, o.State = i.projects(), i.state
	if i.common.sandbox == "" {
		o.Play = i.play
	}
	return wizard.Run(ctx, o)
}

// platform is how nullplatform is reached.
func (i *interview) platform() *ask.Platform {
	return &ask.Platform{
		From: func() string {
			if i.session.emulated != nil {
				return "the sandbox's"
			}
			o, _ := platform.Environment(i.edge.Env)
			return o.From
		},
		Open: func() (migrate.Registry, error) {
			reg, _, err := i.session.nullplatform(i.edge)
			return reg, err
		},
		Evidence: i.session.evidenceOf,
		Key:      func() (provision.Credentials, error) { return keyGiven(i.edge, i.credentials) },
		Name:     func() string { return probeName(i.edge.Now()) },
	}
}

// projects looks for roots from the working directory down. A sandbox is an
// account of its own, which no root knows.
func (i *interview) projects() func() []migrate.Project {
	if i.common.sandbox != "" {
		return nil
	}
	return func() []migrate.Project {
		all := migrate.Projects(".")
		for i := range all {
			all[i].Dir = named(all[i].Dir)
		}
		return all
	}
}

// state names the directory of a cluster's files.
func (i *interview) state(account, cluster string) (string, error) {
	return stateDirectory(i.edge, account, cluster)
}

// openRuns are the runs that ended in the middle, for who has not said what to
// do. Journals that cannot be read are for slipway status to tell.
func (i *interview) openRuns() []ask.OpenRun {
	if i.start != "" || i.common.sandbox != "" {
		return nil
	}
	kept, _ := keptRuns(i.edge, "")
	var out []ask.OpenRun
	for _, r := range kept {
		if r.State != migrate.RunOpen || r.Job != ask.InstallTask && r.Job != ask.UpgradeTask {
			continue
		}
		var upgrade *migrate.UpgradeRequest
		if r.Job == ask.UpgradeTask {
			if upgrade = i.upgradeOf(r); upgrade == nil {
				continue
			}
		}
		reach := *i.common
		reach.inherit(r)
		out = append(out, ask.OpenRun{
			Cluster: r.Cluster, Upgrade: upgrade, Account: r.Account, Done: r.Done(), All: len(r.Changes), Begun: r.Begun,
			Reach: account.Options{Profile: reach.profile, Region: reach.region, Endpoint: reach.endpoint, Log: i.session.options.Log},
		})
	}
	return out
}

// upgradeOf is what an open upgrade was asked to do; nil where its journal does
// not tell.
func (i *interview) upgradeOf(r keptRun) *migrate.UpgradeRequest {
	h, err := checklist.ReadJournal(r.path)
	if err != nil {
		return nil
	}
	req, err := migrate.UpgradeRequestOf(h.Last())
	if err != nil {
		return nil
	}
	return &req
}

// clusters lists those whose identity the account holds.
func (i *interview) clusters(ctx context.Context) ([]string, error) {
	acct, err := account.Open(ctx, i.session.options)
	if err != nil {
		return nil, err
	}
	found, _, err := acct.Discover(ctx, audit.Ours)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range audit.Clusters(found) {
		names = append(names, s.Cluster)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" }), nil
}

// audit reads and judges, at the pace of the command.
func (i *interview) audit(ctx context.Context, req migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error) {
	options := i.session.options
	options.Pace = account.NewPace(defaultPace)
	acct, err := account.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	return migrate.Audit(ctx, []migrate.AuditTarget{{Account: acct}}, req, i.edge.Now, tell)
}

// play goes over to a sandbox in this process.
func (i *interview) play(scenario string) (account.Options, error) {
	i.common.sandbox = scenario
	if err := i.session.openSandbox(i.edge, i.common); err != nil {
		i.common.sandbox = ""
		return account.Options{}, err
	}
	return i.session.options, nil
}

// summary is what stays in the scrollback. The answers of an install that
// succeeded are kept before.
func (i *interview) summary(out ask.Outcome) (string, error) {
	c := view.WordsCanvas()
	if !i.inLines() {
		c = canvasFor(i.edge, i.common, i.edge.Stdout)
	}
	sandbox := i.common.sandbox != ""
	if out.Task.Name() == ask.AuditTask {
		return view.AuditText(c, view.Audit{Reports: out.Reports, Sandbox: sandbox}, view.AuditOptions{Now: i.edge.Now()}), nil
	}
	if out.Look.Root != nil {
		return view.RootSummaryText(c, view.RootSummary{
			Preview: out.Look.Root, Route: out.Look.Up.Request.Route, Result: out.Result.Upgrade, Err: out.Err, Resume: out.Look.Up.Resume(),
			Publishing: i.seen,
		}), nil
	}
	if out.Look.Upgrade != nil {
		return view.UpgradeSummaryText(c, view.UpgradeSummary{
			Preview: out.Look.Upgrade, Result: out.Result.Upgrade, Err: out.Err, Sandbox: sandbox, Publishing: i.seen,
		}), nil
	}
	s := view.InstallSummary{
		Preview: out.Look.Preview, Result: out.Result.Install, Err: out.Err, Sandbox: sandbox,
		Registered: out.Result.Registered, Proved: out.Result.Proved,
	}
	if out.Applied && out.Err == nil {
		var err error
		if s.Answers, err = i.rememberAnswers(out); err != nil {
			return "", err
		}
	}
	return view.Summary(c, s), nil
}

// rememberAnswers writes the answers of an install where they are asked for, or
// else with the cluster's state. A sandbox has no state to keep.
func (i *interview) rememberAnswers(out ask.Outcome) (string, error) {
	path := i.writeAnswers
	if path == "" && i.common.sandbox == "" {
		dir, err := stateDirectory(i.edge, out.Look.Preview.Identity.Place.Account, out.Task.Install.Spec.Cluster)
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, "install.yaml")
	}
	if path == "" {
		return "", nil
	}
	return path, writeAnswers(path, *out.Task.Install, i.common)
}
