package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/policy"
)

// Publishing is what is seen of publishing after an upgrade, in an account
// whose grants are in place. It judges by itself: an upgrade whose proofs hold
// has succeeded whatever is found here.
type Publishing struct {
	Cluster string
	// Checks are those of a verification, but for what nullplatform knows.
	Checks []Check
	// Denied is true when publishing was tried with the build user's key, and
	// refused. What is allowed beside, such as another bucket, was so before.
	Denied bool
}

// PublishingLook is how publishing is looked at.
type PublishingLook struct {
	// Name is the last part of the name of the object that is written.
	Name string
	// Patience is how long publishing is tried before a refusal counts.
	Patience time.Duration
	Key      KeyFor
	// Tell says how many rounds in a row succeeded, or why not.
	Tell func(inARow int, why string)
}

// KeyFor gives the build user's key for a probe, empty when it is not known. It
// is told which keys are active.
type KeyFor func(ctx context.Context, cluster string, active []string) (provision.Credentials, error)

// SeePublishing looks whether CI can publish, for each of the clusters of an
// upgrade: by evaluation and simulation, and with the build user's key where it
// is given. It never fails: what cannot be looked at, or was stopped, is a check
// that stays open.
func SeePublishing(ctx context.Context, acct Evidence, clusters []*UpgradePreview, how PublishingLook) []Publishing {
	var out []Publishing
	for _, c := range clusters {
		checks, denied, err := seeOne(ctx, acct, c, how)
		cluster := c.Request.Cluster
		again := "run it again: slipway verify --cluster " + cluster
		switch {
		case ctx.Err() != nil || errors.Is(err, checklist.ErrStopped):
			checks = append(checks, notRun(probeID, probeTitle, "it was stopped", again))
		case err != nil:
			checks = append(checks, leftOpen(probeID, probeTitle, err.Error(), again))
		}
		out = append(out, Publishing{Cluster: cluster, Checks: checks, Denied: denied})
	}
	return out
}

// looks is how often a refusal is looked at again: a reader may lag behind what
// the upgrade has just done.
const looks = 6

// lookUntilYes verifies without the key, until CI may do what it must or a
// reader that lags behind is no excuse any more.
func lookUntilYes(ctx context.Context, acct Evidence, req VerifyRequest) (*Verification, error) {
	for attempt := 0; ; attempt++ {
		v, err := Verify(ctx, acct, nil, req)
		if err != nil || !v.refuses() || attempt == looks || pause(ctx, attempt) != nil {
			return v, err
		}
	}
}

// refuses reports whether the policies do not let CI do what it must.
func (v *Verification) refuses() bool {
	if v.Blueprint.User.ARN == "" {
		return true
	}
	return slices.ContainsFunc(provision.Expectations(v.Blueprint, v.others), func(e provision.Expectation) bool {
		return e.Allowed && e.Decide(v.Identity.Place, v.Blueprint.User, v.own).Outcome == policy.Denied
	})
}

func seeOne(ctx context.Context, acct Evidence, c *UpgradePreview, how PublishingLook) (checks []Check, denied bool, err error) {
	cluster := c.Request.Cluster
	v, err := lookUntilYes(ctx, acct, VerifyRequest{
		Cluster: cluster, Destinations: c.Plan().Blueprint.Spec.Destinations, Name: how.Name, Patience: how.Patience,
	})
	if err != nil {
		return nil, false, err
	}
	// What nullplatform knows is not what an upgrade changes.
	v.Checks = slices.DeleteFunc(v.Checks, func(c Check) bool { return c.ID == "registered" })
	active := v.ActiveKeys()
	given, err := how.Key(ctx, cluster, active)
	if err != nil {
		return v.Checks, false, err
	}
	if given.KeyID == "" && len(active) == 1 {
		given.KeyID = active[0]
	}
	if why := unfit(given, active, v.Blueprint.User.Name); why != "" {
		v.add(notRun(probeID, probeTitle, why, "run it: slipway verify --cluster "+cluster+
			", with BUILD_AWS_ACCESS_KEY and BUILD_AWS_SECRET_ACCESS_KEY set, or with --credentials file:creds.env"))
		return v.Checks, false, nil
	}
	if err := v.Prove(ctx, given, how.Tell); err != nil {
		return v.Checks, false, err
	}
	return v.Checks, v.Probe != nil && slices.ContainsFunc(v.Probe.Proofs, func(p account.Proof) bool {
		return p.Tried && !p.OK && !p.Denied
	}), nil
}

// unfit says why nothing can be published with a key; empty when it can.
func unfit(key provision.Credentials, active []string, user string) string {
	switch {
	case key.Secret.Empty():
		return "the build user's secret was not given"
	case key.KeyID == "":
		return fmt.Sprintf("the secret was given without its key, and the build user has %d active keys", len(active))
	case !slices.Contains(active, key.KeyID):
		return fmt.Sprintf("the key that was given, %q, is no active key of %s", key.KeyID, user)
	}
	return ""
}
