package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
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

	dir         string
	move        string
	rootRequest migrate.RootRequest
	instances   []string
	// credentials is where the build user's key is, to publish with.
	credentials string
	// args are the command line, for a person to go on with.
	args []string
}

func newUpgrade(e Edge) *cobra.Command {
	f := &upgradeFlags{}
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "Bring an older installation up to date, without rotating its key",
		Long: `Bring what older modules made to the contract of today. The build user, its
keys and their secrets stay as they are, and CI can publish all the while. Given
its key, as slipway verify is, it shows that in the end: exit 3 when refused.

On a terminal it asks; with --check, or without --yes, it changes nothing.`,
		Example: `  slipway upgrade --sandbox=legacy --cluster demo --check
  slipway upgrade --sandbox=split --cluster demo --yes`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.args = commandLine(cmd)
			return runUpgrade(cmd.Context(), e, f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "`NAME` of the cluster that is installed")
	fl.StringVar(&f.to, "to", "", "contract to go to: 6.1 or 5.0 (`RELEASE`, default 6.1)")
	fl.StringVar(&f.dir, "dir", "", "the root that holds the build user, a `DIR`")
	fl.StringVar(&f.route, "route", "", "account, tofu or pipeline (`ROUTE`; with --dir tofu)")
	fl.StringVar(&f.rootRequest.Patch, "patch", "", "write the edits to this `FILE`; your own pipeline applies")
	fl.StringVar(&f.s3, "s3", "", "grant this `BUCKET` too, or say which one where the account does not tell")
	fl.BoolVar(&f.check, "check", false, "change nothing; exit 3 when there is something to do")
	fl.BoolVar(&f.yes, "yes", false, "carry it out without asking")
	fl.BoolVar(&f.allow.Broadening, "allow-broadening", false, "allow access beyond what the contract calls for")
	fl.BoolVar(&f.allow.Loss, "allow-loss", false, "allow that access is taken away, even beyond the contract")
	fl.StringSliceVar(&f.show, "show", []string{showChanges}, "`VIEWS` of the plan: changes, access, documents, calls, graph, or all")
	fl.StringVar(&f.credentials, "credentials", "", "where the build user's key is, to publish with in the end: file:PATH (`PLACE`)")
	f.addRoot(fl)
	f.common.add(fl)
	rarely(fl, "credentials", "to", "s3", "show", "allow-broadening", "allow-loss")
	return cmd
}

// addRoot adds the flags that are about a root.
func (f *upgradeFlags) addRoot(fl *pflag.FlagSet) {
	r := &f.rootRequest
	fl.StringVar(&f.move, "move", moveBlocks, "how addresses move: blocks or state (`HOW`)")
	fl.StringVar(&r.Ref, "module-ref", "", "`RELEASE` of the modules to go to (default: the newest of the contract)")
	fl.StringVar(&r.Source, "module-source", "", "where the modules come from, a `REPOSITORY` or directory (default: as now)")
	fl.StringArrayVar(&r.Others, "other", nil, "another root that reads this one's outputs, a `DIR`; repeatable")
	fl.StringVar(&r.Receiver, "receiver", "", "the one of --other that the build user moves to, a `DIR`")
	fl.StringVar(&r.Tool, "tool", "", "the `BINARY` of OpenTofu or Terraform (default: the one that the state tells of)")
	fl.StringArrayVar(&r.VarFiles, "var-file", nil, "`FILE` of variables for the plan; repeatable")
	fl.StringArrayVar(&r.BackendConfigs, "backend-config", nil, "`FILE` of backend settings for init; repeatable")
	fl.StringArrayVar(&f.instances, "instances", nil, "what a module's count or for_each makes, where nothing tells, as `MODULE=KEY,KEY`; repeatable")
	fl.BoolVar(&r.NoBridge, "no-bridge", false, "go without the bridge: CI may be denied during the apply")
	fl.BoolVar(&r.AcceptRefs, "accept-refs", false, "agree that refs which are no release are set to one")
	fl.BoolVar(&r.AcceptEdits, "accept-edits", false, "agree that files with uncommitted edits are changed")
	fl.StringArrayVar(&r.AllowAddresses, "allow", nil, "consent to what the plan does at this `ADDRESS`; repeatable")
	fl.BoolVar(&r.AllowUnrelated, "allow-unrelated", false, "consent to unrelated changes of the plan that destroy nothing")
	rarely(fl, "move", "module-ref", "module-source", "other", "receiver", "tool", "var-file", "backend-config",
		"instances", "no-bridge", "accept-refs", "accept-edits", "allow", "allow-unrelated")
}

// request is what upgrade is asked.
func (f *upgradeFlags) request() (migrate.UpgradeRequest, error) {
	if err := f.checkRoot(); err != nil {
		return migrate.UpgradeRequest{}, err
	}
	instances, err := ask.ParseInstances(f.instances)
	if err != nil {
		return migrate.UpgradeRequest{}, usage("--instances %v", err)
	}
	f.rootRequest.Instances = instances
	route, err := f.routeOf()
	return migrate.UpgradeRequest{
		Cluster: f.cluster, To: provision.Contract(f.to), Route: route, Bucket: f.s3, Root: f.root(), Allow: f.allow,
	}, err
}

// commandLine is the command as it was given, for a person to repeat.
func commandLine(cmd *cobra.Command) []string {
	out := strings.Fields(cmd.CommandPath())[1:]
	cmd.Flags().Visit(func(fl *pflag.Flag) {
		switch list, isList := fl.Value.(pflag.SliceValue); {
		case isList:
			for _, v := range list.GetSlice() {
				out = append(out, "--"+fl.Name, v)
			}
		case fl.Value.Type() == "bool":
			out = append(out, "--"+fl.Name)
		default:
			out = append(out, "--"+fl.Name+"="+fl.Value.String())
		}
	})
	return out
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
	open := f.route == "" && f.dir == ""
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
		if open {
			req.Route = "" // It is asked, from what is found here.
		}
		i := &interview{edge: e, common: &f.common, session: s, start: ask.UpgradeTask, upgrade: req, credentials: f.credentials}
		return i.run(ctx)
	}
	job := &upgradeJob{
		installJobRun: installJobRun{edge: e, flags: &installFlags{common: f.common, yes: f.yes, check: f.check}, session: s}, flags: f,
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
	up, err := migrate.LookAtUpgrade(ctx, acct, req, j.desk())
	if err != nil {
		return stopped(ctx, err)
	}
	run, refusal := up.Prepare(req.Allow)
	if proceed, err := j.decideAny(up, refusal); !proceed {
		if err == nil && j.flags.yes && !j.flags.check {
			return up.Conclude()
		}
		return err
	}
	defer func() { _ = run.Close() }() // What is left is a temporary file.
	steps := run.Steps()
	list, err := run.Start(checklist.Options{Observe: j.progress(steps), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(list.Stop, "the same command goes on later")
	failure := stopped(ctx, list.Do(ctx))
	if up.Root != nil {
		summary := view.RootSummary{Preview: up.Root, Route: req.Route, Result: run.Result(), Err: failure, Resume: j.again()}
		if failure == nil {
			summary.Publishing = j.publishing(ctx, up.Root.Clusters)
		}
		return j.concludeRoot(summary)
	}
	summary := view.UpgradeSummary{Preview: up.Account, Result: run.Result(), Err: failure, Sandbox: j.flags.common.sandbox != ""}
	if failure == nil {
		summary.Publishing = j.publishing(ctx, []*migrate.UpgradePreview{up.Account})
	}
	return j.conclude(summary)
}

// desk is what an upgrade needs of this process.
func (j *upgradeJob) desk() migrate.UpgradeDesk {
	return migrate.UpgradeDesk{
		Environ: j.edge.Environ, Now: j.edge.Now,
		// The journal is opened only when something may be written.
		Keep: func(id account.Identity, cluster string) (migrate.Keeping, error) {
			journal, err := j.journal("slipway upgrade", id, cluster)
			if err != nil {
				return migrate.Keeping{}, err
			}
			return j.flags.common.keeping(j.edge, journal, id), nil
		},
		State:  func(account, cluster string) (string, error) { return stateDirectory(j.edge, account, cluster) },
		Resume: func(string) string { return j.again() },
	}
}

func (j *upgradeJob) decideAny(up *migrate.AnyUpgrade, refusal error) (bool, error) {
	if up.Root != nil {
		return j.decideRoot(up.Root, refusal)
	}
	return j.decide(up.Account, refusal)
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
	if s.Err == nil {
		return denied(s.Publishing)
	}
	return s.Err
}

// publishing looks whether CI can publish. With --yes nobody is asked.
func (j *upgradeJob) publishing(ctx context.Context, clusters []*migrate.UpgradePreview) []migrate.Publishing {
	acct, err := j.session.evidence(ctx)
	if err != nil {
		return nil // opening it has worked before, or there was no upgrade
	}
	return seePublishing(ctx, j.edge, acct, j.flags.credentials, false, j.flags.common.output != outputText, clusters)
}
