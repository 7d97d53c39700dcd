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

// registering prepares to register what a request installs; nil when it names
// no place in nullplatform.
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

// registerAsIn prepares to register as an open run was asked to.
func (j *installJobRun) registerAsIn(open *checklist.Past) error {
	req, err := migrate.RequestOf(open)
	if err != nil {
		return err
	}
	j.reg, err = j.registering(req)
	return err
}

// lookAtPlatform finds out what is to be registered, before anything is
// changed.
func (j *installJobRun) lookAtPlatform(ctx context.Context, p *migrate.InstallPreview, now *provision.Inventory) error {
	if j.reg == nil {
		return nil
	}
	key, err := j.buildKey()
	if err != nil {
		return err
	}
	return j.reg.Look(ctx, p, now, key)
}

// lookAgain does so for a run that goes on, from what is there now, and says
// why it must not.
func (j *installJobRun) lookAgain(ctx context.Context, acct migrate.Account, install *migrate.Install) error {
	if j.reg == nil {
		return nil
	}
	now, err := acct.Read(ctx, install.Preview().Plan.Blueprint.Scope())
	if err != nil {
		return err
	}
	left := install.Left()
	if err := j.lookAtPlatform(ctx, left, now); err != nil {
		return err
	}
	install.Preview().Survey = left.Survey
	return j.refusal()
}

// buildKey is the build user's key where it is given.
func (j *installJobRun) buildKey() (provision.Credentials, error) {
	if j.flags.credentials != "" {
		return handover.Read(j.flags.credentials)
	}
	key, _ := handover.FromEnvironment(j.edge.Env)
	return key, nil
}

// refusal is why nullplatform must not be told, or nil.
func (j *installJobRun) refusal() error {
	if j.reg == nil {
		return nil
	}
	return j.reg.Refusal()
}

// register carries out the second checklist. Nothing is registered after an
// install that did not come to its end.
func (j *installJobRun) register(ctx context.Context, stops *stops, hint string) error {
	if j.reg == nil {
		return nil
	}
	acct, err := j.session.evidence(ctx)
	if err != nil {
		return err
	}
	steps := j.reg.Steps(acct, probeName(j.edge.Now()))
	run, err := checklist.New(steps, checklist.Options{Observe: j.progress(steps), Now: j.edge.Now})
	if err != nil {
		return err
	}
	stops.graceful(run.Stop, hint)
	return stopped(ctx, run.Do(ctx))
}
