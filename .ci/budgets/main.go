// Budgets measures what slipway promises to be quick at, on this machine, and
// prints promise and figure side by side.
//
//	go run ./.ci/budgets
//
// The figures come from the benchmarks of the packages and from the built
// program. Peers are measured in the same run where they are installed: the
// AWS CLI making the reads that a preview makes, and terraform planning the same
// entities with the AWS provider, where init finds one. Nothing here fails when a
// figure is over its budget: on a busy machine times say little, and the mark
// in the last column is for a person to judge. Counts of calls are exact.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "budgets:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "slipway-budgets-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	rows, err := programRows(ctx, dir)
	if err != nil {
		return err
	}
	for _, b := range benchmarks {
		measured, err := b.measure(ctx)
		if err != nil {
			return err
		}
		rows = append(rows, measured...)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "what\tbudget\tmeasured\t")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.what, r.budget, r.measured, r.mark())
	}
	return w.Flush()
}

// row is one line of the table.
type row struct {
	what, budget, measured string
	// over is true when the figure is beyond the budget.
	over bool
}

func (r row) mark() string {
	if r.over {
		return "over"
	}
	return "ok"
}

// build compiles a program into dir and gives its path.
func build(ctx context.Context, dir, name, pkg string) (string, error) {
	path := filepath.Join(dir, name)
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build %s: %w: %s", pkg, err, strings.TrimSpace(string(out)))
	}
	return path, nil
}
