package provision

import (
	"maps"
	"slices"
)

// Blueprint is all entities that a spec calls for in one place.
type Blueprint struct {
	Place    Place    `json:"place"`
	Spec     Spec     `json:"spec"`
	User     User     `json:"user"`
	Group    Group    `json:"group"`
	Policies []Policy `json:"policies"`
	// Role is nil without an ECR destination.
	Role *Role `json:"role,omitempty"`
	// Bucket is nil without an S3 destination.
	Bucket *Bucket `json:"bucket,omitempty"`
	// RepositoryPolicy is the document with which other accounts pull, for
	// nullplatform to set on repositories; empty when that is off.
	RepositoryPolicy string `json:"repository_policy,omitempty"`
}

// NewBlueprint says what should exist for a spec in a place, equal to what the
// modules of the spec's contract make. It fails as [Spec.Validate] does, and
// when the spec wants another partition than the account is in.
func NewBlueprint(s Spec, at Place) (Blueprint, error) {
	s = s.WithDefaults()
	if err := s.Validate(); err != nil {
		return Blueprint{}, err
	}
	if s.Partition != "" && s.Partition != at.Partition {
		return Blueprint{}, &Problem{
			Field: "partition", Rule: "is " + s.Partition + ", but the account is in " + at.Partition,
			Way: "use credentials of an account in " + s.Partition + ", or leave the partition out",
		}
	}
	names := s.Contract.Names(s.Cluster)
	b := Blueprint{
		Place: at,
		Spec:  s,
		User: User{
			Name: names.User, ARN: at.UserARN(names.User), Groups: []string{names.Group},
			Boundary: s.PermissionsBoundary, Tags: maps.Clone(s.Tags),
		},
		Group: Group{Name: names.Group, ARN: at.GroupARN(names.Group), Members: []string{names.User}},
	}
	if _, ok := s.Destination(ECR); ok {
		p := b.policy(names.ECRPolicy, ecrDescription, ecrDocument(at.Partition))
		b.Role = &Role{
			Name: names.Role, ARN: at.RoleARN(names.Role), Trust: trustDocument(s.ApplicationManager),
			Boundary: s.PermissionsBoundary, Tags: maps.Clone(s.Tags),
			Attached: []AttachedPolicy{{Name: p.Name, ARN: p.ARN}},
		}
		b.RepositoryPolicy = pullDocument(at.Partition, s.PullAccounts)
	}
	if d, ok := s.Destination(S3); ok {
		b.policy(names.S3Policy, s3Description, s3Document(at.Partition, d.Bucket))
		b.Bucket = &Bucket{Name: d.Bucket, State: BucketOwn}
	}
	return b, nil
}

// policy adds a policy that the group is to carry.
func (b *Blueprint) policy(name, description, doc string) Policy {
	p := Policy{
		Name: name, ARN: b.Place.PolicyARN(name), Description: description, Document: doc,
		Tags: maps.Clone(b.Spec.Tags), Attachments: 1,
	}
	b.Policies = append(b.Policies, p)
	b.Group.Attached = append(b.Group.Attached, AttachedPolicy{Name: name, ARN: p.ARN})
	return p
}

// Scope is what has to be read of an account to plan for this blueprint.
func (b Blueprint) Scope() Scope {
	s := Scope{User: b.User.Name, Groups: []string{b.Group.Name}}
	for _, p := range b.Policies {
		s.Policies = append(s.Policies, p.Name)
	}
	if b.Role != nil {
		s.Role = b.Role.Name
	}
	if b.Bucket != nil {
		s.Bucket = b.Bucket.Name
	}
	s.Boundary = b.Spec.PermissionsBoundary
	return s
}

// Scope names the entities to read. An empty name reads nothing.
type Scope struct {
	User     string
	Groups   []string
	Role     string
	Policies []string
	Bucket   string
	// Superseded are those of the policies that may have to go, of which the
	// versions are counted.
	Superseded []string
	// Boundary is the ARN of a policy that is to be a permissions boundary.
	Boundary string
	// Deep adds what a plan can do without: inline policies and the last use
	// of keys.
	Deep bool
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
