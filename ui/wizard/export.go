package wizard

import (
	"context"
	"fmt"
	"path/filepath"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// export writes what an audit found to a file that the person names.
type export struct {
	*details
	path  string
	write errand[int]
	err   error
	// wrote is how many bytes were written; zero for none yet.
	wrote int
}

var _ screen = (*export)(nil)

func newExport(s *session) *export {
	x := &export{}
	x.details = newQuestions(s, about{
		stage: atOverview, title: "Write the report to a file",
		why: "Everything that was found, and what could not be read. It holds names and ARNs of the account, and no secret.",
	}, func() []ask.Question {
		return []ask.Question{ask.ReportFile(&x.path, s.reports, view.AuditEndings())}
	})
	return x
}

func (x *export) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := x.write.take(msg); ok {
		if x.err = got.err; x.err != nil {
			x.enter()
			return nil, wish{}
		}
		x.wrote = got.value
		return nil, wish{}
	}
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case ok && (x.wrote > 0 || key.Matches(k, backKey())):
		return nil, wish{to: away}
	case x.write.underWay():
		return nil, wish{}
	case ok:
		x.err = nil
	}
	cmd, w := x.details.update(msg)
	if w.to == onward {
		return x.save(), wish{}
	}
	return cmd, w
}

func (x *export) save() tea.Cmd {
	path, now := x.path, x.s.opts.Now()
	a := view.Audit{Reports: x.s.reports, Sandbox: x.s.opts.Sandbox != ""}
	return x.write.start(x.s, func(context.Context) (int, error) {
		text, err := view.AuditDocument(path, a, now)
		if err != nil {
			return 0, err
		}
		return len(text), ask.SaveNew(path, text)
	})
}

func (x *export) about() about {
	a := x.details.about()
	if x.wrote > 0 {
		a.title = "The report is written"
	}
	return a
}

func (x *export) keys() []key.Binding {
	if x.wrote > 0 {
		return []key.Binding{bind("enter", "back to the audit", "enter", "esc", "alt+esc")}
	}
	return []key.Binding{nextKey("write"), bind("esc", "back", "esc", "alt+esc")}
}

func (x *export) page(c view.Canvas) page {
	if x.wrote > 0 {
		where := x.path
		if abs, err := filepath.Abs(x.path); err == nil {
			where = abs
		}
		return page{id: "written", lines: facts(c, []fact{
			{"file", where}, {"size", fmt.Sprintf("%d bytes", x.wrote)}, {"readable", "by you alone"},
		})}
	}
	p := x.details.page(c)
	if x.err != nil {
		p.lines = append(p.lines, drawFaults(c, x.err)...)
	}
	return p
}

func (x *export) typing() bool { return x.wrote == 0 }

func (x *export) leave() { x.write.cancel() }
