package wizard

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// checklistScreen carries the plan out in sight of the person. The first
// ctrl+c lets the call in flight finish, the second gives it up; both end in a
// state from which the same command goes on.
type checklistScreen struct {
	s     *session
	state view.ChecklistState
	begun time.Time
	took  time.Duration
	watch stopwatch
	log   []string
	// showLog shows the log instead of the list.
	showLog bool
	// told is what the step under way said last.
	told string
	// stopping and gaveUp are after one and two ctrl+c.
	stopping, gaveUp bool
	ended            bool
	err              error
	// question is what the checklist asks at the moment, nil for nothing.
	question *question
}

var _ screen = (*checklistScreen)(nil)

func newChecklist(s *session) *checklistScreen { return &checklistScreen{s: s} }

func (l *checklistScreen) enter() tea.Cmd {
	*l = checklistScreen{s: l.s, begun: l.s.opts.Now(), log: l.log}
	cmd, err := l.s.start()
	if err != nil {
		l.ended, l.err = true, err
		return nil
	}
	l.state.Steps = l.s.job.steps
	return tea.Batch(cmd, l.watch.start(l.s))
}

func (l *checklistScreen) update(msg tea.Msg) (tea.Cmd, wish) {
	switch msg := msg.(type) {
	case progressMsg:
		if msg.job == l.s.job {
			l.note(msg.event)
			return l.s.listen(msg.job), wish{}
		}
	case questionMsg:
		if msg.job == l.s.job {
			l.question = newQuestion(msg, l.s.opts.Now(), l.told)
			return l.s.listen(msg.job), wish{}
		}
	case revealMsg:
		return l.s.listen(l.s.job), wish{aside: newReveal(l.s, msg)}
	case endedMsg:
		if msg.job == l.s.job {
			return nil, l.end(msg.job.err)
		}
	case tickMsg:
		if l.running() {
			l.took = l.s.opts.Now().Sub(l.begun)
			return l.watch.take(l.s, msg, true), wish{}
		}
	case tea.KeyPressMsg:
		if l.ended && key.Matches(msg, consentKey()) {
			return nil, wish{aside: newUnrelated(l.s, ask.Unrelated(l.err))}
		}
		return nil, l.press(msg)
	}
	return nil, wish{}
}

func (l *checklistScreen) running() bool { return l.s.job != nil && !l.begun.IsZero() && !l.ended }

// end takes the checklist's end. A good one needs no key.
func (l *checklistScreen) end(err error) wish {
	l.ended, l.err, l.question = true, err, nil
	l.took = l.s.opts.Now().Sub(l.begun)
	if err == nil {
		return wish{to: onward}
	}
	return wish{}
}

// note keeps an event, and logs it.
func (l *checklistScreen) note(e checklist.Event) {
	l.state.Apply(e)
	if e.State == checklist.Running {
		l.told = e.Detail
	}
	text := string(e.State)
	if e.Detail != "" {
		text = e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	at := l.s.opts.Now().Format("15:04:05")
	l.log = append(l.log, fmt.Sprintf("%s %s: %s", at, l.title(e.Step), text))
}

func (l *checklistScreen) title(id string) string {
	for _, st := range l.state.Steps {
		if st.ID == id {
			return st.Title
		}
	}
	return id
}

func (l *checklistScreen) press(k tea.KeyPressMsg) wish {
	switch {
	case key.Matches(k, bind("", "", "l")):
		l.showLog = !l.showLog
	case l.question != nil && !key.Matches(k, quitKey("")):
		if l.question.press(k, l.s.opts.Now()) {
			l.question = nil
		}
	case key.Matches(k, retryKey("")):
		return wish{to: anew}
	case key.Matches(k, backKey()), l.ended:
		l.s.finished = true
		return wish{to: quit}
	case !l.stopping:
		l.stopping, l.question = true, nil
		l.s.job.run.Stop()
	default:
		l.gaveUp = true
		l.s.job.cancel()
	}
	return wish{}
}

func (l *checklistScreen) about() about {
	a := about{
		stage: atApply, title: "Carrying it out", mark: l.count(),
		why: l.manner(),
	}
	if l.question != nil {
		a.title, a.why = l.question.heading()
	}
	switch {
	case l.gaveUp && !l.ended:
		a.title, a.why = "Giving the call in flight up", "Whether it took effect will be seen when you go on with "+l.again()+": it reads the account first."
	case l.stopping && !l.ended:
		a.title, a.why = "Stopping after the call in flight", "What is done stays done, and "+l.again()+" goes on from there."
	case l.stopped():
		a.title, a.why = "Stopped", "What is done stays done. Go on here, or later with "+l.again()+"."
	case l.ended && l.err != nil:
		a.title, a.why = "Something went wrong", "What is done stays done, and nothing that CI could do before was taken away."
	case l.ended:
		a.title, a.why = "Carried out", "Everything was read back and is as planned."
	}
	return a
}

// manner says in which order things are done.
func (l *checklistScreen) manner() string {
	if l.s.task == ask.UpgradeTask {
		if l.s.look.Root != nil {
			return "One step after another. CI can publish all the while, and the build user is looked at after every step."
		}
		return "One step after another. Nothing is taken away before its replacement is seen everywhere."
	}
	return "Independent steps run side by side. The key comes last."
}

// again is the command that goes on later.
func (l *checklistScreen) again() string {
	if l.s.opts.Keep == nil || l.s.opts.Sandbox != "" || l.s.job == nil {
		return "slipway " + l.s.task
	}
	return "slipway resume --cluster " + l.s.job.look.Cluster()
}

func (l *checklistScreen) stopped() bool { return l.ended && errors.Is(l.err, checklist.ErrStopped) }

func (l *checklistScreen) keys() []key.Binding {
	interrupt := "stop after this call (safe)"
	switch {
	case l.ended:
		interrupt = "leave"
	case l.gaveUp:
		interrupt = ""
	case l.stopping:
		interrupt = "give this call up"
	}
	logging := "log"
	if l.showLog {
		logging = "list"
	}
	retry := "try again" + l.s.canvas.Glyphs.Ellipsis
	if l.stopped() {
		retry = "go on" + l.s.canvas.Glyphs.Ellipsis
	}
	if l.question != nil {
		return append(l.question.keys(l.s.arrows()), bind("l", logging, "l"), quitKey("stop (go on later)"))
	}
	return []key.Binding{
		onlyIf(l.ended && l.err != nil, retryKey(retry)),
		onlyIf(l.ended && len(ask.Unrelated(l.err)) > 0, consentKey()),
		bind("l", logging, "l"),
		onlyIf(l.ended && l.err != nil, bind("esc", "leave (go on later)", "esc", "alt+esc")),
		onlyIf(!l.ended, quitKey(interrupt)),
	}
}

func (l *checklistScreen) page(c view.Canvas) page {
	if l.showLog {
		var lines []string
		for _, line := range l.log {
			lines = append(lines, indented("", "          ", wrap(line, c.Width-10))...)
		}
		return page{id: "log", lines: lines, from: len(lines) - 1, to: len(lines)}
	}
	drawn := l.state
	drawn.Errors = stopsOf(l.state.Errors)
	p := page{id: "list", lines: split(view.Checklist(c, drawn))}
	if l.ended && l.err != nil {
		p.from = len(p.lines) + 1
		p.lines = append(append(p.lines, ""), l.aftermath(c)...)
		p.to = len(p.lines)
		return p
	}
	for i, st := range l.state.Steps {
		if l.state.States[st.ID] == checklist.Running {
			p.from, p.to = i, i+1
		}
	}
	if l.question != nil {
		p.from = len(p.lines)
		p.lines = append(append(p.lines, ""), l.question.lines(c, l.state)...)
		p.to = len(p.lines)
		return p
	}
	if now, ok := l.state.Current(); ok {
		p.lines = append(append(p.lines, ""), muted(c, indented("  ", "  ", wrap(now.Why, c.Width-2)))...)
	}
	return p
}

// stopsOf leaves the errors that are none but a stop; the others are told
// below the list, in the order in which a person asks.
func stopsOf(all map[string]error) map[string]error {
	out := map[string]error{}
	for id, err := range all {
		if errors.Is(err, checklist.ErrStopped) {
			out[id] = err
		}
	}
	return out
}

func consentKey() key.Binding { return bind("a", "apply them too", "a") }

// count tells how far it is, and for how long it has been going on.
func (l *checklistScreen) count() string {
	done, all := l.state.Count()
	return fmt.Sprintf("%d of %d %s %02d:%02d", done, all, l.s.canvas.Glyphs.Bullet,
		int(l.took.Minutes()), int(l.took.Seconds())%60)
}

// aftermath says what failed, why, what is safe and what to do.
func (l *checklistScreen) aftermath(c view.Canvas) []string {
	var out []string
	next := "Press r to go on: slipway reads the account anew and shows what is left. Or leave, and " + l.later() + " later."
	if !l.stopped() {
		next = ""
		for i, f := range ask.FaultsOf(l.err) {
			if i > 0 {
				out = append(out, "")
			}
			way := f.Way
			f.Way = ""
			out = append(out, drawFault(c, f)...)
			if way != "" {
				next = ask.UpperFirst(way) + "."
			}
			if ask.Expired(l.err) {
				next = "Renew the credentials in another terminal (aws sso login, or your own way), then come back."
			}
		}
		if len(ask.Unrelated(l.err)) > 0 {
			next = "Press a to look at these changes, and to say that they may be applied too."
		}
		next = strings.TrimSpace(next + " Here, r runs it again: it reads the account anew and shows what is left. To go on later, " + l.later() + ".")
		out = append(out, "")
	}
	out = append(out, labelled(c, "Safe", l.safe())...)
	return append(out, labelled(c, "Next", next)...)
}

// later says how to go on when the wizard is gone.
func (l *checklistScreen) later() string { return "run " + l.again() }

// safe tells how things stand, the key above all.
func (l *checklistScreen) safe() string {
	if l.s.job == nil {
		return "Nothing has been changed."
	}
	return l.s.job.look.Safe(l.s.done(), l.err)
}

func (l *checklistScreen) typing() bool { return false }

func (l *checklistScreen) leave() {}
