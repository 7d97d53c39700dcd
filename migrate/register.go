package migrate

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
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
	// ours are the configurations that this run has written to already, and
	// agreed what was agreed to when the run began.
	ours   []string
	agreed []plannedRegistration
	// throughRoot says that the modules of a root register, which have the key's
	// secret; making are the steps whose apply has begun.
	throughRoot bool
	making      []string
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

// Allow gives the word with which existing registrations may be changed.
func (r *Registering) Allow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.update = true
}

// Recheck asks nullplatform once more, and fails with a [*RegistrationError]
// when it no longer has what was shown.
func (r *Registering) Recheck(ctx context.Context) error {
	shown := r.Survey()
	var wanted []platform.Wanted
	for _, one := range shown.Registrations {
		wanted = append(wanted, one.Wanted)
	}
	now, err := r.reg.Survey(ctx, wanted, r.newKey)
	if err != nil {
		return err
	}
	if len(now.Blockers) > 0 || !reflect.DeepEqual(now.Registrations, shown.Registrations) {
		return &RegistrationError{Problems: []provision.Problem{{
			Field: "registration", Rule: "with nullplatform is no longer as it was shown", Way: "look again",
		}}}
	}
	return nil
}

// Refusal says why it must not be carried out; nil when it may. It is asked
// before the first change of an install, so that nothing is half done.
func (r *Registering) Refusal() error {
	s := r.Survey()
	e := &RegistrationError{Problems: slices.Clone(s.Blockers)}
	for _, one := range s.Registrations {
		if p := one.Blocked(r.newKey || r.throughRoot || !r.key.Secret.Empty()); p != nil {
			e.Problems = append(e.Problems, *p)
		}
		if one.State == platform.Different && !r.update && !r.mayUpdate(one) {
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

// Recall takes up what an open run has told nullplatform: it finds out what
// became of that, and records it. What the run has written to, and what was
// agreed to when it began, it may change without another word.
func (r *Registering) Recall(ctx context.Context, j *checklist.Journal) error {
	past := j.Past()
	l, err := ledgerOf(past)
	if err != nil || past == nil {
		return err
	}
	r.mu.Lock()
	r.ours, r.agreed = nil, nil
	r.mu.Unlock()
	if list := l.registrations(); len(list) > 0 {
		if err := sameHost(r.reg, list); err != nil {
			return err
		}
		if err := settleRegistrations(ctx, r.reg, j, past, l); err != nil {
			return err
		}
	}
	var p planned
	if n := len(past.Plans); n > 0 {
		if err := json.Unmarshal(past.Plans[n-1], &p); err != nil {
			return fmt.Errorf("read the plan of the open run: %w", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agreed = p.Registrations
	for _, d := range l.registrations() {
		if d.State == checklist.EffectDone {
			r.ours = append(r.ours, d.configuration())
		}
	}
	return nil
}

// mayUpdate reports whether no other word is needed for an update: this run
// has written the configuration itself, or it differs in no more than what was
// agreed to.
func (r *Registering) mayUpdate(one platform.Registration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := one.Found[0].ID
	if slices.Contains(r.ours, id) || r.madeByApply(one) {
		return true
	}
	return slices.ContainsFunc(r.agreed, func(p plannedRegistration) bool {
		return p.Updates == id && !slices.ContainsFunc(one.Differences, func(d platform.Difference) bool {
			return !slices.ContainsFunc(p.Differences, func(was platform.Difference) bool { return was.Path == d.Path && was.Is == d.Is })
		})
	})
}

// effect is [checklist.Task.Effect], or [checklist.Task.Finish] for what must
// not be left half done.
type effect func(ctx context.Context, intent any, do func(ctx context.Context) (any, error)) error

// carryOut registers one destination, by way of the journal. What is adopted
// changes nothing.
func (r *Registering) carryOut(ctx context.Context, by effect, one platform.Registration) error {
	key := r.Key()
	if !one.Writes() {
		id, err := r.reg.Register(ctx, one, key)
		r.note(one, id, err)
		return err
	}
	var failure error
	err := by(ctx, r.intent(one, key), func(ctx context.Context) (any, error) {
		var id string
		id, failure = r.reg.Register(ctx, one, key)
		r.note(one, id, failure)
		if id == "" {
			return nil, answered(failure)
		}
		return yield{Configuration: id}, nil // whatever reading it back said
	})
	if err != nil {
		return err
	}
	return failure
}

// note remembers what is registered by now.
func (r *Registering) note(one platform.Registration, id string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.registered[one.Wanted.Specification] = id
	}
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
