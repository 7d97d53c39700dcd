package wizard

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// BenchmarkKeyToFrame is a key and the frame that follows it, on a large
// terminal, screen by screen, one of them with 1,000 findings. The budget is
// 16 ms for 99 of 100.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, at := range []struct {
		name string
		stop string
		key  tea.KeyPressMsg
	}{
		{"destinations", "destinations-both", tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}},
		{"details", "details-cluster", tea.KeyPressMsg{Code: 'x', Text: "x"}},
		{"preview", "preview-documents", tea.KeyPressMsg{Code: tea.KeyDown}},
		{"findings", "findings-1000", tea.KeyPressMsg{Code: tea.KeyDown}},
		{"checklist", "apply-running", tea.KeyPressMsg{Code: 'l', Text: "l"}},
	} {
		b.Run(at.name, func(b *testing.B) {
			tour(b, nil, func(stop string, d *driver) {
				if stop != at.stop {
					return
				}
				d.resize(200, 60)
				var took []time.Duration
				b.ResetTimer()
				for range b.N {
					begun := time.Now()
					d.r.Update(at.key)
					_ = d.frame()
					took = append(took, time.Since(begun))
				}
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				d.r.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
				d.resize(usualWidth, usualHeight)
			})
		})
	}
}
