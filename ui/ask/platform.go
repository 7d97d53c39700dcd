package ask

import (
	"context"
	"errors"
	"fmt"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
)

// PlacePlatform is nullplatform as a place for the secret.
const PlacePlatform = "platform"

// Platform reaches nullplatform. Nil is none.
type Platform struct {
	// From names where its key comes from; empty when there is no key.
	From func() string
	// Open gives nullplatform.
	Open func() (migrate.Registry, error)
	// Evidence opens an account for the proof that CI can publish.
	Evidence func(ctx context.Context, acct migrate.Account) (migrate.Evidence, error)
	// Key is the build user's key, where it is given.
	Key func() (provision.Credentials, error)
	// Name is the last part of the name of the object that is published.
	Name func() string
}

// KeyFrom names where nullplatform's key comes from; empty when there is none,
// and nothing about it need be asked.
func (p *Platform) KeyFrom() string {
	if p == nil || p.From == nil {
		return ""
	}
	return p.From()
}

// registering prepares to register what a request installs; nil when it names
// no place in nullplatform.
func (p *Platform) registering(req migrate.InstallRequest, allow migrate.Allow) (*migrate.Registering, error) {
	target, err := req.Register.Target()
	if err != nil || target.NRN.Empty() {
		return nil, err
	}
	if p.KeyFrom() == "" {
		return nil, &provision.Problem{
			Field: "nrn", Rule: "is given, and without an API key of nullplatform nothing can be registered",
			Way: platform.KeysWanted + " and start again, or do not register now",
		}
	}
	reg, err := p.Open()
	if err != nil {
		return nil, err
	}
	return migrate.NewRegistering(reg, target, allow.Registration), nil
}

// PlacesBeside are the places with what a registration needs to know of them.
func PlacesBeside(places Places, r *migrate.Registering) Places {
	if r == nil {
		return places
	}
	return func(text string) (handover.Place, error) {
		if text == PlacePlatform {
			return r.Keeping(r.Place()), nil
		}
		place, err := places(text)
		if err != nil || place == nil {
			return nil, err
		}
		return r.Keeping(place), nil
	}
}

// lookAtPlatform finds out what nullplatform has of an install, and notes it in
// the preview. What cannot be registered is the look's refusal; what needs a
// word alone is not.
func (g Sight) lookAtPlatform(ctx context.Context, l *Look, now *provision.Inventory) error {
	key, err := g.Platform.Key()
	if err != nil {
		return err
	}
	if err := l.Registering.Look(ctx, l.Preview, now, key); err != nil {
		return err
	}
	l.Refusal = impossible(l.Registering.Refusal())
	acct, err := g.Platform.Evidence(ctx, g.Account)
	if err != nil {
		return err
	}
	l.Registering.LookAtBucket(ctx, acct, l.Preview)
	return nil
}

// impossible leaves out what needs a word alone, which is asked for later.
func impossible(err error) error {
	var refused *migrate.RegistrationError
	if !errors.As(err, &refused) {
		return err
	}
	if len(refused.Problems) == 0 {
		return nil
	}
	return &migrate.RegistrationError{Problems: refused.Problems}
}

// lookOn does the same for an open run, which may have registered already.
func (g Sight) lookOn(ctx context.Context, l *Look) error {
	if err := l.Registering.Recall(ctx, l.keeping.Journal); err != nil {
		return err
	}
	now, err := g.Account.Read(ctx, l.Preview.Plan.Blueprint.Scope())
	if err != nil {
		return err
	}
	if err := g.lookAtPlatform(ctx, l, now); err != nil {
		return err
	}
	l.GoingOn.Preview().Survey = l.Preview.Survey
	return nil
}

// openRegistering prepares what an open run was asked to register.
func (g Sight) openRegistering(open *checklist.Past) (*migrate.Registering, error) {
	req, err := migrate.RequestOf(open)
	if err != nil {
		return nil, err
	}
	return g.Platform.registering(req, g.Allow)
}

// endWith lets an install end with what nullplatform is told, and the proof.
func (l Look) endWith(ctx context.Context, i *migrate.Install, acct migrate.Account, allow migrate.Allow) error {
	if l.Registering == nil {
		return nil
	}
	if allow.Registration {
		l.Registering.Allow()
	}
	if err := l.Registering.Refusal(); err != nil {
		return err
	}
	if err := l.Registering.Recheck(ctx); err != nil {
		return err
	}
	evidence, err := l.platform.Evidence(ctx, acct)
	if err != nil {
		return err
	}
	i.EndWith(l.Registering, evidence, l.platform.Name())
	return nil
}

// RegistrationDeed says what a yes would do at nullplatform; empty for nothing.
func RegistrationDeed(p *migrate.InstallPreview) string {
	n := 0
	if p.Survey != nil {
		for _, r := range p.Survey.Registrations {
			if r.Writes() {
				n++
			}
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "register 1 destination"
	}
	return fmt.Sprintf("register %d destinations", n)
}

// RegistersAt is where nullplatform is told something; empty where it is not.
func RegistersAt(p *migrate.InstallPreview) string {
	if !p.Registers() {
		return ""
	}
	return p.Survey.NRN.String()
}

// Consequences are what a plan does beyond adding what is its own, the change of
// what is registered among them.
func Consequences(p *migrate.InstallPreview) provision.Consent {
	out := p.Consent
	if p.Survey == nil {
		return out
	}
	out.Loss = append([]string(nil), out.Loss...)
	for _, r := range p.Survey.Registrations {
		if r.State == platform.Different {
			out.Loss = append(out.Loss, fmt.Sprintf("the registration of %s at %s (%s) is changed; builds use the new values from then on",
				platform.Name(r.Wanted.Specification), r.Wanted.NRN, r.Found[0].ID))
		}
	}
	return out
}
