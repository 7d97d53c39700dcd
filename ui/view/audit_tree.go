package view

import (
	"slices"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// AuditGraph draws who can publish what by which grant, with the severity of
// what was found at each.
func AuditGraph(c Canvas, r audit.Report, now time.Time) string {
	p := page{c: c}
	p.forest(auditTree(r, now))
	return p.String()
}

// auditTree is one tree a principal: what it goes through, and the policies
// with what they really give.
func auditTree(r audit.Report, now time.Time) []branch {
	var out []branch
	for _, who := range principalsOf(r) {
		ways := slices.DeleteFunc(slices.Clone(r.Routes), func(w audit.Route) bool { return w.Principal != who })
		kind, name := principalWords(who, r)
		root := branch{kind: kind, name: name}
		if who.Type == provision.UserEntity && who.Name == userOf(r) {
			root.notes = keyNotes(r, now)
		}
		for _, through := range throughOf(ways) {
			same := slices.DeleteFunc(slices.Clone(ways), func(w audit.Route) bool { return w.Through != through })
			leaves := policyLeaves(r, same)
			if through == (provision.Entity{}) {
				root.twigs = append(root.twigs, leaves...)
				continue
			}
			root.twigs = append(root.twigs, branch{kind: string(through.Type), name: through.Name, twigs: leaves})
		}
		root.mark(worst(r, entityFindings(r, who)))
		out = append(out, root)
	}
	return out
}

// principalsOf lists who can act, each once, in the order of the routes.
func principalsOf(r audit.Report) []provision.Entity {
	var out []provision.Entity
	for _, w := range r.Routes {
		if !slices.Contains(out, w.Principal) {
			out = append(out, w.Principal)
		}
	}
	return out
}

func throughOf(ways []audit.Route) []provision.Entity {
	var out []provision.Entity
	for _, w := range ways {
		if !slices.Contains(out, w.Through) {
			out = append(out, w.Through)
		}
	}
	return out
}

// userOf is the build user's name, if it is there.
func userOf(r audit.Report) string {
	if len(r.Routes) > 0 && r.Routes[0].Principal.Type == provision.UserEntity && r.Contract != "" {
		return r.Routes[0].Principal.Name
	}
	return ""
}

func principalWords(e provision.Entity, r audit.Report) (kind, name string) {
	switch {
	case e.Type == provision.UserEntity && e.Name == userOf(r):
		return "build user", e.Name
	case e.Type == provision.UserEntity:
		return "member", e.Name
	case e.Name == "*":
		return "anybody", "every AWS account"
	case strings.Contains(e.Name, "role/application_manager"):
		return "manager", e.Name
	}
	return "principal", e.Name
}

// keyNotes are the build user's keys, a line each.
func keyNotes(r audit.Report, now time.Time) []string {
	var out []string
	for _, k := range r.Keys {
		text := "key " + k.ID
		if !k.Active {
			text += ", inactive"
		}
		text += ", " + counted(max(0, int(now.Sub(k.Created).Hours()/24)), "day", "days") + " old"
		if u := k.LastUsed; u != nil {
			text += ", last used for " + u.Service + " on " + u.At.UTC().Format("2006-01-02")
		}
		out = append(out, text)
	}
	switch {
	case len(out) > 0:
	case slices.ContainsFunc(r.Unread, func(u audit.Unread) bool { return u.Action == "iam:ListAccessKeys" }):
		out = append(out, "keys not known: they may not be listed")
	default:
		out = append(out, "no key")
	}
	return out
}

// policyLeaves is one leaf a policy, with what its statements give.
func policyLeaves(r audit.Report, ways []audit.Route) []branch {
	var out []branch
	for _, w := range ways {
		i := slices.IndexFunc(out, func(b branch) bool { return b.name == w.Policy })
		if i < 0 {
			out = append(out, branch{kind: "policy", name: w.Policy})
			i = len(out) - 1
		}
		if !onlyTokens(w) {
			out[i].notes = append(out[i].notes, routeWords(w))
		}
		out[i].mark(worst(r, grantFindings(r, w)))
		out[i].mark(attachmentMark(r, w))
		if !w.Expected && out[i].word == "" && len(w.Findings) == 0 {
			out[i].stand, out[i].word = foreign, "not called for"
		}
	}
	return out
}

// mark shows a severity on a branch, unless a graver one is there.
func (b *branch) mark(s audit.Severity) {
	if s == "" || s == audit.Advice {
		return
	}
	for _, have := range audit.Severities() {
		if b.word == string(have) && have.AtLeast(s) {
			return
		}
	}
	b.stand, b.word = foreign, string(s)
	if s == audit.High {
		b.stand = blocked
	}
}

// entityFindings are those about somebody as such, not about a grant.
func entityFindings(r audit.Report, e provision.Entity) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Entity == e || f.Entity.Type == provision.MembershipEntity && f.Entity.Name == e.Name && e.Type == provision.UserEntity ||
			e.Type == provision.PrincipalEntity && f.Check == "trust-principal" && strings.HasSuffix(f.ID, "/"+e.Name) {
			out = append(out, f.ID)
		}
	}
	return out
}

// worst is the gravest severity of findings that are not suppressed.
func worst(r audit.Report, ids []string) audit.Severity {
	var out audit.Severity
	for _, f := range r.Findings {
		if f.Suppressed == nil && slices.Contains(ids, f.ID) && (out == "" || f.Severity.AtLeast(out)) {
			out = f.Severity
		}
	}
	return out
}

// routeWords says what a statement really gives.
func routeWords(w audit.Route) string {
	text := actionsInWords(w.Actions) + " on " + resourcesInWords(w.Resources)
	if w.Condition != "" {
		text += ", only if " + w.Condition
	}
	return text
}

// actionsInWords names few actions and counts many by service.
func actionsInWords(actions []string) string {
	if len(actions) <= mostActions {
		return listed(actions, "and")
	}
	var parts []string
	for _, service := range services(actions) {
		n := 0
		for _, a := range actions {
			if strings.HasPrefix(a, service+":") {
				n++
			}
		}
		parts = append(parts, counted(n, service+" action", service+" actions"))
	}
	if slices.Contains(actions, "*") {
		parts = append([]string{"all actions of other services"}, parts...)
	}
	return listed(parts, "and")
}

func resourcesInWords(list []string) string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		switch {
		case r == "*":
			r = "every resource"
		case strings.HasSuffix(r, ":ecr:*:*:repository/*"):
			r = "every repository"
		default:
			if _, bucket, ok := strings.Cut(r, ":s3:::"); ok {
				r = bucket
			}
		}
		out = append(out, r)
	}
	if len(out) > mostActions+1 {
		out = append(out[:mostActions], counted(len(list)-mostActions, "more", "more"))
	}
	return listed(out, "and")
}
