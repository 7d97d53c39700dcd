package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/ui/view"
)

// guardFlags are what the guard is told about a plan.
type guardFlags struct {
	common  commonFlags
	want    guard.Expectation
	job     string
	moves   []string
	dir     string
	binary  string
	plan    string
	environ []string
}

func newGuard(e Edge) *cobra.Command {
	f := &guardFlags{environ: e.Environ}
	cmd := &cobra.Command{
		Use:   "guard PLAN",
		Short: "Judge a plan of OpenTofu or Terraform before it is applied",
		Long: `Judge a plan of OpenTofu or Terraform before it is applied: whether it keeps the
build user and its key, and does nothing that an upgrade would not. PLAN is a
plan file, the JSON that show -json prints of it, or - for that JSON on standard
input. It ends with 0 when there is nothing to refuse and with 4 when there is.`,
		Example: `  tofu show -json plan.bin | slipway guard -
  slipway guard plan.json --cluster demo --output markdown
  slipway guard plan.bin --dir infrastructure/aws`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{text: "name one plan, or - for standard input", command: "slipway guard"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.plan = args[0]
			return runGuard(cmd.Context(), e, f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.want.Cluster, "cluster", "", "the cluster's `NAME` (default: any)")
	fl.StringVar(&f.job, "expect", string(guard.Upgrade), "what the plan is meant to do: upgrade, install, nothing (`JOB`)")
	fl.StringArrayVar(&f.moves, "move", nil, "a move that must have been made, `FROM=TO`; repeatable")
	fl.StringArrayVar(&f.want.Allowed, "allow", nil, "consent to what happens at this `ADDRESS`; repeatable")
	fl.BoolVar(&f.want.AllowUnrelated, "allow-unrelated", false, "consent to unrelated changes that destroy nothing")
	fl.BoolVar(&f.want.UserElsewhere, "user-elsewhere", false, "the build user is in the state of another root")
	fl.StringVar(&f.dir, "dir", ".", "the root that a plan file was made in, a `DIR`")
	fl.StringVar(&f.binary, "tool", "", "the `BINARY` to read a plan file with (default: tofu or terraform)")
	fl.StringVar(&f.common.output, "output", outputText, "text, json or markdown (`FORMAT`)")
	fl.BoolVar(&f.common.noColor, "no-color", false, "no colour; NO_COLOR does the same")
	rarely(fl, "move", "user-elsewhere", "dir", "tool", "no-color")
	return cmd
}

// runGuard judges a plan:
//
//  1. judge the flags
//  2. read the plan, by way of the tool when it is a plan file
//  3. show the verdict
//  4. end with 4 when it refuses
func runGuard(ctx context.Context, e Edge, f *guardFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-e.Interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	plan, err := f.read(ctx, e.Stdin)
	if err != nil {
		return err
	}
	j := view.Judgement{Verdict: guard.Judge(plan, f.want), Want: f.want}
	if err := f.show(e, j); err != nil {
		return err
	}
	if refused := j.Verdict.Err(); refused != nil {
		return &toldError{code: exitGuard, err: refused}
	}
	return nil
}

// validate judges the flags, before anything is read.
func (f *guardFlags) validate() error {
	if err := f.common.validate(); err != nil {
		return err
	}
	f.want.Job = guard.Job(f.job)
	if !slices.Contains(guard.Jobs(), f.want.Job) {
		return usage("--expect %s is unknown; use one of upgrade, install, nothing", f.job)
	}
	for _, m := range f.moves {
		// The key of an instance may hold an equals sign, and a module's
		// name may not.
		from, to, ok := strings.Cut(m, "=module.")
		if !ok || from == "" || to == "" {
			return usage("--move %s is not FROM=TO with two addresses", m)
		}
		f.want.Moves = append(f.want.Moves, tofu.Move{From: from, To: "module." + to})
	}
	return nil
}

// read reads the plan from where it is.
func (f *guardFlags) read(ctx context.Context, stdin io.Reader) (*tofu.Plan, error) {
	if f.plan == "-" {
		return fromStream(stdin, "standard input")
	}
	file, err := os.Open(f.plan)
	if err != nil {
		return nil, usage("the plan cannot be read: %v", err)
	}
	defer file.Close() //nolint:errcheck // It was only read.
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, usage("%s is a folder; name a plan file", f.plan)
	}
	buffered := bufio.NewReader(file)
	if head, _ := buffered.Peek(4); string(head) != "PK\x03\x04" {
		plan, err := fromStream(buffered, f.plan)
		var other *tofu.PlanError
		if !errors.As(err, &other) || !other.Encrypted {
			return plan, err
		}
	}
	return f.byTool(ctx)
}

func fromStream(r io.Reader, name string) (*tofu.Plan, error) {
	plan, err := tofu.DecodePlan(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return plan, nil
}

// byTool has the tool read a plan file. Only the tool that made it can; where
// nothing tells which that was, both are tried.
func (f *guardFlags) byTool(ctx context.Context) (*tofu.Plan, error) {
	// The tool runs in the root's folder.
	path, err := filepath.Abs(f.plan)
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", f.plan, err)
	}
	var missing, errs []error
	for _, find := range f.tools() {
		tool, err := find(ctx)
		if err != nil {
			missing = append(missing, err)
			continue
		}
		root, err := tofu.Open(tofu.Options{Dir: f.dir, Tool: tool, Environ: f.environ})
		if err != nil {
			return nil, err
		}
		plan, err := root.ReadPlan(ctx, path)
		if err == nil || ctx.Err() != nil {
			return plan, err
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		errs = missing
	}
	return nil, errors.Join(errs...)
}

// tools are the tools to try, in order: the one that was named, or the one that
// the root was initialised with, or whichever there is.
func (f *guardFlags) tools() []func(context.Context) (tofu.Tool, error) {
	type finder = func(context.Context) (tofu.Tool, error)
	if f.binary != "" {
		return []finder{func(ctx context.Context) (tofu.Tool, error) { return tofu.Ask(ctx, f.binary, f.environ, f.dir) }}
	}
	products := []tofu.Product{tofu.OpenTofu, tofu.Terraform}
	if p, ok := tofu.LockedProduct(f.dir); ok {
		products = []tofu.Product{p}
	}
	var out []finder
	for _, p := range products {
		out = append(out, func(ctx context.Context) (tofu.Tool, error) { return tofu.Find(ctx, p, f.environ, f.dir) })
	}
	return out
}

func (f *guardFlags) show(e Edge, j view.Judgement) error {
	switch f.common.output {
	case outputJSON:
		b, err := view.VerdictJSON(j)
		if err != nil {
			return err
		}
		return say(e.Stdout, string(b))
	case outputMarkdown:
		return say(e.Stdout, view.VerdictMarkdown(j))
	}
	return say(e.Stdout, view.Verdict(canvasFor(e, &f.common, e.Stdout), j))
}
