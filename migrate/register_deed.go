package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// What a run tells nullplatform is in the journal as its calls to AWS are: the
// intent before, the ID of the configuration after, and in between nothing that
// the run could not find again. Secrets are in neither.

// registration is one write to nullplatform.
type registration struct {
	// Host is where the API is.
	Host string `json:"host"`
	// Wanted is what is written, but for the secret.
	Wanted platform.Wanted `json:"wanted"`
	// ID is the configuration that is updated; empty for one that is made.
	ID string `json:"id,omitempty"`
	// Was are the values before an update, as far as they can be read.
	Was []platform.Value `json:"was,omitempty"`
	// Back is true for a write that takes another one back.
	Back bool `json:"back,omitempty"`
}

// registerStep names the step that registers with a specification.
func registerStep(specification string) string { return "register-" + specification }

// registers reports whether a deed tells nullplatform something that is to
// last.
func (d deed) registers() bool { return d.Registration != nil && !d.Registration.Back }

// registrations are the writes to nullplatform of all plans, in order.
func (l ledger) registrations() []done {
	return slices.DeleteFunc(slices.Clone(l.all), func(d done) bool { return !d.registers() })
}

// registered reports whether a key was written to nullplatform with its secret.
func (l ledger) registered(keyID string) bool {
	return slices.ContainsFunc(l.registrations(), func(d done) bool {
		return d.State == checklist.EffectDone && d.Registration.Wanted.Attribute("ci.access_key") == keyID
	})
}

// configuration is the ID of what was written.
func (d done) configuration() string {
	if d.Registration.ID != "" {
		return d.Registration.ID
	}
	return d.got.Configuration
}

// intent is what goes into the journal before a registration is carried out.
func (r *Registering) intent(one platform.Registration, key provision.Credentials) deed {
	is := &registration{Host: r.reg.Host(), Wanted: one.Wanted.With(key)}
	if one.State == platform.Different {
		is.ID, is.Was = one.Found[0].ID, one.Found[0].Values
	}
	return deed{Change: registerStep(one.Wanted.Specification), Registration: is}
}

// unsettledError is an error that leaves open what was done.
type unsettledError struct{ error }

// Refused reports that it is not known that nothing was done.
func (unsettledError) Refused() bool { return false }

// Unwrap gives the error.
func (e unsettledError) Unwrap() error { return e.error }

// answered marks an error of nullplatform as a refusal, or as one that leaves
// open what was done.
func answered(err error) error {
	if err == nil {
		return nil
	}
	var failure *platform.Error
	if errors.As(err, &failure) && !failure.Certain() {
		return unsettledError{err}
	}
	return refusedError{err}
}

// judgeRegistration says whether a write to nullplatform that got no answer has
// been carried out. It counts as this run's if what is there is what the run
// would have written, as far as that can be read.
func judgeRegistration(ctx context.Context, reg Registry, d done) (verdict, error) {
	is := d.Registration
	if is.ID != "" {
		now, err := reg.Configuration(ctx, is.ID)
		if err != nil || now == nil || !is.Wanted.As(*now) {
			return verdict{state: checklist.EffectNotDone}, err
		}
		return verdict{state: checklist.EffectDone, yield: yield{Configuration: is.ID}}, nil
	}
	found, err := reg.Own(ctx, is.Wanted.NRN, is.Wanted.Specification)
	if err != nil {
		return verdict{}, err
	}
	var ours []string
	for _, one := range platform.Compare(is.Wanted, found, false).Found {
		if is.Wanted.As(one) {
			ours = append(ours, one.ID)
		}
	}
	switch len(ours) {
	case 0:
		return verdict{state: checklist.EffectNotDone}, nil
	case 1:
		return verdict{state: checklist.EffectDone, yield: yield{Configuration: ours[0]}}, nil
	}
	return verdict{}, &provision.Problem{
		Field: "registration",
		Rule: fmt.Sprintf("of %s is there %d times at %s (%v), and it cannot be told which one this run made",
			platform.Name(is.Wanted.Specification), len(ours), is.Wanted.NRN, ours),
		Way: "delete all but one in nullplatform (np provider delete --id ID), and run again",
	}
}

// settleRegistrations finds out what became of the writes to nullplatform that
// are open in a ledger, and records it where the run is the journal's last.
func settleRegistrations(ctx context.Context, reg Registry, j *checklist.Journal, past *checklist.Past, l ledger) error {
	last := j.Past()
	for n := range l.all {
		d := &l.all[n]
		if !d.registers() || d.State != checklist.EffectOpen {
			continue
		}
		v, err := judgeRegistration(ctx, reg, *d)
		if err != nil {
			return err
		}
		d.State, d.got = v.state, v.yield
		if last == nil || last.Begin.Run != past.Begin.Run {
			continue
		}
		if err := j.Found(d.Seq, v.state, v.yield); err != nil {
			return err
		}
	}
	return nil
}

// sameHost fails when a run's registrations are at another nullplatform than
// the one that can be asked.
func sameHost(reg Registry, list []done) error {
	for _, d := range list {
		if host := d.Registration.Host; host != reg.Host() {
			return &provision.Problem{
				Field: "NULLPLATFORM_HOST", Rule: fmt.Sprintf("is %s, and this run registered at %s", reg.Host(), host),
				Way: "set it to " + host,
			}
		}
	}
	return nil
}
