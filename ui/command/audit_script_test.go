package command_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// profile NAME SCENARIO starts one more account, and a profile of the AWS
// configuration that leads to it.
func addProfile(ts *testscript.TestScript, _ bool, args []string) {
	sb, err := sandbox.Start(sandbox.Options{Scenario: args[1]})
	ts.Check(err)
	ts.Defer(func() { ts.Check(sb.Close()) })
	path := filepath.Join(ts.Getenv("WORK"), "aws-config")
	ts.Setenv("AWS_CONFIG_FILE", path)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = fmt.Fprintf(f, "[profile %s]\nregion = %s\nendpoint_url = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		args[0], sb.Region(), sb.URL(), sb.Operator().ID, sb.Operator().Secret)
	ts.Check(err)
	ts.Check(f.Close())
}
