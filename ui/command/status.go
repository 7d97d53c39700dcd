package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/ui/view"
)

func newStatus(e Edge) *cobra.Command {
	var c commonFlags
	var cluster string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show where runs stand",
		Long: `Show where the last run of each cluster stands, by its journal on this machine.
Nothing is asked of any account.`,
		Example: `  slipway status
  slipway status --cluster demo --output json`,
		Args: flagsAlone,
		RunE: func(*cobra.Command, []string) error { return runStatus(e, &c, cluster) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&cluster, "cluster", "", "only the cluster of this `NAME`")
	fl.StringVar(&c.output, "output", outputText, "text, json or markdown (`FORMAT`)")
	fl.BoolVar(&c.plain, "plain", false, "no colour")
	fl.BoolVar(&c.noColor, "no-color", false, "no colour; NO_COLOR does the same")
	return cmd
}

// runStatus shows what can be read, and then tells what cannot.
func runStatus(e Edge, c *commonFlags, cluster string) error {
	if err := c.validate(); err != nil {
		return err
	}
	runs, failure := keptRuns(e, cluster)
	var drawn []view.RunStatus
	for _, r := range runs {
		drawn = append(drawn, view.RunStatus{RunStatus: r.RunStatus, Directory: r.path, Holder: r.holder})
	}
	j := &installJobRun{edge: e, flags: &installFlags{common: *c}}
	var err error
	switch c.output {
	case outputJSON:
		err = writeJSON(e.Stdout, func() ([]byte, error) { return view.StatusJSON(drawn) })
	case outputMarkdown:
		err = say(e.Stdout, view.StatusMarkdown(drawn))
	default:
		text := view.StatusText(j.canvas(e.Stdout), drawn)
		if len(drawn) == 0 {
			text = "No run is known on this machine."
		}
		err = say(e.Stdout, text)
	}
	if err != nil {
		return fmt.Errorf("show the status: %w", err)
	}
	return failure
}
