// Package wizard is slipway's terminal program: it asks for what install needs
// to know, shows what would be done, and carries it out while one watches.
//
// The wizard fills in the same request value that the command line fills in;
// it decides nothing itself. Its rules:
//
//   - A [tea.Model] of one router, and one screen at a time. A screen tells the
//     router what it wants; only the router goes anywhere.
//   - Update makes no call. What takes time is a command that wraps a plain
//     function, and its answer is taken only by the one who asked.
//   - Until the first write, one can go back from everywhere, and every answer
//     is kept. After it, ctrl+c lets the call in flight finish.
//   - A key that was pressed ahead of a screen confirms nothing on it.
//   - A frame is exactly as wide and as high as the terminal.
//   - The secret is on the screen that reveals it and nowhere else.
package wizard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/ui/ask"
)

// Options are what the wizard is started with.
type Options struct {
	// Start is the job to begin with, [ask.InstallTask] or
	// [ask.UpgradeTask]; empty asks which.
	Start string
	// Request is filled in as far as flags or an answers file did; the rest
	// is asked for.
	Request migrate.InstallRequest
	// Upgrade is the same for an upgrade.
	Upgrade migrate.UpgradeRequest
	// Account says which account to open.
	Account account.Options
	// Sandbox is the name of the sandbox's scenario; empty for a real
	// account.
	Sandbox string
	// Open opens the account.
	Open func(ctx context.Context, o account.Options) (migrate.Account, error)
	// Keep gives the journal of a cluster, and opens it first where it is not
	// the one that is open. Nil means that what is done leaves no trace.
	Keep func(id account.Identity, cluster string) (migrate.Keeping, error)
	// Staleness is how long answers of the account may be out of date; zero is
	// what real ones may.
	Staleness time.Duration
	// Open runs are offered to go on with.
	OpenRuns []ask.OpenRun
	// Buckets lists the account's buckets to choose from; nil where the name
	// is to be typed.
	Buckets func(ctx context.Context) ([]string, error)
	// Clusters lists those whose identity the account holds; nil where it
	// cannot be told.
	Clusters func(ctx context.Context) ([]string, error)
	// Platform reaches nullplatform; nil where it cannot be.
	Platform *ask.Platform
	// Projects looks for roots that hold an installation; nil where roots are
	// not asked about. State names the directory of a cluster's files.
	Projects func() []migrate.Project
	State    func(account, cluster string) (string, error)
	// Audit makes an audit; nil where none can be made.
	Audit func(ctx context.Context, req migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error)
	// Play opens a sandbox with a scenario and says how to reach it; nil
	// where there is none to be had.
	Play func(scenario string) (account.Options, error)

	// Input and Output are the terminal's.
	Input  io.Reader
	Output io.Writer
	// Environ is the process's environment, as os.Environ gives it.
	Environ []string
	// Width and Height stand for the terminal's size where it has none to
	// tell.
	Width, Height int
	// Now is the clock.
	Now func() time.Time

	// NoColor leaves all colour out, ASCII all characters beyond ASCII.
	NoColor, ASCII bool
}

// Run shows the wizard until the person is through with it. It gives
// [ask.ErrCancelled] when they left, or the context ended, before anything was
// written. Once something may have been written the error is nil, the outcome
// tells, and no call is under way any more: a context that ends lets the call
// in flight finish, for a while.
func Run(ctx context.Context, o Options) (ask.Outcome, error) {
	s := newSession(ctx, o)
	program, end := paced(newRouter(s), programOptions(ctx, o)...)
	_, err := program.Run()
	end()
	s.close()
	return s.verdict(ctx, err)
}

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	opts := []tea.ProgramOption{
		tea.WithContext(ctx),
		// Signals end the context; see the command.
		tea.WithoutSignalHandler(),
	}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	if o.Environ != nil {
		opts = append(opts, tea.WithEnvironment(o.Environ))
	}
	if o.Width > 0 && o.Height > 0 {
		opts = append(opts, tea.WithWindowSize(o.Width, o.Height))
	}
	if o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	return opts
}

// verdict is what a program that has ended came to.
func (s *session) verdict(ctx context.Context, failure error) (ask.Outcome, error) {
	out := s.outcome()
	if ctx.Err() != nil {
		failure = nil // It ended because it was told to.
	}
	if failure != nil {
		failure = fmt.Errorf("run the wizard: %w", failure)
	}
	switch {
	case out.Applied:
		out.Err = errors.Join(out.Err, failure)
		return out, nil
	case failure != nil:
		return out, failure
	case s.finished:
		return out, nil
	}
	return out, ask.ErrCancelled
}
