package policy

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Canonical returns the document in its one form: compact JSON that is equal
// for documents that differ only in white space, in the order of statements,
// elements, values and principals, in duplicates, in a lone string against a
// list of one, in the case of actions, condition operators and condition
// keys, or in one account's two spellings as a principal.
//
// Sid and Id carry no access and are left out: two documents that differ only
// there have one canonical form. The version is kept, because it decides
// whether ${…} is a variable, unless no text of the document holds "${": then
// both versions mean the same and the newer one is written.
//
// The result is itself a policy that decides every request as the document
// does, and its canonical form is itself.
func (d *Document) Canonical() string {
	statements := make([]string, 0, len(d.Statements))
	version := Version2012
	for i := range d.Statements {
		s := &d.Statements[i]
		if d.Version != Version2012 && s.mentionsVariable() {
			version = d.Version
		}
		statements = append(statements, s.canonical())
	}
	statements = sorted(statements)
	return `{"Version":"` + version + `","Statement":[` + strings.Join(statements, ",") + `]}`
}

// Equivalent reports whether both texts are policies with the same canonical
// form. A text that is no policy is equivalent to nothing.
func Equivalent(a, b string) bool {
	x, err := Parse(a)
	if err != nil {
		return false
	}
	y, err := Parse(b)
	return err == nil && x.Canonical() == y.Canonical()
}

// mentionsVariable reports whether the version matters to the statement.
func (s *Statement) mentionsVariable() bool {
	holds := func(v string) bool { return strings.Contains(v, "${") }
	return slices.ContainsFunc(s.Resources, holds) ||
		slices.ContainsFunc(s.Conditions, func(c Condition) bool { return slices.ContainsFunc(c.Values, holds) })
}

// canonical writes one statement. Elements stand in the order of the grammar.
func (s *Statement) canonical() string {
	var b strings.Builder
	b.WriteString(`{"Effect":"` + string(s.Effect) + `"`)
	if len(s.Principals) > 0 {
		writeElement(&b, "Principal", s.NotPrincipal, canonicalPrincipals(s.Principals))
	}
	actions := make([]string, len(s.Actions))
	for i, a := range s.Actions {
		actions[i] = lowerASCII(a)
	}
	writeElement(&b, "Action", s.NotAction, jsonList(withoutCovered(actions)))
	if len(s.Resources) > 0 {
		writeElement(&b, "Resource", s.NotResource, jsonList(withoutCovered(s.Resources)))
	}
	if c := canonicalConditions(s.Conditions); c != "" {
		writeElement(&b, "Condition", false, c)
	}
	b.WriteByte('}')
	return b.String()
}

// writeElement appends one element after the first.
func writeElement(b *strings.Builder, name string, negated bool, value string) {
	if negated {
		name = "Not" + name
	}
	b.WriteString(`,"` + name + `":` + value)
}

// withoutCovered sorts a list of patterns and drops duplicates. Where the
// list holds a lone asterisk nothing else counts.
func withoutCovered(list []string) []string {
	if slices.Contains(list, "*") {
		return []string{"*"}
	}
	return sorted(list)
}

// sorted is a sorted copy without duplicates.
func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// jsonString quotes s; jsonList writes a list as a list, even of one.
func jsonString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // A string always encodes.
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func jsonList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = jsonString(s)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// canonicalPrincipals groups the principals by type. The bare asterisk and
// AWS "*" both mean everybody and swallow the other AWS principals; the bare
// one swallows all.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func canonicalPrincipals(list []Principal) string {
	byType := map[string][]string{}
	for _, p := range list {
		if p.Type == "*" || p.Type == "AWS" && p.ID == "*" {
			return `"*"`
		}
		id := p.ID
		if p.Type == "AWS" {
			id = canonicalAccount(id)
		}
		byType[p.Type] = append(byType[p.Type], id)
	}
	var parts []string
	for _, t := range []string{"AWS", "CanonicalUser", "Federated", "Service"} {
		if ids := byType[t]; len(ids) > 0 {
			parts = append(parts, jsonString(t)+":"+jsonList(sorted(ids)))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// canonicalAccount writes the ARN of an account's root as the account: the
// two are the same principal.
func canonicalAccount(id string) string {
	if account, ok := strings.CutSuffix(id, ":root"); ok {
		if rest, ok := strings.CutPrefix(account, "arn:"); ok {
			if partition, account, ok := strings.Cut(rest, ":iam::"); ok && partition != "" && isAccount(account) {
				return account
			}
		}
	}
	return id
}

// isAccount reports whether s is an account ID.
func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// canonicalConditions writes operators and keys in order.
func canonicalConditions(list []Condition) string {
	type entry struct{ operator, key, values string }
	entries := make([]entry, len(list))
	for i, c := range list {
		entries[i] = entry{c.Operator, lowerASCII(c.Key), jsonList(sorted(canonicalValues(c)))}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.operator, b.operator), cmp.Compare(a.key, b.key))
	})
	var b strings.Builder
	for i, e := range entries {
		switch {
		case i == 0:
			b.WriteString("{" + jsonString(e.operator) + ":{")
		case entries[i-1].operator != e.operator:
			b.WriteString("}," + jsonString(e.operator) + ":{")
		default:
			b.WriteByte(',')
		}
		b.WriteString(jsonString(e.key) + ":" + e.values)
	}
	if len(entries) == 0 {
		return ""
	}
	return b.String() + "}}"
}

// canonicalValues writes booleans in lower case where the operator reads
// them so.
func canonicalValues(c Condition) []string {
	op, _ := parseOperator(c.Operator)
	if op.compare != boolEquals && op.compare != null {
		return c.Values
	}
	out := make([]string, len(c.Values))
	for i, v := range c.Values {
		out[i] = lowerASCII(v)
	}
	return out
}
