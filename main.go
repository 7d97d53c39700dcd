// Slipway sets up, upgrades and audits the AWS identity with which CI
// publishes build assets on nullplatform.
package main

import (
	"context"
	"os"

	"github.com/nullplatform/slipway/ui/command"
)

// A release sets these when it is linked; elsewhere they stay empty, and the
// build information that Go records is used instead.
var version, commit, date string

func main() {
	edge := command.Process()
	edge.Release = command.Release{Version: version, Commit: commit, Date: date}
	os.Exit(command.Run(context.Background(), os.Args[1:], edge))
}
