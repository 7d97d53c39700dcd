package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
)

// Steps is the checklist after an install:
//
//  1. what is to be registered, side by side; what the handover has done
//     already is adopted
//  2. publish as CI would, where the key is known
//
// They wait for the steps that are needed. Each starts from what is there, so a
// second run does the rest.
func (r *Registering) Steps(acct Evidence, name string, needs ...string) []checklist.Step {
	var steps []checklist.Step
	var ids []string
	for _, one := range r.Survey().Registrations {
		id := registerStep(one.Wanted.Specification)
		ids = append(ids, id)
		steps = append(steps, checklist.Step{
			ID: id, Title: one.Title(), Needs: slices.Clone(needs),
			Why: "nullplatform sends builds only to destinations that it knows.",
			Do: func(ctx context.Context, t *checklist.Task) error {
				if t.Stopping() {
					return checklist.ErrStopped
				}
				if r.Registered()[one.Wanted.Specification] != "" {
					return nil // the handover did it
				}
				t.Tell("%s at %s", platform.Name(one.Wanted.Specification), one.Wanted.NRN)
				return r.carryOut(ctx, t.Effect, one)
			},
		})
	}
	return append(steps, r.proof(acct, name, append(ids, needs...)))
}

const probeWhy = "What was granted and registered is shown to work: a small object is written, read and removed."

// errUnproved is why a probe did not succeed.
var errUnproved = errors.New("publishing does not work yet")

// proof is the step that publishes. Without the key it has nothing to do and
// says so.
func (r *Registering) proof(acct Evidence, name string, needs []string) checklist.Step {
	return checklist.Step{
		ID: "prove", Title: "Publish as CI would", Why: probeWhy, Needs: slices.Clone(needs),
		Do: func(ctx context.Context, t *checklist.Task) error {
			key := r.Key()
			if key.Secret.Empty() {
				r.prove("not tried: the build user's secret is not known here; slipway verify takes it")
				t.Tell("%s", r.Proved())
				return nil
			}
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, r.probe(waiting, acct, key, name, t))
		},
	}
}

func (r *Registering) probe(ctx context.Context, acct Evidence, key provision.Credentials, name string, t *checklist.Task) error {
	others, err := acct.OtherBuckets(ctx, r.blueprint.Spec.Bucket())
	if err != nil {
		others = nil // the probe then says that it had none to try
	}
	trial := trialFor(r.blueprint, others)
	trial.Name = name
	got, err := acct.Probe(ctx, key, trial, func(inARow int, why string) {
		if why != "" {
			t.Tell("not yet: %s", why)
			return
		}
		t.Tell("published %d times in a row", inARow)
	})
	if err == nil {
		err = unproved(got)
	}
	if err != nil {
		return err
	}
	r.prove("CI can publish: %d rounds in a row", got.InARow)
	if len(got.Left) > 0 {
		r.prove("CI can publish, and the probe could not remove %s", strings.Join(got.Left, ", "))
	}
	return nil
}

// unproved says in one error what a probe found; nil when all was well.
func unproved(got account.ProbeResult) error {
	if got.OK() {
		return nil
	}
	for _, p := range got.Proofs {
		if p.Tried && !p.OK {
			return fmt.Errorf("%w: %s on %s: %s; see slipway verify", errUnproved, p.Action, p.On, p.Why)
		}
	}
	return fmt.Errorf("%w; see slipway verify", errUnproved)
}
