package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/view"
)

// screen is one page of the wizard. The router knows nothing else of it.
type screen interface {
	// enter is called each time that the screen comes into sight.
	enter() tea.Cmd
	// update takes a message and says where to go. Keys come only if keys
	// lists them or, for text, while the screen is typing; results come to
	// every screen, which takes its own.
	update(msg tea.Msg) (tea.Cmd, wish)
	// about says where the screen stands and why it is there.
	about() about
	// page draws what is between the title and the keys.
	page(c view.Canvas) page
	// keys lists the bindings in the order in which they are shown. Those
	// that are not enabled are neither shown nor obeyed.
	keys() []key.Binding
	// typing reports whether text that is typed belongs to the screen.
	typing() bool
	// leave is called when the screen goes out of sight, and gives up what
	// only it was waiting for.
	leave()
}

// optional is a screen that is passed over where it does not apply.
type optional interface{ applies() bool }

// about is a screen's heading.
type about struct {
	stage stage
	title string
	// mark is a short word on how things stand, at the end of the title's
	// line.
	mark string
	// why is one sentence, or two.
	why string
}

// stage is a stop on the step bar, by its name there, which is short.
type stage string

const (
	atAccount      stage = "Account"
	atDestinations stage = "Destinations"
	atDetails      stage = "Details"
	atCluster      stage = "Cluster"
	atFound        stage = "Found"
	atProject      stage = "Project"
	atLayout       stage = "Layout"
	atRoute        stage = "Route"
	atFiles        stage = "Files"
	atPreview      stage = "Preview"
	atApply        stage = "Apply"
	atSummary      stage = "Summary"
	atProofs       stage = "Proofs"
	atOverview     stage = "Overview"
	atFindings     stage = "Findings"
)

// page is the body of a screen.
type page struct {
	// pinned lines stay in sight.
	pinned []string
	// lines scroll.
	lines []string
	// below are lines that stay in sight under those that scroll, where
	// there is room for both.
	below []string
	// spare says that what is below gives way where it would make the rest
	// scroll.
	spare bool
	// from and to are the lines to keep in sight, such as the row being
	// edited; from equals to when there are none.
	from, to int
	// id changes when the lines are about something else, so that they are
	// seen from their beginning.
	id string
}

// wish is what a screen wants of the router.
type wish struct {
	to way
	// aside is shown instead of the screen until it wishes to be away.
	aside screen
	// flow is what to begin, with to set to begin.
	flow flow
}

type way int

const (
	stay way = iota
	// onward goes to the next screen of the flow.
	onward
	// backward goes to the one before.
	backward
	// anew goes to the preview for a new one.
	anew
	// away closes a screen that was shown aside.
	away
	// begin leaves home for a flow.
	begin
	// quit ends the program.
	quit
)
