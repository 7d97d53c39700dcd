package command

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// newCompletion writes the script with which a shell completes slipway's
// commands, flags and values.
func newCompletion(e Edge) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print what a shell needs to complete commands and values",
		Long: `Print the script with which a shell completes slipway's commands, flags and
values: bash, zsh, fish or powershell. The packages bring it along; elsewhere
load it when the shell starts.`,
		Example: `  source <(slipway completion bash)
  slipway completion zsh > "${fpath[1]}/_slipway"
  slipway completion fish > ~/.config/fish/completions/slipway.fish
  slipway completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usage("completion takes the name of a shell; use one of %s", strings.Join(shells, ", "))
			}
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(e.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(e.Stdout)
			case "fish":
				return root.GenFishCompletion(e.Stdout, true)
			default:
				return root.GenPowerShellCompletionWithDesc(e.Stdout)
			}
		},
	}
}
