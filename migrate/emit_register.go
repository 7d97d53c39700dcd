package migrate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// The calls of an install through the modules register the destinations. What
// nullplatform has at the place already is looked at before, as a direct install
// does, and taken over, so that it is not there twice.

// kindOf is the destination that a specification is of.
func kindOf(specification string) provision.Kind {
	if specification == platform.ECRSpecification {
		return provision.ECR
	}
	return provision.S3
}

// lookThroughRoot is Look for an install through the modules, whose apply makes
// the key and gives it to nullplatform itself. The key is the one that the state
// holds where that is done already, and empty where it is to come.
func (r *Registering) lookThroughRoot(ctx context.Context, p *InstallPreview, keyID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blueprint, r.newKey, r.throughRoot = p.Plan.Blueprint, keyID == "", true
	r.keys = nil
	if u := p.Inventory.User; u != nil {
		for _, k := range u.Keys {
			r.keys = append(r.keys, k.ID)
		}
	}
	s, err := r.reg.Survey(ctx, platform.WantedFor(r.blueprint, r.target, keyID), r.newKey)
	if err != nil {
		return err
	}
	r.survey, p.Survey = s, &s
	return nil
}

// recallRoot takes up what was agreed to in an open run through a root: what it
// may update without another word, and what its apply may have registered.
func (r *Registering) recallRoot(past *checklist.Past) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agreed, r.making = nil, nil
	for _, text := range past.Plans {
		var p planned
		if err := json.Unmarshal(text, &p); err != nil {
			return fmt.Errorf("read the plan of the open run: %w", err)
		}
		r.agreed = append(r.agreed, p.Registrations...)
	}
	for _, p := range r.agreed {
		if p.Makes && appliedBy(past) {
			r.making = append(r.making, p.ID)
		}
	}
	return nil
}

// madeByApply reports whether a registration is one that an apply of this run
// has made and that was cut off: there was none when the run was agreed to, and
// it is what the run registers, but for a key of the build user that is lost.
func (r *Registering) madeByApply(one platform.Registration) bool {
	return slices.Contains(r.making, registerStep(one.Wanted.Specification)) &&
		!slices.ContainsFunc(one.Differences, func(d platform.Difference) bool {
			key := d.Secret || d.Path == "ci.access_key" && (d.Is == "" || slices.Contains(r.keys, d.Is))
			return !key
		})
}

// Recall takes up what was agreed to in the run that is open in a journal. It is
// to be asked before a run is prepared. Twice is safe.
func (p *EmitPreview) Recall(j *checklist.Journal) error {
	open := OpenRun(j)
	if p.reg == nil || open == nil || open.Begin.Job != EmitJob {
		return nil
	}
	return p.reg.recallRoot(open)
}

// HandsOver reports whether the calls give the key to nullplatform themselves.
func (p *EmitPreview) HandsOver() bool {
	return slices.ContainsFunc(p.Emission.Registrations, func(c rewrite.RegistrationCall) bool { return c.Kind == provision.ECR })
}

// lookAtPlatform asks nullplatform what is registered at the place.
func (p *EmitPreview) lookAtPlatform(ctx context.Context) error {
	if p.reg == nil {
		return nil
	}
	return p.reg.lookThroughRoot(ctx, p.Account, p.keyHandedOver())
}

// keyHandedOver is the key that the state holds and that the apply has given to
// nullplatform, "" as long as there is none.
func (p *EmitPreview) keyHandedOver() string {
	if p.work.state == nil {
		return ""
	}
	i := slices.IndexFunc(p.work.state.Resources, p.isKey)
	if i < 0 {
		return ""
	}
	id := p.work.state.Resources[i].Values.Text("id")
	for _, call := range p.Emission.Registrations {
		if is, ok := p.work.state.Resource(call.Address); call.Kind == provision.ECR && (!ok || !is.Registers(id)) {
			return ""
		}
	}
	return id
}

// allInState reports whether the state holds the key with its secret, and each
// registration; that of ECR with that key.
func (p *EmitPreview) allInState() bool {
	if p.keyHandedOver() == "" {
		return false
	}
	for _, call := range p.Emission.Registrations {
		if _, ok := p.work.state.Resource(call.Address); !ok {
			return false
		}
	}
	return true
}

// thereAlready are the configurations that nullplatform has at the place, by
// what they are of.
func (p *EmitPreview) thereAlready() map[provision.Kind]string {
	out := map[provision.Kind]string{}
	if p.reg == nil {
		return out
	}
	for _, one := range p.reg.Survey().Registrations {
		if len(one.Found) == 1 {
			out[kindOf(one.Wanted.Specification)] = one.Found[0].ID
		}
	}
	return out
}

// registrationImports are those configurations by the address that is to have
// them.
func (p *EmitPreview) registrationImports() []rewrite.Import {
	var out []rewrite.Import
	there := p.thereAlready()
	for _, call := range p.Emission.Registrations {
		if id := there[call.Kind]; id != "" {
			out = append(out, rewrite.Import{To: call.Address, ID: id})
		}
	}
	return out
}

// registers reports whether an address is that of a registration.
func (p *EmitPreview) registers(address string) bool {
	return slices.ContainsFunc(p.Emission.Registrations, func(c rewrite.RegistrationCall) bool { return c.Address == address })
}

// guarded are the registrations as the guard is told of them.
func (p *EmitPreview) guarded() []guard.Registration {
	if p.reg == nil {
		return nil
	}
	var out []guard.Registration
	there, survey := p.thereAlready(), p.reg.Survey()
	for _, call := range p.Emission.Registrations {
		out = append(out, guard.Registration{
			Address: call.Address, ID: there[call.Kind],
			Updates: slices.ContainsFunc(survey.Registrations, func(one platform.Registration) bool {
				return kindOf(one.Wanted.Specification) == call.Kind && one.State == platform.Different
			}),
		})
	}
	return out
}

// Refusal says why nullplatform must not be told what the calls register; nil
// when it may. The words are those of a direct install.
func (p *EmitPreview) Refusal() error {
	if p.reg == nil {
		return nil
	}
	if err := p.reg.Refusal(); err != nil {
		return err
	}
	return p.elsewhere()
}

// elsewhere refuses to register what another address of the same state has: both
// would write to one configuration.
func (p *EmitPreview) elsewhere() error {
	if p.work.state == nil {
		return nil
	}
	there := p.thereAlready()
	for _, call := range p.Emission.Registrations {
		for _, r := range p.work.state.Resources {
			if id := there[call.Kind]; id == "" || r.Address == call.Address || !isRegistration(r) || r.Values.Text("id") != id {
				continue
			}
			return &provision.Problem{
				Field: "registration",
				Rule:  fmt.Sprintf("of %s at %s (%s) is in the state of this root already, as %s, and two calls would write to it", kindName(call.Kind), p.Request.Register.NRN, there[call.Kind], r.Address),
				Way:   "leave --nrn out, and give that call the outputs of the new modules; or take it out of the root with a removed block that keeps it, and run again",
			}
		}
	}
	return nil
}

func isRegistration(r tofu.Resource) bool {
	return r.Type == tofu.RegistrationType && !r.Data && r.Deposed == ""
}

func kindName(k provision.Kind) string {
	if k == provision.ECR {
		return platform.Name(platform.ECRSpecification)
	}
	return platform.Name(platform.S3Specification)
}

// registeredOnce shows that nullplatform has what the calls register, once, and
// with the key of the state as far as it tells.
func (u *RootInstall) registeredOnce(ctx context.Context) (Proof, error) {
	p := u.preview
	proof := Proof{What: "nullplatform has each destination registered once, as the choices call for", Holds: true}
	if err := p.lookAtPlatform(ctx); err != nil {
		return proof, err
	}
	survey := p.reg.Survey()
	for _, b := range survey.Blockers {
		proof.Holds, proof.Detail = false, b.Error()
	}
	for _, one := range survey.Registrations {
		if one.State != platform.Adopted {
			proof.Holds, proof.Detail = false, fmt.Sprintf("%s is %s", platform.Name(one.Wanted.Specification), one.State)
		}
	}
	if proof.Holds {
		proof.Detail = fmt.Sprintf("%d registrations compared", len(survey.Registrations))
	}
	return proof, nil
}
