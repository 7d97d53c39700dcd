package audit

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
)

func contractDocument() Check {
	const id = "contract-document"
	return Check{
		ID: id, Kind: ContractKind, Severity: Low,
		Title:     "The policies say what the contract's documents say",
		Rationale: "A document that was edited by hand is put back by the next apply of the modules, and with it goes what somebody relied on.",
		run: func(c *scene) outcome {
			if c.inv.User == nil || len(c.base.policies) == 0 {
				return nothing()
			}
			var out outcome
			out.looked = true
			for _, e := range c.base.policies {
				arn := c.policyARN(e.name)
				out.gaps = append(out.gaps, c.gaps(arn, "iam:GetPolicy", "iam:GetPolicyVersion")...)
				p := c.inv.Policy(arn)
				if p == nil || p.Document == "" || c.spokenOf(arn) {
					continue
				}
				texts := c.textsOf(e.name)
				if len(texts) == 0 {
					continue
				}
				g := grantSource{name: p.Name, arn: arn, version: p.Version, text: p.Document}
				out.findings = append(out.findings, finding(id, Low, entity(provision.PolicyEntity, e.name), "",
					e.name+" is not as contract "+string(c.base.contract)+" has it",
					"What differs gives nothing beyond publishing: "+strings.Join(texts, "; ")+".").
					seen(Evidence{Read: "iam:GetPolicyVersion", Text: e.name + " " + p.Version + ": " + strings.Join(texts, "; ")}).
					fix(c.restore(g)))
			}
			return out
		},
	}
}

// textsOf are the differences of one policy's document.
func (c *scene) textsOf(name string) []string {
	var out []string
	for _, d := range c.differences {
		if d.Stand == Changed && d.Entity.Type == provision.PolicyEntity && d.Entity.Name == name {
			out = append(out, d.Text)
		}
	}
	return out
}

// spokenOf reports whether a grant finding speaks of a managed policy.
func (c *scene) spokenOf(arn string) bool {
	for key := range c.told {
		if strings.HasPrefix(key, arn+"#") {
			return true
		}
	}
	return false
}
