package audit

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// trustChecks are about who may assume the application role.
func trustChecks() []Check {
	return []Check{trustPrincipal(), trustManager(), trustCondition(), trustExternalID()}
}

// trust gives the role's trust policy, or the outcome of a check that cannot
// look at it.
func (c *scene) trust() (*policy.Document, outcome, bool) {
	if gaps := c.gaps("role/"+c.names.role, "iam:GetRole"); len(gaps) > 0 {
		return nil, unread(gaps...), false
	}
	if c.inv.Role == nil {
		return nil, nothing(), false
	}
	doc, err := policy.Parse(c.inv.Role.Trust)
	if err != nil {
		return nil, unread(provision.Gap{
			Action: "iam:GetRole", Resource: "role/" + c.inv.Role.Name, Asked: true, Reason: "the trust policy cannot be understood: " + err.Error(),
		}), false
	}
	return doc, passed(), true
}

// trustEvidence points at a statement of the trust policy.
func (c *scene) trustEvidence(doc *policy.Document, index int, decides string) Evidence {
	s := doc.Statements[index]
	return Evidence{
		Read: "iam:GetRole", Text: "trust policy: " + string(s.Effect) + " " + some(s.Actions) + " to " + some(principals(s)),
		Statement: &StatementRef{
			Policy: "trust policy of " + c.inv.Role.Name, Number: index + 1, Sid: s.Sid, Document: statementText(c.inv.Role.Trust, index), Decides: decides,
		},
	}
}

// restoreTrust puts the contract's own trust policy back.
func (c *scene) restoreTrust() Remedy {
	r := Remedy{
		UndoText: "Put the trust policy of now back.",
		Undo:     [][]string{iamCommand("update-assume-role-policy", "--role-name", c.inv.Role.Name, "--policy-document", c.inv.Role.Trust)},
	}
	if c.installable() {
		r.Text, r.Job = "Run slipway install: it puts the trust policy of the contract back, and shows beforehand who loses the role by it.", "install"
		r.Fix = [][]string{c.installCommand("--allow-loss")}
		return r
	}
	r.Text = "Put the trust policy of the contract back."
	if len(c.base.trust) > 0 {
		r.Fix = [][]string{iamCommand("update-assume-role-policy", "--role-name", c.inv.Role.Name, "--policy-document", c.base.trust[0])}
	}
	return r
}

func roleEntity(c *scene) provision.Entity { return entity(provision.RoleEntity, c.inv.Role.Name) }

func trustPrincipal() Check {
	const id = "trust-principal"
	return Check{
		ID: id, Kind: TrustKind, Severity: High,
		Title:      "Only nullplatform's application manager can assume the role",
		Rationale:  "Whoever can assume the role can push to every repository, and make and delete them.",
		References: refs(prowler, "iam_role_cross_service_confused_deputy_prevention", "Cloudsplaining", "AssumableByAnyPrincipal"),
		run: func(c *scene) outcome {
			doc, out, ok := c.trust()
			if !ok {
				return out
			}
			for i, s := range doc.Statements {
				if s.Effect != policy.Allow {
					continue
				}
				if s.NotPrincipal {
					out.findings = append(out.findings, c.strange(id, doc, i, High, "everybody but some"))
					continue
				}
				for _, p := range s.Principals {
					if severity := c.suspicion(p, s); severity != "" {
						out.findings = append(out.findings, c.strange(id, doc, i, severity, p.ID))
					}
				}
			}
			return out
		},
	}
}

// suspicion says how much a principal in a trust policy matters, "" for the
// expected one.
func (c *scene) suspicion(p policy.Principal, s policy.Statement) Severity {
	account := accountOf(p.ID)
	switch {
	case p.ID == c.Expect.ApplicationManager:
		return ""
	case p.ID == "*" && len(s.Conditions) == 0:
		return High
	case p.ID == "*", p.Type != "AWS":
		return Medium
	case account == c.inv.Place.Account, account == accountOf(c.Expect.ApplicationManager):
		return Medium
	case account == "":
		return Low // the ID of somebody who was deleted
	}
	return High
}

func (c *scene) strange(id string, doc *policy.Document, i int, severity Severity, who string) Finding {
	title := who + " can assume the application role"
	text := "The contract lets " + c.Expect.ApplicationManager + " alone in."
	switch {
	case who == "*":
		title = "Anybody can assume the application role"
	case severity == Low:
		title = "The trust policy names somebody who was deleted: " + who
	case strings.HasSuffix(who, ":root") || isAccountID(who):
		title = "Account " + accountOf(who) + " can assume the application role"
		text = "Everybody there whom the account lets call sts:AssumeRole can. " + text
	}
	return finding(id, severity, roleEntity(c), who, title, text).
		seen(c.trustEvidence(doc, i, element("Principal", []string{who}))).fix(c.restoreTrust())
}

func trustManager() Check {
	const id = "trust-manager"
	return Check{
		ID: id, Kind: TrustKind, Severity: Medium,
		Title:     "The application manager can assume the role",
		Rationale: "Without it nullplatform cannot make a repository for a new application.",
		run: func(c *scene) outcome {
			doc, out, ok := c.trust()
			if !ok {
				return out
			}
			d := policy.DecideResource(doc, policy.Caller{ARN: c.Expect.ApplicationManager, RoleARN: c.Expect.ApplicationManager, Account: accountOf(c.Expect.ApplicationManager)},
				policy.Request{Action: "sts:AssumeRole", Resource: c.inv.Role.ARN, Context: policy.Context{
					Partial: true, Values: map[string][]string{"aws:CurrentTime": {c.Now.UTC().Format("2006-01-02T15:04:05Z")}},
				}})
			if d.Outcome != policy.Denied {
				return out
			}
			return passed(finding(id, Medium, roleEntity(c), "", "The application manager cannot assume the role",
				"nullplatform comes in as "+c.Expect.ApplicationManager+". "+d.Why+".").
				seen(Evidence{Read: "iam:GetRole", Text: "trust policy: " + d.Why}).fix(c.restoreTrust()))
		},
	}
}

func trustCondition() Check {
	const id = "trust-condition"
	return Check{
		ID: id, Kind: TrustKind, Severity: Low,
		Title:     "No condition of the trust policy is always true",
		Rationale: "A condition that lets everybody pass looks like a limit and is none.",
		run: func(c *scene) outcome {
			doc, out, ok := c.trust()
			if !ok || c.base.trusts(c.inv.Role.Trust) {
				return out
			}
			for i, s := range doc.Statements {
				for _, condition := range s.Conditions {
					why := emptyCondition(condition, c.Now)
					if s.Effect != policy.Allow || why == "" {
						continue
					}
					out.findings = append(out.findings, finding(id, Low, roleEntity(c), "statement "+itoa(i+1)+" "+condition.Key,
						"A condition of the trust policy is always true", conditionWords([]policy.Condition{condition})+": "+why+".").
						seen(c.trustEvidence(doc, i, element(condition.Operator, []string{condition.Key + " " + listed(condition.Values)}))).
						fix(c.restoreTrust()))
				}
			}
			return out
		},
	}
}

func trustExternalID() Check {
	const id = "trust-external-id"
	return Check{
		ID: id, Kind: TrustKind, Severity: Advice,
		Title:      "The trust policy asks for an external ID",
		Rationale:  "Without one, whoever can make nullplatform's manager act for them can have it act in this account too. The modules set none, and nullplatform sends none today.",
		References: refs(prowler, "iam_role_cross_service_confused_deputy_prevention"),
		run: func(c *scene) outcome {
			doc, out, ok := c.trust()
			if !ok {
				return out
			}
			for i, s := range doc.Statements {
				if s.Effect != policy.Allow || !foreign(s, c.inv.Place.Account) || narrowed(s) {
					continue
				}
				return passed(finding(id, Advice, roleEntity(c), "", "The role is assumed from another account without an external ID",
					"That is as the modules make it. Ask nullplatform before you add one: their manager has to send it.").
					seen(c.trustEvidence(doc, i, element("Principal", principals(s)))).
					fix(Remedy{Text: "Nothing to do until nullplatform sends an external ID."}))
			}
			return out
		},
	}
}

// foreign reports whether a statement lets another account's principals in.
func foreign(s policy.Statement, account string) bool {
	for _, p := range s.Principals {
		if p.Type == "AWS" && accountOf(p.ID) != "" && accountOf(p.ID) != account {
			return true
		}
	}
	return false
}

// narrowed reports whether a condition ties a statement to one caller.
func narrowed(s policy.Statement) bool {
	for _, c := range s.Conditions {
		switch strings.ToLower(c.Key) {
		case "sts:externalid", "aws:sourcearn", "aws:sourceaccount", "aws:principalorgid", "aws:principalarn":
			return true
		}
	}
	return false
}
