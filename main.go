// Slipway sets up, upgrades and audits the AWS identity with which CI
// publishes build assets on nullplatform.
package main

import (
	"context"
	"os"

	"github.com/nullplatform/slipway/ui/command"
)

func main() {
	os.Exit(command.Run(context.Background(), os.Args[1:], command.Process()))
}
