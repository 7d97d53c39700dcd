package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// judgeGrants goes through every Allow statement that reaches one of the
// principals, takes what it really gives (within what a Deny, the other
// policies and the boundary leave), and compares that with the baseline. One
// statement makes one finding, under the gravest sort of access that it gives.
func (c *scene) judgeGrants() {
	due := c.base.access()
	var order []string
	seen := map[string]*verdict{}
	for _, p := range []*principal{&c.user, &c.role} {
		for _, source := range p.sources {
			for _, s := range source.statements() {
				beyond := s.alone.Intersect(p.access).Difference(due)
				if len(beyond) == 0 {
					continue
				}
				key := statementKey(source, s.index)
				v := seen[key]
				if v == nil {
					v = &verdict{statement: s}
					seen[key] = v
					order = append(order, key)
				}
				v.add(p, source, beyond)
			}
		}
	}
	for _, key := range order {
		f, also := c.verdict(seen[key])
		c.grants[f.Check] = append(c.grants[f.Check], f)
		c.told[key] = &f
		for _, check := range also {
			if c.under[check] == "" {
				c.under[check] = f.ID
			}
		}
	}
}

func statementKey(g grantSource, index int) string { return g.key() + "#" + itoa(index) }

// verdict gathers what one statement gives beyond the baseline, and to whom.
type verdict struct {
	statement  statement
	beyond     []policy.Grant
	principals []*principal
	holders    []provision.Entity
}

func (v *verdict) add(p *principal, s grantSource, beyond []policy.Grant) {
	if !slices.Contains(v.principals, p) {
		v.principals = append(v.principals, p)
	}
	if !slices.Contains(v.holders, s.holder) {
		v.holders = append(v.holders, s.holder)
	}
	for _, g := range beyond {
		if !slices.ContainsFunc(v.beyond, func(have policy.Grant) bool { return have.Action == g.Action && have.Resource == g.Resource }) {
			v.beyond = append(v.beyond, g)
		}
	}
}

// verdict makes the finding, and lists the other checks that see the same.
func (c *scene) verdict(v *verdict) (Finding, []string) {
	var worst *category
	var also []string
	var part []policy.Grant
	for _, k := range categories() {
		of := slices.DeleteFunc(slices.Clone(v.beyond), func(g policy.Grant) bool { return !k.has(g) })
		switch {
		case len(of) == 0:
		case worst == nil:
			worst, part = &k, of
		case k.check != "grant-beyond":
			also = append(also, k.check)
		}
		if len(of) == 0 && slices.ContainsFunc(v.beyond, k.holds) {
			also = append(also, k.check)
		}
	}
	who := c.who(v.principals)
	s := v.statement
	f := finding(worst.check, worst.severity, attachmentOf(s.source, v.holders), "statement "+s.ident(),
		capital(who)+" can "+c.can(*worst, part, s)+", by "+s.source.name, "")
	f.Also = also
	f.Text = some(actionsOf(part)) + " on " + some(resourcesOf(part)) + ". " + c.beyondText(v, part)
	if worst.check == "grant-assume-role" && !slices.Contains(s.Resources, "*") {
		f.Severity = Medium
	}
	return f.seen(s.evidence(decides(*worst, part, s))).fix(c.undoGrant(s, v.holders)), also
}

// ident tells the statement apart within its policy.
func (s statement) ident() string {
	if s.Sid != "" {
		return s.Sid
	}
	return itoa(s.index + 1)
}

// decides picks the element that makes a statement what it is.
func decides(k category, part []policy.Grant, s statement) string {
	if s.NotResource || k.check == "grant-data" && slices.Contains(s.Resources, "*") {
		return s.resourceElement()
	}
	return s.actionsThat(func(pattern string) bool {
		return slices.ContainsFunc(part, func(g policy.Grant) bool { return within(g.Action, pattern) })
	})
}

// who names principals as a reader knows them.
func (c *scene) who(list []*principal) string {
	var out []string
	for _, p := range list {
		if p == &c.user {
			out = append(out, "CI")
		} else {
			out = append(out, "the application role")
		}
	}
	return listed(out)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// can says what a sort of access comes to in this case.
func (c *scene) can(k category, part []policy.Grant, s statement) string {
	switch {
	case k.check != "grant-admin":
	case s.NotAction:
		return "do everything in the account but " + some(s.Actions)
	case !slices.Contains(s.Resources, "*") || s.NotResource:
		return "do everything with " + some(resourcesOf(part))
	}
	return k.can
}

// actionsOf are the actions of grants, a service of which all known ones are
// there as a whole.
func actionsOf(grants []policy.Grant) []string {
	var out []string
	for _, g := range grants {
		if !slices.Contains(out, g.Action) {
			out = append(out, g.Action)
		}
	}
	for _, name := range services(out) {
		known := policy.Actions(name)
		have := slices.DeleteFunc(slices.Clone(out), func(a string) bool { return service(a) != name })
		if len(known) > 2 && len(have) > mostNamed*2 && len(have)*10 >= len(known)*9 {
			out = slices.DeleteFunc(out, func(a string) bool { return service(a) == name })
			out = append(out, name+":*")
		}
	}
	slices.Sort(out)
	return out
}

func services(actions []string) []string {
	var out []string
	for _, a := range actions {
		out = append(out, service(a))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func resourcesOf(grants []policy.Grant) []string {
	var out []string
	for _, g := range grants {
		name := g.Resource
		if name == "*" {
			name = "every resource"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// beyondText says where the access comes from and what else is in it.
func (c *scene) beyondText(v *verdict, part []policy.Grant) string {
	s := v.statement
	var where []string
	for _, h := range v.holders {
		where = append(where, h.String())
	}
	text := "Policy " + s.source.name + " on " + listed(where) + " gives it. "
	if c.own(s.source.arn) {
		text += "Contract " + string(c.base.contract) + " calls for the policy, but not for this."
	} else {
		text += "Contract " + string(c.base.contract) + " has no such policy."
	}
	if rest := len(actionsOf(v.beyond)) - len(actionsOf(part)); rest > 0 {
		text += " The same statement gives " + counted(rest, "further action", "further actions") + " beyond publishing."
	}
	if len(s.Conditions) > 0 {
		text += " It holds only if " + conditionWords(s.Conditions) + "."
	}
	return text
}

func attachmentOf(s grantSource, holders []provision.Entity) provision.Entity {
	e := provision.Entity{Type: provision.PolicyEntity, Name: s.name}
	if len(holders) == 1 {
		e = provision.Entity{Type: provision.AttachmentEntity, Name: s.name, To: holders[0].Name, ToType: holders[0].Type}
	}
	return e
}

// speaks reports whether a grant finding speaks of a source.
func (c *scene) speaks(g grantSource) string {
	for i := range g.doc.Statements {
		if f := c.told[statementKey(g, i)]; f != nil {
			return f.ID
		}
	}
	return ""
}
