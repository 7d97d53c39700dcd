package layout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/nullplatform/slipway/provision"
)

// findCalls reads all calls of our area, and tells of those that cannot be
// edited.
func (f *finder) findCalls() {
	for _, p := range f.files {
		for _, o := range p.calls() {
			switch {
			case o.block == nil:
				f.refuse(NotEditable, Position{Root: p.root, File: p.Name},
					fmt.Sprintf("module %q is written in JSON, which is not edited here", o.name),
					"write the block in a .tf file, or make the change by hand")
			case o.made:
				f.refuse(NotEditable, p.at(o.block.DefRange()),
					fmt.Sprintf("the source of module %q is put together from variables", o.name),
					"write repository, path and ref of this call out")
				f.add(p, o)
			case p.override():
				f.refuse(NotEditable, p.at(o.block.DefRange()),
					fmt.Sprintf("module %q is changed by an override file", o.name),
					"put its arguments into the block that it overrides")
			case o.kind != AssetS3Module && len(o.block.Body.Blocks) > 0:
				f.refuse(NotEditable, p.at(o.block.Body.Blocks[0].DefRange()),
					fmt.Sprintf("module %q has a block %q in it, which a call that is added beside it would need too", o.name, o.block.Body.Blocks[0].Type),
					"take it out, or make the change by hand")
				f.add(p, o)
			default:
				f.add(p, o)
			}
		}
		if p.override() {
			f.overridden(p)
		}
	}
	slices.SortStableFunc(f.out.Calls, func(a, b *Call) int {
		if c := strings.Compare(a.Position.File, b.Position.File); c != 0 {
			return c
		}
		return a.Position.Line - b.Position.Line
	})
}

// overridden refuses override blocks without a source over calls of ours.
func (f *finder) overridden(p parsed) {
	for _, b := range p.body.Blocks {
		if b.Type == "module" && len(b.Labels) == 1 && b.Body.Attributes["source"] == nil && f.blocks[b.Labels[0]].block != nil {
			f.refuse(NotEditable, p.at(b.DefRange()),
				fmt.Sprintf("module %q is changed by an override file", b.Labels[0]),
				"put its arguments into the block that it overrides")
		}
	}
}

// placed is a block and the file that it is in.
type placed struct {
	file  parsed
	block *hclsyntax.Block
}

func (f *finder) add(p parsed, o ours) {
	c := &Call{Name: o.name, Kind: o.kind, Position: p.at(o.block.DefRange()), Source: o.source}
	if first, twice := f.blocks[o.name]; twice {
		f.refuse(Unreadable, c.Position,
			fmt.Sprintf("module %q is declared twice, first at %s", o.name, first.file.at(first.block.DefRange())),
			"keep one; neither tool accepts both")
		return
	}
	f.blocks[o.name] = placed{p, o.block}
	for _, a := range inOrder(o.block.Body) {
		c.Arguments = append(c.Arguments, a.Name)
	}
	argument := func(name string) string {
		if a := o.block.Body.Attributes[name]; a != nil {
			return p.text(a.Expr.Range())
		}
		return ""
	}
	c.Group, c.Providers = argument("build_workflow_group_name"), argument("providers")
	c.Bucket = argument("bucket")
	if c.Kind == S3AssetsModule {
		c.Bucket = argument("assets_bucket")
	}
	c.Kind = byArguments(c)
	c.Contract = contractOf(c)
	c.Repeat = f.repeat(o.block, p)
	c.Cluster = f.cluster(o.block, p, nil)
	f.out.Calls = append(f.out.Calls, c)
}

// byArguments tells apart the two modules that have been called iam/s3.
func byArguments(c *Call) Kind {
	if c.Kind != S3Module {
		return c.Kind
	}
	switch {
	case c.Has("bucket_id") || c.Has("bucket_arn"):
		return BucketPolicyModule
	case c.Has("bucket") || c.Has("build_workflow_group_name"):
		return S3Module
	case Release(c.Source.Ref) != nil && !since(Release(c.Source.Ref), "6.1.0"):
		return BucketPolicyModule
	}
	return S3Module
}

// contractOf is what the call's arguments and ref say. Where they differ, as
// after a bump that was left half-way, the arguments say what the block still
// calls for before the split, and the ref what it will get.
func contractOf(c *Call) provision.Contract {
	byRef := ContractOf(c.Kind, c.Source.Ref)
	switch c.Kind {
	case AssetECRModule:
		consumer := c.Has("application_role_arn") || c.Has("build_workflow_access_key_id") || c.Has("build_workflow_role_arn")
		switch {
		case byRef != "" && (consumer == !Older(byRef, Contract34)):
			return byRef
		case consumer && byRef == "":
			return ""
		case !consumer && c.Has("cluster_name"):
			return Contract112
		case !consumer && byRef == "":
			return Contract10
		}
		return byRef
	case ECRModule:
		split := c.Has("build_workflow_group_name")
		switch {
		case byRef != "" && Older(byRef, Contract34):
			return "" // The module does not exist there.
		case byRef != "":
			return byRef
		case !split:
			return Contract34
		}
	case S3AssetsModule:
		return provision.Contract50
	case S3Module:
		return provision.Contract61
	}
	return byRef
}

// repeat reads count and for_each.
func (f *finder) repeat(b *hclsyntax.Block, p parsed) Repeat {
	for _, mode := range []string{"count", "for_each"} {
		a := b.Body.Attributes[mode]
		if a == nil {
			continue
		}
		r := Repeat{Mode: mode, Expression: p.text(a.Expr.Range())}
		if v := f.values.of(a.Expr, nil); v.ok {
			r.Keys, r.Known = keys(mode, v.value)
		}
		return r
	}
	return Repeat{Keys: []string{""}, Known: true}
}

// cluster reads cluster_name, for one instance when extra is given.
func (f *finder) cluster(b *hclsyntax.Block, p parsed, extra map[string]cty.Value) Cluster {
	a := b.Body.Attributes["cluster_name"]
	if a == nil {
		return Cluster{}
	}
	c := Cluster{Expression: p.text(a.Expr.Range())}
	if v := f.values.of(a.Expr, extra); v.ok {
		if s, ok := asString(v.value); ok && s != "" {
			c.Value, c.Known, c.From = s, true, v.from
		}
	}
	return c
}

// instance is what count and each are in one instance of a call, as far as
// that is known.
func (f *finder) instance(c *Call, key string) map[string]cty.Value {
	inner := strings.TrimSuffix(strings.TrimPrefix(key, "["), "]")
	switch c.Repeat.Mode {
	case "count":
		if n, err := strconv.Atoi(inner); err == nil {
			return map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(n))})}
		}
	case "for_each":
		name, err := unquote(inner)
		if err != nil {
			return nil
		}
		each := map[string]cty.Value{"key": cty.StringVal(name)}
		if a := f.blocks[c.Name].block.Body.Attributes["for_each"]; a != nil {
			if v := f.values.of(a.Expr, nil); v.ok {
				if one, ok := elementOf(v.value, name); ok {
					each["value"] = one
				}
			}
		}
		return map[string]cty.Value{"each": cty.ObjectVal(each)}
	}
	return nil
}

// elementOf is each.value for a key.
func elementOf(v cty.Value, name string) (cty.Value, bool) {
	v, _ = v.UnmarkDeep()
	if v.IsNull() || !v.CanIterateElements() {
		return cty.NilVal, false
	}
	for it := v.ElementIterator(); it.Next(); {
		k, val := it.Element()
		if v.Type().IsSetType() {
			k = val
		}
		if s, ok := asString(k); ok && s == name {
			return val, true
		}
	}
	return cty.NilVal, false
}
