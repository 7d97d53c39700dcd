package rewrite

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// DefaultRef is the release that a contract's modules are set to unless told
// otherwise: the newest in use. They have not changed within a contract.
func DefaultRef(c provision.Contract) string {
	if c == provision.Contract50 {
		return "v5.3.1"
	}
	return "v7.8.0"
}

// Where the modules are in their repository.
const (
	userPath     = "infrastructure/aws/iam/ci-build-workflow-user"
	ecrPath      = "infrastructure/aws/iam/ecr"
	s3Path       = "infrastructure/aws/iam/s3"
	s3AssetsPath = "infrastructure/aws/iam/s3-assets"
	assetECRPath = "nullplatform/asset/ecr"
	assetS3Path  = "nullplatform/asset/s3"
)

// The names of calls that are added.
const (
	defaultUserCall = "ci_build_workflow_user"
	defaultECRCall  = "ecr_iam"
	defaultS3Call   = "s3_iam"
)

// planner is one rewrite under way.
type planner struct {
	l       *layout.Layout
	opts    Options
	out     *Result
	patches map[place]*patch
	// taken are names of modules, by root.
	taken map[place]bool
	// moved are the moved blocks of the root, from → to.
	moved map[string]string
	// announced is true once the moved blocks have their comment.
	announced bool
	errs      []error
}

// place names a file, or a module, in a root.
type place struct{ root, name string }

// Plan gives the edits that bring a layout to a contract. Where the layout
// refuses, or asks what has not been answered, it gives those problems as an
// error whose parts are [*layout.Problem] values, and no result. A layout that
// is there already gives a result without edits.
func Plan(l *layout.Layout, opts Options) (*Result, error) {
	p := &planner{l: l, opts: opts, out: &Result{}, patches: map[place]*patch{}, taken: map[place]bool{}, moved: map[string]string{}}
	// 1. Nothing is begun that may not be ended.
	if err := p.check(); err != nil {
		return nil, err
	}
	p.readNames()

	// 2. Each identity on its own.
	for _, id := range l.Identities {
		p.identity(id)
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}

	// 3. The files, whole; what has changed is read again before it is given
	// out.
	if err := p.edits(); err != nil {
		return nil, err
	}
	return p.out, nil
}

func (p *planner) check() error {
	if err := p.l.Refused(); err != nil {
		return err
	}
	if open := p.l.Open(); len(open) > 0 {
		var errs []error
		for _, q := range open {
			errs = append(errs, &q)
		}
		return errors.Join(errs...)
	}
	if p.opts.Contract == "" {
		p.opts.Contract = provision.DefaultContract
	}
	if !layout.Split(p.opts.Contract) {
		return fmt.Errorf("rewrite to contract %q: it is none to go to; use 6.1 or 5.0", p.opts.Contract)
	}
	if p.opts.Ref == "" {
		p.opts.Ref = DefaultRef(p.opts.Contract)
	}
	if c := layout.ContractOf(layout.UserModule, p.opts.Ref); c != "" && c != p.opts.Contract {
		return fmt.Errorf("rewrite to contract %s: release %s is of contract %s; leave the ref out, or name one that fits", p.opts.Contract, p.opts.Ref, c)
	}
	p.opts.UserCall = cmp.Or(p.opts.UserCall, defaultUserCall)
	p.opts.ECRCall = cmp.Or(p.opts.ECRCall, defaultECRCall)
	p.opts.S3Call = cmp.Or(p.opts.S3Call, defaultS3Call)
	for _, name := range []string{p.opts.UserCall, p.opts.ECRCall, p.opts.S3Call} {
		if !hclsyntax.ValidIdentifier(name) {
			return fmt.Errorf("rewrite to contract %s: %q cannot be the name of a module; use letters, digits, _ and -, a letter first", p.opts.Contract, name)
		}
	}
	if p.opts.Receiver != "" {
		p.opts.Receiver = path.Clean(p.opts.Receiver)
	}
	return nil
}

// refuse ends the rewrite with one more problem.
func (p *planner) refuse(code layout.Code, at layout.Position, reason, way string) {
	p.errs = append(p.errs, &layout.Problem{Code: code, Severity: layout.Refuses, Position: at, Reason: reason, Way: way})
}

func (p *planner) tell(code layout.Code, at layout.Position, reason, way string) {
	p.out.Problems = append(p.out.Problems, layout.Problem{Code: code, Severity: layout.Tells, Position: at, Reason: reason, Way: way})
}

// readNames collects which module names are taken, and the moved blocks.
func (p *planner) readNames() {
	for _, r := range append([]layout.Root{p.l.Root}, p.l.Others...) {
		for _, f := range r.Files {
			body, _ := p.l.Body(r.Dir, f.Name)
			for _, b := range body.Blocks {
				switch {
				case b.Type == "module" && len(b.Labels) == 1:
					p.taken[place{r.Dir, b.Labels[0]}] = true
				case b.Type == "moved" && r.Dir == p.l.Root.Dir:
					from, to := b.Body.Attributes["from"], b.Body.Attributes["to"]
					if from != nil && to != nil {
						p.moved[address(f.Data, from)] = address(f.Data, to)
					}
				}
			}
		}
	}
}

// free gives a name of a module that is not taken, and takes it.
func (p *planner) free(root, name string) string {
	out := name
	for i := 2; p.taken[place{root, out}]; i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	p.taken[place{root, out}] = true
	return out
}

// file gives the patch of a file, which may be one that is not there yet.
func (p *planner) file(root, name string) *patch {
	at := place{root, name}
	if p.patches[at] == nil {
		p.patches[at] = &patch{root: root, file: layout.File{Name: name}, fresh: true, body: &hclsyntax.Body{}, neighbour: p.neighbour(root)}
	}
	got := p.patches[at]
	if body, err := p.l.Body(root, name); body != nil && got.fresh {
		got.fresh, got.body = false, body
		got.file.Data = p.data(root, name)
		if err != nil {
			p.errs = append(p.errs, fmt.Errorf("rewrite %s: %w", name, err))
		}
	}
	return got
}

// neighbour is the text of the root's first file.
func (p *planner) neighbour(root string) []byte {
	for _, r := range append([]layout.Root{p.l.Root}, p.l.Others...) {
		if r.Dir == root && len(r.Files) > 0 {
			return r.Files[0].Data
		}
	}
	return nil
}

func (p *planner) data(root, name string) []byte {
	for _, r := range append([]layout.Root{p.l.Root}, p.l.Others...) {
		for _, f := range r.Files {
			if r.Dir == root && f.Name == name {
				return f.Data
			}
		}
	}
	return nil
}

// identity brings one identity to the contract.
func (p *planner) identity(id *layout.Identity) {
	if layout.Older(p.opts.Contract, id.Written) && len(id.S3) == 0 && p.opts.Bucket == "" {
		// The contracts since the split differ in the S3 grant alone: what is
		// at the later one is at the earlier one too, and stays.
		asked := p.opts
		defer func() { p.opts = asked }()
		p.opts.Contract, p.opts.Ref = id.Written, DefaultRef(id.Written)
	}
	if layout.Older(p.opts.Contract, id.Written) {
		p.refuse(layout.UnknownContract, position(id), fmt.Sprintf("the configuration is at contract %s, which is later than %s", id.Written, p.opts.Contract),
			"go to "+string(id.Written)+", or leave it")
		return
	}
	switch {
	case id.Owner == nil && id.ECR == nil || id.Owner != nil && id.Owner.Kind == layout.AssetECRModule:
		p.fromAsset(id)
	case p.opts.Receiver != "" && p.opts.Receiver != p.l.Root.Dir:
		p.refuse(layout.ByHand, position(id), "the build user is in a root of its own for the infrastructure already", "leave the receiving root out")
	default:
		p.fromGrant(id)
	}
}

func position(id *layout.Identity) layout.Position {
	for _, c := range append([]*layout.Call{id.Owner, id.ECR, id.User}, id.AssetECR...) {
		if c != nil {
			return c.Position
		}
	}
	return layout.Position{}
}

// generated finds the line with which a generator says that a file is its own.
var generated = regexp.MustCompile(`(?i)^\s*(#|//|/\*).*(generated by|do not edit|autogenerated|auto-generated)`)

// generatedBy gives the first lines' word of a generator, "" for none.
func generatedBy(data []byte) string {
	for _, line := range bytes.SplitN(data, []byte("\n"), 4)[:min(3, bytes.Count(data, []byte("\n")))] {
		if generated.Match(line) {
			return string(bytes.TrimSpace(line))
		}
	}
	return ""
}

// edits applies all patches.
func (p *planner) edits() error {
	for at, patch := range p.patches {
		if len(patch.cuts)+len(patch.blocks) == 0 {
			continue
		}
		after, err := patch.apply()
		if err != nil {
			return err
		}
		if word := generatedBy(patch.file.Data); word != "" {
			p.tell(layout.ByHand, layout.Position{Root: at.root, File: at.name}, fmt.Sprintf("the file says that it is generated (%s): whoever generates it next writes over the edit, and an apply of that would destroy the build user", word),
				"make the same edit where it is generated from, before anybody generates it again")
		}
		e := Edit{Root: at.root, File: at.name, Before: patch.file.Data, After: after}
		if patch.fresh {
			e.Before = nil
		}
		p.out.Edits = append(p.out.Edits, e)
	}
	slices.SortFunc(p.out.Edits, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Root, b.Root), cmp.Compare(a.File, b.File))
	})
	return nil
}
