// Manual writes slipway's manual pages into a directory, from the same texts
// as --help, so that the two cannot differ.
//
//	go run ./ui/manual DIRECTORY [VERSION [DATE]]
//
// It stands apart from slipway so that the library that writes manual pages
// is not linked into it.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"github.com/nullplatform/slipway/ui/command"
)

func main() {
	args := append(os.Args[1:], "", "", "")
	if err := write(args[0], args[1], args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

// write makes the pages. They are dated by the release, so that making them
// again gives the same bytes.
func write(dir, version, date string) error {
	if dir == "" {
		return fmt.Errorf("say which directory the pages go to")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	when, err := time.Parse(time.RFC3339, date)
	if err != nil {
		when = time.Unix(0, 0)
	}
	when = when.UTC()
	source := "slipway"
	if version != "" {
		source += " " + version
	}
	root := command.Tree(command.Edge{})
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{
		Title: "SLIPWAY", Section: "1", Date: &when, Source: source, Manual: "slipway",
	}, dir)
}
