package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

func notAction() Check {
	const id = "not-action"
	return Check{
		ID: id, Kind: GrantKind, Severity: Medium,
		Title:      "No grant is written as everything but something",
		Rationale:  "NotAction and NotResource with Allow grant what nobody thought of, and everything that AWS adds later.",
		References: refs("Parliament", "NOTRESOURCE_WITH_ALLOW"),
		run: func(c *scene) outcome {
			return c.eachStatement(func(s statement) []Finding {
				if !s.NotAction && !s.NotResource {
					return nil
				}
				decides := s.actionElement()
				if s.NotResource {
					decides = s.resourceElement()
				}
				return []Finding{finding(id, Medium, attachmentOf(s.source, []provision.Entity{s.source.holder}), "statement "+s.ident(),
					s.source.name+" grants everything but something", "Statement "+itoa(s.index+1)+": "+s.sentence()+".").
					seen(s.evidence(decides)).fix(Remedy{Text: "Write down what is meant, as Action and Resource."})}
			})
		},
	}
}

// eachStatement looks at every Allow statement that people here can change and
// of which no grant finding speaks, each once.
func (c *scene) eachStatement(look func(statement) []Finding) outcome {
	if c.inv.User == nil && c.inv.Role == nil {
		return nothing()
	}
	out := outcome{looked: true, gaps: c.accessGaps()}
	var seen []string
	for _, g := range slices.Concat(c.user.sources, c.role.sources) {
		if g.aws() || slices.Contains(seen, g.key()) || c.asMade(g) {
			continue
		}
		seen = append(seen, g.key())
		for _, s := range g.statements() {
			found := look(s)
			if told := c.told[statementKey(g, s.index)]; told != nil && len(found) > 0 {
				out.covered = told.ID
				continue
			}
			out.findings = append(out.findings, found...)
		}
	}
	return out
}

// asMade reports whether a policy is the contract's own, to the letter.
func (c *scene) asMade(g grantSource) bool {
	e, ok := c.base.policy(g.name)
	return ok && c.own(g.arn) && e.equals(g.text, c.base.contract)
}
