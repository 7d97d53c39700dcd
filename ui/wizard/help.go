package wizard

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/ui/view"
)

// helpPage lists a screen's keys, one a line, and what holds everywhere.
func helpPage(c view.Canvas, sc screen, arrows string, back bool) page {
	bindings := append(enabled(sc.keys()), bind(arrows, "scroll where there is more; pgup, pgdn, home, end and the wheel do too", "up"))
	if back {
		bindings = append(bindings, backKey())
	}
	bindings = append(bindings, helpKey(sc.typing()))
	lines := wrap(sc.about().why, c.Width)
	lines = append(lines, "")
	for _, b := range bindings {
		lines = append(lines, helpLine(c, b)...)
	}
	lines = append(lines, "")
	for _, text := range []string{
		"Until the first write you can go back with esc from everywhere, and what you typed is kept.",
		"ctrl+c leaves. While the plan is carried out it first lets the call in flight finish. What is done stays done, and the same command goes on from there.",
		"ctrl+z suspends, as usual.",
	} {
		lines = append(lines, indented(c.Glyphs.Bullet+" ", "  ", wrap(text, c.Width-2))...)
	}
	return page{id: "help", lines: lines}
}

func helpLine(c view.Canvas, b key.Binding) []string {
	const column = 12
	name := b.Help().Key
	if ansi.StringWidth(name) >= column {
		return append([]string{c.Theme.Key.Render(name)}, indented(strings.Repeat(" ", column), strings.Repeat(" ", column), wrap(b.Help().Desc, c.Width-column))...)
	}
	pad := strings.Repeat(" ", column-ansi.StringWidth(name))
	return indented(c.Theme.Key.Render(name)+pad, strings.Repeat(" ", column), wrap(b.Help().Desc, c.Width-column))
}
