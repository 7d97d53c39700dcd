package wizard

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

// driver is the wizard without a terminal: keys in, frames out. Commands run
// beside it, as they do in the program, and their messages are taken in only
// while it waits for a text to appear. Time goes by a second a key.
type driver struct {
	t    testing.TB
	s    *session
	r    *router
	msgs chan tea.Msg
	work sync.WaitGroup

	mu  sync.Mutex
	now time.Time
	// quit is set when the program would have ended.
	quit bool
	// seen are all messages, for tests of what they give away.
	seen []tea.Msg
	// copied is what the clipboard was asked to take.
	copied string
}

// patienceOfTests is how long a text may take to appear.
const patienceOfTests = 90 * time.Second

func drive(t testing.TB, acct migrate.Account, with func(*Options)) *driver {
	t.Helper()
	d := &driver{t: t, msgs: make(chan tea.Msg), now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	o := Options{
		Start: ask.InstallTask,
		Open:  func(context.Context, account.Options) (migrate.Account, error) { return acct, nil },
		Width: usualWidth, Height: usualHeight, NoColor: true, Now: d.clock,
	}
	if with != nil {
		with(&o)
	}
	d.s = newSession(context.Background(), o)
	d.s.testOnlyStill = true
	d.r = newRouter(d.s)
	d.run(d.r.Init())
	t.Cleanup(d.end)
	return d
}

// end closes the wizard and waits until nothing of it is left.
func (d *driver) end() {
	if d.s == nil {
		return
	}
	d.s.close()
	go func() {
		for range d.msgs { // Nobody is there to take them.
		}
	}()
	d.work.Wait()
	close(d.msgs)
	d.s = nil
}

func (d *driver) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *driver) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// run starts a command.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.work.Add(1)
	go func() {
		defer d.work.Done()
		d.msgs <- cmd()
	}()
}

// take handles one message; those that bundle commands are taken apart. The
// type of a sequence is not exported, but its kind is a slice of commands.
func (d *driver) take(msg tea.Msg) {
	if msg == nil {
		return
	}
	d.seen = append(d.seen, msg)
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		for i := range v.Len() {
			d.run(v.Index(i).Interface().(tea.Cmd))
		}
		return
	}
	if v := reflect.ValueOf(msg); v.Kind() == reflect.String && strings.Contains(v.Type().Name(), "setClipboard") {
		d.copied = v.String()
	}
	if _, ok := msg.(tea.QuitMsg); ok {
		d.quit = true
		return
	}
	_, cmd := d.r.Update(msg)
	d.run(cmd)
}

// until takes messages in until the frame has the text.
func (d *driver) until(text string) *driver {
	d.t.Helper()
	d.waitFor("text "+text, func() bool { return strings.Contains(d.flat(), text) })
	return d
}

func (d *driver) untilQuit() *driver {
	d.t.Helper()
	d.waitFor("the end", func() bool { return d.quit })
	return d
}

// untilClosed takes messages in until the channel is closed.
func (d *driver) untilClosed(ch <-chan struct{}) *driver {
	d.t.Helper()
	d.waitFor("the account", func() bool {
		select {
		case <-ch:
			return true
		case <-time.After(time.Millisecond):
			return false
		}
	})
	return d
}

func (d *driver) waitFor(what string, there func() bool) {
	d.t.Helper()
	late := time.After(patienceOfTests)
	for !there() {
		select {
		case msg := <-d.msgs:
			d.take(msg)
		case <-time.After(5 * time.Millisecond):
		case <-late:
			d.t.Fatalf("waited for %s in vain; the frame is\n%s", what, d.frame())
		}
	}
}

// keysByName are the keys that are no text.
func keysByName() map[string]tea.KeyPressMsg {
	return map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "alt+esc": {Code: tea.KeyEscape, Mod: tea.ModAlt},
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"pgdown": {Code: tea.KeyPgDown}, "pgup": {Code: tea.KeyPgUp}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "space": {Code: tea.KeySpace, Text: " "}, "f1": {Code: tea.KeyF1},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
	}
}

// press presses keys by name or, for anything else, types it.
func (d *driver) press(keys ...string) *driver {
	for _, k := range keys {
		d.pass(time.Second)
		d.ahead(k)
	}
	return d
}

// ahead presses a key in the same instant as the one before.
func (d *driver) ahead(k string) {
	if msg, ok := keysByName()[k]; ok {
		d.send(msg)
		return
	}
	for _, r := range k {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.r.Update(msg)
	d.run(cmd)
}

func (d *driver) resize(w, h int) { d.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// frame is what is on the screen.
func (d *driver) frame() string { return d.r.View().Content }

// flat is the frame's text in one line, so that it can be searched whatever
// the wrapping.
func (d *driver) flat() string { return strings.Join(strings.Fields(ansi.Strip(d.frame())), " ") }

func (d *driver) has(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.flat(), text) {
			d.t.Fatalf("the frame lacks %q:\n%s", text, d.frame())
		}
	}
	return d
}

func (d *driver) lacks(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		if strings.Contains(d.flat(), text) {
			d.t.Fatalf("the frame has %q:\n%s", text, d.frame())
		}
	}
	return d
}

// outcome ends the wizard and gives what it came to.
func (d *driver) outcome() (ask.Outcome, error) {
	d.t.Helper()
	s := d.s
	d.end()
	return s.verdict(context.Background(), nil)
}
