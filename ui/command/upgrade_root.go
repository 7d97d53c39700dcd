package command

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// upgradeRunner is what both ways through a root have in common.
type upgradeRunner interface {
	Steps() []checklist.Step
	Result() migrate.UpgradeResult
}

// root upgrades by way of a root configuration:
//
//  1. find the layout, plan the edits and the bridge, and show them
//  2. refuse what must not be carried out, or not without a word
//  3. carry it out, telling each step; a pipeline is waited for
//  4. say what came of it, and what was seen at the end
func (j *upgradeJob) root(ctx context.Context, stops *stops, acct migrate.Account, req migrate.UpgradeRequest) error {
	p, err := migrate.PreviewRoot(ctx, acct, req, j.edge.Environ)
	if err != nil {
		return stopped(ctx, err)
	}
	first := p.Clusters[0]
	keeping, past, err := j.keep(ctx, acct, req, first.Request.Cluster)
	if err != nil {
		return stopped(ctx, err)
	}
	state, err := stateDirectory(j.edge, first.Account.Identity.Place.Account, first.Request.Cluster)
	if err != nil {
		return err
	}
	p.Keep(filepath.Join(state, "backups"), past)
	run, closing, refusal := j.runner(p, acct, req)
	defer func() { _ = closing() }() // What is left is a temporary file.
	if proceed, err := j.decideRoot(p, refusal); !proceed {
		return err
	}
	if err := migrate.BeginUpgrade(keeping, req, first, p.Agreed()); err != nil {
		return err
	}
	steps := run.Steps()
	list, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now, Journal: keeping.Journal})
	if err != nil {
		return err
	}
	stops.graceful(list.Stop, "the same command goes on later")
	failure := stopped(ctx, list.Do(ctx))
	summary := view.RootSummary{Preview: p, Route: req.Route, Result: run.Result(), Err: failure, Resume: j.again()}
	if failure == nil {
		summary.Publishing = j.publishing(ctx, p.Clusters)
	}
	return j.concludeRoot(summary)
}

func orDefault(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}

// runner prepares the way that was asked for.
func (j *upgradeJob) runner(p *migrate.RootPreview, acct migrate.Account, req migrate.UpgradeRequest) (run upgradeRunner, closing func() error, refusal error) {
	nothing := func() error { return nil }
	if req.Route == migrate.RoutePipeline {
		run, err := migrate.NewPipelineUpgrade(p, acct, j.papers(p))
		return run, nothing, err
	}
	byTool, err := migrate.NewRootUpgrade(p, acct, j.edge.Now)
	if err != nil {
		return nil, nothing, err
	}
	return byTool, byTool.Close, nil
}

// papers are the patch and the checklist for the pull request. Where the
// configuration is there already, there are none to write.
func (j *upgradeJob) papers(p *migrate.RootPreview) []migrate.Paper {
	if len(p.Rewrite.Edits) == 0 {
		return nil
	}
	patch := orDefault(p.Request.Patch, "slipway-upgrade.patch")
	return []migrate.Paper{
		{Path: patch, Text: p.Rewrite.Diff(filepath.ToSlash(filepath.Clean(p.Request.Dir)))},
		{Path: strings.TrimSuffix(patch, filepath.Ext(patch)) + ".md", Text: migrate.PullRequest(p, patch, j.again())},
	}
}

// again is the command that goes on.
func (j *upgradeJob) again() string { return "slipway " + strings.Join(j.flags.args, " ") }

// decideRoot shows the preview and says whether to go on.
func (j *upgradeJob) decideRoot(p *migrate.RootPreview, refusal error) (bool, error) {
	f := j.flags
	result := f.common.output == outputJSON && !f.check && f.yes && refusal == nil && !p.Done()
	if !result {
		if err := j.showRoot(p); err != nil {
			return false, err
		}
	}
	switch {
	case p.Done():
		return false, nil
	case f.check && refusal != nil && !isConsent(refusal):
		return false, refusal
	case f.check:
		return false, &toldError{code: exitCheck}
	case refusal != nil:
		return false, refusal
	case !f.yes:
		return false, usage("nothing is changed without --yes where nobody can be asked")
	}
	return true, nil
}

func isConsent(err error) bool {
	var consent *migrate.ConsentError
	return errors.As(err, &consent)
}

func (j *upgradeJob) showRoot(p *migrate.RootPreview) error {
	route := migrate.Route(j.flags.route)
	switch j.flags.common.output {
	case outputJSON:
		return writeJSON(j.edge.Stdout, func() ([]byte, error) { return view.RootPlanJSON(p, route) })
	case outputMarkdown:
		return say(j.edge.Stdout, view.RootMarkdown(p))
	}
	c := canvasFor(j.edge, &j.flags.common, j.edge.Stdout)
	return say(j.edge.Stdout, view.RootText(c, p, drawings(j.flags.show)...))
}

func (j *upgradeJob) concludeRoot(s view.RootSummary) error {
	var err error
	switch j.flags.common.output {
	case outputJSON:
		err = writeJSON(j.edge.Stdout, func() ([]byte, error) { return view.RootResultJSON(s) })
	case outputMarkdown:
		err = say(j.edge.Stdout, view.RootSummaryMarkdown(s))
	default:
		c := canvasFor(j.edge, &j.flags.common, j.edge.Stdout)
		err = say(j.edge.Stdout, "\n"+strings.TrimRight(view.RootSummaryText(c, s), "\n"))
	}
	if err != nil {
		return err
	}
	if s.Err == nil {
		return denied(s.Publishing)
	}
	return s.Err
}

// root is the request for a root, from the flags.
func (f *upgradeFlags) root() *migrate.RootRequest {
	if f.dir == "" {
		return nil
	}
	r := f.rootRequest
	r.Dir = named(f.dir)
	r.StateMoves = f.move == moveState
	return &r
}

// named gives a directory that has no name of its own, such as ".", its full
// path: that is what people are told, and what a copy is called after.
func named(dir string) string {
	if base := filepath.Base(dir); base != "." && base != ".." {
		return dir
	}
	return absoluteOr(dir)
}

// The ways to move, as --move names them.
const (
	moveBlocks = "blocks"
	moveState  = "state"
)

func (f *upgradeFlags) checkRoot() error {
	switch {
	case f.dir == "" && (f.route == string(migrate.RouteTofu) || f.route == string(migrate.RoutePipeline) || f.rootRequest.Patch != ""):
		return usage("this route needs a root: name it with --dir")
	case f.dir != "" && f.route == string(migrate.RouteAccount):
		return usage("--route account changes no root; leave --dir out, or use --route tofu or pipeline")
	case f.move != moveBlocks && f.move != moveState:
		return usage("--move %s is unknown; use %s or %s", f.move, moveBlocks, moveState)
	case f.rootRequest.Patch != "" && f.route == string(migrate.RouteTofu):
		return usage("--patch is for the pipeline route; leave it out, or use --route pipeline")
	case f.dir != "" && f.common.sandbox != "":
		return usage("--sandbox makes an account of its own, which no root knows; start one with slipway sandbox, apply the root to it, and use --endpoint-url")
	}
	return nil
}

// routeOf is the route that was asked for: with a root the tool's, with a patch
// the pipeline's, and else the account's.
func (f *upgradeFlags) routeOf() (migrate.Route, error) {
	if f.route == "" {
		switch {
		case f.rootRequest.Patch != "":
			f.route = string(migrate.RoutePipeline)
		case f.dir != "":
			f.route = string(migrate.RouteTofu)
		default:
			f.route = string(migrate.RouteAccount)
		}
	}
	for _, r := range routes() {
		if f.route == r {
			return migrate.Route(r), nil
		}
	}
	return "", usage("--route %s is unknown; use one of %s", f.route, strings.Join(routes(), ", "))
}

func routes() []string {
	return []string{string(migrate.RouteAccount), string(migrate.RouteTofu), string(migrate.RoutePipeline)}
}
