package migrate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// latency is what a call to IAM takes from far away.
const latency = 80 * time.Millisecond

// depth is how many calls stood behind one another on the longest chain: how
// often latency had to be waited for, whatever the machine.
func depth(log []sandbox.Entry) int {
	type span struct {
		end   time.Time
		depth int
	}
	entries := slices.Clone(log)
	slices.SortFunc(entries, func(a, b sandbox.Entry) int { return a.Time.Compare(b.Time) })
	var spans []span
	longest := 0
	for _, e := range entries {
		d := 1
		for _, s := range spans {
			if !s.end.After(e.Time) {
				d = max(d, s.depth+1)
			}
		}
		spans = append(spans, span{end: e.Time.Add(e.Took), depth: d})
		longest = max(longest, d)
	}
	return longest
}

func reads(log []sandbox.Entry) int {
	n := 0
	for _, e := range log {
		if sandboxtest.IsRead(e) {
			n++
		}
	}
	return n
}

// BenchmarkPreview prints what a preview of one cluster with two destinations
// costs: in an account where nothing is there, and where everything is.
func BenchmarkPreview(b *testing.B) {
	for _, installed := range []bool{false, true} {
		name := "fresh"
		if installed {
			name = "installed"
		}
		b.Run(name, func(b *testing.B) {
			sb := start(b, sandbox.Options{Latency: latency})
			if installed {
				first := open(b, sb, sb.Operator())
				carryOut(b, install(b, first, request(), &keeper{}))
			}
			var log []sandbox.Entry
			for b.Loop() {
				a := open(b, sb, sb.Operator())
				sb.ClearLog()
				preview(b, a, request())
				log = sb.Log()
			}
			b.ReportMetric(float64(reads(log)), "reads/op")
			b.ReportMetric(float64(len(log)-reads(log)), "writes/op")
			b.ReportMetric(float64(depth(log)), "deep")
		})
	}
}

// BenchmarkInstall prints what carrying out ECR and S3 costs, from the first
// write to the key, and the read-back apart.
func BenchmarkInstall(b *testing.B) {
	var toKey, readBack []sandbox.Entry
	var total time.Duration
	for b.Loop() {
		b.StopTimer()
		sb, err := sandbox.Start(sandbox.Options{Latency: latency})
		if err != nil {
			b.Fatal(err)
		}
		i := install(b, open(b, sb, sb.Operator()), request(), &keeper{})
		sb.ClearLog()
		b.StartTimer()
		begun := time.Now()
		carryOut(b, i)
		total = time.Since(begun)
		b.StopTimer()
		log := sb.Log()
		key := slices.IndexFunc(log, func(e sandbox.Entry) bool { return e.Action == "CreateAccessKey" })
		toKey, readBack = log[:key+1], log[key+1:]
		if err := sb.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(len(toKey)-reads(toKey)), "writes/op")
	b.ReportMetric(float64(reads(toKey)), "settle-reads/op")
	b.ReportMetric(float64(depth(toKey)), "deep")
	b.ReportMetric(float64(reads(readBack)), "read-back-reads/op")
	b.ReportMetric(float64(depth(readBack)), "read-back-deep")
	b.ReportMetric(float64(total.Milliseconds()), "wall-ms")
}

func carryOut(t testing.TB, i *migrate.Install) {
	t.Helper()
	run, err := i.Start(checklist.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
}
