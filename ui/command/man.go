package command

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan writes the manual pages that packages carry. They come from the same
// texts as --help, so the two cannot differ.
func newMan(e Edge) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIRECTORY",
		Short:   "Write the manual pages into a directory",
		Example: "  slipway man man1 && man ./man1/slipway-install.1",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make the directory for manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, manHeader(e.Release), args[0])
		},
	}
}

// manHeader dates the pages by the release, so that building it again gives
// the same bytes.
func manHeader(r Release) *doc.GenManHeader {
	date, err := time.Parse(time.RFC3339, r.Date)
	if err != nil {
		date = time.Unix(0, 0)
	}
	date = date.UTC()
	source := "slipway"
	if r.Version != "" {
		source += " " + r.Version
	}
	return &doc.GenManHeader{Title: "SLIPWAY", Section: "1", Date: &date, Source: source, Manual: "slipway"}
}
