package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The outputs that the ECR grant has lost on the way.
const (
	OutputKeyID     = "build_workflow_access_key_id"
	OutputKeySecret = "build_workflow_access_key_secret"
	outputPullRole  = "cross_account_pull_role_arn"
)

// Moved reports whether an output of the ECR grant is one of the build user's
// module since the split.
func Moved(output string) bool { return output == OutputKeyID || output == OutputKeySecret }

// findUses lists who uses the outputs of the calls that hold the user or the
// ECR grant, and refuses what cannot be followed.
func (f *finder) findUses() {
	names := map[string]*Call{}
	for _, id := range f.out.Identities {
		for _, c := range []*Call{id.Owner, id.User, id.ECR} {
			if c != nil {
				names[c.Name] = c
			}
		}
	}
	carried := newCarriers(f.files)
	for _, p := range f.files {
		f.usesInJSON(p, names)
		for _, u := range usesIn(p, names) {
			u.RootOutput = carried.output(u.In)
			f.out.Uses = append(f.out.Uses, u)
			f.judge(u, names[u.Call])
		}
	}
	f.findRemoteUses()
}

// usesInJSON refuses moved outputs in a JSON file, which is not edited.
func (f *finder) usesInJSON(p parsed, names map[string]*Call) {
	if !p.json {
		return
	}
	for _, c := range f.out.Calls {
		if names[c.Name] == nil || c.Kind != ECRModule {
			continue
		}
		use := regexp.MustCompile(`module\.` + regexp.QuoteMeta(c.Name) + `\b[^}]*build_workflow_access_key_(id|secret)`)
		if use.Match(p.Data) {
			f.refuse(NotEditable, Position{Root: p.root, File: p.Name},
				fmt.Sprintf("the file uses the key of module %q and is written in JSON, which is not edited here", c.Name),
				"write what uses it in a .tf file, or make the change by hand")
		}
	}
}

// judge refuses a use that an upgrade would break and cannot mend.
func (f *finder) judge(u Use, c *Call) {
	if c.Kind != ECRModule {
		return
	}
	switch {
	case u.How == Whole && c.Group == "":
		f.refuse(WholeUse, u.Position,
			fmt.Sprintf("%s uses module %q as one value; which of its outputs are read from that cannot be followed", u.In, c.Name),
			"name the outputs one by one: module."+c.Name+"."+OutputKeyID)
	case u.Output == outputPullRole:
		f.refuse(GoneOutput, u.Position,
			fmt.Sprintf("%s uses the output %s of module %q, which 4.2.0 removed together with the role behind it", u.In, outputPullRole, c.Name),
			"take the use out first; since 4.2.0 the repository policy (ecr_repository_policy) lets other accounts pull")
	}
}

// usesIn finds the uses in one file. A loop or splat over the instances is
// followed where its body names outputs.
func usesIn(p parsed, calls map[string]*Call) []Use {
	if p.json {
		return nil
	}
	var out []Use
	for _, b := range p.body.Blocks {
		if b.Type == "moved" || b.Type == "import" || b.Type == "removed" {
			continue
		}
		s := &scan{file: p, calls: calls, seen: map[*hclsyntax.ScopeTraversalExpr]bool{}}
		s.body(b.Body, blockName(b), b.Type == "locals")
		out = append(out, s.uses...)
	}
	slices.SortStableFunc(out, func(a, b Use) int { return a.Start - b.Start })
	return out
}

func blockName(b *hclsyntax.Block) string {
	name := b.Type
	for _, l := range b.Labels {
		name += " " + Quote(l)
	}
	return name
}

// scan walks through one block.
type scan struct {
	file  parsed
	calls map[string]*Call
	in    string
	uses  []Use
	// seen are references that a larger form has taken care of.
	seen map[*hclsyntax.ScopeTraversalExpr]bool
}

func (s *scan) body(b *hclsyntax.Body, name string, locals bool) {
	for _, a := range inOrder(b) {
		switch {
		case a.Name == "depends_on":
			continue // Order alone; no output is read.
		case locals:
			s.in = "local " + a.Name
		case strings.HasPrefix(name, "output "):
			s.in = name
		default:
			s.in = name + " argument " + a.Name
		}
		_ = hclsyntax.Walk(a.Expr, s)
	}
	for _, inner := range b.Blocks {
		s.body(inner.Body, name, false)
	}
}

// Enter looks at one node before what is in it.
func (s *scan) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch e := n.(type) {
	case *hclsyntax.ForExpr:
		s.loop(e)
	case *hclsyntax.SplatExpr:
		s.splat(e)
	case *hclsyntax.RelativeTraversalExpr:
		s.indexed(e)
	case *hclsyntax.ScopeTraversalExpr:
		s.direct(e)
	}
	return nil
}

// Exit does nothing.
func (s *scan) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

// module gives the call that a traversal begins with, and the steps after it.
func (s *scan) module(t hcl.Traversal) (*Call, hcl.Traversal) {
	if len(t) < 2 || t.RootName() != "module" {
		return nil, nil
	}
	name, ok := second(t)
	if !ok || s.calls[name] == nil {
		return nil, nil
	}
	return s.calls[name], t[2:]
}

// output gives the output that the steps after a call lead to, past an
// instance key where the call is repeated.
func output(c *Call, steps hcl.Traversal) string {
	for i, step := range steps {
		switch st := step.(type) {
		case hcl.TraverseAttr:
			return st.Name
		case hcl.TraverseIndex:
			if i == 0 && c.Repeat.Mode != "" {
				continue
			}
			if name, ok := asString(st.Key); ok && i <= 1 {
				return name
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

func (s *scan) add(c *Call, how How, out string, at, change hcl.Range, form string) {
	s.uses = append(s.uses, Use{
		How: how, Call: c.Name, Output: out, In: s.in, Position: s.file.at(at),
		Start: change.Start.Byte, End: change.End.Byte, Form: form,
	})
}

// nameRange is the call's name in a traversal: what follows the dot, or the
// quoted index.
func nameRange(t hcl.Traversal) (hcl.Range, string) {
	if _, ok := t[1].(hcl.TraverseIndex); ok {
		return t[1].SourceRange(), `["%s"]`
	}
	return t[1].SourceRange(), ".%s"
}

// direct is module.X.output, module.X["key"].output, and the bare module.X.
func (s *scan) direct(e *hclsyntax.ScopeTraversalExpr) {
	c, steps := s.module(e.Traversal)
	if c == nil || s.seen[e] {
		return
	}
	at, form := nameRange(e.Traversal)
	if out := output(c, steps); out != "" {
		s.add(c, Direct, out, e.Range(), at, form)
		return
	}
	s.uses = append(s.uses, Use{How: Whole, Call: c.Name, In: s.in, Position: s.file.at(e.Range()), Start: at.Start.Byte, End: at.Start.Byte})
}

// refersTo reports whether a block refers to a module, order aside.
func refersTo(b *hclsyntax.Block, name string) bool {
	for _, a := range b.Body.Attributes {
		if a.Name == "depends_on" {
			continue
		}
		for _, t := range a.Expr.Variables() {
			if t.RootName() == "module" {
				if n, ok := second(t); ok && n == name {
					return true
				}
			}
		}
	}
	return false
}

// moduleIn is the call that an expression's text refers to, when it is nothing
// but a reference: module.X.group_name, module.X["prod"].group_name.
func moduleIn(text string) string {
	e, diags := hclsyntax.ParseExpression([]byte(text), "expression", hcl.InitialPos)
	if diags.HasErrors() {
		return ""
	}
	for _, t := range e.Variables() {
		if t.RootName() == "module" {
			if n, ok := second(t); ok {
				return n
			}
		}
	}
	return ""
}
