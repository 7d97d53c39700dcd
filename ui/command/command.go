// Package command is slipway's command line: one file a command.
//
// A command turns flags and an answers file into a request, has package
// migrate make a preview and a checklist of it, and shows what comes of it.
// There are three ways to speak to the person and no fourth: data on standard
// output, everything else on standard error, and the wizard on a terminal.
// Nothing is asked outside the wizard.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
)

// Edge is what the process gives: its streams, its environment, its clock.
type Edge struct {
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Environ []string
	Now     func() time.Time
	// Interrupts delivers the signals that ask slipway to stop.
	Interrupts <-chan os.Signal
	// Release is what a release was built from, where it is one.
	Release Release
	// TestOnlyAccount, if any, changes how the account is reached, so that
	// tests need not wait as long as a person would.
	TestOnlyAccount func(account.Options) account.Options
	// TestOnlyPlatform does the same for nullplatform.
	TestOnlyPlatform func(platform.Options) platform.Options
	// TestOnlyJournal is called at every point of every write to a journal.
	TestOnlyJournal func(checklist.WritePoint)
	// TestOnlyHandover is told each thing that a handover does to the disk.
	TestOnlyHandover func(instant string)
	// TestOnlyPatience is how long publishing is tried after an upgrade; zero
	// is as long as for a person.
	TestOnlyPatience time.Duration
	// TestOnlyStaleness is how long the answers of a test's account may be
	// out of date; zero is what real ones may.
	TestOnlyStaleness time.Duration
}

// Process is the edge of the running process.
func Process() Edge {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// Output that nobody reads any more must not end the process in the
	// middle of a call: writing then fails, and that is all. The signal is
	// taken, not ignored, since what is ignored other programs would inherit.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return Edge{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Now: time.Now, Interrupts: signals,
	}
}

// Env gives a variable of the edge's environment, or empty.
func (e Edge) Env(name string) string { return envvar.Value(e.Environ, name) }

// terminal reports whether a stream is one, and how wide it is.
func terminal(stream any) (width int, ok bool) {
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(f.Fd()) {
		return 0, false
	}
	w, _, err := term.GetSize(f.Fd())
	return w, err == nil
}

// onTerminal reports whether there is a person to ask: without one nothing is
// asked.
func onTerminal(e Edge) bool {
	_, in := terminal(e.Stdin)
	_, out := terminal(e.Stdout)
	return in && out
}

// Run runs slipway and gives its exit code.
func Run(ctx context.Context, args []string, e Edge) int {
	root := newRoot(e)
	root.SetArgs(args)
	root.SetIn(e.Stdin)
	root.SetOut(e.Stdout)
	root.SetErr(e.Stderr)
	err := root.ExecuteContext(ctx)
	code := exitCode(err)
	if text := message(err); text != "" {
		fmt.Fprintln(e.Stderr, text)
	}
	return code
}

// Tree is the tree of all commands, for what is made of their texts: manual
// pages and the like.
func Tree(e Edge) *cobra.Command { return newRoot(e) }

func newRoot(e Edge) *cobra.Command {
	common := &commonFlags{output: outputText}
	root := &cobra.Command{
		Use:   "slipway",
		Short: "Set up the AWS identity with which CI publishes build assets",
		Long: `Slipway sets up, upgrades and audits the AWS identity with which CI publishes
build assets on nullplatform: container images to ECR, Lambda zips and bundles
to S3.`,
		Args:          noCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := common.validate(); err != nil {
				return err
			}
			if !onTerminal(e) {
				return &usageError{text: "slipway alone asks what to do, which needs a terminal", command: "slipway"}
			}
			return runHome(cmd.Context(), e, common)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{text: err.Error(), command: cmd.CommandPath()}
	})
	root.Flags().SortFlags = false
	common.addHome(root.Flags())
	rarely(root.Flags(), "profile")
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newInstall(e), newUpgrade(e), newAudit(e), newGuard(e), newVerify(e),
		newStatus(e), newResume(e), newUndo(e), newSandbox(e), newVersion(e), newCompletion(e))
	completeFlags(root, e)
	helpFully(root)
	return root
}

// runHome asks what to do.
func runHome(ctx context.Context, e Edge, common *commonFlags) error {
	s, err := openSession(e, common)
	if err != nil {
		return err
	}
	defer s.close()
	return (&interview{edge: e, common: common, session: s}).run(ctx)
}

// noCommand refuses a command that is not there, and names the near ones.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if err := scenarioApart(cmd, args); err != nil {
		return err
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{text: text, command: cmd.CommandPath()}
}

// usageError is a command line that cannot be understood.
type usageError struct {
	text    string
	command string
}

func (u *usageError) Error() string {
	if u.command == "" {
		return u.text
	}
	return u.text + "\nsee " + u.command + " --help"
}

func usage(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// message is what a person is told about an error; empty for those that have
// been told already.
func message(err error) string {
	var told *toldError
	if err == nil || errors.As(err, &told) {
		return ""
	}
	return "slipway: " + strings.ReplaceAll(err.Error(), "\n", "\nslipway: ")
}

// toldError carries an exit code for something that has been shown already.
type toldError struct {
	code int
	err  error
}

func (t *toldError) Error() string {
	if t.err == nil {
		return fmt.Sprintf("exit code %d", t.code)
	}
	return t.err.Error()
}

func (t *toldError) Unwrap() error { return t.err }
