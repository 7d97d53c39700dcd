package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
)

func newSandbox(e Edge) *cobra.Command {
	var o sandbox.Options
	var ca string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Keep an emulated AWS account running for slipway and other tools",
		Long: `Keep an emulated AWS account and nullplatform API running on this machine, and
print the environment with which slipway, the AWS CLI and others find them. It
ends with ctrl+c, and everything in it with it. Its keys open nothing else.`,
		Example: `  slipway sandbox
  slipway sandbox --scenario fresh --addr 127.0.0.1:4599`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Now = e.Now
			return runSandbox(cmd.Context(), e, o, ca)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Scenario, "scenario", "fresh", "what is in the account, a `NAME`: "+strings.Join(sandbox.Scenarios(), ", "))
	fl.StringVar(&o.Platform.Scenario, "platform", "", "what is registered with nullplatform, a `NAME`: "+strings.Join(platform.Scenarios(), ", "))
	fl.StringVar(&ca, "platform-ca", "", "write the certificate for https to nullplatform to a `FILE`, for SSL_CERT_FILE")
	fl.StringVar(&o.Addr, "addr", "127.0.0.1:0", "loopback `ADDRESS` to listen on; port 0 takes a free one")
	fl.DurationVar(&o.Latency, "latency", 0, "how long each call takes, a `DURATION` such as 80ms")
	fl.DurationVar(&o.Lag, "lag", 0, "how long until every reader sees a change, a `DURATION`; other tools may not wait for it")
	rarely(fl, "platform", "platform-ca")
	return cmd
}

func runSandbox(ctx context.Context, e Edge, o sandbox.Options, ca string) error {
	sb, err := sandbox.Start(o)
	if err != nil {
		return err
	}
	if ca != "" {
		if err := writeCertificate(sb, ca); err != nil {
			return errors.Join(err, sb.Close())
		}
	}
	var lines []string
	for _, v := range sb.Environment() {
		name, value, _ := strings.Cut(v, "=")
		lines = append(lines, fmt.Sprintf("export %s='%s'", name, strings.ReplaceAll(value, "'", `'\''`)))
	}
	if err := say(e.Stdout, strings.Join(lines, "\n")); err != nil {
		return err
	}
	fmt.Fprintf(e.Stderr, "the sandbox is at %s, nullplatform at %s (%s); ctrl+c ends it\n", sb.URL(), sb.PlatformHost(), sb.PlatformNRN())
	select {
	case <-ctx.Done():
	case <-e.Interrupts:
	}
	return sb.Close()
}

// writeCertificate is for clients that speak https alone.
func writeCertificate(sb *sandbox.Sandbox, path string) error {
	pem, err := sb.PlatformCA()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, pem, 0o644); err != nil {
		return problemError("platform-ca", err)
	}
	return nil
}
