package rewrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// DefaultSource is where the modules are published.
const DefaultSource = "git::https://github.com/nullplatform/tofu-modules.git"

// EmitOptions are the choices of an install through the modules.
type EmitOptions struct {
	// Spec is what is to be there.
	Spec provision.Spec
	// Root is the root that it is written into; it may have no file yet.
	Root layout.Root
	// Source is a repository or a local directory that has the modules below
	// it; empty means [DefaultSource].
	Source string
	// Ref is the release; empty means [DefaultRef].
	Ref string
	// NRN asks for the registrations of the destinations with nullplatform at
	// that place; empty leaves them out.
	NRN string
	// Adopt is the account where all or part of it is there already; what is
	// there gets an import block. Nil writes none.
	Adopt *provision.Inventory
	// Registered are the configurations that nullplatform has at the NRN
	// already, by what they are of. Each gets an import block, so that there is
	// no second one.
	Registered map[provision.Kind]string
}

// Import is one thing in the account that an address takes over.
type Import struct{ To, ID string }

// Emission is what an install through the modules comes to.
type Emission struct {
	// Edits are the files to write; none when they are there as they should
	// be.
	Edits []Edit
	// Imports take over what is in the account, by import blocks in the files.
	Imports []Import
	// Problems are what is good to know.
	Problems []layout.Problem
	// User, ECR and S3 are the names of the calls; empty where there is none.
	User, ECR, S3 string
	// Registrations are the calls that tell nullplatform of a destination.
	Registrations []RegistrationCall
	// KeyID and Secret are the names of the root's outputs that carry the key.
	KeyID, Secret string
}

// Emit writes the module calls that make what a spec asks for, wired through
// the publishers group, with the outputs that a registration needs. It refuses
// a spec that the modules cannot make, and a root that holds the cluster's
// build user already. Doing it again on its own result gives no edits.
func Emit(o EmitOptions) (*Emission, error) {
	o.Spec = o.Spec.WithDefaults()
	o.Source = cmp.Or(o.Source, DefaultSource)
	o.Ref = cmp.Or(o.Ref, DefaultRef(o.Spec.Contract))
	if err := o.check(); err != nil {
		return nil, err
	}
	e := &emitter{
		EmitOptions: o, out: &Emission{},
		p: &planner{
			l: &layout.Layout{Root: o.Root}, opts: Options{Contract: o.Spec.Contract, Source: o.Source, Ref: o.Ref},
			out: &Result{}, patches: map[place]*patch{}, taken: map[place]bool{}, moved: map[string]string{},
		},
	}
	if o.written() {
		e.p.l.Root.Files = nil // Written before: see whether it is the same.
		for _, f := range o.Root.Files {
			if f.Name != publishingFile && f.Name != importsFile {
				e.p.l.Root.Files = append(e.p.l.Root.Files, f)
			}
		}
	}
	e.p.readNames()
	e.calls()
	e.imports()
	e.takeRegistrations()
	if err := e.p.edits(); err != nil {
		return nil, err
	}
	if err := e.changed(); err != nil {
		return nil, err
	}
	return e.out, nil
}

// check refuses what the modules cannot make.
func (o EmitOptions) check() error {
	if err := o.Spec.Validate(); err != nil {
		return err
	}
	if c := layout.ContractOf(layout.UserModule, o.Ref); c != "" && c != o.Spec.Contract {
		return fmt.Errorf("write modules of contract %s: release %s is of contract %s; leave the ref out, or name one that fits", o.Spec.Contract, o.Ref, c)
	}
	if err := o.held(); err != nil {
		return err
	}
	var what string
	switch {
	case o.Spec.PermissionsBoundary != "":
		what = "a permissions boundary"
	case len(o.Spec.Tags) > 0:
		what = "tags (set default_tags in the provider instead)"
	case o.Spec.CreateBucket:
		what = "a bucket (make it beside them)"
	default:
		return nil
	}
	return &layout.Problem{
		Code: layout.ByHand, Severity: layout.Refuses, Position: layout.Position{Root: o.Root.Dir},
		Reason: "the modules cannot make " + what, Way: "leave it out, or install without --emit",
	}
}

// held refuses a root that calls the build user of the cluster already, in
// another file than the one that is written here.
func (o EmitOptions) held() error {
	for _, id := range layout.Find(layout.Input{Root: o.Root}).Identities {
		c := id.Owner
		if c == nil || c.Position.File == publishingFile || id.Cluster.Known && id.Cluster.Value != o.Spec.Cluster {
			continue
		}
		return &layout.Problem{
			Code: layout.SameCluster, Severity: layout.Refuses, Position: c.Position,
			Reason: fmt.Sprintf("module %q holds the build user here already", c.Name),
			Way:    "upgrade this root instead, or name another one",
		}
	}
	return nil
}

// written reports whether the root has a file of an earlier run. The imports
// are written first, so that they may be there alone.
func (o EmitOptions) written() bool { return Emitted(o.Root) || len(ImportsOf(o.Root)) > 0 }

// Emitted reports whether the calls have been written into a root before. The
// imports that belong to them were then written too.
func Emitted(root layout.Root) bool {
	for _, f := range root.Files {
		if f.Name == publishingFile {
			return true
		}
	}
	return false
}

// emitter is one emission under way.
type emitter struct {
	EmitOptions
	p   *planner
	out *Emission
}

func (e *emitter) source(path string) string { return from(e.Source, path, e.Ref) }

func (e *emitter) calls() {
	w := newWriter(e.p, e.p.l.Root, publishingFile)
	root, spec := e.Root.Dir, e.Spec
	cluster := argument{"cluster_name", layout.Quote(spec.Cluster)}
	user := e.p.free(root, defaultUserCall)
	e.out.User = user
	none := [][]argument{nil}
	w.block(call(user, e.source(userPath), none, []argument{cluster}))
	wired := argument{"build_workflow_group_name", group(user, layout.Repeat{})}
	if _, ok := spec.Destination(provision.ECR); ok {
		e.out.ECR = e.p.free(root, defaultECRCall)
		args := []argument{cluster, wired}
		if spec.ApplicationManager != provision.DefaultApplicationManager {
			args = append(args, argument{"application_manager_assume_role", layout.Quote(spec.ApplicationManager)})
		}
		if spec.CrossAccountPull {
			args = append(args, argument{"enable_cross_account_pull", "true"}, argument{"pull_account_ids", list(spec.PullAccounts)})
		}
		w.block(call(e.out.ECR, e.source(ecrPath), none, args))
	}
	if bucket := spec.Bucket(); bucket != "" {
		e.out.S3 = e.p.free(root, defaultS3Call)
		w.block(call(e.out.S3, e.source(s3PathOf(spec.Contract)), none,
			[]argument{cluster, wired, {bucketArgument(spec.Contract), layout.Quote(bucket)}}))
	}
	e.registrations(w)
	e.out.KeyID = w.output(layout.OutputKeyID, "module."+user+"."+layout.OutputKeyID, false)
	e.out.Secret = w.output(layout.OutputKeySecret, "module."+user+"."+layout.OutputKeySecret, true)
	if e.out.ECR != "" {
		w.output("application_role_arn", "module."+e.out.ECR+".application_role_arn", false)
		if spec.CrossAccountPull {
			w.output("ecr_repository_policy", "module."+e.out.ECR+".ecr_repository_policy", false)
		}
	}
}

func list(items []string) string {
	var quoted []string
	for _, i := range items {
		quoted = append(quoted, layout.Quote(i))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// changed keeps the edits that are not there yet, and refuses to write over
// what somebody else has written.
func (e *emitter) changed() error {
	there := map[string][]byte{}
	for _, f := range e.Root.Files {
		there[f.Name] = f.Data
	}
	for _, edit := range e.p.out.Edits {
		before, ok := there[edit.File]
		switch {
		case ok && string(before) == string(edit.After):
			continue
		case ok && e.written():
			return &layout.Problem{
				Code: layout.SameCluster, Severity: layout.Refuses, Position: layout.Position{Root: e.Root.Dir, File: edit.File},
				Reason: "the file is there from an earlier run, with other choices or changes by hand",
				Way:    "change it by hand, or move it away and run again",
			}
		}
		e.out.Edits = append(e.out.Edits, edit)
	}
	slices.SortStableFunc(e.out.Edits, func(a, b Edit) int { return rank(a) - rank(b) })
	return nil
}

// rank puts the imports before the calls. Whoever finds the calls then knows
// that what was there is taken over.
func rank(e Edit) int {
	if e.File == importsFile {
		return 0
	}
	return 1
}
