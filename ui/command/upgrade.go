package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// upgradeFlags are the flags of upgrade as they were given.
type upgradeFlags struct {
	common commonFlags

	cluster string
	to      string
	route   string
	s3      string
	check   bool
	yes     bool
	allow   migrate.Allow
	show    []string
}

func newUpgrade(e Edge) *cobra.Command {
	f := &upgradeFlags{}
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "Bring an older installation up to date, without rotating its key",
		Long: `Bring what older modules made to the contract of today. The build user, its
keys and their secrets stay as they are, and CI can publish all the while.

On a terminal it asks and shows, and carries out only what was agreed to. With
--check, or without a terminal and without --yes, it changes nothing.`,
		Example: `  slipway upgrade --sandbox=legacy --cluster demo --check
  slipway upgrade --sandbox=split --cluster demo --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUpgrade(cmd.Context(), e, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "`NAME` of the cluster that is installed")
	fl.StringVar(&f.to, "to", "", "contract to go to: 6.1 or 5.0 (`RELEASE`, default 6.1)")
	fl.StringVar(&f.route, "route", string(migrate.RouteAccount), "who changes what (`ROUTE`): account")
	fl.StringVar(&f.s3, "s3", "", "grant this `BUCKET` too, or say which one where the account does not tell")
	fl.BoolVar(&f.check, "check", false, "show what is found and what would be done, and change nothing; exit 3 when there is something to do")
	fl.BoolVar(&f.yes, "yes", false, "carry it out without asking")
	fl.BoolVar(&f.allow.Broadening, "allow-broadening", false, "allow access beyond what the contract calls for")
	fl.BoolVar(&f.allow.Loss, "allow-loss", false, "allow that access is taken away, even beyond the contract")
	fl.StringSliceVar(&f.show, "show", []string{showChanges}, "`VIEWS` of the plan: changes, access, documents, calls, graph, or all")
	f.common.add(fl)
	rarely(fl, "to", "s3", "show", "allow-broadening", "allow-loss")
	return cmd
}

// request is what upgrade is asked.
func (f *upgradeFlags) request() (migrate.UpgradeRequest, error) {
	req := migrate.UpgradeRequest{
		Cluster: f.cluster, To: provision.Contract(f.to), Route: migrate.Route(f.route), Bucket: f.s3, Allow: f.allow,
	}
	if req.Route != migrate.RouteAccount {
		return req, usage("--route %s is unknown; use account", f.route)
	}
	return req, nil
}

func runUpgrade(ctx context.Context, e Edge, f *upgradeFlags) error {
	if err := f.common.validate(); err != nil {
		return err
	}
	views, err := parseViews(f.show)
	if err != nil {
		return err
	}
	f.show = views
	req, err := f.request()
	if err != nil {
		return err
	}
	s, err := openSession(e, &f.common)
	if err != nil {
		return err
	}
	defer s.close()
	if mayAsk(e, &f.common, f.yes, f.check) {
		i := &interview{edge: e, common: &f.common, session: s, start: ask.UpgradeTask, upgrade: req}
		return i.run(ctx)
	}
	job := &upgradeJob{
		installJobRun: installJobRun{edge: e, flags: &installFlags{common: f.common}, session: s}, flags: f,
	}
	return job.run(ctx, req)
}

// upgradeJob is one run of upgrade. What it has in common with install is
// install's.
type upgradeJob struct {
	installJobRun
	flags *upgradeFlags
}

// run upgrades without asking anything:
//
//  1. find what is there, plan, and show it
//  2. refuse what must not be carried out, or not without a word
//  3. carry it out, telling each step
//  4. say what came of it, and what was seen at the end
func (j *upgradeJob) run(ctx context.Context, req migrate.UpgradeRequest) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(j.edge, cancel)
	defer stops.end()

	acct, err := j.session.open(ctx, j.session.options)
	if err != nil {
		return err
	}
	p, err := migrate.PreviewUpgrade(ctx, acct, req)
	if err != nil {
		return stopped(ctx, err)
	}
	upgrade, refusal := migrate.NewAccountUpgrade(p, acct)
	if proceed, err := j.decide(p, refusal); !proceed {
		return err
	}
	steps := upgrade.Steps()
	run, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop, "the same command goes on later")
	failure := stopped(ctx, run.Do(ctx))
	return j.conclude(view.UpgradeSummary{
		Preview: p, Result: upgrade.Result(), Err: failure, Sandbox: j.flags.common.sandbox != "",
	})
}

// decide shows the preview and says whether to go on.
func (j *upgradeJob) decide(p *migrate.UpgradePreview, refusal error) (bool, error) {
	f := j.flags
	blocked := p.Plan().Blocked()
	nothing := p.Plan().Empty() && blocked == nil
	// A JSON result holds its plan, so that there is one document to read.
	result := f.common.output == outputJSON && !f.check && f.yes && blocked == nil && refusal == nil && !nothing
	if !result {
		if err := j.showPreview(p); err != nil {
			return false, err
		}
	}
	switch {
	case blocked != nil:
		return false, blocked
	case nothing:
		return false, nil
	case f.check:
		return false, &toldError{code: exitCheck}
	case !f.yes:
		return false, usage("nothing is changed without --yes where nobody can be asked")
	}
	return refusal == nil, refusal
}

func (j *upgradeJob) showPreview(p *migrate.UpgradePreview) error {
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(j.edge.Stdout, func() ([]byte, error) { return view.UpgradePlanJSON(p) })
	case outputMarkdown:
		return say(j.edge.Stdout, view.UpgradeMarkdown(p))
	}
	c := canvasFor(j.edge, &j.flags.common, j.edge.Stdout)
	return say(j.edge.Stdout, view.UpgradeText(c, p, drawings(j.flags.show)...))
}

// conclude says what came of it and gives the error that decides the exit
// code.
func (j *upgradeJob) conclude(s view.UpgradeSummary) error {
	var err error
	switch j.flags.common.output {
	case outputJSON:
		err = writeJSON(j.edge.Stdout, func() ([]byte, error) { return view.UpgradeResultJSON(s) })
	case outputMarkdown:
		err = say(j.edge.Stdout, view.UpgradeSummaryMarkdown(s))
	default:
		c := canvasFor(j.edge, &j.flags.common, j.edge.Stdout)
		err = say(j.edge.Stdout, "\n"+strings.TrimRight(view.UpgradeSummaryText(c, s), "\n"))
	}
	if err != nil {
		return err
	}
	return s.Err
}
