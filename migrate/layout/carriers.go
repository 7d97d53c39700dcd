package layout

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// carriers says which root output a place leads to, through locals.
type carriers struct {
	// outputs are the root outputs by the locals that they read.
	outputs map[string][]string
	// locals are the locals by the locals that they read.
	locals map[string][]string
}

func newCarriers(files []parsed) carriers {
	c := carriers{outputs: map[string][]string{}, locals: map[string][]string{}}
	for _, p := range files {
		for _, b := range p.body.Blocks {
			switch {
			case b.Type == "output" && len(b.Labels) == 1:
				for _, a := range b.Body.Attributes {
					for _, l := range localsIn(a.Expr) {
						c.outputs[l] = append(c.outputs[l], b.Labels[0])
					}
				}
			case b.Type == "locals":
				for _, a := range b.Body.Attributes {
					for _, l := range localsIn(a.Expr) {
						c.locals[l] = append(c.locals[l], a.Name)
					}
				}
			}
		}
	}
	return c
}

func localsIn(e hclsyntax.Expression) []string {
	var out []string
	for _, t := range e.Variables() {
		if t.RootName() == "local" {
			if name, ok := second(t); ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// output is the first root output, by name, that a place leads to.
func (c carriers) output(in string) string {
	if name, ok := strings.CutPrefix(in, "output "); ok {
		return strings.Trim(name, `"`)
	}
	name, ok := strings.CutPrefix(in, "local ")
	if !ok {
		return ""
	}
	seen, next := map[string]bool{}, []string{name}
	var found []string
	for len(next) > 0 {
		l := next[0]
		next = next[1:]
		if seen[l] {
			continue
		}
		seen[l] = true
		found = append(found, c.outputs[l]...)
		next = append(next, c.locals[l]...)
	}
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[0]
}

// findRemoteUses lists where other roots read the root outputs that carry
// outputs of ours.
func (f *finder) findRemoteUses() {
	carrying := map[string]Use{}
	for _, u := range f.out.Uses {
		if u.RootOutput != "" {
			carrying[u.RootOutput] = u
		}
	}
	if len(carrying) == 0 {
		return
	}
	for _, other := range f.in.Others {
		reads := map[string]bool{}
		for _, rs := range RemoteStates(other) {
			if _, possibly := rs.Backend.Reads(f.out.Backend); possibly {
				reads[rs.Name] = true
			}
		}
		for _, file := range other.Files {
			f.remoteUsesIn(parse(other.Dir, file), reads, carrying)
		}
	}
}

func (f *finder) remoteUsesIn(p parsed, reads map[string]bool, carrying map[string]Use) {
	for _, b := range p.body.Blocks {
		for _, a := range inOrder(b.Body) {
			for _, t := range a.Expr.Variables() {
				name, out := remoteOutput(t)
				behind, ok := carrying[out]
				if !ok || !reads[name] {
					continue
				}
				in := blockName(b) + " argument " + a.Name
				if b.Type == "locals" {
					in = "local " + a.Name
				}
				f.out.Uses = append(f.out.Uses, Use{
					How: Remote, Position: p.at(t.SourceRange()), Call: behind.Call, Output: behind.Output, In: in, RootOutput: out,
				})
			}
		}
	}
}

// remoteOutput takes data.terraform_remote_state.NAME.outputs.OUTPUT apart,
// with or without an instance key.
func remoteOutput(t hcl.Traversal) (name, output string) {
	if len(t) < 4 || t.RootName() != "data" {
		return "", ""
	}
	var words []string
	for _, step := range t[1:] {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			words = append(words, s.Name)
		case hcl.TraverseIndex:
			if len(words) == 2 {
				continue // The instance.
			}
			word, _ := asString(s.Key)
			words = append(words, word)
		}
	}
	if len(words) < 4 || words[0] != "terraform_remote_state" || words[2] != "outputs" {
		return "", ""
	}
	return words[1], words[3]
}
