package layout

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var (
	moduleHead   = lazy(`module\s+"([^"\n]+)"\s*\{`)
	moduleSource = lazy(`(?m)^\s*source\s*=\s*"([^"\n]+)"`)
)

// findComments tells of calls of our modules that are commented out. A call
// in a comment is never an input to anything.
func (f *finder) findComments() {
	for _, p := range f.files {
		if p.json || !mayHide(p.Data) {
			continue
		}
		for _, c := range comments(p) {
			f.inComment(p, c)
		}
	}
}

// mayHide reports whether a comment may name a module of ours: a quick look
// before the file is taken apart.
func mayHide(data []byte) bool {
	if bytes.Contains(data, []byte("/*")) {
		return true
	}
	for line := range bytes.Lines(data) {
		line = bytes.TrimLeft(line, " \t")
		if (bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("//"))) &&
			(bytes.Contains(line, []byte("/iam/")) || bytes.Contains(line, []byte("asset/"))) {
			return true
		}
	}
	return false
}

// comment is a run of comment lines as one text, without its marks.
type comment struct {
	text string
	// first is the line that it begins at.
	first int
}

func comments(p parsed) []comment {
	tokens, _ := hclsyntax.LexConfig(p.Data, p.Name, hcl.InitialPos)
	var out []comment
	last := -1
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenComment {
			continue
		}
		text := unmarked(string(t.Bytes))
		if len(out) > 0 && t.Range.Start.Line == last+1 {
			out[len(out)-1].text += text
		} else {
			out = append(out, comment{text: text, first: t.Range.Start.Line})
		}
		last = t.Range.Start.Line + strings.Count(strings.TrimSuffix(string(t.Bytes), "\n"), "\n")
	}
	return out
}

// unmarked is a comment's text without #, //, /* and */, line by line.
func unmarked(s string) string {
	if inner, ok := strings.CutPrefix(s, "/*"); ok {
		return strings.TrimSuffix(inner, "*/")
	}
	line := strings.TrimLeft(s, " \t")
	if rest, ok := strings.CutPrefix(line, "//"); ok {
		return rest
	}
	return strings.TrimLeft(line, "#")
}

func (f *finder) inComment(p parsed, c comment) {
	heads := moduleHead().FindAllStringSubmatchIndex(c.text, -1)
	for i, h := range heads {
		end := len(c.text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		source := moduleSource().FindStringSubmatch(c.text[h[1]:end])
		if source == nil || ParseSource(source[1]).kind() == "" {
			continue
		}
		line := c.first + strings.Count(c.text[:h[0]], "\n")
		f.tell(CommentedOut, Position{Root: p.root, File: p.Name, Line: line, Column: 1},
			fmt.Sprintf("a call of %s is commented out: module %q", strings.Trim(ParseSource(source[1]).Path, "/"), c.text[h[2]:h[3]]),
			"it is left as it is; what it managed may still be in the state")
	}
}
