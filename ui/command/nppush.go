package command

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/view"
)

// npTime bounds a push by np.
const npTime = 5 * time.Minute

// npPush has nullplatform's own command line publish a Lambda asset, as CI
// does. The key goes into its environment and never into its arguments, which
// other users of the machine can see; its output is shown without the secret.
func npPush(ctx context.Context, e Edge, source string, key provision.Credentials) migrate.Check {
	check := migrate.Check{ID: "np-push", Title: "np publishes a Lambda asset"}
	program, err := envvar.Look(e.Environ, "np")
	if err != nil {
		check.Verdict, check.Found, check.Way = migrate.NotRun, "np is not on the PATH", "install nullplatform's command line"
		return check
	}
	ctx, cancel := context.WithTimeout(ctx, npTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "asset", "push", "--type", "lambda", "--source", source)
	cmd.Env = e.Environ
	if !key.Secret.Empty() {
		cmd.Env = append(append([]string{}, e.Environ...),
			"AWS_ACCESS_KEY_ID="+key.KeyID, "AWS_SECRET_ACCESS_KEY="+key.Secret.Reveal(), "AWS_SESSION_TOKEN=", "AWS_PROFILE=")
	}
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	said := lastLine(out.String())
	if !key.Secret.Empty() {
		said = strings.ReplaceAll(said, key.Secret.Reveal(), key.Secret.String())
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		check.Verdict, check.Found = migrate.Pass, said
	case errors.As(err, &exit):
		check.Verdict, check.Found, check.Way = migrate.Fail, exit.String()+": "+said, "run it by hand to see all that it says"
	default:
		check.Verdict, check.Found = migrate.Unknown, "np could not be run"
	}
	return check
}

// lastLine is the last thing that a program said, inert.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return view.Inert(strings.TrimSpace(lines[len(lines)-1]))
}
