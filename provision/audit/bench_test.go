package audit_test

import (
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// BenchmarkJudge is one cluster judged, clean and with a policy that grants
// everything: what a report costs besides reading.
func BenchmarkJudge(b *testing.B) {
	for name, set := range map[string]func(*audit.Subject){
		"clean":         func(*audit.Subject) {},
		"administrator": func(s *audit.Subject) { onGroup(s, "extra", allow("*", "*")) },
	} {
		b.Run(name, func(b *testing.B) {
			s := audit.Subject{Survey: installed(b, provision.Contract61), Now: now}
			set(&s)
			for b.Loop() {
				audit.Run(s)
			}
		})
	}
}
