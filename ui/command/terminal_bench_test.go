//go:build unix

package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// The figures of the real program in a pseudo-terminal that answers no query.
// They are printed, and not judged: what else the machine does is in them too.
//
//	go test ./ui/command -run '^$' -bench Terminal

// BenchmarkTerminalFirstFrame is from the start of the process to the first
// frame. The budget is 50 ms.
func BenchmarkTerminalFirstFrame(b *testing.B) {
	sb := sandboxtest.Start(b, sandbox.Options{})
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		p := sit(b, 80, 24, sb.Environment(), &exec.Cmd{Path: self(b), Args: []string{"slipway", "install"}})
		p.waits("the first frame", func() bool { return strings.Contains(p.sees(), "Is this the right account?") })
		took = append(took, time.Since(begun))
		p.leave()
	}
	report(b, took)
}

// BenchmarkTerminalKeyToScreen is from a key to the first byte of the frame
// that follows it, at 200 by 60. It holds the wait for the renderer's tick.
func BenchmarkTerminalKeyToScreen(b *testing.B) {
	sb := sandboxtest.Start(b, sandbox.Options{})
	p := sit(b, 200, 60, sb.Environment(), &exec.Cmd{Path: self(b), Args: []string{"slipway", "install", "--cluster", "demo"}})
	p.until("enter yes, go on").types("\r").until("Where should CI publish")
	var took []time.Duration
	for b.Loop() {
		before := len(p.written())
		begun := time.Now()
		p.types("\x1b[B\x1b[A ") // Down, up and choose: always a change.
		p.waits("a frame", func() bool { return len(p.written()) > before })
		took = append(took, time.Since(begun))
		time.Sleep(45 * time.Millisecond) // Until the renderer rests.
	}
	report(b, took)
}

// BenchmarkTerminalIdle is the bytes and the share of a core that a screen
// takes which waits for a key.
func BenchmarkTerminalIdle(b *testing.B) {
	sb := sandboxtest.Start(b, sandbox.Options{})
	const span = 10 * time.Second
	for b.Loop() {
		p := sit(b, 200, 60, sb.Environment(), &exec.Cmd{Path: self(b), Args: []string{"slipway", "install"}})
		p.until("enter yes, go on").types("\r").until("Where should CI publish")
		time.Sleep(200 * time.Millisecond)
		written, cpu := len(p.written()), processorTime(b, p.cmd.Process.Pid)
		time.Sleep(span)
		b.ReportMetric(float64(len(p.written())-written), "idle-bytes")
		b.ReportMetric(100*(processorTime(b, p.cmd.Process.Pid)-cpu).Seconds()/span.Seconds(), "idle-%core")
		p.leave()
	}
}

// report prints the middle and the slow end.
func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// processorTime is what the threads of a process have used, to the nanosecond:
// https://docs.kernel.org/scheduler/sched-stats.html
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		b.Skip("/proc/PID/task/TID/schedstat is missing, which tells how much a process has used")
	}
	var all time.Duration
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		used, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(used, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		all += time.Duration(n)
	}
	return all
}
