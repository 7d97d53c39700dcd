package command

import (
	"context"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
)

// The end of an install: what nullplatform is told, and the proof.

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
	if err := j.reg.Look(ctx, p, now, key); err != nil {
		return err
	}
	acct, err := j.session.evidence(ctx)
	if err != nil {
		return err
	}
	j.reg.LookAtBucket(ctx, acct, p)
	return nil
}

// lookAgain does so for a run that goes on, from what is there now and what the
// run has told nullplatform, and says why it must not.
func (j *installJobRun) lookAgain(ctx context.Context, acct migrate.Account, install *migrate.Install, journal *checklist.Journal) error {
	if j.reg == nil {
		return nil
	}
	if err := j.reg.Recall(ctx, journal); err != nil {
		return err
	}
	now, err := acct.Read(ctx, install.Preview().Plan.Blueprint.Scope())
	if err != nil {
		return err
	}
	left := install.Left()
	key, err := j.keyOfRun(install)
	if err != nil {
		return err
	}
	if err := j.reg.Look(ctx, left, now, key); err != nil {
		return err
	}
	install.Preview().Survey = left.Survey
	return j.refusal()
}

// keyOfRun is the build user's key where it is given, or where the run put it
// into a file that can be read.
func (j *installJobRun) keyOfRun(install *migrate.Install) (provision.Credentials, error) {
	key, err := j.buildKey()
	place := install.Preview().Request.Handover
	if err != nil || !key.Secret.Empty() || install.Result().KeyID == "" || !strings.HasPrefix(place, "file:") {
		return key, err
	}
	kept, err := handover.Read(place)
	if err != nil || kept.KeyID != install.Result().KeyID {
		return key, nil // moved away by now: it has to be given
	}
	return kept, nil
}

// buildKey is the build user's key where it is given.
func (j *installJobRun) buildKey() (provision.Credentials, error) {
	return keyGiven(j.edge, j.flags.credentials)
}

// refusal is why nullplatform must not be told, or nil.
func (j *installJobRun) refusal() error {
	if j.reg == nil {
		return nil
	}
	return j.reg.Refusal()
}

// endWithRegistration lets the install end with what nullplatform is told, and
// the proof.
func (j *installJobRun) endWithRegistration(ctx context.Context, install *migrate.Install) error {
	if j.reg == nil {
		return nil
	}
	acct, err := j.session.evidence(ctx)
	if err != nil {
		return err
	}
	install.EndWith(j.reg, acct, probeName(j.edge.Now()))
	return nil
}
