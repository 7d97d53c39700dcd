package directory

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Kind is a kind of entity that may carry policies.
type Kind string

// The kinds of entities with policies.
const (
	Users  Kind = "user"
	Groups Kind = "group"
	Roles  Kind = "role"
)

// Grants returns the policies of an entity, or NoSuchEntity.
func (s State) Grants(kind Kind, name string) (Grants, error) {
	switch kind {
	case Users:
		u, err := s.User(name)
		if err != nil {
			return Grants{}, err
		}
		return u.Grants, nil
	case Groups:
		g, err := s.Group(name)
		if err != nil {
			return Grants{}, err
		}
		return g.Grants, nil
	default:
		r, err := s.Role(name)
		if err != nil {
			return Grants{}, err
		}
		return r.Grants, nil
	}
}

// withGrants returns the state in which the entity, which is there, has the
// grants.
func (s State) withGrants(kind Kind, name string, g Grants) State {
	k := key(name)
	switch kind {
	case Users:
		u, _ := s.users.Get(k)
		next := *u
		next.Grants = g
		s.users = s.users.With(k, &next)
	case Groups:
		old, _ := s.groups.Get(k)
		next := *old
		next.Grants = g
		s.groups = s.groups.With(k, &next)
	case Roles:
		r, _ := s.roles.Get(k)
		next := *r
		next.Grants = g
		s.roles = s.roles.With(k, &next)
	}
	return s
}

// Attach attaches a managed policy. Twice is safe.
func (s State) Attach(kind Kind, name, arn string) (State, error) {
	g, err := s.Grants(kind, name)
	if err != nil {
		return s, err
	}
	if _, there := s.policies.Get(arn); !there {
		return s, wire.Errorf("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
	if slices.Contains(g.Attached, arn) {
		return s, nil
	}
	limit, quota := s.quotas.AttachedPoliciesPerUser, "PoliciesPerUser"
	switch kind {
	case Groups:
		limit, quota = s.quotas.AttachedPoliciesPerGroup, "PoliciesPerGroup"
	case Roles:
		limit, quota = s.quotas.AttachedPoliciesPerRole, "PoliciesPerRole"
	}
	if len(g.Attached) >= limit {
		return s, exceeded(quota, limit)
	}
	g.Attached = append(slices.Clone(g.Attached), arn)
	return s.withGrants(kind, name, g), nil
}

// Detach takes a managed policy away. One that is not attached is
// NoSuchEntity.
func (s State) Detach(kind Kind, name, arn string) (State, error) {
	g, err := s.Grants(kind, name)
	if err != nil {
		return s, err
	}
	i := slices.Index(g.Attached, arn)
	if i < 0 {
		return s, wire.Errorf("NoSuchEntity", "Policy %s was not found.", arn)
	}
	g.Attached = slices.Delete(slices.Clone(g.Attached), i, i+1)
	return s.withGrants(kind, name, g), nil
}

// PutInline writes an inline policy, new or replaced. Twice is safe.
func (s State) PutInline(kind Kind, name, policyName, text string) (State, error) {
	g, err := s.Grants(kind, name)
	if err != nil {
		return s, err
	}
	if len(policyName) > maxPolicyName || !inlineRule().MatchString(policyName) {
		return s, wire.Errorf("ValidationError", "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	}
	limit, quota := s.quotas.UserPolicySize, "UserPolicySize"
	switch kind {
	case Groups:
		limit, quota = s.quotas.GroupPolicySize, "GroupPolicySize"
	case Roles:
		limit, quota = s.quotas.RolePolicySize, "RolePolicySize"
	}
	document, err := readDocument(text, quota, limit)
	if err != nil {
		return s, err
	}
	kept := slices.DeleteFunc(slices.Clone(g.Inline), func(i Inline) bool { return i.Name == policyName })
	g.Inline = append(kept, Inline{Name: policyName, Document: document})
	slices.SortFunc(g.Inline, func(a, b Inline) int { return strings.Compare(a.Name, b.Name) })
	return s.withGrants(kind, name, g), nil
}

// Inline returns an inline policy, or NoSuchEntity.
func (s State) Inline(kind Kind, name, policyName string) (Inline, error) {
	g, err := s.Grants(kind, name)
	if err != nil {
		return Inline{}, err
	}
	for _, i := range g.Inline {
		if i.Name == policyName {
			return i, nil
		}
	}
	return Inline{}, wire.Errorf("NoSuchEntity", "The %s policy with name %s cannot be found.", kind, policyName)
}

// DeleteInline removes an inline policy. One that is not there is
// NoSuchEntity.
func (s State) DeleteInline(kind Kind, name, policyName string) (State, error) {
	if _, err := s.Inline(kind, name, policyName); err != nil {
		return s, err
	}
	g, err := s.Grants(kind, name)
	if err != nil {
		return s, err
	}
	g.Inline = slices.DeleteFunc(slices.Clone(g.Inline), func(i Inline) bool { return i.Name == policyName })
	return s.withGrants(kind, name, g), nil
}

// SetBoundary sets the permissions boundary of a user or role, or removes it
// with "". Removing one that is not there is NoSuchEntity.
func (s State) SetBoundary(kind Kind, name, arn string) (State, error) {
	g, err := s.Grants(kind, name)
	if err != nil {
		return s, err
	}
	if arn == "" && g.Boundary == "" {
		return s, wire.Errorf("NoSuchEntity", "No permissions boundary found for %s %s.", kind, name)
	}
	if _, there := s.policies.Get(arn); arn != "" && !there {
		return s, wire.Errorf("NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", arn)
	}
	g.Boundary = arn
	return s.withGrants(kind, name, g), nil
}
