package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// scroll is how far down a page is seen.
type scroll struct {
	offset int
	// id and from tell what the offset was for.
	id               string
	from, to, height int
}

// settle fits the offset to a page: another page is seen from its beginning.
// Lines that have just become the ones to see are brought into sight, and so
// are those that another height would have put out of it.
func (s *scroll) settle(p page, height int) {
	if p.id != s.id {
		*s = scroll{id: p.id, from: -1}
	}
	if p.from != s.from || p.to != s.to || height != s.height {
		s.from, s.to, s.height = p.from, p.to, height
		if p.to > p.from {
			s.offset = max(s.offset, p.to-height)
			s.offset = min(s.offset, p.from)
		}
	}
	s.offset = max(0, min(s.offset, len(p.lines)-height))
}

// wheelStep is how many lines a notch of the wheel moves.
const wheelStep = 3

func (s *scroll) wheel(m tea.MouseWheelMsg, l layout) {
	switch m.Button {
	case tea.MouseWheelUp:
		s.by(-wheelStep, l)
	case tea.MouseWheelDown:
		s.by(wheelStep, l)
	}
}

func (s *scroll) press(k tea.KeyPressMsg, l layout) {
	whole := len(l.page.lines)
	switch {
	case key.Matches(k, bind("", "", "up", "k")):
		s.by(-1, l)
	case key.Matches(k, bind("", "", "down", "j")):
		s.by(1, l)
	case key.Matches(k, bind("", "", "pgup", "b")):
		s.by(-l.room, l)
	case key.Matches(k, bind("", "", "pgdown", "space", "f")):
		s.by(l.room, l)
	case key.Matches(k, bind("", "", "home", "g")):
		s.by(-whole, l)
	case key.Matches(k, bind("", "", "end", "G")):
		s.by(whole, l)
	}
}

func (s *scroll) by(lines int, l layout) {
	s.settle(l.page, l.room)
	s.offset += lines
	s.settle(l.page, l.room)
}
