package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The reader turns JSON text into a tree that keeps what encoding/json drops
// and a policy needs: the position of every value, the order of members, the
// spelling of numbers, and duplicate keys, which it refuses.

// maxDepth bounds nesting. A policy needs six levels; the bound only keeps
// hostile input from exhausting the stack.
const maxDepth = 32

// kind is the JSON type of a node.
type kind uint8

const (
	nullNode kind = iota
	boolNode
	numberNode
	stringNode
	listNode
	objectNode
)

// String names the kind for messages, with its article.
func (k kind) String() string {
	switch k {
	case nullNode:
		return "null"
	case boolNode:
		return "a boolean"
	case numberNode:
		return "a number"
	case stringNode:
		return "a string"
	case listNode:
		return "a list"
	default:
		return "an object"
	}
}

// node is one JSON value and where it stands.
type node struct {
	kind    kind
	at      int      // byte offset in the text
	text    string   // string value, number literal, "true" or "false"
	items   []node   // list
	members []member // object, in order of appearance
}

// member is one key of an object with its value.
type member struct {
	key   string
	at    int
	value node
}

// reader walks over the text once.
type reader struct {
	text string
	pos  int
}

// fault makes a SyntaxError at a byte offset, outside any statement.
func (r *reader) fault(at int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Position: positionOf(r.text, at), Statement: -1, Reason: fmt.Sprintf(format, args...)}
}

// positionOf converts a byte offset to a line and column.
func positionOf(text string, at int) Position {
	at = min(at, len(text))
	before := text[:at]
	line := 1 + strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return Position{Line: line, Column: 1 + utf8.RuneCountInString(before[start:])}
}

// readJSON reads exactly one value and refuses anything after it.
func readJSON(text string) (node, *SyntaxError) {
	r := &reader{text: text}
	r.space()
	if r.pos == len(text) {
		return node{}, r.fault(r.pos, "the document is empty")
	}
	n, err := r.value(0)
	if err != nil {
		return node{}, err
	}
	r.space()
	if r.pos < len(text) {
		return node{}, r.fault(r.pos, "unexpected %s after the end of the document", r.here())
	}
	return n, nil
}

// space skips JSON white space.
func (r *reader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// here names the character at the reader's position for a message.
func (r *reader) here() string {
	if r.pos >= len(r.text) {
		return "end of the document"
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.pos:])
	return strconv.QuoteRune(c)
}

// value reads one JSON value of any kind.
func (r *reader) value(depth int) (node, *SyntaxError) {
	if depth > maxDepth {
		return node{}, r.fault(r.pos, "nested more than %d levels deep", maxDepth)
	}
	if r.pos >= len(r.text) {
		return node{}, r.fault(r.pos, "the document ends where a value is expected")
	}
	switch c := r.text[r.pos]; {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.list(depth)
	case c == '"':
		at := r.pos
		s, err := r.str()
		return node{kind: stringNode, at: at, text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for _, word := range []struct {
		text string
		kind kind
	}{{"true", boolNode}, {"false", boolNode}, {"null", nullNode}} {
		if strings.HasPrefix(r.text[r.pos:], word.text) {
			n := node{kind: word.kind, at: r.pos, text: word.text}
			r.pos += len(word.text)
			return n, nil
		}
	}
	return node{}, r.fault(r.pos, "unexpected %s where a value is expected", r.here())
}

// object reads members up to the closing brace.
func (r *reader) object(depth int) (node, *SyntaxError) {
	n := node{kind: objectNode, at: r.pos}
	seen := map[string]bool{}
	r.pos++
	r.space()
	if r.take('}') {
		return n, nil
	}
	for {
		r.space()
		at := r.pos
		if at >= len(r.text) || r.text[at] != '"' {
			return n, r.fault(at, "unexpected %s where a quoted name is expected", r.here())
		}
		key, err := r.str()
		if err != nil {
			return n, err
		}
		if seen[key] {
			return n, r.fault(at, "duplicate element %q", key)
		}
		seen[key] = true
		r.space()
		if !r.take(':') {
			return n, r.fault(r.pos, "unexpected %s after the name %q, expected ':'", r.here(), key)
		}
		r.space()
		v, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.members = append(n.members, member{key: key, at: at, value: v})
		r.space()
		if r.take('}') {
			return n, nil
		}
		if !r.take(',') {
			return n, r.fault(r.pos, "unexpected %s in an object, expected ',' or '}'", r.here())
		}
	}
}

// list reads items up to the closing bracket.
func (r *reader) list(depth int) (node, *SyntaxError) {
	n := node{kind: listNode, at: r.pos}
	r.pos++
	r.space()
	if r.take(']') {
		return n, nil
	}
	for {
		r.space()
		v, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, v)
		r.space()
		if r.take(']') {
			return n, nil
		}
		if !r.take(',') {
			return n, r.fault(r.pos, "unexpected %s in a list, expected ',' or ']'", r.here())
		}
	}
}

// take consumes c if it is next.
func (r *reader) take(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

// number reads a JSON number and keeps its spelling.
func (r *reader) number() (node, *SyntaxError) {
	start := r.pos
	r.take('-')
	whole := r.pos
	if !r.digits() || r.text[whole] == '0' && r.pos > whole+1 {
		return node{}, r.fault(start, "malformed number")
	}
	if r.take('.') && !r.digits() {
		return node{}, r.fault(start, "malformed number")
	}
	if r.take('e') || r.take('E') {
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return node{}, r.fault(start, "malformed number")
		}
	}
	return node{kind: numberNode, at: start, text: r.text[start:r.pos]}, nil
}

// digits consumes decimal digits and reports whether there was one.
func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.text) && r.text[r.pos] >= '0' && r.text[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// str reads a quoted string and resolves its escapes.
func (r *reader) str() (string, *SyntaxError) {
	open := r.pos
	r.pos++
	start := r.pos
	for r.pos < len(r.text) { // The common case: no escape, no copy.
		switch c := r.text[r.pos]; {
		case c == '"':
			s := r.text[start:r.pos]
			r.pos++
			return s, nil
		case c == '\\':
			return r.escaped(open, start)
		case c < ' ':
			return "", r.fault(r.pos, "control character %U in a string must be escaped", c)
		}
		r.pos++
	}
	return "", r.fault(open, "the string is not closed")
}

// escaped reads on from the first escape of a string.
func (r *reader) escaped(open, start int) (string, *SyntaxError) {
	var b strings.Builder
	b.WriteString(r.text[start:r.pos])
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			r.pos++
			return b.String(), nil
		case c < ' ':
			return "", r.fault(r.pos, "control character %U in a string must be escaped", c)
		case c != '\\':
			b.WriteByte(c)
			r.pos++
			continue
		}
		at := r.pos
		r.pos++
		if r.pos >= len(r.text) {
			break
		}
		c = r.text[r.pos]
		r.pos++
		if c == 'u' {
			u, ok := r.unicode()
			if !ok {
				return "", r.fault(at, "malformed \\u escape")
			}
			if u < ' ' && u != '\t' && u != '\n' && u != '\r' {
				return "", r.fault(at, "control character %U is not allowed in a policy", u)
			}
			b.WriteRune(u)
			continue
		}
		if c == 'b' || c == 'f' {
			return "", r.fault(at, "control character \\%c is not allowed in a policy", c)
		}
		i := strings.IndexByte(`"\/nrt`, c)
		if i < 0 {
			return "", r.fault(at, "unknown escape \\%c", c)
		}
		b.WriteByte("\"\\/\n\r\t"[i])
	}
	return "", r.fault(open, "the string is not closed")
}

// unicode reads the four digits of a \u escape and, for a surrogate, its
// other half. A lone surrogate stands for no character and is refused.
func (r *reader) unicode() (rune, bool) {
	u, ok := r.hex4()
	if !ok || !utf16.IsSurrogate(u) {
		return u, ok
	}
	if !strings.HasPrefix(r.text[r.pos:], `\u`) {
		return 0, false
	}
	r.pos += 2
	low, ok := r.hex4()
	if !ok {
		return 0, false
	}
	u = utf16.DecodeRune(u, low)
	return u, u != utf8.RuneError
}

// hex4 reads four hexadecimal digits.
func (r *reader) hex4() (rune, bool) {
	if r.pos+4 > len(r.text) {
		return 0, false
	}
	v, err := strconv.ParseUint(r.text[r.pos:r.pos+4], 16, 32)
	if err != nil {
		return 0, false
	}
	r.pos += 4
	return rune(v), true
}
