package command

import (
	"context"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
)

// The end of an install: what nullplatform is told, and the proof. It is a
// checklist of its own after the install's, so that it can be done later and
// again by the same command.

// registering prepares to register what is installed; nil when no place in
// nullplatform was given.
func (j *installJobRun) registering(req migrate.InstallRequest) (*migrate.Registering, error) {
	t, err := req.Register.Target()
	if err != nil || t.NRN.Empty() {
		return nil, err
	}
	reg, why, err := j.session.registry(j.edge, t)
	if err != nil {
		return nil, err
	}
	if reg == nil {
		return nil, &provision.Problem{Field: "nrn", Rule: "is given, but " + why, Way: "set NULLPLATFORM_API_KEY, or leave --nrn out"}
	}
	return migrate.NewRegistering(reg, t, j.flags.update), nil
}

// lookAtPlatform finds out what is to be registered, before anything is
// changed.
func (j *installJobRun) lookAtPlatform(ctx context.Context, r *migrate.Registering, p *migrate.InstallPreview) error {
	if r == nil {
		return nil
	}
	key, err := j.buildKey()
	if err != nil {
		return err
	}
	return r.Look(ctx, p, key)
}

// buildKey is the build user's key where it is given.
func (j *installJobRun) buildKey() (provision.Credentials, error) {
	if j.flags.credentials != "" {
		return handover.Read(j.flags.credentials)
	}
	key, _ := handover.FromEnvironment(j.edge.Env)
	return key, nil
}

// placeFor is the place for the secret as the registration wants it: nullplatform
// itself, or a place beside which the registration learns the key.
func placeFor(r *migrate.Registering, place handover.Place) handover.Place {
	if r == nil {
		return place
	}
	return r.Keeping(place)
}

// refusal is the first thing that must not be, of the account's part or of
// nullplatform's.
func refusalOf(r *migrate.Registering, account error) error {
	if account != nil || r == nil {
		return account
	}
	return r.Refusal()
}

// register carries out the second checklist. Nothing is registered after an
// install that did not come to its end.
func (j *installJobRun) register(ctx context.Context, stops *stops, r *migrate.Registering) error {
	acct, err := j.session.evidence(ctx)
	if err != nil {
		return err
	}
	steps := r.Steps(acct, probeName(j.edge.Now()))
	run, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop)
	return stopped(ctx, run.Do(ctx))
}
