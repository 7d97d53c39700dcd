package audit

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// grantSource is one policy on its way to a principal.
type grantSource struct {
	// name and arn name the policy; an inline policy has no ARN.
	name, arn, version string
	text               string
	doc                *policy.Document
	// holder is the user, group or role that carries it.
	holder provision.Entity
	inline bool
}

// aws reports whether AWS keeps the policy, so that nobody here can change it.
func (g grantSource) aws() bool { return strings.Contains(g.arn, ":iam::aws:policy/") }

// key tells sources apart, whoever carries them.
func (g grantSource) key() string {
	if g.inline {
		return "inline " + g.name + " of " + g.holder.String()
	}
	return g.arn
}

// statement is one Allow statement of a source, by itself.
type statement struct {
	source grantSource
	policy.Statement
	// index counts from zero.
	index int
	// text is the statement as it was written.
	text string
	// alone is the access that the statement would give by itself.
	alone policy.Access
}

// statements lists the Allow statements of a source.
func (g grantSource) statements() []statement {
	texts := statementTexts(g.text)
	var out []statement
	for i, s := range g.doc.Statements {
		if s.Effect != policy.Allow || i >= len(texts) {
			continue
		}
		doc, err := policy.Parse(`{"Version":` + quoted(g.doc.Version) + `,"Statement":[` + texts[i] + `]}`)
		if err != nil {
			continue // it is a part of a document that was understood
		}
		out = append(out, statement{
			source: g, Statement: s, index: i, text: texts[i],
			alone: policy.AccessOf(&policy.Policies{Identity: []policy.Source{{Name: g.name, Document: doc}}}),
		})
	}
	return out
}

// statementTexts cuts a document into its statements.
func statementTexts(text string) []string {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &doc) != nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(doc.Statement, &list) != nil {
		list = []json.RawMessage{doc.Statement}
	}
	out := make([]string, len(list))
	for i, raw := range list {
		out[i] = string(raw)
	}
	return out
}

// statementText is one statement of a document as it was written, or empty.
func statementText(text string, index int) string {
	if list := statementTexts(text); index < len(list) {
		return list[index]
	}
	return ""
}

// ref points at the statement; decides names the element that decides.
func (s statement) ref(decides string) *StatementRef {
	r := &StatementRef{
		Policy: s.source.name, ARN: s.source.arn, Version: s.source.version,
		Number: s.index + 1, Sid: s.Sid, Document: s.text, Decides: decides,
	}
	if s.source.inline {
		r.Policy += " (inline)"
	}
	r.Via = s.source.holder.String()
	return r
}

// evidence is where the statement was read.
func (s statement) evidence(decides string) Evidence {
	read := "iam:GetPolicyVersion"
	if s.source.inline {
		read = map[provision.EntityType]string{
			provision.UserEntity: "iam:GetUserPolicy", provision.GroupEntity: "iam:GetGroupPolicy", provision.RoleEntity: "iam:GetRolePolicy",
		}[s.source.holder.Type]
	}
	return Evidence{Read: read, Text: s.sentence(), Statement: s.ref(decides)}
}

// sentence says the statement in words.
func (s statement) sentence() string {
	text := "Allow " + some(s.Actions)
	if s.NotAction {
		text = "Allow everything but " + some(s.Actions)
	}
	if s.NotResource {
		text += " on everything but " + some(s.Resources)
	} else {
		text += " on " + some(s.Resources)
	}
	if len(s.Conditions) > 0 {
		text += " if " + conditionWords(s.Conditions)
	}
	return text
}

func conditionWords(list []policy.Condition) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, c.Operator+" "+c.Key+" "+listed(c.Values))
	}
	return strings.Join(parts, " and ")
}

// element writes an element as JSON, for the decisive line.
func element(name string, values []string) string {
	var v any = values
	if len(values) == 1 {
		v = values[0]
	}
	text, err := json.Marshal(v)
	if err != nil {
		return name
	}
	return quoted(name) + ": " + string(text)
}

func (s statement) actionElement() string {
	if s.NotAction {
		return element("NotAction", s.Actions)
	}
	return element("Action", s.Actions)
}

func (s statement) resourceElement() string {
	if s.NotResource {
		return element("NotResource", s.Resources)
	}
	return element("Resource", s.Resources)
}

// actionsThat is the Action element with only the members that can match one
// of some actions; all of them when none does.
func (s statement) actionsThat(match func(pattern string) bool) string {
	if s.NotAction {
		return s.actionElement()
	}
	deciding := slices.DeleteFunc(slices.Clone(s.Actions), func(a string) bool { return !match(a) })
	if len(deciding) == 0 {
		deciding = s.Actions
	}
	return element("Action", few(deciding))
}

// few cuts a long list, with a word about the rest.
func few(list []string) []string {
	if len(list) <= mostNamed+1 {
		return list
	}
	return append(slices.Clone(list[:mostNamed]), "… "+itoa(len(list)-mostNamed)+" more")
}
