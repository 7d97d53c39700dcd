package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
)

// Registering is the end of an install: nullplatform is told of the
// destinations, and publishing is proved. What is there already is adopted, so
// that it can be run at any time, and again.
type Registering struct {
	reg    Registry
	target platform.Target
	// Update is the word with which existing registrations may be changed.
	update bool

	mu        sync.Mutex
	blueprint provision.Blueprint
	keys      []string // the build user's active keys
	newKey    bool
	survey    platform.Survey
	key       provision.Credentials
	// registered are the IDs of what was carried out, by specification.
	registered map[string]string
	proved     string
}

// Register is a place in nullplatform as it is written in an answers file.
type Register struct {
	// NRN is the place, such as "organization=1:account=2".
	NRN string `json:"nrn,omitempty" yaml:"nrn,omitempty"`
	// Dimensions narrow the registration of the bucket.
	Dimensions map[string]string `json:"dimensions,omitempty" yaml:"dimensions,omitempty"`
	// NamingRule is how nullplatform names image repositories; empty means
	// the modules' default.
	NamingRule string `json:"naming_rule,omitempty" yaml:"naming_rule,omitempty"`
}

// Target reads it. Without an NRN it gives the zero value. What it refuses is
// refused with a [*provision.Problem].
func (r Register) Target() (platform.Target, error) {
	if r.NRN == "" {
		if len(r.Dimensions) > 0 || r.NamingRule != "" {
			return platform.Target{}, &provision.Problem{
				Field: "nrn", Rule: "is not given, but a dimension or a naming rule is", Way: "give --nrn too, or leave them out",
			}
		}
		return platform.Target{}, nil
	}
	if err := firstProblem(platform.CheckNRN(r.NRN)); err != nil {
		return platform.Target{}, err
	}
	n, err := platform.ParseNRN(r.NRN)
	return platform.Target{NRN: n, Dimensions: r.Dimensions, NamingRule: r.NamingRule}, err
}

// NewRegistering prepares for it. Update is the person's word that existing
// registrations may be changed.
func NewRegistering(reg Registry, target platform.Target, update bool) *Registering {
	return &Registering{reg: reg, target: target, update: update, registered: map[string]string{}}
}

// Look finds out what an install has to register, before anything is changed,
// and notes it in the preview. Now is the account as it is; the key is the build
// user's, where it is known already. It makes no write.
func (r *Registering) Look(ctx context.Context, p *InstallPreview, now *provision.Inventory, key provision.Credentials) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blueprint, r.newKey = p.Plan.Blueprint, p.MakesKey()
	if r.key.Secret.Empty() {
		r.key = key
	}
	r.keys = nil
	if u := now.User; u != nil {
		for _, k := range u.Keys {
			if k.Active {
				r.keys = append(r.keys, k.ID)
			}
		}
	}
	if r.key.KeyID == "" && !r.key.Secret.Empty() && len(r.keys) == 1 {
		r.key.KeyID = r.keys[0]
	}
	s, err := r.reg.Survey(ctx, platform.WantedFor(r.blueprint, r.target, r.keyID()), r.newKey)
	if err != nil {
		return err
	}
	r.survey, p.Survey = s, &s
	return nil
}

// keyID is the key that is to be registered, as far as it is known: the one
// that was given, or else the only active one.
func (r *Registering) keyID() string {
	switch {
	case r.newKey:
		return ""
	case r.key.KeyID != "":
		return r.key.KeyID
	case len(r.keys) == 1:
		return r.keys[0]
	}
	return ""
}

// Survey is what was found.
func (r *Registering) Survey() platform.Survey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.survey
}

// Writes reports whether something is to be registered or updated.
func (r *Registering) Writes() bool {
	return slices.ContainsFunc(r.Survey().Registrations, platform.Registration.Writes)
}

// RegistrationError says why nullplatform cannot be told. Nothing was changed.
type RegistrationError struct {
	// Problems are what stands in the way.
	Problems []provision.Problem
	// Updates are existing registrations that may be changed with a word
	// alone.
	Updates []platform.Registration
}

// Error lists them, and says the word.
func (e *RegistrationError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.Error())
	}
	for _, u := range e.Updates {
		var what []string
		for _, d := range u.Differences {
			what = append(what, d.String())
		}
		lines = append(lines, fmt.Sprintf("%s is registered at %s (%s) with other values: %s; CI uses them from the moment of the change; allow it with --update-registration, or leave --nrn out",
			platform.Name(u.Wanted.Specification), u.Wanted.NRN, u.Found[0].ID, strings.Join(what, ", ")))
	}
	return strings.Join(lines, "\n")
}

// Refusal says why it must not be carried out; nil when it may. It is asked
// before the first change of an install, so that nothing is half done.
func (r *Registering) Refusal() error {
	s := r.Survey()
	e := &RegistrationError{Problems: slices.Clone(s.Blockers)}
	for _, one := range s.Registrations {
		if p := one.Blocked(r.newKey || !r.key.Secret.Empty()); p != nil {
			e.Problems = append(e.Problems, *p)
		}
		if one.State == platform.Different && !r.update {
			e.Updates = append(e.Updates, one)
		}
		if one.NeedsSecret() && !r.newKey && !r.key.Secret.Empty() && !slices.Contains(r.keys, r.key.KeyID) {
			e.Problems = append(e.Problems, provision.Problem{
				Field: "credentials", Rule: fmt.Sprintf("are of key %q, which is no active key of %s", r.key.KeyID, r.blueprint.User.Name),
				Way: "give a key of the build user",
			})
		}
	}
	if len(e.Problems)+len(e.Updates) > 0 {
		return e
	}
	return nil
}

// keep remembers the new key for the steps to come.
func (r *Registering) keep(key provision.Credentials) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.key = key
}

// Key is the build user's, if it is known by now.
func (r *Registering) Key() provision.Credentials {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.key
}

// carryOut registers one destination.
func (r *Registering) carryOut(ctx context.Context, one platform.Registration) error {
	id, err := r.reg.Register(ctx, one, r.Key())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.registered[one.Wanted.Specification] = id
	return nil
}

// Registered are the IDs of the configurations that were written or adopted, by
// specification.
func (r *Registering) Registered() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]string{}
	for k, v := range r.registered {
		out[k] = v
	}
	return out
}

// Proved says what came of publishing as CI would; empty when it did not come
// to that.
func (r *Registering) Proved() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.proved
}

func (r *Registering) prove(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proved = fmt.Sprintf(format, args...)
}

// Steps is the checklist after an install:
//
//  1. what is to be registered, side by side; what the handover has done
//     already is adopted
//  2. publish as CI would, where the key is known
//
// Each starts from what is there, so a second run does the rest.
func (r *Registering) Steps(acct Evidence, name string) []checklist.Step {
	var steps []checklist.Step
	var ids []string
	for _, one := range r.Survey().Registrations {
		id := "register-" + one.Wanted.Specification
		ids = append(ids, id)
		steps = append(steps, checklist.Step{
			ID: id, Title: one.Title(),
			Why: "nullplatform sends builds only to destinations that it knows.",
			Do: func(ctx context.Context, t *checklist.Task) error {
				if t.Stopping() {
					return checklist.ErrStopped
				}
				if r.Registered()[one.Wanted.Specification] != "" {
					return nil // the handover did it
				}
				t.Tell("%s at %s", platform.Name(one.Wanted.Specification), one.Wanted.NRN)
				return r.carryOut(ctx, one)
			},
		})
	}
	return append(steps, r.proof(acct, name, ids))
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
	if err := k.Place.Put(ctx, c); err != nil {
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
)

func (p *platformPlace) String() string { return "nullplatform, at " + p.r.target.NRN.String() }

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
	one, err := p.ecr()
	if err != nil {
		return err
	}
	p.r.keep(c)
	return p.r.carryOut(ctx, one)
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
