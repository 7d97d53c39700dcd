package rewrite

import (
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// RegistrationCall is a call that tells nullplatform of a destination.
type RegistrationCall struct {
	// Kind is what it registers, and Call its name.
	Kind provision.Kind
	Call string
	// Address is where the state has the registration.
	Address string
	// TakesOver is the configuration of nullplatform that an import block
	// gives to it; empty where it registers anew.
	TakesOver string
}

// The names that the modules give to their registrations.
const (
	registrationRes = "nullplatform_provider_config."
	ecrLabel        = "ecr"
	s3Label         = "s3"
)

// The comments of the import blocks, by what is registered.
const (
	registeredComment = `What is registered with nullplatform already is taken over, so that it is not
there twice.`
	registeredKeyComment = registeredComment + ` The apply gives it the key that CI has from then on.`
)

// registrations tell nullplatform of the destinations.
func (e *emitter) registrations(w *writer) {
	if e.NRN == "" {
		return
	}
	nrn := argument{"nrn", layout.Quote(e.NRN)}
	if e.out.ECR != "" {
		args := []argument{
			nrn,
			{"application_role_arn", "module." + e.out.ECR + ".application_role_arn"},
			{layout.OutputKeyID, "module." + e.out.User + "." + layout.OutputKeyID},
			{layout.OutputKeySecret, "module." + e.out.User + "." + layout.OutputKeySecret},
		}
		if e.Spec.CrossAccountPull {
			args = append(args, argument{"repository_policy", "module." + e.out.ECR + ".ecr_repository_policy"})
		}
		w.block(call(e.registration(provision.ECR, "asset_repository", ecrLabel), e.source(assetECRPath), [][]argument{nil}, args))
	}
	if bucket := e.Spec.Bucket(); bucket != "" {
		w.block(call(e.registration(provision.S3, "asset_s3", s3Label), e.source(assetS3Path), [][]argument{nil},
			[]argument{nrn, {"bucket_name", layout.Quote(bucket)}}))
	}
}

// handsOver reports whether the calls give the key to nullplatform themselves.
// That of a bucket carries none.
func (e *emitter) handsOver() bool { return e.NRN != "" && e.out.ECR != "" }

// registration gives a call that registers its name.
func (e *emitter) registration(kind provision.Kind, wanted, label string) string {
	name := e.p.free(e.Root.Dir, wanted)
	e.out.Registrations = append(e.out.Registrations, RegistrationCall{
		Kind: kind, Call: name, Address: "module." + name + "." + registrationRes + label,
	})
	return name
}

// takeRegistrations writes import blocks for what is registered already.
func (e *emitter) takeRegistrations() {
	taken := 0
	for i := range e.out.Registrations {
		r := &e.out.Registrations[i]
		if r.TakesOver = e.Registered[r.Kind]; r.TakesOver == "" {
			continue
		}
		comment := ""
		switch taken++; {
		case taken == 1 && r.Kind == provision.ECR:
			comment = registeredKeyComment
		case taken == 1:
			comment = registeredComment
		}
		e.importBlock(Import{To: r.Address, ID: r.TakesOver}, comment)
	}
}
