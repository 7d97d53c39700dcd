package migrate

import (
	"context"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
)

// Place is the handover that goes straight to nullplatform: the new secret
// becomes part of the registration of ECR and is kept nowhere else.
func (r *Registering) Place() handover.Place { return &platformPlace{r} }

// Keeping is a place beside which the registration learns the new key, which it
// needs too.
func (r *Registering) Keeping(p handover.Place) handover.Place {
	if p == nil {
		return nil
	}
	return &keptPlace{Place: p, r: r}
}

// keptPlace hands over and remembers for the length of the process.
type keptPlace struct {
	handover.Place
	r *Registering
}

func (k *keptPlace) Put(ctx context.Context, c provision.Credentials) error {
	return k.PutBy(ctx, unrecorded, c)
}

func (k *keptPlace) PutBy(ctx context.Context, by effect, c provision.Credentials) error {
	if err := put(ctx, by, k.Place, c); err != nil {
		return err
	}
	k.r.keep(c)
	return nil
}

// Keeps asks the place, where it can be asked.
func (k *keptPlace) Keeps(ctx context.Context, user, keyID string) (bool, error) {
	if asked, ok := k.Place.(handover.Keeper); ok {
		return asked.Keeps(ctx, user, keyID)
	}
	return false, nil
}

// platformPlace is nullplatform as a place for a secret.
type platformPlace struct{ r *Registering }

var (
	_ handover.Keeper = (*platformPlace)(nil)
	_ handover.Keeper = (*keptPlace)(nil)
	_ recorder        = (*platformPlace)(nil)
	_ recorder        = (*keptPlace)(nil)
)

// recorder is a place whose taking of a secret is an effect of its own, beside
// the handover.
type recorder interface {
	handover.Place
	PutBy(ctx context.Context, by effect, c provision.Credentials) error
}

// put hands a secret over.
func put(ctx context.Context, by effect, p handover.Place, c provision.Credentials) error {
	if r, ok := p.(recorder); ok {
		return r.PutBy(ctx, by, c)
	}
	return p.Put(ctx, c)
}

// platformHandover is how nullplatform is written as a handover.
const platformHandover = "platform"

// placeAtPlatform begins the words for nullplatform as a place.
const placeAtPlatform = "nullplatform, at "

func (p *platformPlace) String() string { return placeAtPlatform + p.r.target.NRN.String() }

// ecr is the registration that carries the key.
func (p *platformPlace) ecr() (platform.Registration, error) {
	for _, one := range p.r.Survey().Registrations {
		if one.Wanted.CarriesSecret() {
			return one, nil
		}
	}
	return platform.Registration{}, &provision.Problem{
		Field: "handover", Rule: "platform needs an ECR destination: the registration of a bucket carries no key",
		Way: "use another place, such as file:creds.env",
	}
}

// Check looks once more whether the registration can take the key.
func (p *platformPlace) Check(ctx context.Context) error {
	if _, err := p.ecr(); err != nil {
		return err
	}
	if err := p.r.Refusal(); err != nil {
		return err
	}
	one, err := p.ecr()
	if err != nil {
		return err
	}
	s, err := p.r.reg.Survey(ctx, []platform.Wanted{one.Wanted}, true)
	if err != nil {
		return err
	}
	if len(s.Blockers) > 0 {
		return &s.Blockers[0]
	}
	if now := s.Registrations[0]; now.State != one.State || len(now.Found) != len(one.Found) {
		return &RegistrationError{Problems: []provision.Problem{{
			Field: "registration", Rule: "of ECR has changed since the preview: it was " + string(one.State) + " and is " + string(now.State),
			Way: "run again for a new preview",
		}}}
	}
	return nil
}

// Put registers ECR with the key, and reads back what can be read.
func (p *platformPlace) Put(ctx context.Context, c provision.Credentials) error {
	return p.PutBy(ctx, unrecorded, c)
}

// unrecorded is an effect that leaves no trace.
func unrecorded(ctx context.Context, _ any, do func(ctx context.Context) (any, error)) error {
	_, err := do(ctx)
	return err
}

// PutBy is Put, with a trace. The secret is more important than that: where no
// trace can be left, it is put all the same.
func (p *platformPlace) PutBy(ctx context.Context, by effect, c provision.Credentials) error {
	one, err := p.ecr()
	if err != nil {
		return err
	}
	p.r.keep(c)
	tried := false
	err = p.r.carryOut(ctx, func(ctx context.Context, intent any, do func(ctx context.Context) (any, error)) error {
		return by(ctx, intent, func(ctx context.Context) (any, error) {
			tried = true
			return do(ctx)
		})
	}, one)
	if err != nil && !tried && one.Writes() {
		return p.r.carryOut(ctx, unrecorded, one)
	}
	return err
}

// Keeps reports whether ECR is registered with the key. Where nullplatform does
// not tell which key it holds, that is not known, and the answer is no: a key
// of this run whose secret may be nowhere is replaced, never trusted.
func (p *platformPlace) Keeps(ctx context.Context, _, keyID string) (bool, error) {
	s, err := p.r.reg.Survey(ctx, []platform.Wanted{{Specification: platform.ECRSpecification, NRN: p.r.target.NRN}}, false)
	if err != nil {
		return false, err
	}
	for _, one := range s.Registrations {
		for _, f := range one.Found {
			if v, ok := f.Value("ci.access_key"); ok && v.Text == keyID {
				return true, nil
			}
		}
	}
	return false, nil
}
