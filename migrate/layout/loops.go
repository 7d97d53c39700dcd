package layout

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Uses of outputs over the instances of a repeated call: by a computed key, in
// a splat, in a loop.

// indexed is module.X[expression].output.
func (s *scan) indexed(e *hclsyntax.RelativeTraversalExpr) {
	index, ok := e.Source.(*hclsyntax.IndexExpr)
	if !ok {
		return
	}
	scope, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return
	}
	c, steps := s.module(scope.Traversal)
	if c == nil || len(steps) != 0 {
		return
	}
	if out := first(e.Traversal); out != "" {
		s.seen[scope] = true
		at, form := nameRange(scope.Traversal)
		s.add(c, Direct, out, e.Range(), at, form)
	}
}

// first is the attribute that a relative traversal begins with.
func first(t hcl.Traversal) string {
	if len(t) == 0 {
		return ""
	}
	switch st := t[0].(type) {
	case hcl.TraverseAttr:
		return st.Name
	case hcl.TraverseIndex:
		out, _ := asString(st.Key)
		return out
	}
	return ""
}

// splat is module.X[*].output and values(module.X)[*].output.
func (s *scan) splat(e *hclsyntax.SplatExpr) {
	scope := instances(e.Source)
	each, ok := e.Each.(*hclsyntax.RelativeTraversalExpr)
	if scope == nil || !ok {
		return
	}
	c, steps := s.module(scope.Traversal)
	if c == nil || len(steps) != 0 {
		return
	}
	if out := first(each.Traversal); out != "" {
		s.seen[scope] = true
		at, form := nameRange(scope.Traversal)
		s.add(c, Each, out, e.Range(), at, form)
	}
}

// instances is the module behind module.X or values(module.X).
func instances(e hclsyntax.Expression) *hclsyntax.ScopeTraversalExpr {
	if call, ok := e.(*hclsyntax.FunctionCallExpr); ok && call.Name == "values" && len(call.Args) == 1 {
		e = call.Args[0]
	}
	scope, _ := e.(*hclsyntax.ScopeTraversalExpr)
	return scope
}

// loop is a for over module.X or values(module.X). Where the loop has a key
// variable, each use of the value is turned on its own; where it has none, the
// whole loop is, if it uses moved outputs alone.
func (s *scan) loop(e *hclsyntax.ForExpr) {
	scope := instances(e.CollExpr)
	if scope == nil {
		return
	}
	c, steps := s.module(scope.Traversal)
	if c == nil || len(steps) != 0 || e.ValVar == "" {
		return
	}
	inner := &bodyUses{name: e.ValVar}
	for _, x := range []hclsyntax.Expression{e.KeyExpr, e.ValExpr, e.CondExpr} {
		if x != nil {
			_ = hclsyntax.Walk(x, inner)
		}
	}
	if inner.whole {
		return // Left to be found as a whole use.
	}
	moved := 0
	for _, u := range inner.found {
		if Moved(u.output) {
			moved++
		}
	}
	_, overValues := e.CollExpr.(*hclsyntax.FunctionCallExpr)
	at, form := nameRange(scope.Traversal)
	switch {
	case moved == len(inner.found) || moved == 0:
		s.seen[scope] = true
		for _, u := range inner.found {
			s.add(c, Each, u.output, u.at, at, form)
		}
	case e.KeyVar != "" && !overValues:
		s.seen[scope] = true
		for _, u := range inner.found {
			s.add(c, Each, u.output, u.at, u.name, "module.%s["+e.KeyVar+"]")
		}
	}
}

// bodyUses are the uses of a loop's value variable.
type bodyUses struct {
	name  string
	found []struct {
		output   string
		at, name hcl.Range
	}
	whole bool
}

// Enter looks at one node.
func (b *bodyUses) Enter(n hclsyntax.Node) hcl.Diagnostics {
	e, ok := n.(*hclsyntax.ScopeTraversalExpr)
	if !ok || e.Traversal.RootName() != b.name {
		return nil
	}
	out := first(e.Traversal[1:])
	if out == "" {
		b.whole = true
		return nil
	}
	b.found = append(b.found, struct {
		output   string
		at, name hcl.Range
	}{out, e.Range(), e.Traversal[0].SourceRange()})
	return nil
}

// Exit does nothing.
func (b *bodyUses) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }
