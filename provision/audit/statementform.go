package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func statementForm() Check {
	const id = "statement-form"
	return Check{
		ID: id, Kind: GrantKind, Severity: Low,
		Title:      "The policies are well formed",
		Rationale:  "A statement that is there twice, or an old version of the language, makes the next edit go wrong.",
		References: refs("Parliament", "MALFORMED", "Parliament", "DUPLICATE_SID", "Parliament", "OLD_VERSION"),
		run: func(c *scene) outcome {
			if c.inv.User == nil && c.inv.Role == nil {
				return nothing()
			}
			out := outcome{looked: true, gaps: slices.DeleteFunc(c.accessGaps(), func(g provision.Gap) bool { return strings.HasPrefix(g.Action, "read ") })}
			var seen []string
			for _, g := range slices.Concat(c.broken, c.user.sources, c.role.sources) {
				if g.aws() || slices.Contains(seen, g.key()) {
					continue
				}
				seen = append(seen, g.key())
				for i, fault := range faults(g) {
					out.findings = append(out.findings, finding(id, Low, attachmentOf(g, []provision.Entity{g.holder}), itoa(i+1),
						g.name+" "+fault, "It works as AWS reads it, which may not be as it was meant.").
						seen(Evidence{Read: "iam:GetPolicyVersion", Text: g.name + " " + fault}).
						fix(Remedy{Text: "Write the document anew; aws accessanalyzer validate-policy reads it for nothing."}))
				}
			}
			return out
		},
	}
}

// faults says what is wrong with the form of a document.
func faults(g grantSource) []string {
	doc, err := policy.Parse(g.text)
	if err != nil {
		return []string{"cannot be understood: " + err.Error()}
	}
	var out []string
	if doc.Version == policy.Version2008 && strings.Contains(g.text, "${") {
		out = append(out, "has a variable, which its version of the language takes for text")
	}
	var sids, bodies []string
	for i, text := range statementTexts(g.text) {
		if i >= len(doc.Statements) {
			break
		}
		s := doc.Statements[i]
		if s.Sid != "" && slices.Contains(sids, s.Sid) {
			out = append(out, "has two statements with the Sid "+s.Sid)
		}
		sids = append(sids, s.Sid)
		body := canonicalStatement(text)
		if slices.Contains(bodies, body) {
			out = append(out, "has statement "+itoa(i+1)+" twice")
		}
		bodies = append(bodies, body)
	}
	return out
}

func canonicalStatement(text string) string {
	doc, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + text + `]}`)
	if err != nil {
		return text
	}
	return doc.Canonical()
}
