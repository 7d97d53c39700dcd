package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/view"
)

// probePatience is how long publishing is tried before a refusal counts.
const probePatience = 30 * time.Second

// seePublishing is the end of an upgrade: whether CI can publish, with the
// build user's key if it is there. May a person be asked, they are.
func seePublishing(ctx context.Context, e Edge, acct migrate.Evidence, credentials string, mayAsk, quiet bool, clusters []*migrate.UpgradePreview) []migrate.Publishing {
	key := func(ctx context.Context, _ string, active []string) (provision.Credentials, error) {
		given, err := keyGiven(e, credentials)
		if err != nil || !given.Secret.Empty() || !mayAsk || len(active) == 0 {
			return given, err
		}
		if given.KeyID == "" && len(active) == 1 {
			given.KeyID = active[0]
		}
		return askSecret(ctx, e, given, active)
	}
	tell := func(int, string) {}
	if !quiet {
		tell = tellRounds(e)
	}
	return migrate.SeePublishing(ctx, acct, clusters, migrate.PublishingLook{
		Name: probeName(e.Now()), Patience: cmp.Or(e.TestOnlyPatience, probePatience), Key: key, Tell: tell,
	})
}

// keyGiven is the build user's key from the file that is named, or the
// environment.
func keyGiven(e Edge, credentials string) (provision.Credentials, error) {
	if credentials != "" {
		return handover.Read(credentials)
	}
	key, _ := handover.FromEnvironment(e.Env)
	return key, nil
}

// tellRounds tells each round of a probe on standard error, once.
func tellRounds(e Edge) func(int, string) {
	last := ""
	return func(inARow int, why string) {
		text := fmt.Sprintf("published %d times in a row", inARow)
		if why != "" {
			text = "not yet: " + why
		}
		if text != last {
			fmt.Fprintln(e.Stderr, view.Inert(text))
			last = text
		}
	}
}

// denied is the exit code for an upgrade after which publishing is refused. The
// summary has said so.
func denied(list []migrate.Publishing) error {
	for _, p := range list {
		if p.Denied {
			return &toldError{code: exitCheck}
		}
	}
	return nil
}
