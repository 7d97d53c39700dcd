package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// The formats that only an audit has.
const (
	outputSARIF = "sarif"
	outputHTML  = "html"
	outputCSV   = "csv"
)

// failNever is for --fail-on: whatever is found, the exit code is 0.
const failNever = "never"

// auditFlags are the flags of audit as they were given.
type auditFlags struct {
	common commonFlags

	cluster      string
	all          bool
	accounts     []string
	roles        []string
	destinations bool
	s3           []string
	manager      string
	boundary     string
	answers      string
	failOn       string
	diff         string
	details      bool
	pace         int
	nrn          string
}

func newAudit(e Edge) *cobra.Command {
	f := &auditFlags{}
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Tell who can publish, and what is not as it should be",
		Long: `Tell who can publish assets, with which keys, to where, by which grant; how
that differs from what the modules make; and what to do. It never writes.

It exits with 3 for a finding at or above --fail-on, and for a check of that
severity that could not be made: what is not known is not fine.`,
		Example: `  slipway audit --sandbox=messy --cluster demo
  slipway audit --sandbox=drifted --all --output html > audit.html`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAudit(cmd.Context(), e, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "`NAME` of the cluster to look at")
	fl.BoolVar(&f.all, "all", false, "look at every cluster that the account has")
	fl.StringVar(&f.failOn, "fail-on", string(audit.High), "exit 3 from `LEVEL` on: high, medium, low, advice, never")
	fl.StringVar(&f.diff, "diff", "", "show and judge what changed since the JSON of `FILE`")
	fl.BoolVar(&f.details, "details", false, "show statements, differences and passed checks too")
	fl.StringVar(&f.answers, "answers", "", "read choices and suppressions from this YAML `FILE`")
	fl.StringSliceVar(&f.accounts, "account", nil, "look at the account of this AWS `PROFILE`; may be repeated")
	fl.StringSliceVar(&f.roles, "assume-role", nil, "look at the account of this role `ARN`; may be repeated")
	fl.BoolVar(&f.destinations, "destinations", false, "read the settings of buckets and repositories too")
	fl.StringSliceVar(&f.s3, "s3", nil, "a `BUCKET` that CI should publish to; may be repeated")
	fl.StringVar(&f.manager, "application-manager", "", "`ARN` that should assume the application role (default nullplatform's)")
	fl.StringVar(&f.boundary, "permissions-boundary", "", "`ARN` of the boundary that the user and the role should have")
	fl.StringVar(&f.nrn, "nrn", "", "compare with what nullplatform has on record at this `NRN`")
	fl.IntVar(&f.pace, "pace", defaultPace, "most calls a second, over all accounts together (`N`)")
	f.common.formats = []string{outputText, outputJSON, outputMarkdown, outputSARIF, outputHTML, outputCSV}
	f.common.add(fl)
	rarely(fl, "details", "account", "assume-role", "destinations", "s3", "application-manager", "permissions-boundary", "nrn", "pace")
	return cmd
}

// defaultPace is calm: IAM's limits are shared with whoever else works in the
// account.
const defaultPace = 20

// validate refuses what cannot be used, before anything is opened.
func (f *auditFlags) validate() error {
	if err := f.common.validate(); err != nil {
		return err
	}
	levels := []string{failNever}
	for _, s := range audit.Severities() {
		levels = append(levels, string(s))
	}
	switch {
	case !slices.Contains(levels, f.failOn):
		return usage("--fail-on %s is unknown; use one of high, medium, low, advice, never", f.failOn)
	case f.diff != "" && slices.Contains([]string{outputSARIF, outputHTML, outputCSV}, f.common.output):
		return usage("--diff gives text, json or markdown, not %s", f.common.output)
	case f.pace < 1:
		return usage("--pace %d is too slow; use 1 or more", f.pace)
	case len(f.accounts) > 0 && f.common.profile != "":
		return usage("--account and --profile both name a profile; use --account for all of them")
	case len(f.accounts) > 1 && len(f.roles) > 0:
		return usage("--assume-role takes one profile to come from; name one --account, or none")
	case f.nrn != "" && (f.all || len(f.accounts)+len(f.roles) > 1):
		return usage("--nrn is the place of one cluster; name it with --cluster, in one account")
	case f.common.sandbox != "" && len(f.accounts) > 0:
		return usage("--sandbox makes its own account; leave --account out")
	}
	return nil
}

// request joins the answers file and the flags into what audit is asked.
func (f *auditFlags) request() (migrate.AuditRequest, error) {
	req := migrate.AuditRequest{
		Cluster: f.cluster, All: f.all, Destinations: f.destinations,
		Expect: audit.Expect{Buckets: f.s3, ApplicationManager: f.manager, Boundary: f.boundary},
	}
	if f.answers == "" {
		return req, nil
	}
	a, err := readAuditAnswers(f.answers)
	if err != nil {
		return req, err
	}
	if !req.All && req.Cluster == "" {
		req.Cluster = a.Spec.Cluster
	}
	if bucket := a.Spec.Bucket(); bucket != "" && len(req.Expect.Buckets) == 0 {
		req.Expect.Buckets = []string{bucket}
	}
	given := func(field *string, answer string) {
		if *field == "" {
			*field = answer
		}
	}
	given(&req.Expect.ApplicationManager, a.Spec.ApplicationManager)
	given(&req.Expect.Boundary, a.Spec.PermissionsBoundary)
	given(&f.common.region, a.Region)
	if len(f.accounts)+len(f.roles) == 0 {
		given(&f.common.profile, a.Profile)
	}
	req.Suppressions = a.Audit.Suppressions
	return req, nil
}

func runAudit(ctx context.Context, e Edge, f *auditFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	req, err := f.request()
	if err != nil {
		return err
	}
	if !req.All && req.Cluster == "" && f.diff == "" && len(f.accounts)+len(f.roles) == 0 && mayAsk(e, &f.common, false, false) {
		return auditAsked(ctx, e, &f.common)
	}
	if err := req.Validate(); err != nil {
		return err
	}
	var old *view.AuditReport
	if f.diff != "" {
		if old, err = readOldAudit(f.diff); err != nil {
			return err
		}
	}
	s, err := openSession(e, &f.common)
	if err != nil {
		return err
	}
	defer s.close()
	return (&auditJob{edge: e, flags: f, session: s, old: old}).run(ctx, req)
}

// auditAsked asks what to look at.
func auditAsked(ctx context.Context, e Edge, common *commonFlags) error {
	s, err := openSession(e, common)
	if err != nil {
		return err
	}
	defer s.close()
	return (&interview{edge: e, common: common, session: s, start: ask.AuditTask}).run(ctx)
}

func readOldAudit(path string) (*view.AuditReport, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("--diff %s %s", path, rootCause(err))
	}
	old, err := view.ReadAudit(text)
	if err != nil {
		return nil, usage("--diff %s %s", path, err)
	}
	return &old, nil
}

// auditJob is one run of audit.
type auditJob struct {
	edge    Edge
	flags   *auditFlags
	session *session
	// old is the audit to compare with, or nil.
	old *view.AuditReport
}

// run audits:
//
//  1. open every account
//  2. read and judge, telling how far it is
//  3. show what was found, or what changed
//  4. say by the exit code whether that is fine
func (j *auditJob) run(ctx context.Context, req migrate.AuditRequest) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(j.edge, cancel)
	defer stops.end()

	pace := account.NewPace(j.flags.pace)
	targets, err := j.targets(ctx, pace)
	if err != nil {
		return stopped(ctx, err)
	}
	if req.Platform, err = j.records(ctx); err != nil {
		return stopped(ctx, err)
	}
	reports, err := migrate.Audit(ctx, targets, req, j.edge.Now, j.progress(req))
	if err != nil {
		return stopped(ctx, err)
	}
	a := view.Audit{Reports: reports, Reads: pace.Calls(), Sandbox: j.flags.common.sandbox != ""}
	if j.old != nil {
		d := view.CompareAudits(*j.old, reports)
		return j.conclude(j.showDiff(d), d.Says)
	}
	return j.conclude(j.show(a), func(no audit.Severity) bool {
		return slices.ContainsFunc(reports, func(r audit.Report) bool { return r.Says(no) })
	})
}

// records reads what nullplatform has on record, nil where nobody asked.
func (j *auditJob) records(ctx context.Context) (*audit.Platform, error) {
	target, err := migrate.Register{NRN: j.flags.nrn}.Target()
	if err != nil || target.NRN.Empty() {
		return nil, err
	}
	registry, why, err := j.session.registry(j.edge, target)
	if err != nil {
		return nil, err
	}
	from, ok := registry.(migrate.Records)
	if !ok {
		return nil, usage("--nrn needs nullplatform, but %s; %s", why, platform.KeysWanted)
	}
	return migrate.AuditRecords(ctx, from, target.NRN)
}

// conclude gives the error that decides the exit code.
func (j *auditJob) conclude(shown error, says func(audit.Severity) bool) error {
	if shown != nil || j.flags.failOn == failNever || !says(audit.Severity(j.flags.failOn)) {
		return shown
	}
	return &toldError{code: exitCheck}
}

// targets opens the accounts: those of --account, those of --assume-role, or
// the one that the usual flags name.
func (j *auditJob) targets(ctx context.Context, pace *account.Pace) ([]migrate.AuditTarget, error) {
	base := j.session.options
	base.Pace = pace
	var all []account.Options
	var names []string
	add := func(name string, o account.Options) { names, all = append(names, name), append(all, o) }
	profiles := j.flags.accounts
	if len(profiles) == 1 {
		base.Profile = profiles[0]
	}
	switch {
	case len(j.flags.roles) > 0:
		for _, role := range j.flags.roles {
			o := base
			o.AssumeRole = role
			add(role, o)
		}
	case len(profiles) > 0:
		for _, p := range profiles {
			o := base
			o.Profile = p
			add(p, o)
		}
	default:
		add("", base)
	}
	var out []migrate.AuditTarget
	var errs []error
	for i, o := range all {
		a, err := account.Open(ctx, o)
		if err != nil && names[i] != "" {
			err = fmt.Errorf("%s: %w", names[i], err)
		}
		errs = append(errs, err)
		out = append(out, migrate.AuditTarget{Name: names[i], Account: a})
	}
	return out, errors.Join(errs...)
}

// progressSteps is in how many steps a long audit tells how far it is.
const progressSteps = 10

// progress tells how far an audit of many clusters is, on standard error.
func (j *auditJob) progress(req migrate.AuditRequest) func(migrate.AuditProgress) {
	return func(p migrate.AuditProgress) {
		if !req.All {
			return
		}
		at := ""
		if p.Target != "" {
			at = " in " + view.Inert(p.Target)
		}
		switch {
		case p.Total == 0:
			fmt.Fprintf(j.edge.Stderr, "looking for clusters%s\n", at)
		case p.Done*progressSteps/p.Total > (p.Done-1)*progressSteps/p.Total:
			fmt.Fprintf(j.edge.Stderr, "read %d of %d clusters%s\n", p.Done, p.Total, at)
		}
	}
}

func (j *auditJob) show(a view.Audit) error {
	w, now := j.edge.Stdout, j.edge.Now()
	options := view.AuditOptions{Details: j.flags.details, Now: now}
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(w, func() ([]byte, error) { return view.AuditJSON(a, now) })
	case outputSARIF:
		return writeJSON(w, func() ([]byte, error) { return view.AuditSARIF(a, j.version()) })
	case outputHTML:
		return writeJSON(w, func() ([]byte, error) { return view.AuditHTML(a, now) })
	case outputCSV:
		return writeJSON(w, func() ([]byte, error) { return view.AuditCSV(a) })
	case outputMarkdown:
		return say(w, view.AuditMarkdown(a, options))
	}
	return say(w, view.AuditText(canvasFor(j.edge, &j.flags.common, w), a, options))
}

func (j *auditJob) showDiff(d view.AuditDiff) error {
	w := j.edge.Stdout
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(w, func() ([]byte, error) { return view.AuditDiffJSON(d) })
	case outputMarkdown:
		return say(w, view.AuditDiffMarkdown(d))
	}
	return say(w, view.AuditDiffText(canvasFor(j.edge, &j.flags.common, w), d))
}

// version is what this program calls itself in a report.
func (j *auditJob) version() string {
	info, _ := debug.ReadBuildInfo()
	return newBuild(j.edge.Release, info).Version
}
