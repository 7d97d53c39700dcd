package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// found reads what there is of an installation, and says which contract that
// is, what stays as it is, and by which way it would be changed.
type found struct{ s *session }

var _ screen = (*found)(nil)

func newFoundScreen(s *session) *found { return &found{s: s} }

func (f *found) enter() tea.Cmd { return f.s.glance.look(f.s) }

func (f *found) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return f.s.glance.update(f.s, msg), wish{}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	}
	return f.s.glance.again(f.s), wish{}
}

func (f *found) about() about {
	a := about{stage: atFound, title: "This is what was found", why: "The release of the modules that made it tells what is to be done. " + f.s.soFar()}
	switch {
	case f.s.glance.err != nil:
		a.title, a.why = "It cannot be told what is there", f.s.soFar()
	case f.s.glance.underWay():
		a.title, a.why = "Looking at the installation", "What is there already decides what is to be done."
	}
	return a
}

func (f *found) keys() []key.Binding {
	return []key.Binding{
		onlyIf(f.s.look.Upgrade != nil, nextKey("preview")),
		onlyIf(f.s.glance.err != nil || f.s.look.Upgrade != nil, retryKey("look again")),
	}
}

func (f *found) page(c view.Canvas) page {
	p := f.s.look.Upgrade
	switch {
	case f.s.glance.err != nil:
		return page{id: "error", lines: drawFaults(c, f.s.glance.err)}
	case p == nil:
		return page{id: "asking", lines: f.s.glance.watch.waiting(c, "Asking IAM and S3 what is there")}
	}
	lines := facts(c, []fact{
		{"cluster", p.Request.Cluster},
		{"found", contractWords(p.Standing.Contract)},
		{"goes to", contractWords(p.Request.To)},
		{"publishes", destinationWords(p.Standing.Destinations)},
		{"does", headline(f.s)},
	})
	if stays := view.Stays(c, p); stays != "" {
		lines = append(append(lines, ""), split(stays)...)
	}
	way := "Through IAM, from here. What OpenTofu or Terraform holds goes through its root instead: its next apply would take back what is done here."
	if f.s.offersRoots() {
		way += " Go back to name a root."
	}
	lines = append(append(lines, ""), labelled(c, "Way", way)...)
	return page{id: "found", lines: lines}
}

// contractWords say what a contract is.
func contractWords(c provision.Contract) string {
	switch c {
	case "":
		return "nothing that the modules made"
	case provision.Contract61:
		return "contract 6.1, the modules of today"
	case provision.Contract50:
		return "contract 5.0, with the group of today"
	}
	return "contract " + string(c) + ", before the build user had a module of its own"
}

func destinationWords(all []provision.Destination) string {
	text := ""
	for _, d := range all {
		if text != "" {
			text += ", "
		}
		switch d.Kind {
		case provision.ECR:
			text += "container images to ECR"
		case provision.S3:
			text += "zips and bundles to S3, " + d.Bucket
		}
	}
	if text == "" {
		return "nothing, as far as can be seen"
	}
	return text
}

func (f *found) applies() bool { return !f.s.project.Kept }

func (f *found) typing() bool { return false }

func (f *found) leave() { f.s.glance.cancel() }

// newClusterScreen asks which installation to upgrade.
func newClusterScreen(s *session) *details {
	d := newQuestions(s, about{
		stage: atCluster, title: "Which installation is to be upgraded?",
		why: "The build user, its keys and their secrets stay as they are, and CI can publish all the while.",
	}, func() []ask.Question { return ask.UpgradeDetails(&s.upgrade, s.found) })
	d.only = func() bool { return !s.project.Kept }
	return d
}
