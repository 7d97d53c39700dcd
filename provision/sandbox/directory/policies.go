package directory

import (
	"slices"
	"strconv"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// CreatePolicy adds a managed policy with its first version. ID, Name, Path,
// Description, Created and Tags are the caller's.
func (s State) CreatePolicy(p Policy, text string) (State, *Policy, error) {
	if err := checkName("policyName", p.Name, maxPolicyName); err != nil {
		return s, nil, err
	}
	if err := checkPath(p.Path); err != nil {
		return s, nil, err
	}
	if err := checkTags(p.Tags, s.quotas.Tags); err != nil {
		return s, nil, err
	}
	document, err := readDocument(text, "PolicySize", s.quotas.PolicySize)
	if err != nil {
		return s, nil, err
	}
	if _, there := s.names.Get(key(p.Name)); there {
		return s, nil, wire.Errorf("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", p.Name)
	}
	if s.names.Len() >= s.quotas.Policies {
		return s, nil, exceeded("PoliciesPerAccount", s.quotas.Policies)
	}
	p.ARN = s.arn("policy", p.Path, p.Name)
	p.Updated = p.Created
	p.Default, p.Next = "v1", 2
	p.Versions = []Version{{ID: "v1", Created: p.Created, Document: document}}
	s.policies = s.policies.With(p.ARN, &p)
	s.names = s.names.With(key(p.Name), p.ARN)
	return s, &p, nil
}

// AddVersion adds a version to a managed policy and makes it the default if
// asked. A sixth version is LimitExceeded.
func (s State) AddVersion(arn, text string, asDefault bool, at time.Time) (State, Version, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, Version{}, err
	}
	document, err := readDocument(text, "PolicySize", s.quotas.PolicySize)
	if err != nil {
		return s, Version{}, err
	}
	if len(p.Versions) >= s.quotas.VersionsPerPolicy {
		return s, Version{}, wire.Errorf("LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", s.quotas.VersionsPerPolicy)
	}
	v := Version{ID: "v" + strconv.Itoa(p.Next), Created: at, Document: document}
	next := *p
	next.Versions = append(slices.Clone(p.Versions), v)
	next.Next++
	next.Updated = at
	if asDefault {
		next.Default = v.ID
	}
	s.policies = s.policies.With(arn, &next)
	return s, v, nil
}

// SetDefault makes a version the one in effect. Twice is safe.
func (s State) SetDefault(arn, version string, at time.Time) (State, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, err
	}
	if _, there := p.Version(version); !there {
		return s, noVersion(arn, version)
	}
	next := *p
	next.Default = version
	next.Updated = at
	s.policies = s.policies.With(arn, &next)
	return s, nil
}

// DeleteVersion removes a version that is not in effect.
func (s State) DeleteVersion(arn, version string, at time.Time) (State, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, err
	}
	if _, there := p.Version(version); !there {
		return s, noVersion(arn, version)
	}
	if p.Default == version {
		return s, wire.Errorf("DeleteConflict", "Cannot delete the default version of a policy.")
	}
	next := *p
	next.Versions = slices.DeleteFunc(slices.Clone(p.Versions), func(v Version) bool { return v.ID == version })
	next.Updated = at
	s.policies = s.policies.With(arn, &next)
	return s, nil
}

// DeletePolicy removes a managed policy that is not attached and has one
// version, or answers DeleteConflict.
func (s State) DeletePolicy(arn string) (State, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, err
	}
	if grants, boundaries := s.Attachments(); grants[arn]+boundaries[arn] > 0 {
		return s, wire.Errorf("DeleteConflict", "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return s, wire.Errorf("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	s.policies = s.policies.Without(arn)
	s.names = s.names.Without(key(p.Name))
	return s, nil
}

// ownPolicy returns a policy that this account may change.
func (s State) ownPolicy(arn string) (*Policy, error) {
	p, err := s.Policy(arn)
	if err != nil {
		return nil, err
	}
	if p.AWS {
		return nil, wire.Errorf("AccessDenied", "Policy %s is managed by AWS and cannot be changed.", arn)
	}
	return p, nil
}

func noVersion(arn, version string) error {
	return wire.Errorf("NoSuchEntity", "Policy %s version %s does not exist or is not attachable.", arn, version)
}
