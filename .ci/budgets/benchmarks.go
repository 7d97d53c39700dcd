package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// benchmark is a benchmark of a package and what is promised of it.
type benchmark struct {
	pkg, pattern string
	// times is how often it is carried out, for -benchtime.
	times    string
	promises []promise
}

// promise is a limit for one figure of one benchmark.
type promise struct {
	what, budget string
	// name and unit find the figure: the benchmark's name without
	// "Benchmark", and the unit behind the figure.
	name, unit string
	limit      float64
	// show writes the figure; nil writes it as it is, with its unit.
	show func(float64) string
}

func microseconds(ns float64) string   { return fmt.Sprintf("%.2f µs", ns/1e3) }
func milliseconds(ns float64) string   { return fmt.Sprintf("%.1f ms", ns/1e6) }
func mebibytes(n float64) string       { return fmt.Sprintf("%.1f MiB", n) }
func inMilliseconds(ms float64) string { return fmt.Sprintf("%.1f ms", ms) }
func percent(p float64) string         { return fmt.Sprintf("%.2f %%", p) }
func count(n float64) string           { return fmt.Sprintf("%.0f", n) }

var benchmarks = []benchmark{
	{
		pkg: "./migrate", pattern: "^Benchmark(Preview|Install)$", times: "3x",
		promises: []promise{
			{what: "preview, two destinations there: calls", budget: "14", name: "Preview/installed", unit: "reads/op", limit: 14, show: count},
			{what: "preview: round trips deep", budget: "3", name: "Preview/installed", unit: "deep", limit: 3, show: count},
			{what: "preview at 80 ms a call", budget: "", name: "Preview/installed", unit: "ns/op", show: milliseconds},
			{what: "install, two destinations: writes", budget: "10", name: "Install", unit: "writes/op", limit: 10, show: count},
			{what: "install: round trips deep", budget: "5", name: "Install", unit: "deep", limit: 5, show: count},
		},
	},
	{
		pkg: "./provision/policy", pattern: "^Benchmark(Decide|Compare)$", times: "1000x",
		promises: []promise{
			{what: "one access decision, ten statements", budget: "2 µs", name: "Decide/allowed_by_the_last", unit: "ns/op", limit: 2e3, show: microseconds},
			{what: "difference of two documents of 6,144 characters", budget: "5 ms", name: "Compare/different", unit: "ns/op", limit: 5e6, show: milliseconds},
		},
	},
	{
		pkg: "./migrate", pattern: "^BenchmarkAudit$", times: "1x",
		promises: []promise{
			{what: "audit of one cluster among 5,000 users: calls", name: "Audit/one_of_5000_users", unit: "calls/op", show: count},
			{what: "audit of one cluster among 5,000 users: memory", budget: "64 MiB", name: "Audit/one_of_5000_users", unit: "peak-MiB", limit: 64, show: mebibytes},
			{what: "audit of 200 clusters: calls", name: "Audit/all_200_clusters", unit: "calls/op", show: count},
		},
	},
	{
		pkg: "./migrate/rewrite", pattern: "^BenchmarkTenThousandLines$", times: "10x",
		promises: []promise{
			{what: "rewriting a root of 10,000 lines", budget: "100 ms", name: "TenThousandLines", unit: "ns/op", limit: 1e8, show: milliseconds},
		},
	},
	{
		pkg: "./ui/wizard", pattern: "^BenchmarkKeyToFrame$", times: "300x",
		promises: []promise{
			{what: "key to frame, 200×60, 1,000 findings: p99", budget: "16 ms", name: "KeyToFrame/findings", unit: "p99-ms", limit: 16, show: inMilliseconds},
		},
	},
	{
		pkg: "./ui/command", pattern: "^BenchmarkTerminalFirstFrame$", times: "20x",
		promises: []promise{
			{what: "first frame in a silent terminal: p50", budget: "50 ms", name: "TerminalFirstFrame", unit: "p50-ms", limit: 50, show: inMilliseconds},
		},
	},
	{
		pkg: "./ui/command", pattern: "^BenchmarkTerminalIdle$", times: "1x",
		promises: []promise{
			{what: "idle screen: bytes written", budget: "0", name: "TerminalIdle", unit: "idle-bytes", limit: 0.5, show: count},
			{what: "idle screen: of a core", budget: "0.5 %", name: "TerminalIdle", unit: "idle-%core", limit: 0.5, show: percent},
		},
	},
}

// measure carries the benchmark out and compares.
func (b benchmark) measure(ctx context.Context) ([]row, error) {
	cmd := exec.CommandContext(ctx, "go", "test", b.pkg, "-run", "^$", "-bench", b.pattern, "-benchtime", b.times)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("benchmark %s of %s: %w\n%s", b.pattern, b.pkg, err, out)
	}
	figures := parse(string(out))
	var rows []row
	for _, p := range b.promises {
		got, ok := figures[p.name][p.unit]
		if !ok {
			return nil, fmt.Errorf("benchmark %s of %s has no figure in %s", p.name, b.pkg, p.unit)
		}
		show := p.show
		if show == nil {
			show = func(v float64) string { return fmt.Sprintf("%.2f %s", v, p.unit) }
		}
		rows = append(rows, row{what: p.what, budget: p.budget, measured: show(got), over: p.limit > 0 && got > p.limit})
	}
	return rows, nil
}

// parse reads the lines of go test -bench: name, count, and pairs of figure
// and unit.
func parse(text string) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(words[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		out[name] = map[string]float64{}
		for i := 2; i+1 < len(words); i += 2 {
			if v, err := strconv.ParseFloat(words[i], 64); err == nil {
				out[name][words[i+1]] = v
			}
		}
	}
	return out
}
