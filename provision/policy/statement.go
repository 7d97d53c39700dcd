package policy

import "strconv"

// compile prepares a statement's patterns once, so that a decision only
// matches.
func (s *Statement) compile(index int, variables bool) {
	s.label = "statement " + strconv.Itoa(index)
	if s.Sid != "" {
		s.label += " (" + s.Sid + ")"
	}
	s.actions = make([]pattern, len(s.Actions))
	for i, a := range s.Actions {
		s.actions[i] = newPattern(a, true)
	}
	s.resources = make([]template, len(s.Resources))
	for i, r := range s.Resources {
		s.resources[i] = newTemplate(r, true, variables, resourceARN)
	}
	s.conditions = make([]condition, len(s.Conditions))
	for i, c := range s.Conditions {
		s.conditions[i] = compileCondition(c, variables)
	}
}

// matchAction reports whether the statement is about the action.
func (s *Statement) matchAction(action string) bool {
	for i := range s.actions {
		if s.actions[i].match(action) {
			return !s.NotAction
		}
	}
	return s.NotAction
}

// matchResource reports whether the statement is about the resource. A
// statement without resources, as in a trust policy, is about what the
// document is attached to. A pattern with a variable that has no value matches
// no resource, in NotResource as well, where it therefore excepts nothing.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (s *Statement) matchResource(resource string, ctx *Context) truth {
	if len(s.resources) == 0 {
		return yes
	}
	some := no
	for i := range s.resources {
		some = max(some, s.resources[i].match(resource, ctx))
		if some == yes {
			break
		}
	}
	if s.NotResource {
		return some.not()
	}
	return some
}

// matchConditions reports whether all conditions hold.
func (s *Statement) matchConditions(ctx *Context) truth {
	all := yes
	for i := range s.conditions {
		all = min(all, s.conditions[i].eval(ctx))
		if all == no {
			break
		}
	}
	return all
}

// applies reports whether the statement is about the request, principal
// aside.
func (s *Statement) applies(r *Request) truth {
	if !s.matchAction(r.Action) {
		return no
	}
	about := s.matchResource(r.Resource, &r.Context)
	if about == no {
		return no
	}
	return min(about, s.matchConditions(&r.Context))
}
