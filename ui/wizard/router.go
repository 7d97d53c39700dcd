package wizard

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/ask"
)

// router shows one screen at a time and is the only one to go anywhere.
//
// A key takes the first way that is open to it: text goes to a screen that is
// typing; a key that the screen lists goes to the screen; then come help, back
// and leave; then scrolling. All other keys do nothing. Messages that are no
// keys are offered to every screen, so that an answer finds its asker.
type router struct {
	s *session
	// at is where we are in the flow, and floor how far back one may go.
	flow      flow
	at, floor int
	// behind is where the flow was begun from, the nearest last; empty when
	// the wizard was started for it.
	behind []spot
	// aside is shown instead of the flow's screen while it is there.
	aside  screen
	help   bool
	width  int
	height int
	scroll scroll
}

// spot is a screen of a flow.
type spot struct {
	flow flow
	at   int
}

var _ tea.Model = (*router)(nil)

// A terminal that has not told its size yet is taken for the usual one.
const (
	usualWidth  = 80
	usualHeight = 24
)

func newRouter(s *session) *router {
	r := &router{s: s, width: usualWidth, height: usualHeight}
	if s.opts.Width > 0 && s.opts.Height > 0 {
		r.width, r.height = s.opts.Width, s.opts.Height
	}
	r.flow = flowOf(s)
	s.task = r.flow.name
	return r
}

// Init shows the first screen.
func (r *router) Init() tea.Cmd { return r.flow.screens[r.at].enter() }

// current is the screen in sight.
func (r *router) current() screen {
	if r.aside != nil {
		return r.aside
	}
	return r.flow.screens[r.at]
}

// Update handles one message.
func (r *router) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		// Some terminals say that they have no size; that is no news.
		if msg.Width > 0 && msg.Height > 0 {
			r.width, r.height = msg.Width, msg.Height
		}
	case tea.KeyPressMsg:
		cmd = r.press(msg)
	case tea.PasteMsg:
		if r.current().typing() && !r.help {
			cmd = r.tell(r.current(), msg)
		}
	case tea.MouseWheelMsg:
		r.scroll.wheel(msg, r.layout())
	default:
		cmd = r.offer(msg)
	}
	return r, cmd
}

// offer passes a message to every screen; each takes only its own.
func (r *router) offer(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	if r.aside != nil {
		cmds = append(cmds, r.tell(r.aside, msg))
	}
	for _, sc := range r.flow.screens {
		cmds = append(cmds, r.tell(sc, msg))
	}
	return tea.Batch(cmds...)
}

// tell passes a message to a screen and does what the screen wishes. Only the
// screen in sight may wish to go somewhere.
func (r *router) tell(sc screen, msg tea.Msg) tea.Cmd {
	inSight := sc == r.current()
	cmd, w := sc.update(msg)
	switch {
	case w.aside != nil:
		r.aside = w.aside
		r.help = false
		return tea.Batch(cmd, w.aside.enter())
	case !inSight || w.to == stay:
		return cmd
	}
	if w.to == begin {
		return tea.Batch(cmd, r.begin(w.flow))
	}
	return tea.Batch(cmd, r.grant(w.to))
}

// grant goes where a screen wishes to.
func (r *router) grant(to way) tea.Cmd {
	switch to {
	case onward:
		return r.show(r.next(1))
	case backward:
		switch {
		case !r.mayGoBack():
		case r.at > 0:
			return r.show(r.next(-1))
		default:
			return r.goHome()
		}
	case anew:
		r.aside = nil
		// After a write there is no way back behind the preview.
		r.floor = min(r.floor, r.flow.preview())
		r.s.look = ask.Look{}
		return r.show(r.flow.preview())
	case away:
		r.aside = nil
	case quit:
		r.current().leave()
		return tea.Quit
	}
	return nil
}

// next is the place of the nearest screen in a direction that applies.
func (r *router) next(by int) int {
	at := r.at + by
	for at > 0 && at < len(r.flow.screens) {
		if o, ok := r.flow.screens[at].(optional); !ok || o.applies() {
			break
		}
		at += by
	}
	return at
}

// show brings the screen at a place of the flow into sight. Once the checklist
// was reached, nothing before the preview can be changed any more.
func (r *router) show(at int) tea.Cmd {
	if at >= len(r.flow.screens) {
		return tea.Quit
	}
	r.flow.screens[r.at].leave()
	r.at, r.help = at, false
	if at >= r.flow.checklist() {
		r.floor = at
	}
	return r.flow.screens[at].enter()
}

// begin leaves home for a flow.
func (r *router) begin(f flow) tea.Cmd {
	r.flow.screens[r.at].leave()
	r.aside = nil
	r.behind = append(r.behind, spot{r.flow, r.at})
	r.flow = f
	r.at, r.floor, r.help = 0, 0, false
	r.s.task, r.s.look, r.s.finished = f.name, ask.Look{}, false
	return r.current().enter()
}

// goHome leaves the first screen of a flow for where it was begun. What was
// answered is kept.
func (r *router) goHome() tea.Cmd {
	r.current().leave()
	last := len(r.behind) - 1
	r.flow, r.at, r.behind = r.behind[last].flow, r.behind[last].at, r.behind[:last]
	r.floor, r.help = 0, false
	r.s.task, r.s.look = r.flow.name, ask.Look{}
	return r.current().enter()
}

func (r *router) mayGoBack() bool {
	return r.aside == nil && (r.at > r.floor || r.at == 0 && r.floor == 0 && len(r.behind) > 0)
}

// press finds the way of a key.
func (r *router) press(k tea.KeyPressMsg) tea.Cmd {
	sc := r.current()
	typing := sc.typing()
	switch {
	case r.tooSmall() && !key.Matches(k, quitKey("")):
		return nil
	case r.help && key.Matches(k, backKey(), helpKey(false), bind("", "", "q", "enter")):
		r.help = false
	case r.help && !key.Matches(k, quitKey("")):
		r.scroll.press(k, r.layout())
	case typing && k.Text != "":
		return r.tell(sc, k)
	case key.Matches(k, enabled(sc.keys())...):
		return r.tell(sc, k)
	case key.Matches(k, bind("", "", "ctrl+z")):
		return tea.Suspend
	case key.Matches(k, helpKey(typing)):
		r.help = true
	case key.Matches(k, backKey()):
		return r.grant(backward)
	case key.Matches(k, quitKey("")):
		return r.grant(quit)
	case typing:
		return r.tell(sc, k)
	default:
		r.scroll.press(k, r.layout())
	}
	return nil
}

func enabled(all []key.Binding) []key.Binding {
	var out []key.Binding
	for _, b := range all {
		if b.Enabled() {
			out = append(out, b)
		}
	}
	return out
}

// View draws the frame.
func (r *router) View() tea.View {
	l := r.layout()
	v := tea.NewView(l.draw(&r.scroll))
	v.AltScreen = true
	v.WindowTitle = strings.TrimSpace("slipway " + r.flow.name)
	if !r.tooSmall() && l.overflows() {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}
