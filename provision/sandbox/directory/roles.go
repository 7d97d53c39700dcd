package directory

import (
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// The bounds of a role's longest session, and what a role gets by default.
const (
	shortestSession = time.Hour
	longestSession  = 12 * time.Hour
)

// CreateRole adds a role. ID, Name, Path, Created, Description, MaxSession and
// Tags are the caller's; the trust policy is given as text. A trust policy
// that names a user or role of this account that is not there is
// MalformedPolicyDocument, as is one that cannot be read.
func (s State) CreateRole(r Role, trust string) (State, *Role, error) {
	if err := checkName("roleName", r.Name, maxRoleName); err != nil {
		return s, nil, err
	}
	if err := checkPath(r.Path); err != nil {
		return s, nil, err
	}
	if err := checkTags(r.Tags, s.quotas.Tags); err != nil {
		return s, nil, err
	}
	document, err := s.readTrust(trust)
	if err != nil {
		return s, nil, err
	}
	if _, there := s.roles.Get(key(r.Name)); there {
		return s, nil, wire.Errorf("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
	}
	if s.roles.Len() >= s.quotas.Roles {
		return s, nil, exceeded("RolesPerAccount", s.quotas.Roles)
	}
	if r.MaxSession == 0 {
		r.MaxSession = shortestSession
	}
	if err := checkSession(r.MaxSession); err != nil {
		return s, nil, err
	}
	r.Trust = document
	r.ARN = s.arn("role", r.Path, r.Name)
	s.roles = s.roles.With(key(r.Name), &r)
	return s, &r, nil
}

// UpdateRole changes description and longest session; nil leaves one alone.
func (s State) UpdateRole(name string, description *string, session *time.Duration) (State, *Role, error) {
	r, err := s.Role(name)
	if err != nil {
		return s, nil, err
	}
	next := *r
	if description != nil {
		next.Description = *description
	}
	if session != nil {
		if err := checkSession(*session); err != nil {
			return s, nil, err
		}
		next.MaxSession = *session
	}
	s.roles = s.roles.With(key(r.Name), &next)
	return s, &next, nil
}

// SetTrust replaces the trust policy of a role.
func (s State) SetTrust(name, trust string) (State, error) {
	r, err := s.Role(name)
	if err != nil {
		return s, err
	}
	document, err := s.readTrust(trust)
	if err != nil {
		return s, err
	}
	next := *r
	next.Trust = document
	s.roles = s.roles.With(key(r.Name), &next)
	return s, nil
}

// DeleteRole removes a role without policies, or answers DeleteConflict.
func (s State) DeleteRole(name string) (State, error) {
	r, err := s.Role(name)
	if err != nil {
		return s, err
	}
	switch {
	case len(r.Grants.Attached) > 0:
		return s, conflict("must detach all policies first")
	case len(r.Grants.Inline) > 0:
		return s, conflict("must delete policies first")
	}
	s.roles = s.roles.Without(key(r.Name))
	return s, nil
}

func checkSession(d time.Duration) error {
	if d < shortestSession || d > longestSession {
		return wire.Errorf("ValidationError", "1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200", int(d.Seconds()))
	}
	return nil
}

// readTrust parses a trust policy and checks that the principals of this
// account that it names are there.
func (s State) readTrust(text string) (Document, error) {
	if len(text) > s.quotas.AssumeRolePolicySize {
		return Document{}, wire.Errorf("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", s.quotas.AssumeRolePolicySize)
	}
	parsed, err := policy.Parse(text)
	if err != nil {
		return Document{}, wire.Errorf("MalformedPolicyDocument", "This policy contains invalid Json or syntax. %s", err)
	}
	for _, st := range parsed.Statements {
		if len(st.Principals) == 0 {
			return Document{}, wire.Errorf("MalformedPolicyDocument", "AssumeRole policy must contain principals.")
		}
		if len(st.Resources) > 0 {
			return Document{}, wire.Errorf("MalformedPolicyDocument", "Has prohibited field Resource")
		}
		for _, p := range st.Principals {
			if p.Type == "AWS" && !s.principalThere(p.ID) {
				return Document{}, wire.Errorf("MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"%s\"", p.ID)
			}
		}
	}
	return Document{Text: text, Parsed: parsed}, nil
}

// principalThere tells whether a principal may be named. Those of other
// accounts are taken on trust: this account cannot see them.
func (s State) principalThere(arn string) bool {
	rest, ours := strings.CutPrefix(arn, "arn:aws:iam::"+s.account+":")
	if !ours {
		return true
	}
	kind, name, found := strings.Cut(rest, "/")
	if !found {
		return rest == "root"
	}
	name = name[strings.LastIndex(name, "/")+1:]
	var there string
	switch kind {
	case "user":
		if u, err := s.User(name); err == nil {
			there = u.ARN
		}
	case "role":
		if r, err := s.Role(name); err == nil {
			there = r.ARN
		}
	}
	return there == arn
}

// CheckTrust tells what would refuse the trust policy in this state.
func (s State) CheckTrust(trust string) error {
	_, err := s.readTrust(trust)
	return err
}
