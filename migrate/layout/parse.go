package layout

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// bom is the byte order mark that some editors put before a file.
var bom = []byte("\xef\xbb\xbf")

// Parse reads a file as HCL. Byte positions count in f.Data as it is, a byte
// order mark included. The body holds whatever could be understood.
func Parse(f File) (*hclsyntax.Body, error) {
	skip := 0
	if bytes.HasPrefix(f.Data, bom) {
		skip = len(bom)
	}
	file, diags := hclsyntax.ParseConfig(f.Data[skip:], f.Name, hcl.Pos{Byte: skip, Line: 1, Column: 1})
	var err error
	if diags.HasErrors() {
		err = diags
	}
	if file == nil {
		return &hclsyntax.Body{}, err
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return &hclsyntax.Body{}, err
	}
	return body, err
}

// parsed is one file, read.
type parsed struct {
	root string
	File
	body *hclsyntax.Body
	err  error
	json bool
}

func parse(root string, f File) parsed {
	p := parsed{root: root, File: f, body: &hclsyntax.Body{}, json: strings.HasSuffix(f.Name, ".json")}
	if p.json {
		if !json.Valid(f.Data) {
			p.err = errJSON
		}
		return p
	}
	p.body, p.err = Parse(f)
	return p
}

type plainError string

func (e plainError) Error() string { return string(e) }

const errJSON = plainError("it is not JSON")

// text is the part of the file in a range.
func (p parsed) text(r hcl.Range) string {
	if r.Start.Byte < 0 || r.End.Byte > len(p.Data) || r.Start.Byte > r.End.Byte {
		return ""
	}
	return string(p.Data[r.Start.Byte:r.End.Byte])
}

func (p parsed) at(r hcl.Range) Position {
	return Position{Root: p.root, File: p.Name, Line: r.Start.Line, Column: r.Start.Column}
}

// override reports whether the tools merge the file over the others.
func (p parsed) override() bool {
	stem := p.Name
	for _, suffix := range []string{".json", ".tf", ".tofu"} {
		stem = strings.TrimSuffix(stem, suffix)
	}
	return stem == "override" || strings.HasSuffix(stem, "_override")
}

// ours is one block that calls a module of our area.
type ours struct {
	name   string
	source Source
	kind   Kind
	block  *hclsyntax.Block // nil in JSON
	// made is a source that is put together from variables.
	made bool
}

// calls are the module blocks of our area in a file. Bucket policies are told
// apart later.
func (p parsed) calls() []ours {
	if p.json {
		return p.jsonCalls()
	}
	var out []ours
	for _, b := range p.body.Blocks {
		if b.Type != "module" || len(b.Labels) != 1 {
			continue
		}
		attr := b.Body.Attributes["source"]
		if attr == nil {
			continue
		}
		raw, ok := literal(attr.Expr)
		if !ok {
			// OpenTofu takes variables in a source. The path is mostly
			// written out all the same.
			raw = strings.Trim(p.text(attr.Expr.Range()), `"`)
		}
		s := ParseSource(raw)
		if k := s.kind(); k != "" {
			out = append(out, ours{name: b.Labels[0], source: s, kind: k, block: b, made: !ok})
		}
	}
	return out
}

// jsonCalls reads the module blocks of a JSON file, which are found so that
// they can be refused.
func (p parsed) jsonCalls() []ours {
	var file struct {
		Module map[string]json.RawMessage `json:"module"`
	}
	if json.Unmarshal(p.Data, &file) != nil {
		return nil
	}
	var out []ours
	for name, body := range file.Module {
		var call struct {
			Source string `json:"source"`
		}
		if json.Unmarshal(body, &call) != nil {
			continue
		}
		s := ParseSource(call.Source)
		if k := s.kind(); k != "" {
			out = append(out, ours{name: name, source: s, kind: k})
		}
	}
	slices.SortFunc(out, func(a, b ours) int { return strings.Compare(a.name, b.name) })
	return out
}

// literal gives a string that is written out in full.
func literal(e hclsyntax.Expression) (string, bool) {
	if len(e.Variables()) > 0 {
		return "", false
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return "", false
	}
	return asString(v)
}

// inOrder are a body's attributes in the order of the text.
func inOrder(b *hclsyntax.Body) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, a := range b.Attributes {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int {
		return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte
	})
	return out
}
