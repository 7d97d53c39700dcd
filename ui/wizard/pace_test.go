package wizard

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// ticksIn counts the ticks of a span of the test's own time.
func ticksIn(ticker *time.Ticker, span time.Duration) int {
	n := 0
	for end := time.After(span); ; {
		select {
		case <-ticker.C:
			n++
		case <-end:
			return n
		}
	}
}

// inPace hands a test a pace and its ticker, as they are when a program has
// begun, in a time that passes only when everything waits.
func inPace(t *testing.T, try func(t *testing.T, ticker *time.Ticker, stir func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second / quickFrames)
		var p pace
		try(t, ticker, func() { p.stir(func() *time.Ticker { return ticker }) })
		p.end()
		if n := ticksIn(ticker, time.Minute); n > 0 {
			t.Errorf("%d ticks after the end", n)
		}
	})
}

func TestWhereNothingHappensItRests(t *testing.T) {
	inPace(t, func(t *testing.T, ticker *time.Ticker, stir func()) {
		stir()
		ticksIn(ticker, restAfter)
		if n, want := ticksIn(ticker, time.Minute), int(time.Minute/restEvery); n > want {
			t.Errorf("%d ticks in a minute, want no more than %d", n, want)
		}
	})
}

// However long it has rested, what a message changes is drawn at once.
func TestAMessageIsDrawnAtOnce(t *testing.T) {
	for _, rested := range []time.Duration{0, restAfter - 1, restAfter, restAfter + 1, restEvery, time.Hour} {
		inPace(t, func(t *testing.T, ticker *time.Ticker, stir func()) {
			stir()
			ticksIn(ticker, rested)
			begun := time.Now()
			stir()
			<-ticker.C
			if took := time.Since(begun); took > time.Second/quickFrames {
				t.Errorf("%s after the one before, a message is drawn after %s", rested, took)
			}
		})
	}
}

// While messages come one after the other, as from somebody who types, the rate
// stays what it is.
func TestItDoesNotRestWhileThingsHappen(t *testing.T) {
	inPace(t, func(t *testing.T, ticker *time.Ticker, stir func()) {
		n := 0
		for range 40 {
			stir()
			n += ticksIn(ticker, restAfter/2)
		}
		if want := int(40 * restAfter / 2 * quickFrames / time.Second); n < want-1 {
			t.Errorf("%d ticks, want %d", n, want)
		}
	})
}

// An answer that takes longer to draw than the rate stays up is drawn all the
// same, without another message.
func TestWhatComesLateIsDrawn(t *testing.T) {
	inPace(t, func(t *testing.T, ticker *time.Ticker, stir func()) {
		stir()
		time.Sleep(10 * restAfter) // Nobody draws meanwhile.
		<-ticker.C                 // The one that was missed.
		if n := ticksIn(ticker, restEvery); n == 0 {
			t.Error("no tick follows")
		}
	})
}

// looker looks for the ticker of its own program at the first message, and
// quits.
type looker struct {
	ticker func() *time.Ticker
	got    *time.Ticker
}

func (*looker) Init() tea.Cmd { return nil }

func (c *looker) Update(tea.Msg) (tea.Model, tea.Cmd) {
	c.got = c.ticker()
	return c, tea.Quit
}

func (*looker) View() tea.View { return tea.NewView("") }

// The Bubble Tea that is linked in has its ticker where it is looked for. When
// this fails after an update, see how often it draws now.
func TestTheTickerIsFound(t *testing.T) {
	if !tickerIsKnown() {
		t.Fatal("Bubble Tea keeps its ticker elsewhere; slipway then draws at a fixed rate")
	}
	c := &looker{}
	program, end := paced(c, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithWindowSize(80, 24), tea.WithoutSignalHandler())
	c.ticker = func() *time.Ticker { return tickerOf(program) }
	if c.ticker() != nil {
		t.Error("it has a ticker before it runs")
	}
	if _, err := program.Run(); err != nil {
		t.Fatal(err)
	}
	end()
	if c.got == nil {
		t.Error("it has no ticker while it runs")
	}
}
