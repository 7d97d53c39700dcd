package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// What a person can be told of a root before a route is chosen.

// Project is a directory whose configuration calls modules of our area.
type Project struct {
	Dir    string
	Layout *layout.Layout
}

// Projects looks for roots that may hold a build user, in a directory and
// below it. Those that can be upgraded as they are come first. What cannot be
// read is left out: it is a help, not a proof.
func Projects(dir string) []Project {
	var out []Project
	for _, d := range layout.Search(dir) {
		root, err := layout.Read(d)
		if err != nil {
			continue
		}
		if l := layout.Find(layout.Input{Root: root}); len(l.Identities) > 0 {
			out = append(out, Project{Dir: d, Layout: l})
		}
	}
	slices.SortStableFunc(out, func(a, b Project) int { return refused(a.Layout) - refused(b.Layout) })
	return out
}

func refused(l *layout.Layout) int {
	if l.Refused() != nil {
		return 1
	}
	return 0
}

// RootFinding is how a root holds the identity today, and by which routes it
// can be upgraded.
type RootFinding struct {
	Dir    string
	Layout *layout.Layout
	// Tool is what works on the root here, and Untooled why nothing does: then
	// the state was not read.
	Tool     tofu.Tool
	Untooled error
	Offers   []RouteOffer
}

// RouteOffer is a route, and why it cannot be gone; nil when it can.
type RouteOffer struct {
	Route   Route
	Refusal error
}

// AsksCluster reports whether the cluster's name has to be said.
func (f *RootFinding) AsksCluster() bool { return f.asks(layout.UnknownCluster) }

// AsksRefs reports whether it has to be said that refs which are no release
// may be set to one.
func (f *RootFinding) AsksRefs() bool { return f.asks(layout.BranchRef, layout.NoRef) }

// AsksInstances gives the calls of which it has to be said which instances they
// have.
func (f *RootFinding) AsksInstances() []string {
	var out []string
	for _, c := range f.Layout.Calls {
		open := slices.ContainsFunc(f.Layout.Open(), func(p layout.Problem) bool { return p.Code == layout.UnknownInstances && p.Position == c.Position })
		if open {
			out = append(out, c.Name)
		}
	}
	return out
}

func (f *RootFinding) asks(codes ...layout.Code) bool { return asks(f.Layout, codes...) }

// asks reports whether a layout has a question of one of the kinds.
func asks(l *layout.Layout, codes ...layout.Code) bool {
	return slices.ContainsFunc(l.Open(), func(p layout.Problem) bool { return slices.Contains(codes, p.Code) })
}

// Offer is what is to be said of a route.
func (f *RootFinding) Offer(r Route) RouteOffer {
	for _, o := range f.Offers {
		if o.Route == r {
			return o
		}
	}
	return RouteOffer{Route: r, Refusal: fmt.Errorf("the route %s is unknown", r)}
}

// FindRoot reads a root and, where a tool works on it here, its state. It
// writes nothing but what `init` keeps beside the configuration.
//
// It fails for a directory that cannot be read. What keeps the root from being
// upgraded is in the layout's problems.
func FindRoot(ctx context.Context, req UpgradeRequest, environ []string) (*RootFinding, error) {
	p := &RootPreview{Request: *req.Root, environ: environ}
	// 1. The configuration alone, which is what a pipeline's upgrade starts
	//    from.
	req.Route = RoutePipeline
	in, err := p.read(ctx, req)
	if err != nil {
		return nil, err
	}
	written := layout.Find(in)
	out := &RootFinding{Dir: p.Request.Dir, Layout: written}
	// 2. The state, with whatever tool it belongs to.
	if written.Refused() == nil {
		if err := p.readState(ctx); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			out.Untooled = err
		} else {
			if in.Root.State, err = harmless(p.state); err != nil {
				return nil, err
			}
			out.Tool, out.Layout = p.Tool, layout.Find(in)
			if asks(written, layout.UnknownInstances) {
				written = out.Layout // Then the state is read for that route too.
			}
		}
	}
	// 3. What that leaves open.
	out.offer(written)
	return out, nil
}

func (f *RootFinding) offer(written *layout.Layout) {
	byTool := refusals(f.Layout)
	if byTool == nil {
		byTool = f.Untooled
	}
	f.Offers = []RouteOffer{
		{RouteTofu, byTool},
		{RoutePipeline, refusals(written)},
		{RouteAccount, &heldError{dir: f.Dir}},
	}
}

// heldError is why what a root holds is not changed behind its back.
type heldError struct{ dir string }

func (e *heldError) Error() string {
	return e.dir + " holds the installation: its next apply would take back what is done through IAM; go back and say that no tool holds it, if nobody applies it any more"
}
