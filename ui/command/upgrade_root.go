package command

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/view"
)

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
	case f.dir == "" && len(f.instances) > 0:
		return usage("--instances is about a root: name it with --dir, or leave it out")
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
