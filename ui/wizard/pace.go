package wizard

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea draws when a ticker ticks, whose rate is fixed for the life of a
// program: quick enough to answer a key at once, it keeps a core busy while
// nobody does anything; slow enough to rest, it lets the first frame wait. A
// pace has both. The ticker runs at full rate from the start and for a moment
// after every message, and else hardly at all. It never stops: what was drawn
// later than expected is on the screen with the next tick.
//
// Bubble Tea has no door to its ticker, so it is looked up by name. Where it is
// not found the rate is fixed after all, and nothing else changes.

const (
	// quickFrames a second is the most that Bubble Tea does.
	quickFrames = 120
	// steadyFrames a second is the rate where it cannot be changed: the first
	// frame, which waits for a tick, comes within 50 ms, and an idle screen
	// takes half a percent of a core.
	steadyFrames = 30
	// restAfter is how long after a message the rate goes down, and restEvery
	// how long it then is from tick to tick.
	restAfter = 100 * time.Millisecond
	restEvery = 250 * time.Millisecond
)

// pace sets the rate at which a program draws.
type pace struct {
	mu      sync.Mutex
	ticker  *time.Ticker
	rest    *time.Timer
	stirred time.Time
	resting bool
}

// paced makes a program that draws quickly when something happens. The
// function that it gives is to be called once the program has ended.
func paced(m tea.Model, opts ...tea.ProgramOption) (*tea.Program, func()) {
	if !tickerIsKnown() {
		return tea.NewProgram(m, append(opts, tea.WithFPS(steadyFrames))...), func() {}
	}
	var p pace
	var program *tea.Program
	program = tea.NewProgram(m, append(opts, tea.WithFPS(quickFrames), tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
		p.stir(func() *time.Ticker { return tickerOf(program) })
		return msg
	}))...)
	return program, p.end
}

// stir is told of every message, before the program is. It asks for the ticker
// when it has none.
func (p *pace) stir(find func() *time.Ticker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stirred = time.Now()
	switch {
	case p.ticker == nil:
		if p.ticker = find(); p.ticker != nil {
			p.rest = time.AfterFunc(restAfter, p.settle)
		}
		return
	case p.resting:
		p.resting = false
		p.ticker.Reset(time.Second / quickFrames)
	}
	p.rest.Reset(restAfter)
}

// settle lowers the rate, unless something has happened meanwhile.
func (p *pace) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.resting || time.Since(p.stirred) < restAfter {
		return
	}
	p.resting = true
	p.ticker.Reset(restEvery)
}

func (p *pace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rest != nil {
		p.rest.Stop()
		p.resting = true
		p.ticker.Stop()
	}
}

// tickerIsKnown reports whether this Bubble Tea has its ticker where it is
// looked for.
func tickerIsKnown() bool {
	f, ok := reflect.TypeFor[tea.Program]().FieldByName(tickerField)
	return ok && f.Type == reflect.TypeFor[*time.Ticker]()
}

// tickerOf is a program's ticker; nil before the program runs. It is to be
// called where messages are handled: there the program does not change it.
func tickerOf(p *tea.Program) *time.Ticker {
	return (*time.Ticker)(reflect.ValueOf(p).Elem().FieldByName(tickerField).UnsafePointer())
}

// tickerField is where Bubble Tea keeps it:
// https://github.com/charmbracelet/bubbletea/blob/v2.1.1/tea.go
const tickerField = "ticker"
