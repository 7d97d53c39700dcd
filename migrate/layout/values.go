package layout

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// values works out expressions from what the configuration and the variable
// files hold: literals, locals, variables, terraform.workspace and a few
// functions. What depends on anything else stays unknown.
type values struct {
	vars      map[string]known
	locals    map[string]hclsyntax.Expression
	workspace string
	// resolved are locals that have been worked out, and those under way, so
	// that a circle ends.
	resolved map[string]known
}

// known is a value and where it is from; ok is false when it is not known.
type known struct {
	value cty.Value
	from  string
	ok    bool
}

func newValues(root Root, files []parsed) *values {
	v := &values{
		vars: map[string]known{}, locals: map[string]hclsyntax.Expression{},
		workspace: root.Workspace, resolved: map[string]known{},
	}
	declared := map[string]bool{}
	for _, p := range files {
		for _, b := range p.body.Blocks {
			switch {
			case b.Type == "locals":
				for name, a := range b.Body.Attributes {
					v.locals[name] = a.Expr
				}
			case b.Type == "variable" && len(b.Labels) == 1:
				declared[b.Labels[0]] = true
				if a := b.Body.Attributes["default"]; a != nil {
					if val, diags := a.Expr.Value(nil); !diags.HasErrors() {
						v.vars[b.Labels[0]] = known{val, "variable " + b.Labels[0], true}
					}
				}
			}
		}
	}
	for _, e := range root.Environ {
		name, text, _ := strings.Cut(e, "=")
		if name, ok := strings.CutPrefix(name, "TF_VAR_"); ok && declared[name] {
			v.vars[name] = known{cty.StringVal(text), "TF_VAR_" + name, true}
		}
	}
	for _, f := range root.Vars {
		for name, val := range variables(f) {
			if declared[name] {
				v.vars[name] = known{val, f.Name, true}
			}
		}
	}
	return v
}

// variables reads a variable file, in HCL or JSON. What cannot be read of it
// is left out: the tool itself complains about that.
func variables(f File) map[string]cty.Value {
	out := map[string]cty.Value{}
	if strings.HasSuffix(f.Name, ".json") {
		kind, err := ctyjson.ImpliedType(f.Data)
		if err != nil || !kind.IsObjectType() {
			return out
		}
		if val, err := ctyjson.Unmarshal(f.Data, kind); err == nil {
			return val.AsValueMap()
		}
		return out
	}
	body, _ := Parse(f)
	for name, a := range body.Attributes {
		if val, diags := a.Expr.Value(nil); !diags.HasErrors() {
			out[name] = val
		}
	}
	return out
}

// depth bounds how far locals are followed.
const depth = 50

// of works out an expression. With each or count set, those are known too.
func (v *values) of(e hclsyntax.Expression, extra map[string]cty.Value) known {
	return v.follow(e, extra, 0)
}

func (v *values) follow(e hclsyntax.Expression, extra map[string]cty.Value, level int) known {
	if level > depth {
		return known{}
	}
	vars, locals := map[string]cty.Value{}, map[string]cty.Value{}
	from := "literal"
	for _, t := range e.Variables() {
		name, ok := second(t)
		switch root := t.RootName(); {
		case root == "var" && ok && v.vars[name].ok:
			vars[name] = v.vars[name].value
			from = v.vars[name].from
		case root == "local" && ok:
			k := v.local(name, level)
			if !k.ok {
				return known{}
			}
			locals[name] = k.value
			from = "local " + name
		case root == "terraform" && ok && (name == "workspace") && v.workspace != "":
			from = "workspace"
		case extra[root] != cty.NilVal:
			from = "instance key"
		default:
			return known{}
		}
	}
	scope := map[string]cty.Value{
		"var": cty.ObjectVal(vars), "local": cty.ObjectVal(locals),
		"terraform": cty.ObjectVal(map[string]cty.Value{"workspace": cty.StringVal(v.workspace)}),
	}
	maps.Copy(scope, extra)
	val, ok := evaluate(e, &hcl.EvalContext{Variables: scope, Functions: functions()})
	return known{val, from, ok}
}

// evaluate keeps a panic of a function in the library from ending the program:
// configurations are other people's.
func evaluate(e hclsyntax.Expression, ctx *hcl.EvalContext) (val cty.Value, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	val, diags := e.Value(ctx)
	return val, !diags.HasErrors() && val.IsWhollyKnown()
}

func (v *values) local(name string, level int) known {
	if k, ok := v.resolved[name]; ok {
		return k
	}
	e := v.locals[name]
	if e == nil {
		return known{}
	}
	v.resolved[name] = known{}
	k := v.follow(e, nil, level+1)
	v.resolved[name] = k
	return k
}

// second is the name after the root of a traversal: var.NAME.
func second(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		return asString(step.Key)
	}
	return "", false
}

// asString gives a known, plain string.
func asString(v cty.Value) (string, bool) {
	if v == cty.NilVal {
		return "", false
	}
	v, _ = v.UnmarkDeep()
	if v.IsNull() || !v.IsKnown() {
		return "", false
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil || s.IsNull() || !s.IsKnown() {
		return "", false
	}
	return s.AsString(), true
}

// functions are those of the language that names and keys are made with:
// https://developer.hashicorp.com/terraform/language/functions
func functions() map[string]function.Function {
	return map[string]function.Function{
		"lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "format": stdlib.FormatFunc,
		"join": stdlib.JoinFunc, "replace": stdlib.ReplaceFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "substr": stdlib.SubstrFunc,
		"split": stdlib.SplitFunc, "title": stdlib.TitleFunc, "concat": stdlib.ConcatFunc,
		"keys": stdlib.KeysFunc, "values": stdlib.ValuesFunc, "merge": stdlib.MergeFunc,
		"length": stdlib.LengthFunc, "element": stdlib.ElementFunc, "lookup": stdlib.LookupFunc,
		"coalesce": stdlib.CoalesceFunc, "distinct": stdlib.DistinctFunc, "compact": stdlib.CompactFunc,
		"contains": stdlib.ContainsFunc, "zipmap": stdlib.ZipmapFunc, "setunion": stdlib.SetUnionFunc,
		"toset":    stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"tolist":   stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap":    stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"tostring": stdlib.MakeToFunc(cty.String),
		"tonumber": stdlib.MakeToFunc(cty.Number),
		"tobool":   stdlib.MakeToFunc(cty.Bool),
		"try":      tryfunc.TryFunc,
		"can":      tryfunc.CanFunc,
	}
}

// keys are the instance keys that count or for_each gives.
func keys(mode string, v cty.Value) ([]string, bool) {
	v, _ = v.UnmarkDeep()
	if v.IsNull() || !v.IsWhollyKnown() {
		return nil, false
	}
	if mode == "count" {
		n, err := convert.Convert(v, cty.Number)
		if err != nil || n.IsNull() {
			return nil, false
		}
		count, _ := n.AsBigFloat().Int64()
		if count < 0 || count > maxInstances {
			return nil, false
		}
		out := []string{}
		for i := range count {
			out = append(out, fmt.Sprintf("[%d]", i))
		}
		return out, true
	}
	if !v.CanIterateElements() || v.LengthInt() > maxInstances {
		return nil, false
	}
	out := []string{}
	for it := v.ElementIterator(); it.Next(); {
		k, val := it.Element()
		if v.Type().IsSetType() {
			k = val
		} else if !v.Type().IsMapType() && !v.Type().IsObjectType() {
			return nil, false
		}
		s, ok := asString(k)
		if !ok {
			return nil, false
		}
		out = append(out, StringKey(s))
	}
	return out, true
}

// maxInstances is more than anybody has clusters.
const maxInstances = 1000
