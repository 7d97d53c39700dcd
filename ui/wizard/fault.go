package wizard

import (
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// drawFault shows a fault.
func drawFault(c view.Canvas, f ask.Fault) []string {
	var out []string
	if f.What != "" {
		out = append(out, styled(c.Theme.Danger.Render, wrap(c.Glyphs.Failed+" "+f.What, c.Width))...)
	}
	out = append(out, wrap(ask.UpperFirst(f.Why), c.Width)...)
	if f.Way != "" {
		out = append(out, "")
		out = append(out, labelled(c, "Next", ask.UpperFirst(f.Way))...)
	}
	return out
}

// drawFaults shows all faults of an error.
func drawFaults(c view.Canvas, err error) []string {
	var out []string
	for i, f := range ask.FaultsOf(err) {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, drawFault(c, f)...)
	}
	return out
}

// labelled is a short heading with text beside it.
func labelled(c view.Canvas, label, text string) []string {
	const column = 6
	gap := "      "[:max(1, column-len(label))]
	return indented(c.Theme.Title.Render(label)+gap, "      ", wrap(text, c.Width-column))
}
