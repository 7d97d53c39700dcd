package policy

import "strings"

// DecideResource answers whether a trust or resource policy by itself lets
// the caller make the request. What the caller's own policies add is decided
// by Policies.DecideAt.
//
// A statement without Principal speaks of nobody. NotPrincipal speaks of
// everybody whom its list does not name.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func DecideResource(doc *Document, c Caller, r Request) Decision {
	src := Source{Name: "the resource policy", Document: doc}
	v := c.verdict(&src, &r, delegated)
	switch {
	case v.deny == yes:
		return decided(Denied, v.denier, &r)
	case v.allow == no:
		return Decision{
			Statement: -1,
			Why:       "the resource policy does not allow " + c.String() + " to call " + r.Action,
		}
	case v.deny == no && v.allow == yes:
		return decided(Allowed, v.allower, &r)
	}
	var keys openKeys
	one := Source{Name: src.Name, Document: doc.spokenTo(&c)}
	keys.verdict([]Source{one}, &v, &r)
	return keys.decision(&v, &verdict{}, &r)
}

// spokenTo is the document with only the statements that speak of the caller.
func (d *Document) spokenTo(c *Caller) *Document {
	out := &Document{Version: d.Version, ID: d.ID}
	for i := range d.Statements {
		if c.match(&d.Statements[i]) != stranger {
			out.Statements = append(out.Statements, d.Statements[i])
		}
	}
	return out
}

// verdict is what a policy says of the caller. Allow statements count only
// when they speak of the caller at least as directly as asked.
func (c *Caller) verdict(src *Source, r *Request, least relation) verdict {
	var v verdict
	if src.Document == nil {
		return v
	}
	for i := range src.Document.Statements {
		s := &src.Document.Statements[i]
		rel := c.match(s)
		if rel == stranger || s.Effect == Allow && rel < least {
			continue
		}
		v.hear(src, i, r)
	}
	return v
}

// Target is what a request is made to, as far as its own policy goes.
type Target struct {
	// Policy is the trust or resource policy, nil for none.
	Policy *Document
	// Account owns the resource.
	Account string
	// MustAllow says that the policy has to allow, whatever the caller's own
	// policies say. So it is for role trust policies and for keys of KMS.
	MustAllow bool
}

// DecideAt answers whether the caller, who has these policies, may make the
// request to the target. An explicit Deny on either side wins. Across
// accounts both sides must allow. Within one account either suffices, except
// that a policy that names only the account leaves the decision to the
// caller's own policies, and that the boundary binds a role, though not a
// user, whom the target's policy names.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (p *Policies) DecideAt(t Target, c Caller, r Request) Decision {
	own, theirs := p.Decide(r), Decision{Statement: -1, Why: "the resource has no policy that allows " + c.String() + " to call " + r.Action}
	var says, direct verdict
	if t.Policy != nil {
		src := Source{Name: "the resource policy", Document: t.Policy}
		theirs = DecideResource(t.Policy, c, r)
		says, direct = c.verdict(&src, &r, delegated), p.direct(&c, &src, &r)
	}
	if own.Explicit {
		return own
	}
	if theirs.Explicit {
		return theirs
	}
	identity, boundary := p.hear(&r)
	mine := own.Outcome.truth()
	var answer truth
	switch {
	case c.Account != t.Account:
		answer = min(mine, says.allow)
	case t.MustAllow:
		answer = max(direct.allow, min(says.allow, mine))
	default:
		answer = max(direct.allow, mine)
	}
	answer = min(answer, says.deny.not(), identity.deny.not(), boundary.deny.not())
	switch {
	case answer == unknown:
		var keys openKeys
		keys.verdict(p.Identity, &identity, &r)
		if p.Boundary != nil {
			keys.verdict([]Source{*p.Boundary}, &boundary, &r)
		}
		if t.Policy != nil {
			spoken := []Source{{Document: t.Policy.spokenTo(&c)}}
			keys.verdict(spoken, &says, &r)
			keys.verdict(spoken, &direct, &r)
		}
		return Decision{
			Outcome: Depends, Statement: -1, Keys: keys.sorted(),
			Why: "it depends on " + strings.Join(keys.keys, ", ") + " whether " + c.String() + " may call " + r.Action + " on " + r.Resource,
		}
	case answer == yes && (mine != yes || direct.allow == yes), answer == no && says.allow == no && mine == yes:
		return theirs
	}
	return own
}

// direct is what the target's policy gives the caller without help from the
// caller's own policies. It is bound by the caller's boundary unless it names
// the caller itself, rather than the role behind a session.
func (p *Policies) direct(c *Caller, src *Source, r *Request) verdict {
	v := c.verdict(src, r, roleNamed)
	if p.Boundary != nil {
		_, boundary := p.hear(r)
		v.allow = max(min(v.allow, boundary.allow), c.verdict(src, r, named).allow)
	}
	return v
}

// truth is an outcome as an answer to whether the request is allowed.
func (o Outcome) truth() truth {
	switch o {
	case Allowed:
		return yes
	case Depends:
		return unknown
	default:
		return no
	}
}
