package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A trust policy says who may do something to one role. To compare two of them
// with the means for identity policies, each is turned around: for one
// principal, into the policy that would give that principal the same.

// everybody is the principal "*".
func everybody() Principal { return Principal{Type: "*", ID: "*"} }

// Trusted lists the principals that Allow statements of a trust or resource
// policy name, each once and sorted. An Allow with NotPrincipal names
// everybody.
func (d *Document) Trusted() []Principal {
	var out []Principal
	for _, s := range d.Statements {
		switch {
		case s.Effect != Allow:
		case s.NotPrincipal:
			out = append(out, everybody())
		default:
			for _, p := range s.Principals {
				if p.ID == "*" {
					p = everybody()
				}
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b Principal) int { return strings.Compare(a.Type+a.ID, b.Type+b.ID) })
	return slices.Compact(out)
}

// TrustOf gives what a trust or resource policy lets a principal do to a
// resource, as if the principal had it in an identity policy. The principal is
// one of [Document.Trusted], of this document or another. A nil document gives
// nothing. Source names the policy in the grants.
func TrustOf(d *Document, p Principal, resource, source string) (Access, error) {
	if d == nil {
		return Access{}, nil
	}
	var statements []map[string]any
	for _, s := range d.Statements {
		if s.speaksOf(p) {
			statements = append(statements, s.turned(resource))
		}
	}
	if len(statements) == 0 {
		return Access{}, nil
	}
	text, err := json.Marshal(map[string]any{"Version": d.Version, "Statement": statements})
	if err != nil {
		return Access{}, fmt.Errorf("turn the policy around for %s: %w", p.ID, err)
	}
	turned, err := Parse(string(text))
	if err != nil {
		return Access{}, fmt.Errorf("turn the policy around for %s: %w", p.ID, err)
	}
	return AccessOf(&Policies{Identity: []Source{{Name: source, Document: turned}}}), nil
}

// speaksOf reports whether a statement is about a principal. An account stands
// for all that is in it.
func (s *Statement) speaksOf(p Principal) bool {
	named := slices.ContainsFunc(s.Principals, func(q Principal) bool {
		return q.ID == "*" || q == p || q.Type == p.Type && q.Type == "AWS" && isWholeAccount(q.ID) && accountOf(q.ID) == accountOf(p.ID)
	})
	return named != s.NotPrincipal
}

// isWholeAccount reports whether an AWS principal is a whole account.
func isWholeAccount(id string) bool {
	return strings.HasSuffix(id, ":root") || !strings.Contains(id, ":")
}

// accountOf is the account of an AWS principal.
func accountOf(id string) string {
	if parts := strings.Split(id, ":"); len(parts) > 4 {
		return parts[4]
	}
	return id
}

// turned is the statement without its principals, on a resource.
func (s *Statement) turned(resource string) map[string]any {
	out := map[string]any{"Effect": string(s.Effect), "Resource": resource}
	actions := "Action"
	if s.NotAction {
		actions = "NotAction"
	}
	out[actions] = s.Actions
	conditions := map[string]map[string][]string{}
	for _, c := range s.Conditions {
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string][]string{}
		}
		conditions[c.Operator][c.Key] = c.Values
	}
	if len(conditions) > 0 {
		out["Condition"] = conditions
	}
	return out
}
