package command

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// flagsAlone refuses arguments, for commands that take flags and nothing else.
func flagsAlone(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if err := scenarioApart(cmd, args); err != nil {
		return err
	}
	return &usageError{text: fmt.Sprintf("%q is too much: %s takes flags alone", args[0], cmd.CommandPath()), command: cmd.CommandPath()}
}

// scenarioApart recognises a scenario that was meant for --sandbox. The flag
// may stand alone, so its value has to follow an equals sign.
func scenarioApart(cmd *cobra.Command, args []string) error {
	fl := cmd.Flags().Lookup("sandbox")
	if cmd.Name() == "sandbox" && len(args) > 0 && slices.Contains(sandbox.Scenarios(), args[0]) {
		return usage("%q is too much; name the scenario with --scenario %s", args[0], args[0])
	}
	if fl == nil || !fl.Changed || len(args) == 0 || !slices.Contains(sandbox.Scenarios(), args[0]) {
		return nil
	}
	return usage("--sandbox %s: write it with an equals sign, --sandbox=%s", args[0], args[0])
}
