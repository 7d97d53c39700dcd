package wizard

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// home asks what to do. While one reads, it finds out where one is.
type home struct {
	s  *session
	at int
}

var _ screen = (*home)(nil)

func newHome(s *session) *home { return &home{s: s} }

// deed is one thing to do from here.
type deed struct {
	name, does string
	wish       func() wish
}

func (h *home) deeds() []deed {
	starts := func(f func(*session) flow) func() wish {
		return func() wish { return wish{to: begin, flow: f(h.s)} }
	}
	var out []deed
	for _, r := range h.s.opts.OpenRuns {
		out = append(out, deed{"Resume", r.String(), func() wish {
			h.s.answers.Cluster = r.Cluster
			if r.Upgrade != nil {
				h.s.upgrade, h.s.project = *r.Upgrade, ask.ProjectOf(*r.Upgrade)
				h.s.upgrade.Cluster = r.Cluster
			}
			if h.s.opts.Account != r.Reach {
				h.s.opts.Account, h.s.acct = r.Reach, nil
			}
			if r.Upgrade != nil {
				return wish{to: begin, flow: resumeUpgradeFlow(h.s)}
			}
			return wish{to: begin, flow: resumeFlow(h.s)}
		}})
	}
	out = append(out, []deed{
		{"Install", "set up the build user, its group and its grants", starts(installFlow)},
		{"Upgrade", "bring an older installation up to date; its key stays", starts(upgradeFlow)},
	}...)
	if h.s.opts.Audit != nil {
		out = append(out, deed{"Audit", "see who can publish what; it only reads", starts(auditFlow)})
	}
	if h.s.opts.Play != nil {
		out = append(out, deed{"Sandbox", "try it on an emulated account, where nothing is real", func() wish {
			return wish{aside: newPlayground(h.s)}
		}})
	}
	return out
}

func (h *home) enter() tea.Cmd { return h.s.entry.askOnce(h.s) }

func (h *home) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return h.s.entry.update(h.s, msg), wish{}
	}
	last := len(h.deeds()) - 1
	switch {
	case key.Matches(k, nextKey("")):
		return nil, h.deeds()[h.at].wish()
	case key.Matches(k, bind("", "", "up", "k")):
		h.at = max(0, h.at-1)
	case key.Matches(k, bind("", "", "down", "j")):
		h.at = min(last, h.at+1)
	default:
		return h.s.entry.ask(h.s), wish{}
	}
	return nil, wish{}
}

func (h *home) about() about {
	return about{
		title: "What do you want to do?",
		why:   "CI publishes build assets with an AWS identity of its own. Nothing is changed before you have seen the plan and said yes.",
	}
}

func (h *home) keys() []key.Binding {
	return []key.Binding{
		bind(h.s.arrows(), "choose", "up", "down", "k", "j"),
		nextKey("go on"),
		onlyIf(h.s.entry.err != nil, retryKey("ask again")),
	}
}

func (h *home) page(c view.Canvas) page {
	const column = 11
	var p page
	for i, d := range h.deeds() {
		mark, name := "  ", d.name
		if i == h.at {
			mark, name = c.Theme.Selected.Render(c.Glyphs.Cursor)+" ", c.Theme.Selected.Render(d.name)
			p.from = len(p.lines)
		}
		first := mark + name + strings.Repeat(" ", column-ansi.StringWidth(d.name))
		rest := strings.Repeat(" ", 2+column)
		p.lines = append(p.lines, indented(first, rest, muted(c, wrap(d.does, c.Width-2-column)))...)
		if i == h.at {
			p.to = len(p.lines)
		}
	}
	p.lines = append(append(p.lines, ""), h.whereabouts(c)...)
	return p
}

// whereabouts tells what has been found out meanwhile.
func (h *home) whereabouts(c view.Canvas) []string {
	s := h.s
	switch {
	case s.entry.err != nil:
		return drawFaults(c, s.entry.err)
	case !s.known():
		return muted(c, s.entry.watch.waiting(c, "Asking AWS who this is"))
	}
	all := []fact{
		{"account", s.identity.Place.Account + " " + s.identity.Place.Region},
		{"you are", s.identity.ARN},
	}
	switch n := len(s.found.Clusters); {
	case s.opts.Clusters == nil || s.entry.clusters.underWay():
	case n == 0:
		all = append(all, fact{"installed", "nothing yet"})
	default:
		all = append(all, fact{"installed", enumerated(s.found.Clusters)})
	}
	return facts(c, all)
}

// enumerated names a few, and counts the rest.
func enumerated(names []string) string {
	const few = 4
	text := strings.Join(names[:min(few, len(names))], ", ")
	if more := len(names) - few; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (h *home) typing() bool { return false }

func (h *home) leave() {}
