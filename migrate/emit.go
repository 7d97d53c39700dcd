package migrate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// EmitRequest is the root that an install writes the calls of the modules into,
// for people who keep IAM in OpenTofu or Terraform.
type EmitRequest struct {
	// Dir is the root.
	Dir string `json:"dir"`
	// Ref is the release of the modules, and Source where they come from;
	// empty means the newest of the contract, and where they are published.
	Ref    string `json:"ref,omitempty"`
	Source string `json:"source,omitempty"`
	// Tool is as in [RootRequest].
	Tool string `json:"tool,omitempty"`
	// VarFiles and BackendConfigs are files that the tool is given.
	VarFiles       []string `json:"var_files,omitempty"`
	BackendConfigs []string `json:"backend_configs,omitempty"`
	// WriteOnly ends when the files are written: a pipeline applies them.
	WriteOnly bool `json:"write_only,omitempty"`
	// AcceptRefs agrees to a ref that is no release.
	AcceptRefs bool `json:"accept_refs,omitempty"`
	// AllowAddresses and AllowUnrelated consent to what the guard would
	// refuse of a plan.
	AllowAddresses []string `json:"-"`
	AllowUnrelated bool     `json:"-"`
}

// EmitPreview is what an install through the modules would do, before it does
// anything.
type EmitPreview struct {
	Request InstallRequest
	// Account is what the account lacks; the modules make it.
	Account *InstallPreview
	// Emission is what is written into the root.
	Emission *rewrite.Emission
	// Tool is what applies it; the zero value as long as nobody has looked.
	Tool tofu.Tool

	// imports are addresses that take over what is there.
	imports []string
	// applied says that the state holds the build user's key and the
	// registrations, and begun that an earlier run has begun to apply.
	applied, begun bool
	// ownUser says that the open run has made the build user: there was none.
	ownUser bool
	// keysBefore are the keys that the build user had when the open run began.
	keysBefore []string
	work       *RootPreview
	// reg registers with nullplatform; nil where that is not asked for.
	reg *Registering
}

// Done reports whether there is nothing left to do: the files are written and,
// unless a pipeline applies them, state, account and registrations are there.
func (p *EmitPreview) Done() bool {
	written := len(p.Emission.Edits) == 0
	return written && (p.Request.Emit.WriteOnly || p.applied && p.Account.Plan.Empty() && !p.Account.Registers())
}

// Diff is what is written, as a patch that `git apply` takes in the root.
func (p *EmitPreview) Diff() string {
	return rewrite.Patch(p.Emission.Edits, filepath.ToSlash(filepath.Clean(p.Request.Emit.Dir)))
}

// PreviewEmit reads the root, the account and what nullplatform has registered,
// and plans what is to be written. It writes nothing. Only where the files are
// there already is the tool run, to see whether they are applied; it may
// initialise the root for that.
//
// It fails with [*layout.Problem] values for what the root or the modules
// refuse, with [*provision.Problem] for a request that cannot be, and as
// [PreviewInstall] does for the account. A request that names a place in
// nullplatform needs reg, which is nil for others; what it finds is in the
// account's preview, and [EmitPreview.Refusal] says what speaks against it.
func PreviewEmit(ctx context.Context, acct Account, reg *Registering, req InstallRequest, environ []string) (*EmitPreview, error) {
	// 1. What can be judged without asking anybody.
	req.Spec = req.Spec.WithDefaults()
	if err := req.Spec.Validate(); err != nil {
		return nil, err
	}
	if err := req.emitProblem(); err != nil {
		return nil, err
	}
	if reg == nil && req.Register.NRN != "" {
		return nil, &provision.Problem{Field: "nrn", Rule: "is given, but nullplatform cannot be asked what it has there", Way: platform.KeysWanted + ", or leave --nrn out"}
	}
	p := &EmitPreview{Request: req, reg: reg, work: &RootPreview{environ: environ, Request: RootRequest{
		Dir: req.Emit.Dir, Tool: req.Emit.Tool, VarFiles: req.Emit.VarFiles, BackendConfigs: req.Emit.BackendConfigs,
	}}}
	// 2. The root.
	root, err := layout.Read(req.Emit.Dir, req.Emit.VarFiles...)
	if err != nil {
		return nil, &provision.Problem{Field: "dir", Rule: "cannot be used: " + err.Error(), Way: "name a root that is there with --dir"}
	}
	root.Environ = environ
	if err := readable(root); err != nil {
		return nil, err
	}
	// 3. The account.
	if p.Account, err = PreviewInstall(ctx, acct, InstallRequest{Spec: req.Spec, Allow: req.Allow}); err != nil {
		return nil, err
	}
	for i, c := range p.Account.Plan.Changes {
		if c.MakesKey() {
			p.Account.Plan.Changes[i].Why = "CI signs in with it. The module makes it, and its secret goes into the state."
		}
	}
	// 4. What nullplatform has, as long as nobody has written what registers.
	if !rewrite.Emitted(root) {
		if err := p.lookAtPlatform(ctx); err != nil {
			return nil, err
		}
	}
	// 5. What is to be written.
	if err := p.emit(root); err != nil {
		return nil, err
	}
	// 6. Whether it is applied already.
	if len(p.Emission.Edits) == 0 && !req.Emit.WriteOnly {
		return p, p.Look(ctx)
	}
	return p, nil
}

// readable refuses a root without configuration, and one that does not parse.
func readable(root layout.Root) error {
	var errs []error
	for _, q := range layout.Find(layout.Input{Root: root}).Problems {
		if q.Code == layout.NotARoot || q.Code == layout.Unreadable {
			errs = append(errs, &q)
		}
	}
	return errors.Join(errs...)
}

func (p *EmitPreview) emit(root layout.Root) (err error) {
	o := rewrite.EmitOptions{
		Spec: p.Request.Spec, Root: root, Source: p.Request.Emit.Source, Ref: p.Request.Emit.Ref, NRN: p.Request.Register.NRN,
	}
	// What is there is taken over once, with the calls. Afterwards it is the
	// state's.
	if !rewrite.Emitted(root) {
		o.Adopt, o.Registered = p.Account.Inventory, p.thereAlready()
	}
	if p.Emission, err = rewrite.Emit(o); err != nil {
		return err
	}
	for _, i := range slices.Concat(p.Emission.Imports, rewrite.ImportsOf(root)) {
		if !p.registers(i.To) {
			p.imports = append(p.imports, i.To)
		}
	}
	var errs []error
	for _, q := range p.Emission.Problems {
		if q.Severity == layout.Asks {
			errs = append(errs, &q)
		}
	}
	return errors.Join(errs...)
}

// Look reads the state with the tool that it belongs to, which it initialises
// the root with if nobody has, and what nullplatform has for a root that is
// written. Twice is safe.
func (p *EmitPreview) Look(ctx context.Context) error {
	if p.work.state != nil {
		return nil
	}
	if err := p.work.readState(ctx); err != nil {
		return err
	}
	p.Tool, p.applied = p.work.Tool, p.allInState()
	if len(p.Emission.Edits) > 0 {
		return nil
	}
	return p.lookAtPlatform(ctx)
}

// isKey reports whether a resource of the state is the build user's key, with
// its secret.
func (p *EmitPreview) isKey(r tofu.Resource) bool {
	return r.Type == "aws_iam_access_key" && r.Module == "module."+p.Emission.User && r.HasSecret()
}

// blocked gives why it must not be applied from here.
func (p *EmitPreview) blocked() error {
	if p.Request.Emit.WriteOnly {
		return nil // Whoever applies it may have other rights.
	}
	if err := p.Account.Plan.Blocked(); err != nil {
		return err
	}
	return p.Request.Allow.Withheld(p.Account.Consent)
}

// expectation is what the guard is told of the plan.
func (p *EmitPreview) expectation() guard.Expectation {
	return guard.Expectation{
		Job: guard.Install, Cluster: p.Request.Spec.Cluster, Imports: p.imports,
		Allowed: p.Request.Emit.AllowAddresses, AllowUnrelated: p.Request.Emit.AllowUnrelated,
		Registrations: p.guarded(),
	}
}

// unchanged fails with a [*ChangedError] when the account is no longer as it
// was shown, and with a [*RegistrationError] when nullplatform is not.
func (p *EmitPreview) unchanged(ctx context.Context, acct Account) error {
	shown := p.Account.Plan
	inv, err := acct.Read(ctx, shown.Blueprint.Scope())
	if err != nil {
		return err
	}
	if now := provision.NewPlan(shown.Blueprint, inv); !reflect.DeepEqual(inWordsOf(now), inWordsOf(shown)) {
		return &ChangedError{Before: shown.Changes, After: now.Changes}
	}
	if p.reg == nil || p.Account.Survey == nil {
		return nil
	}
	return p.reg.Recheck(ctx)
}

func inWordsOf(p provision.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.ID+" "+c.Title+" "+c.After)
	}
	return out
}

// refs are what git takes for a name and a source can carry.
// https://git-scm.com/docs/git-check-ref-format
func refs() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/+-]*$`) }

// emitProblem refuses a request that cannot be.
func (r InstallRequest) emitProblem() error {
	e := r.Emit
	refuse := func(field, rule, way string) error {
		return &provision.Problem{Field: field, Rule: rule, Way: way}
	}
	switch {
	case e.Dir == "":
		return refuse("dir", "is not given", "name the root that the calls are written into with --dir DIR")
	case r.Handover != "":
		return refuse("handover", "is given, but with --emit the key is made by the module, and its secret goes into the state",
			"leave --handover out, and read the secret from the root's output")
	case len(r.Register.Dimensions) > 0 || r.Register.NamingRule != "":
		return refuse("nrn", "comes with a dimension or a naming rule, which are not written", "leave them out, and add them to the calls by hand")
	case e.Ref != "" && (!refs().MatchString(e.Ref) || regexp.MustCompile(`\.\.|//|\.lock$|[./]$`).MatchString(e.Ref)):
		return refuse("module_ref", fmt.Sprintf("%q is no name of a release, branch or commit", e.Ref), "name a release with --module-ref, such as "+rewrite.DefaultRef(r.Spec.Contract))
	case e.Ref != "" && layout.Release(e.Ref) == nil && !e.AcceptRefs:
		return refuse("module_ref", fmt.Sprintf("%q is no release, so that nothing tells which contract it has", e.Ref),
			"name a release, such as "+rewrite.DefaultRef(r.Spec.Contract)+", or agree to it with --accept-refs")
	}
	_, err := r.Register.Target()
	return err
}
