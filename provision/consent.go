package provision

import (
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// Consent is what a plan needs a word for beyond going ahead: each list says
// in words what would happen. Adding the blueprint's own grants needs none,
// and neither does taking away what is beyond the blueprint.
type Consent struct {
	// Broadening is access that is gained and the blueprint does not call
	// for.
	Broadening []string `json:"broadening"`
	// Loss is access that is lost and was of use: the blueprint calls for
	// it, or another grant takes its place.
	Loss []string `json:"loss"`
	// Narrowing is access beyond the blueprint that is taken away.
	Narrowing []string `json:"narrowing"`
}

// NewConsent judges the access changes of a plan.
//
// Taking away is narrowing when the changed document says less than before and
// nothing else. A document that is replaced by another one, as when the bucket
// is a new one, loses what it granted: whoever used that stops working.
func NewConsent(p Plan, changes []AccessChange) Consent {
	c := Consent{Broadening: []string{}, Loss: []string{}, Narrowing: []string{}}
	replaced := p.replacedDocuments()
	for _, a := range changes {
		who := a.who()
		if text := summarise(a.Beyond); text != "" {
			c.Broadening = append(c.Broadening, who+" gains "+text)
		}
		switch text := summarise(a.Lost); {
		case text == "":
		case len(a.Needed) > 0:
			c.Loss = append(c.Loss, who+" loses "+summarise(a.Needed)+", which the spec calls for")
		case a.hangsOn(replaced):
			c.Loss = append(c.Loss, who+" loses "+text)
		default:
			c.Narrowing = append(c.Narrowing, who+" loses "+text+", which is more than the spec calls for")
		}
	}
	c.Loss = append(c.Loss, p.unreadBoundaries(changes)...)
	return c
}

// who names the principal for a sentence.
func (a AccessChange) who() string {
	s := a.Principal.String()
	if a.Via != "" {
		s += ", " + a.Via + ","
	}
	return s
}

// hangsOn reports whether something is lost that one of the named policies
// gave.
func (a AccessChange) hangsOn(replaced map[string]bool) bool {
	for _, g := range a.Lost {
		for _, by := range g.By {
			name, _, _ := strings.Cut(by, " (through ")
			if replaced[name] {
				return true
			}
		}
	}
	return a.Principal.Type == PrincipalEntity && replaced["trust policy"]
}

// replacedDocuments names the policies whose new document grants something
// that the old one did not.
func (p Plan) replacedDocuments() map[string]bool {
	out := map[string]bool{}
	for _, c := range p.Changes {
		if c.Mark != Update || c.Before == "" || c.After == "" {
			continue
		}
		before, errBefore := policy.Parse(c.Before)
		after, errAfter := policy.Parse(c.After)
		if errBefore != nil || errAfter != nil {
			continue // not a document
		}
		switch c.Entity.Type {
		case PolicyEntity:
			covered, _ := documentAccess(before).Covers(documentAccess(after))
			out[c.Entity.Name] = !covered
		case RoleEntity:
			out["trust policy"] = !trustCovers(before, after)
		}
	}
	return out
}

func documentAccess(d *policy.Document) policy.Access {
	return policy.AccessOf(&policy.Policies{Identity: []policy.Source{{Document: d}}})
}

// trustCovers reports whether everybody whom the new trust policy lets in was
// let in before.
func trustCovers(before, after *policy.Document) bool {
	for _, p := range after.Trusted() {
		was, errWas := policy.TrustOf(before, p, "*", "")
		is, errIs := policy.TrustOf(after, p, "*", "")
		if errWas != nil || errIs != nil {
			return false
		}
		if ok, _ := was.Covers(is); !ok {
			return false
		}
	}
	return true
}

// unreadBoundaries names boundaries that the plan sets and nobody could read:
// what they take away cannot be told.
func (p Plan) unreadBoundaries(changes []AccessChange) []string {
	var out []string
	for _, c := range p.Changes {
		if c.Mark != Update || len(c.Calls) == 0 || !strings.HasSuffix(c.Calls[0].Action, "PermissionsBoundary") {
			continue
		}
		for _, a := range changes {
			for _, u := range a.Unread {
				if a.Principal == c.Entity && strings.HasPrefix(u, "policy "+c.After) {
					out = append(out, fmt.Sprintf("%s may lose anything: its new permissions boundary %s could not be read", a.who(), c.After))
				}
			}
		}
	}
	return out
}

// summarise says grants in few words: actions together by resource.
func summarise(grants []policy.Grant) string {
	var order []string
	actions := map[string][]string{}
	for _, g := range grants {
		on := grantResource(g)
		if _, ok := actions[on]; !ok {
			order = append(order, on)
		}
		actions[on] = append(actions[on], grantAction(g))
	}
	var parts []string
	for _, on := range order {
		list := actions[on]
		text := strings.Join(list, ", ")
		if len(list) > 4 {
			text = fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
		}
		parts = append(parts, text+" on "+on)
	}
	return strings.Join(parts, "; ")
}

func grantAction(g policy.Grant) string {
	if len(g.ExceptActions) > 0 {
		return g.Action + " but " + strings.Join(g.ExceptActions, ", ")
	}
	return g.Action
}

func grantResource(g policy.Grant) string {
	s := strings.Join(append([]string{g.Resource}, g.AndResources...), " within ")
	if len(g.Except) > 0 {
		s += " but " + strings.Join(g.Except, ", ")
	}
	if g.Condition != "" {
		s += " if " + g.Condition
	}
	return s
}
