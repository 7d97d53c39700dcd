package layout

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// finder is one search under way.
type finder struct {
	in     Input
	out    *Layout
	files  []parsed
	blocks map[string]placed
	values *values
}

// Find puts configuration, state and account together. It never fails: what
// keeps an upgrade from going on is among the layout's problems. The same
// input gives the same layout.
func Find(in Input) *Layout {
	f := &finder{in: in, out: &Layout{Root: in.Root, Others: in.Others, bodies: map[fileID]body{}}, blocks: map[string]placed{}}
	defer func() { bySeverity(f.out.Problems) }()

	// 1. The text.
	if !f.parse() {
		return f.out
	}
	f.values = newValues(in.Root, f.files)
	f.out.Backend = backendOf(f.files)

	// 2. The calls, and those that are there in comments alone.
	f.findCalls()
	f.findComments()
	if len(f.out.Calls) == 0 {
		f.noCalls()
		return f.out
	}

	// 3. Which belong together, and what the state holds of them.
	f.link()
	f.hold()

	// 4. What is odd about them.
	f.checkRefs()
	f.checkContracts()
	f.checkClusters()
	f.checkInstances()
	f.checkBackend()

	// 5. Who uses the outputs, and what hangs on the group.
	f.findUses()
	f.findForeign()
	return f.out
}

func (f *finder) problem(s Severity, c Code, at Position, reason, way string) {
	f.out.Problems = append(f.out.Problems, Problem{Code: c, Severity: s, Position: at, Reason: reason, Way: way})
}

func (f *finder) refuse(c Code, at Position, reason, way string) {
	f.problem(Refuses, c, at, reason, way)
}

func (f *finder) ask(c Code, at Position, reason, way string) { f.problem(Asks, c, at, reason, way) }

func (f *finder) tell(c Code, at Position, reason, way string) { f.problem(Tells, c, at, reason, way) }

// here is the root as a position.
func (f *finder) here() Position { return Position{Root: f.in.Root.Dir} }

// parse reads all files; false when there is nothing to go on with.
func (f *finder) parse() bool {
	if len(f.in.Root.Files) == 0 {
		f.refuse(NotARoot, f.here(), "there is no .tf or .tofu file in this directory",
			"name the directory that plan and apply are run in")
		return false
	}
	for _, file := range f.in.Root.Files {
		p := parse(f.in.Root.Dir, file)
		if p.err != nil {
			f.refuse(Unreadable, Position{Root: f.in.Root.Dir, File: file.Name},
				"the file does not parse: "+firstLine(p.err.Error()),
				"correct it until `validate` accepts it")
		}
		f.files = append(f.files, p)
		f.out.bodies[fileID{f.in.Root.Dir, file.Name}] = body{p.body, p.err}
	}
	return true
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// noCalls refuses a root without any call of ours, with the best way out that
// is known.
func (f *finder) noCalls() {
	way := "name the root that calls infrastructure/aws/iam/ecr or nullplatform/asset/ecr"
	for _, p := range f.out.Problems {
		if p.Code == CommentedOut {
			way = "the call is commented out; bring it back first, or if the user is managed no more, leave it as it is"
		}
	}
	if s := f.in.Root.State; s != nil {
		for _, i := range s.Instances {
			if isUser(i) && strings.Count(i.Module, "module.") > 1 {
				f.refuse(NotEditable, f.here(),
					fmt.Sprintf("the build user is in a module of your own: the state has it at %s", i.Address),
					"put the call into the root, or make the change inside that module by hand")
				return
			}
		}
	}
	reason := "no module of the publishing identity is called here"
	for _, p := range f.files {
		if bytes.Contains(p.Data, []byte("nullplatform/main-terraform-modules")) {
			reason, way = "the modules here are of main-terraform-modules, the generation before tofu-modules, of which slipway knows nothing",
				"take the build user over with slipway install --emit tofu, or name another root"
		}
	}
	f.refuse(NoCalls, f.here(), reason, way)
}

func isUser(i Instance) bool {
	return i.Type == "aws_iam_user" && i.Name == "nullplatform_build_workflow_user"
}

// link puts calls together into identities.
func (f *finder) link() {
	taken := map[*Call]bool{}
	begin := func(id *Identity) { f.out.Identities = append(f.out.Identities, id) }
	for _, c := range f.out.Calls {
		if c.Kind != ECRModule {
			continue
		}
		id := &Identity{ECR: c, Written: c.Contract, Cluster: c.Cluster}
		if u := f.out.Call(moduleIn(c.Group)); u != nil && u.Kind == UserModule {
			id.User, id.Owner = u, u
			taken[u] = true
		} else if c.Contract == Contract34 {
			id.Owner = c
		}
		begin(id)
	}
	for _, c := range f.out.Calls {
		switch {
		case c.Kind == UserModule && !taken[c]:
			// A grant whose group is given otherwise, by a local or a
			// literal, belongs to the only user there is for it.
			if id := f.unowned(c); id != nil {
				id.User, id.Owner = c, c
				continue
			}
			begin(&Identity{User: c, Owner: c, Written: c.Contract, Cluster: c.Cluster})
		case c.Kind == AssetECRModule && c.OwnsUser():
			begin(&Identity{Owner: c, AssetECR: []*Call{c}, Written: c.Contract, Cluster: c.Cluster})
		}
	}
	for _, c := range f.out.Calls {
		switch {
		case c.Kind == S3Module || c.Kind == S3AssetsModule:
			if id := f.belongs(c); id != nil {
				id.S3 = append(id.S3, c)
			}
		case c.Kind == AssetECRModule && !c.OwnsUser():
			if id := f.belongs(c); id != nil {
				id.AssetECR = append(id.AssetECR, c)
			}
		}
	}
	f.leftBehind(begin)
	for _, id := range f.out.Identities {
		id.Written = written(id)
		id.Contract = id.Written
	}
}

// leftBehind makes an identity of a registration whose user only the state
// still has: the calls that take it over are in another root.
func (f *finder) leftBehind(begin func(*Identity)) {
	if f.in.Root.State == nil {
		return
	}
	for _, i := range f.in.Root.State.Instances {
		name, nested := moduleName(i.Module)
		c := f.out.Call(name)
		if !isUser(i) || nested || c == nil || c.Kind != AssetECRModule || c.OwnsUser() {
			continue
		}
		if !slices.ContainsFunc(f.out.Identities, func(id *Identity) bool { return slices.Contains(id.AssetECR, c) }) {
			begin(&Identity{AssetECR: []*Call{c}, Written: provision.Contract50})
		}
	}
}

// unowned is the identity of the same cluster whose ECR grant is split but
// whose user was not found by reference.
func (f *finder) unowned(user *Call) *Identity {
	for _, id := range f.out.Identities {
		if id.User == nil && id.ECR != nil && id.ECR.Group != "" && Split(id.ECR.Contract) && sameCluster(id.ECR.Cluster, user.Cluster) {
			return id
		}
	}
	return nil
}

// belongs gives the identity that a grant or registration is of: by what it
// refers to, else by cluster, else the only one.
func (f *finder) belongs(c *Call) *Identity {
	block := f.blocks[c.Name]
	for _, id := range f.out.Identities {
		for _, other := range []*Call{id.User, id.ECR, id.Owner} {
			if other != nil && other != c && refersTo(block.block, other.Name) {
				return id
			}
		}
	}
	for _, id := range f.out.Identities {
		if c.Cluster.Expression != "" && sameCluster(c.Cluster, id.Cluster) {
			return id
		}
	}
	if len(f.out.Identities) == 1 {
		return f.out.Identities[0]
	}
	return nil
}

// sameCluster reports whether two cluster names are the same, by value where
// both are known, else by text.
func sameCluster(a, b Cluster) bool {
	if a.Known && b.Known {
		return a.Value == b.Value
	}
	return a.Expression != "" && a.Expression == b.Expression
}

// written is the contract that the calls of an identity make together: the
// split has no more than one module whose contract matters, the S3 grant.
func written(id *Identity) provision.Contract {
	c := id.Written
	if c == "" && id.User != nil {
		c = provision.Contract61
		if id.User.Contract != "" {
			c = id.User.Contract
		}
	}
	if c == "" && id.ECR != nil && id.ECR.Group != "" {
		c = provision.Contract61
	}
	if !Split(c) {
		return c
	}
	for _, s3 := range id.S3 {
		if s3.Kind == S3AssetsModule {
			return provision.Contract50
		}
	}
	if len(id.S3) > 0 {
		return provision.Contract61
	}
	return c
}
