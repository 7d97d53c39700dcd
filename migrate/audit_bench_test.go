package migrate_test

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// crowded is an account of 5,000 users and 1,500 policies with so many
// clusters in it.
func crowded(b *testing.B, clusters int) *sandbox.Sandbox {
	b.Helper()
	return start(b, sandbox.Options{Latency: latency, Scenario: "current", Seeding: func(s *sandbox.Seed) error {
		for i := range clusters - 1 {
			s.Cluster(clusterName(i), 60)
		}
		s.Crowd(5000, 1500)
		return nil
	}})
}

func clusterName(i int) string { return "c" + string(rune('a'+i/26)) + string(rune('a'+i%26)) }

// peak watches how large the heap becomes beyond what is there now: the
// emulated account lives in the same process.
type peak struct {
	base, most uint64
	quit       chan struct{}
	done       sync.WaitGroup
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func watchHeap() *peak {
	runtime.GC()
	p := &peak{base: heap(), quit: make(chan struct{})}
	p.done.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick.C:
				p.most = max(p.most, heap())
			}
		}
	})
	return p
}

// end gives the peak in mebibytes. It counts the account's own garbage too,
// and so is more than what slipway takes.
func (p *peak) end() float64 {
	close(p.quit)
	p.done.Wait()
	return float64(p.most-min(p.most, p.base)) / (1 << 20)
}

// BenchmarkAudit prints what an audit costs in a large account: of one cluster
// by its name, and of all clusters that there are.
func BenchmarkAudit(b *testing.B) {
	for _, bb := range []struct {
		name     string
		clusters int
		request  migrate.AuditRequest
		pace     int
	}{
		{"one of 5000 users", 1, migrate.AuditRequest{Cluster: "demo"}, 1000},
		{"all 200 clusters", 200, migrate.AuditRequest{All: true}, 200},
	} {
		b.Run(bb.name, func(b *testing.B) {
			sb := crowded(b, bb.clusters)
			var log []sandbox.Entry
			var told atomic.Int64
			var most float64
			for b.Loop() {
				pace := account.NewPace(bb.pace)
				a := openPaced(b, sb, pace)
				sb.ClearLog()
				told.Store(0)
				p := watchHeap()
				reports, err := migrate.Audit(b.Context(), []migrate.AuditTarget{{Account: a}}, bb.request, time.Now,
					func(migrate.AuditProgress) { told.Add(1) })
				most = max(most, p.end())
				if err != nil || len(reports) != bb.clusters {
					b.Fatal(len(reports), err)
				}
				log = sb.Log()
			}
			b.ReportMetric(float64(len(log)), "calls/op")
			b.ReportMetric(float64(len(log)-reads(log)), "writes/op")
			if bb.clusters == 1 {
				b.ReportMetric(float64(depth(log)), "deep")
			}
			b.ReportMetric(float64(told.Load()), "progress/op")
			b.ReportMetric(most, "peak-MiB")
		})
	}
}

func openPaced(b *testing.B, sb *sandbox.Sandbox, pace *account.Pace) *account.Account {
	b.Helper()
	a, err := account.Open(b.Context(), account.Options{
		Region: sb.Region(), Endpoint: sb.URL(), KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret), Pace: pace,
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}
