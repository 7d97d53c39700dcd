package policy

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Parse reads a policy document as IAM accepts it: plain JSON, or
// URL-encoded as IAM returns it. The error is a *SyntaxError with a position
// and a reason. What is particular to one kind of policy, such as that an
// identity policy names no principal, is left to Document.Check.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
func Parse(text string) (*Document, error) {
	p := &parser{text: decoded(text)}
	if i := invalidUTF8(p.text); i >= 0 {
		return nil, p.fault(i, "the text is not valid UTF-8")
	}
	root, err := readJSON(p.text)
	if err != nil {
		return nil, err
	}
	d, err := p.document(root)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// decoded undoes URL encoding. JSON never begins with a percent sign, and an
// encoded document always does, after optional white space.
func decoded(text string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n+")
	if !strings.HasPrefix(trimmed, "%") {
		return strings.TrimPrefix(text, "\ufeff")
	}
	plain, err := url.PathUnescape(strings.TrimRight(trimmed, " \t\r\n"))
	if err != nil {
		return text
	}
	// A form encoder writes spaces as plus signs and a literal plus as %2B, so
	// a plus left of the first quotation mark can only be a space.
	if before, _, ok := strings.Cut(plain, `"`); ok && strings.Contains(before, "+") {
		if form, err := url.QueryUnescape(trimmed); err == nil {
			return form
		}
	}
	return plain
}

// invalidUTF8 is the offset of the first byte that is no UTF-8, or -1.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return -1
}

// parser turns a JSON tree into a Document.
type parser struct {
	text      string
	index     int  // of the statement being read
	inside    bool // within a statement
	variables bool // the version knows policy variables
}

// fault makes a SyntaxError at a node, within the current statement.
func (p *parser) fault(at int, format string, args ...any) *SyntaxError {
	e := &SyntaxError{Position: positionOf(p.text, at), Statement: -1, Reason: fmt.Sprintf(format, args...)}
	if p.inside {
		e.Statement = p.index
	}
	return e
}

// document reads the outermost object.
func (p *parser) document(root node) (*Document, *SyntaxError) {
	if root.kind != objectNode {
		return nil, p.fault(root.at, "a policy is an object, not %s", root.kind)
	}
	d := &Document{Version: Version2008, text: p.text}
	var statements *node
	for i := range root.members {
		m := &root.members[i]
		var err *SyntaxError
		switch m.key {
		case "Version":
			d.Version, err = p.version(m.value)
		case "Id":
			d.ID, err = p.str("Id", m.value)
		case "Statement":
			statements = &m.value
		default:
			err = p.unknown(m, "policy", "Version", "Id", "Statement")
		}
		if err != nil {
			return nil, err
		}
	}
	if statements == nil {
		return nil, p.fault(root.at, "the element Statement is missing")
	}
	p.variables = d.Version == Version2012
	return d, p.statements(d, *statements)
}

// unknown refuses an element and points at a name that differs in case only.
func (p *parser) unknown(m *member, where string, names ...string) *SyntaxError {
	for _, name := range names {
		if strings.EqualFold(name, m.key) {
			return p.fault(m.at, "unknown element %q in a %s; names are case-sensitive, write %q", m.key, where, name)
		}
	}
	return p.fault(m.at, "unknown element %q in a %s", m.key, where)
}

// version accepts the two versions there are.
func (p *parser) version(n node) (string, *SyntaxError) {
	v, err := p.str("Version", n)
	if err != nil {
		return "", err
	}
	if v != Version2008 && v != Version2012 {
		return "", p.fault(n.at, "Version %q is neither %q nor %q", v, Version2012, Version2008)
	}
	return v, nil
}

// str reads a string element.
func (p *parser) str(name string, n node) (string, *SyntaxError) {
	if n.kind != stringNode {
		return "", p.fault(n.at, "%s must be a string, not %s", name, n.kind)
	}
	return n.text, nil
}

// statements reads one statement or a list of them.
func (p *parser) statements(d *Document, n node) *SyntaxError {
	nodes := n.items
	switch n.kind {
	case objectNode:
		nodes = []node{n}
	case listNode:
		if len(nodes) == 0 {
			return p.fault(n.at, "Statement holds no statement")
		}
	default:
		return p.fault(n.at, "Statement must be an object or a list of objects, not %s", n.kind)
	}
	sids := map[string]int{}
	d.Statements = make([]Statement, len(nodes))
	for i, n := range nodes {
		p.index, p.inside = i, true
		s := &d.Statements[i]
		if err := p.statement(s, n); err != nil {
			return err
		}
		if first, ok := sids[s.Sid]; ok && s.Sid != "" {
			return p.fault(n.at, "Sid %q is already used by statement %d; it must be unique in a policy", s.Sid, first)
		}
		sids[s.Sid] = i
	}
	p.inside = false
	return nil
}

// statementNames are the elements of a statement.
var statementNames = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
	"Resource", "NotResource", "Condition",
}

// statement reads the elements of one statement.
func (p *parser) statement(s *Statement, n node) *SyntaxError {
	if n.kind != objectNode {
		return p.fault(n.at, "a statement is an object, not %s", n.kind)
	}
	s.Position = positionOf(p.text, n.at)
	has := map[string]bool{}
	for i := range n.members {
		m := &n.members[i]
		if other, found := opposite(m.key); found && has[other] {
			return p.fault(m.at, "%s and %s exclude each other in one statement", other, m.key)
		}
		has[m.key] = true
		if err := p.element(s, m); err != nil {
			return err
		}
	}
	if !has["Effect"] {
		return p.fault(n.at, "the element Effect is missing")
	}
	if !has["Action"] && !has["NotAction"] {
		return p.fault(n.at, "a statement needs Action or NotAction")
	}
	s.compile(p.index, p.variables)
	return nil
}

// opposite gives the element that may not stand beside this one.
func opposite(name string) (string, bool) {
	switch name {
	case "Principal", "Action", "Resource":
		return "Not" + name, true
	case "NotPrincipal", "NotAction", "NotResource":
		return name[len("Not"):], true
	}
	return "", false
}

// element reads one element into the statement.
func (p *parser) element(s *Statement, m *member) (err *SyntaxError) {
	switch m.key {
	case "Sid":
		s.Sid, err = p.str("Sid", m.value)
	case "Effect":
		err = p.effect(s, m.value)
	case "Principal", "NotPrincipal":
		s.NotPrincipal = m.key == "NotPrincipal"
		s.Principals, err = p.principals(m.key, m.value)
	case "Action", "NotAction":
		s.NotAction = m.key == "NotAction"
		s.Actions, err = p.actions(m.key, m.value)
	case "Resource", "NotResource":
		s.NotResource = m.key == "NotResource"
		s.Resources, err = p.strings(m.key, m.value)
	case "Condition":
		s.Conditions, err = p.conditions(m.value)
	default:
		err = p.unknown(m, "statement", statementNames...)
	}
	return err
}

// effect accepts Allow and Deny in exactly this spelling.
func (p *parser) effect(s *Statement, n node) *SyntaxError {
	v, err := p.str("Effect", n)
	if err != nil {
		return err
	}
	s.Effect = Effect(v)
	if s.Effect != Allow && s.Effect != Deny {
		return p.fault(n.at, "Effect %q is neither \"Allow\" nor \"Deny\"; the value is case-sensitive", v)
	}
	return nil
}

// strings reads a string or a list of strings, at least one.
func (p *parser) strings(name string, n node) ([]string, *SyntaxError) {
	if n.kind == stringNode {
		return []string{n.text}, nil
	}
	if n.kind != listNode {
		return nil, p.fault(n.at, "%s must be a string or a list of strings, not %s", name, n.kind)
	}
	if len(n.items) == 0 {
		return nil, p.fault(n.at, "%s is an empty list", name)
	}
	out := make([]string, len(n.items))
	for i, item := range n.items {
		if item.kind != stringNode {
			return nil, p.fault(item.at, "%s holds %s where a string is expected", name, item.kind)
		}
		out[i] = item.text
	}
	return out, nil
}

// actions reads action patterns: "*", or service prefix, colon and name.
func (p *parser) actions(name string, n node) ([]string, *SyntaxError) {
	list, err := p.strings(name, n)
	if err != nil {
		return nil, err
	}
	for i, a := range list {
		at := n.at
		if n.kind == listNode {
			at = n.items[i].at
		}
		service, verb, ok := strings.Cut(a, ":")
		switch {
		case a == "*":
		case !ok || service == "" || verb == "" || strings.Contains(verb, ":"):
			return nil, p.fault(at, "%s %q is not of the form service:Action", name, a)
		case service != "*" && !isService(service):
			return nil, p.fault(at, "%s %q: %q is not a service prefix", name, a, service)
		}
	}
	return list, nil
}

// isService reports whether s can be a service prefix, which knows no
// wildcards: letters, digits, hyphens and dots.
func isService(s string) bool {
	for i := range len(s) {
		c := lowerByte(s[i])
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

// principals reads "*" or a map from principal type to IDs.
func (p *parser) principals(name string, n node) ([]Principal, *SyntaxError) {
	if n.kind == stringNode {
		if n.text != "*" {
			return nil, p.fault(n.at, "%s %q must be \"*\" or an object", name, n.text)
		}
		return []Principal{{Type: "*", ID: "*"}}, nil
	}
	if n.kind != objectNode {
		return nil, p.fault(n.at, "%s must be \"*\" or an object, not %s", name, n.kind)
	}
	if len(n.members) == 0 {
		return nil, p.fault(n.at, "%s names nobody", name)
	}
	var out []Principal
	for i := range n.members {
		m := &n.members[i]
		switch m.key {
		case "AWS", "Service", "Federated", "CanonicalUser":
		default:
			return nil, p.unknown(m, name, "AWS", "Service", "Federated", "CanonicalUser")
		}
		ids, err := p.strings(name+" "+m.key, m.value)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out = append(out, Principal{Type: m.key, ID: id})
		}
	}
	return out, nil
}

// conditions reads operator → key → values.
func (p *parser) conditions(n node) ([]Condition, *SyntaxError) {
	if n.kind != objectNode {
		return nil, p.fault(n.at, "Condition must be an object, not %s", n.kind)
	}
	var out []Condition
	seen := map[string]bool{}
	for _, op := range n.members {
		operator, ok := parseOperator(op.key)
		if !ok {
			return nil, p.fault(op.at, "unknown condition operator %q", op.key)
		}
		if op.value.kind != objectNode {
			return nil, p.fault(op.value.at, "%s must be an object from keys to values, not %s", op.key, op.value.kind)
		}
		for _, key := range op.value.members {
			// Operators and keys are read in any case, so that JSON's own check
			// for duplicates does not see these.
			pair := operator.String() + " " + lowerASCII(key.key)
			if seen[pair] {
				return nil, p.fault(key.at, "duplicate condition %s %s", operator, key.key)
			}
			seen[pair] = true
			values, err := p.conditionValues(key)
			if err != nil {
				return nil, err
			}
			out = append(out, Condition{Operator: operator.String(), Key: key.key, Values: values})
		}
	}
	return out, nil
}

// conditionValues reads a scalar or a list of scalars; the grammar lets
// numbers and booleans go without quotation marks.
func (p *parser) conditionValues(m member) ([]string, *SyntaxError) {
	if m.key == "" {
		return nil, p.fault(m.at, "a condition key is empty")
	}
	items := m.value.items
	if m.value.kind != listNode {
		items = []node{m.value}
	}
	out := make([]string, len(items))
	for i, item := range items {
		switch item.kind {
		case stringNode, numberNode, boolNode:
			out[i] = item.text
		default:
			return nil, p.fault(item.at, "condition key %q holds %s where a string, number or boolean is expected", m.key, item.kind)
		}
	}
	return out, nil
}
