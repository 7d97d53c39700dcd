package wizard

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// BenchmarkKeyToFrame is a key and the frame that follows it, on a large
// terminal, screen by screen. The budget is 16 ms.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, at := range []struct {
		name string
		stop string
		key  tea.KeyPressMsg
	}{
		{"destinations", "destinations-both", tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}},
		{"details", "details-cluster", tea.KeyPressMsg{Code: 'x', Text: "x"}},
		{"preview", "preview-documents", tea.KeyPressMsg{Code: tea.KeyDown}},
		{"checklist", "apply-running", tea.KeyPressMsg{Code: 'l', Text: "l"}},
	} {
		b.Run(at.name, func(b *testing.B) {
			tour(b, nil, func(stop string, d *driver) {
				if stop != at.stop {
					return
				}
				d.resize(200, 60)
				b.ResetTimer()
				for range b.N {
					d.r.Update(at.key)
					_ = d.frame()
				}
				b.StopTimer()
				d.r.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
				d.resize(usualWidth, usualHeight)
			})
		})
	}
}
