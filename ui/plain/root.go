package plain

import (
	"context"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// The stops of an upgrade by way of a root.

// offersRoots reports whether installations that a root holds are asked about.
func (t *talk) offersRoots() bool { return t.o.Projects != nil && t.o.Sandbox == "" }

// askProject asks what holds the installation. What is found below the working
// directory is the answer unless another is given.
func (t *talk) askProject(ctx context.Context) (turn, error) {
	if t.projects == nil {
		t.projects = append([]migrate.Project{}, t.o.Projects()...)
		t.project.Found(t.projects)
	}
	t.heading(projectTitle)
	t.say("What OpenTofu or Terraform holds is changed through its root; else its next apply would take it all back.")
	return t.askAll(ctx, &t.askedOfProject)
}

// tellRoot reads the root and says what it holds.
func (t *talk) tellRoot(ctx context.Context) (turn, error) {
	t.heading(layoutTitle)
	for {
		t.say("Reading the root: its files, and its state where a tool works on it here.")
		req := t.project.Request(t.upgrade)
		req.Route = ""
		f, err := migrate.FindRoot(ctx, req, t.o.Environ)
		switch {
		case err != nil && ctx.Err() != nil:
			return finish, errLeft
		case err != nil:
			t.say("The root could not be read. %s", t.soFar())
			t.faults(err)
			if _, err := t.choose(ctx, []string{"look again"}, 0, ""); err != nil {
				return told(err, finish)
			}
			continue
		}
		t.finding = f
		t.title("%s", view.RootFound(t.c, f))
		offers := t.afterRoot(f)
		var texts []string
		for _, o := range offers {
			texts = append(texts, o.text)
		}
		i, err := t.choose(ctx, texts, -1, "Back changes an answer.")
		if err != nil {
			return told(err, finish)
		}
		if to, leads := offers[i].do(); leads {
			return to, nil
		}
	}
}

func (t *talk) afterRoot(f *migrate.RootFinding) []offer {
	var out []offer
	if len(ask.OpenRoutes(ask.Routes(f))) > 0 {
		out = append(out, offer{"go on to the routes", func() (turn, bool) { return onward, true }})
	}
	if f.AsksRefs() {
		out = append(out, offer{"agree that refs which are no release are set to one", func() (turn, bool) {
			t.project.AcceptRefs()
			return again, false
		}})
	}
	if f.AsksCluster() {
		out = append(out, offer{"name the cluster", func() (turn, bool) {
			t.project.AskCluster()
			t.askedOfProject = "cluster"
			return backward, true
		}})
	}
	if calls := f.AsksInstances(); len(calls) > 0 {
		out = append(out, offer{"name the instances", func() (turn, bool) {
			t.project.AskInstances(calls)
			t.askedOfProject = ask.InstancesQuestion
			return backward, true
		}})
	}
	return append(out, offer{"look again", func() (turn, bool) { return again, false }})
}

// askRoute asks who applies. Ways that are not open are told with the reason.
func (t *talk) askRoute(ctx context.Context) (turn, error) {
	t.heading(routeTitle)
	all := ask.Routes(t.finding)
	for _, r := range all {
		if r.Refusal == nil {
			continue
		}
		t.say("Not open: %s. %s", r.Name, r.Does)
		t.faults(r.Refusal)
	}
	open := ask.OpenRoutes(all)
	var texts []string
	chosen := -1
	for i, r := range open {
		texts = append(texts, r.Name+": "+r.Does+" "+r.Fits)
		if r.Route == t.project.Route || len(open) == 1 {
			chosen = i
		}
	}
	i, err := t.choose(ctx, texts, chosen, "")
	if err == nil {
		t.project.Route = open[i].Route
	}
	return told(err, onward)
}

// tellFiles tells what changes in the files, as a patch.
func (t *talk) tellFiles(r *migrate.RootPreview) {
	edits := r.Rewrite.Edits
	if len(edits) == 0 {
		t.say("Nothing has to change in the files.")
		return
	}
	for _, e := range edits {
		t.title("File %s, %s.", e.File, view.EditWords(e))
		t.say("%s", strings.TrimRight(view.FileEdit(t.c, e), "\n"))
	}
}

// tellRootPlan tells what an upgrade by way of a root would do.
func (t *talk) tellRootPlan(l ask.Look) {
	switch {
	case l.Nothing():
		t.say("There is nothing to do: configuration, state and account are there.")
		return
	case l.Blocked():
		t.say("This cannot be done yet. %s", t.soFar())
	case l.GoesOn():
		t.say("A run is open. It began earlier and did not come to its end. This is what is left of it: %s.", view.RootHeadline(l.Root))
	default:
		t.say("%s.", view.RootHeadline(l.Root))
		t.say("%s What is listed is what happens.", t.soFar())
	}
	t.tellEdits(l.Root.Rewrite.Edits)
	t.title("%s", view.RootChanges(t.c, l.Root, l.Up.Blocked()))
	if steps := l.Up.Steps(); len(steps) > 0 {
		t.title("In this order:")
		t.say("%s", view.Steps(t.c, steps))
	}
}

func (t *talk) tellEdits(edits []rewrite.Edit) {
	for _, e := range edits {
		t.say("File %s changes, %s.", e.File, view.EditWords(e))
	}
}

// rootOffers are what can be done with the preview of a root.
func (t *talk) rootOffers() []offer {
	r := t.look.Root
	if t.look.Nothing() {
		return t.finishing()
	}
	out := t.leading()
	if len(r.Uncommitted) > 0 && !r.Request.AcceptEdits {
		out = append(out, offer{"change the files all the same, with the edits that are not committed", func() (turn, bool) {
			t.project.AcceptEdits()
			return again, true
		}})
	}
	return append(out,
		offer{"tell what changes in the files", func() (turn, bool) { t.tellFiles(r); return again, false }},
		offer{"tell who may do what, before and after", telling(t, r, view.RootAccess)},
		offer{"tell the documents", telling(t, r, view.RootDocuments)},
		offer{"tell the calls that slipway makes itself", telling(t, r, view.RootCalls)},
	)
}
