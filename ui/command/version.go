package command

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(e Edge) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return say(e.Stdout, versionText())
		},
	}
}

// versionText is the module version and commit that the build recorded.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "slipway, version unknown"
	}
	version, commit := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = " " + s.Value
		}
	}
	if version == "" {
		version = "(devel)"
	}
	return fmt.Sprintf("slipway %s%s %s", version, commit, info.GoVersion)
}
