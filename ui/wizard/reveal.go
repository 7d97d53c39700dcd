package wizard

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/view"
)

// reveal shows the credentials, once. They are in this screen's memory and on
// the alternate screen, from which nothing is left when it goes. The clipboard
// gets them only when it is asked to.
type reveal struct {
	s *session
	// Credentials are exported so that they redact themselves when printed.
	Credentials provision.Credentials
	told        chan<- error
	since       time.Time
	// sure is after the first enter, warned after the first ctrl+c.
	sure, warned bool
	copied       string
}

var _ screen = (*reveal)(nil)

func newReveal(s *session, msg revealMsg) *reveal {
	return &reveal{s: s, Credentials: msg.Credentials, told: msg.told}
}

func (r *reveal) enter() tea.Cmd {
	r.since = r.s.opts.Now()
	return nil
}

func (r *reveal) update(msg tea.Msg) (tea.Cmd, wish) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || r.s.opts.Now().Sub(r.since) < grace {
		return nil, wish{}
	}
	switch {
	case key.Matches(k, bind("", "", "c")):
		r.copied, r.sure, r.warned = "the secret", false, false
		return tea.SetClipboard(r.Credentials.Secret.Reveal()), wish{}
	case key.Matches(k, bind("", "", "a")):
		r.copied, r.sure, r.warned = "all lines", false, false
		return tea.SetClipboard(handover.Dotenv(r.Credentials)), wish{}
	case key.Matches(k, nextKey("")) && !r.sure:
		r.sure, r.warned = true, false
		r.since = r.s.opts.Now()
	case key.Matches(k, nextKey("")):
		return nil, r.end(nil)
	case r.warned:
		return nil, r.end(errUnseen)
	default:
		r.warned, r.sure = true, false
	}
	return nil, wish{}
}

// end forgets the secret and lets the checklist go on.
func (r *reveal) end(err error) wish {
	r.Credentials = provision.Credentials{}
	r.told <- err
	return wish{to: away}
}

func (r *reveal) about() about {
	return about{
		stage: atApply, title: "The new access key, shown once",
		why: "AWS never shows the secret again. Put it where your CI keeps its secrets before you go on.",
	}
}

func (r *reveal) keys() []key.Binding {
	enter, giveUp := "I have saved it", "stop"
	if r.sure {
		enter = "yes, clear it"
	}
	if r.warned {
		giveUp = "throw it away"
	}
	return []key.Binding{
		nextKey(enter), bind("c", "copy secret", "c"), bind("a", "copy all", "a"), quitKey(giveUp),
	}
}

func (r *reveal) page(c view.Canvas) page {
	var lines []string
	for _, f := range []fact{
		{"BUILD_AWS_ACCESS_KEY", r.Credentials.KeyID},
		{"BUILD_AWS_SECRET_ACCESS_KEY", r.Credentials.Secret.Reveal()},
		{"BUILD_AWS_REGION", r.Credentials.Region},
	} {
		lines = append(lines, c.Theme.Muted.Render(f.name))
		// Cut anywhere rather than at a mark, so that nothing is lost or added.
		lines = append(lines, indented("  ", "  ", split(ansi.Hardwrap(view.Inert(f.value), c.Width-2, true)))...)
	}
	lines = append(lines, "")
	var words string
	style := c.Theme.Warning
	switch {
	case r.warned:
		words = "Without the secret the key is of no use to anyone: press ctrl+c again to stop here, and delete the key afterwards. Any other key keeps it on the screen."
	case r.sure:
		words = "Is it saved? Press enter again, and it is gone for good."
	case r.copied != "":
		words, style = "Asked the terminal to put "+r.copied+" on the clipboard; not every terminal does. Clear the clipboard when you are done.", c.Theme.Muted
	default:
		words, style = "It is the key of "+r.Credentials.User+". Nothing of it stays in this terminal's history.", c.Theme.Muted
	}
	p := page{from: len(lines), lines: append(lines, styled(style.Render, wrap(words, c.Width))...)}
	if p.to = p.from; r.sure || r.warned {
		p.to = len(p.lines)
	}
	return p
}

func (r *reveal) typing() bool { return false }

func (r *reveal) leave() {}
