package wizard

import (
	"fmt"
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/ui/view"
)

// files shows what changes in the root's files, one file at a time.
type files struct {
	s  *session
	at int
	// drawn is the difference in sight at one width.
	drawn   []string
	drawnOf string
}

var _ screen = (*files)(nil)

func newFiles(s *session) *files { return &files{s: s} }

func (f *files) enter() tea.Cmd {
	f.drawnOf = ""
	return f.s.glance.look(f.s)
}

// edits are the files that change; none until they are known.
func (f *files) edits() []rewrite.Edit {
	if f.s.look.Root == nil {
		return nil
	}
	return f.s.look.Root.Rewrite.Edits
}

// uncommitted reports whether somebody is at work in the files.
func (f *files) uncommitted() bool {
	r := f.s.look.Root
	return r != nil && len(r.Uncommitted) > 0 && !r.Request.AcceptEdits
}

func (f *files) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	n := len(f.edits())
	switch {
	case !ok:
		cmd := f.s.glance.update(f.s, msg)
		f.at, f.drawnOf = min(f.at, max(0, len(f.edits())-1)), ""
		return cmd, wish{}
	case key.Matches(k, nextKey("")):
		return nil, wish{to: onward}
	case key.Matches(k, bind("", "", "tab", "right", "l")):
		f.at = (f.at + 1) % n
	case key.Matches(k, bind("", "", "shift+tab", "left", "h")):
		f.at = (f.at + n - 1) % n
	case key.Matches(k, acceptEditsKey()):
		f.s.project.AcceptEdits = true
		return f.s.glance.again(f.s), wish{}
	default:
		return f.s.glance.again(f.s), wish{}
	}
	return nil, wish{}
}

func acceptEditsKey() key.Binding { return bind("a", "change them all the same", "a") }

func (f *files) about() about {
	a := about{stage: atFiles, title: "This is what changes in the files", why: "Every other byte stays. " + f.s.soFar()}
	if n := len(f.edits()); n > 0 {
		a.mark = fmt.Sprintf("file %d of %d", f.at+1, n)
	}
	switch {
	case f.s.glance.err != nil:
		a.title, a.why = "This cannot be planned yet", f.s.soFar()
	case f.s.look.Root == nil:
		a.title, a.why = "Planning the edits", "The files are read, and then the account that they are about."
	case f.uncommitted():
		a.title, a.why = "Somebody is at work in these files", "Edits that are not committed would be mixed with these. Commit or stash them, or say that it is fine."
	case len(f.edits()) == 0:
		a.title, a.why = "The files are there already", "Nothing has to change in them."
	}
	return a
}

func (f *files) keys() []key.Binding {
	known := f.s.look.Root != nil
	return []key.Binding{
		onlyIf(len(f.edits()) > 1, bind("tab", "next file", "tab", "shift+tab", "left", "right", "h", "l")),
		onlyIf(known, nextKey("preview")),
		onlyIf(f.uncommitted(), acceptEditsKey()),
		onlyIf(f.s.glance.err != nil || f.uncommitted(), retryKey("look again")),
	}
}

func (f *files) page(c view.Canvas) page {
	switch {
	case f.s.glance.err != nil:
		return page{id: "error", lines: drawFaults(c, f.s.glance.err)}
	case f.s.look.Root == nil:
		return page{id: "asking", lines: f.s.glance.watch.waiting(c, "Reading files, state and account")}
	case len(f.edits()) == 0:
		return page{id: "none", lines: wrap(c.Glyphs.Done+" Every call, ref and moved block is as it should be.", c.Width)}
	}
	e := f.edits()[f.at]
	p := page{id: filepath.Join(e.Root, e.File), pinned: f.bar(c), lines: f.diff(c, e)}
	if f.uncommitted() {
		for _, path := range f.s.look.Root.Uncommitted {
			p.pinned = append(styled(c.Theme.Warning.Render, wrap(c.Glyphs.Warning+" "+path+" has edits that are not committed", c.Width)), p.pinned...)
		}
	}
	return p
}

// bar names the files, the one in sight in brackets, in as many lines as they
// need.
func (f *files) bar(c view.Canvas) []string {
	if c.Width < sideBySide { // Where every line counts, the one in sight alone.
		e := f.edits()[f.at]
		counts := fmt.Sprintf(" %s, %d of %d", view.EditCounts(e), f.at+1, len(f.edits()))
		return []string{c.Theme.Selected.Render("["+cut(c, view.Inert(e.File), c.Width-len(counts)-2)+"]") + c.Theme.Muted.Render(counts)}
	}
	var lines []string
	line := ""
	for i, e := range f.edits() {
		text := cut(c, view.Inert(e.File), c.Width/2)
		item := " " + text + " "
		if i == f.at {
			item = c.Theme.Selected.Render("["+text+"]") + " " + c.Theme.Muted.Render(view.EditCounts(e))
		}
		if line != "" && ansi.StringWidth(line)+ansi.StringWidth(item)+1 > c.Width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+item, " ")
	}
	return append(lines, line, "")
}

// diff draws the difference, once for a file and a width.
func (f *files) diff(c view.Canvas, e rewrite.Edit) []string {
	if of := fmt.Sprintf("%d %d", c.Width, f.at); f.drawnOf != of {
		f.drawnOf, f.drawn = of, split(view.FileEdit(c, e))
	}
	return f.drawn
}

// spreads asks for the whole width: lines of code are not text to be read.
func (f *files) spreads() bool { return len(f.edits()) > 0 }

func (f *files) applies() bool { return f.s.project.Kept }

func (f *files) typing() bool { return false }

func (f *files) leave() { f.s.glance.cancel() }
