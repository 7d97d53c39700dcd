package directory

import (
	"iter"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// State is one moment of an account's IAM entities. It is a small value; copy
// it freely. The zero State is no account: use New.
type State struct {
	account  string
	quotas   Quotas
	users    Tree[*User]
	groups   Tree[*Group]
	roles    Tree[*Role]
	policies Tree[*Policy] // by ARN, those of AWS too
	names    Tree[string]  // policy name to ARN, those of the account only
	keys     Tree[*AccessKey]
	devices  Tree[*MFADevice] // that belong to nobody, by serial number
}

// New returns the state of an account without entities, except for the
// policies that AWS manages.
func New(account string, aws ...*Policy) State {
	s := State{account: account, quotas: DefaultQuotas()}
	for _, p := range aws {
		s.policies = s.policies.With(p.ARN, p)
	}
	return s
}

// Account returns the account's ID.
func (s State) Account() string { return s.account }

// Quotas returns the account's quotas.
func (s State) Quotas() Quotas { return s.quotas }

// WithQuotas returns the state under other quotas.
func (s State) WithQuotas(q Quotas) State {
	s.quotas = q
	return s
}

// User returns the user with the name, or NoSuchEntity.
func (s State) User(name string) (*User, error) {
	if u, ok := s.users.Get(key(name)); ok {
		return u, nil
	}
	return nil, wire.Errorf("NoSuchEntity", "The user with name %s cannot be found.", name)
}

// Group returns the group with the name, or NoSuchEntity.
func (s State) Group(name string) (*Group, error) {
	if g, ok := s.groups.Get(key(name)); ok {
		return g, nil
	}
	return nil, wire.Errorf("NoSuchEntity", "The group with name %s cannot be found.", name)
}

// Role returns the role with the name, or NoSuchEntity.
func (s State) Role(name string) (*Role, error) {
	if r, ok := s.roles.Get(key(name)); ok {
		return r, nil
	}
	return nil, wire.Errorf("NoSuchEntity", "The role with name %s cannot be found.", name)
}

// Policy returns the managed policy with the ARN, or NoSuchEntity.
func (s State) Policy(arn string) (*Policy, error) {
	if p, ok := s.policies.Get(arn); ok {
		return p, nil
	}
	return nil, wire.Errorf("NoSuchEntity", "Policy %s was not found.", arn)
}

// Key returns the access key with the ID, or NoSuchEntity.
func (s State) Key(id string) (*AccessKey, error) {
	if k, ok := s.keys.Get(id); ok {
		return k, nil
	}
	return nil, wire.Errorf("NoSuchEntity", "The Access Key with id %s cannot be found.", id)
}

// KeyOwner returns the user of an access key, or NoSuchEntity.
func (s State) KeyOwner(k *AccessKey) (*User, error) { return s.User(k.User) }

// Users walks the users by name, those after the given key only.
func (s State) Users(after string) iter.Seq2[string, *User] { return s.users.After(after) }

// Groups walks the groups by name, those after the given key only.
func (s State) Groups(after string) iter.Seq2[string, *Group] { return s.groups.After(after) }

// Roles walks the roles by name, those after the given key only.
func (s State) Roles(after string) iter.Seq2[string, *Role] { return s.roles.After(after) }

// Policies walks all managed policies by ARN, those after the given key only.
func (s State) Policies(after string) iter.Seq2[string, *Policy] { return s.policies.After(after) }

// Members returns the users of the group, by name.
func (s State) Members(g *Group) []*User {
	var out []*User
	for _, u := range s.users.All() {
		if slices.Contains(u.Groups, key(g.Name)) {
			out = append(out, u)
		}
	}
	return out
}

// GroupsOf returns the groups of the user, in the order of joining.
func (s State) GroupsOf(u *User) []*Group {
	out := make([]*Group, 0, len(u.Groups))
	for _, k := range u.Groups {
		if g, ok := s.groups.Get(k); ok {
			out = append(out, g)
		}
	}
	return out
}

// KeysOf returns the access keys of the user, oldest first.
func (s State) KeysOf(u *User) []*AccessKey {
	out := make([]*AccessKey, 0, len(u.Keys))
	for _, id := range u.Keys {
		if k, ok := s.keys.Get(id); ok {
			out = append(out, k)
		}
	}
	return out
}

// Attachments counts the uses of every managed policy: as a grant, and as a
// permissions boundary.
func (s State) Attachments() (grants, boundaries map[string]int) {
	grants, boundaries = map[string]int{}, map[string]int{}
	count := func(g Grants) {
		for _, arn := range g.Attached {
			grants[arn]++
		}
		if g.Boundary != "" {
			boundaries[g.Boundary]++
		}
	}
	for _, u := range s.users.All() {
		count(u.Grants)
	}
	for _, g := range s.groups.All() {
		count(g.Grants)
	}
	for _, r := range s.roles.All() {
		count(r.Grants)
	}
	return grants, boundaries
}

// UserPolicies returns everything that decides what the user may do.
func (s State) UserPolicies(u *User) policy.Policies {
	p := s.policiesOf(u.Grants, "")
	for _, g := range s.GroupsOf(u) {
		p.Identity = append(p.Identity, s.policiesOf(g.Grants, "group "+g.Name).Identity...)
	}
	return p
}

// GroupPolicies returns what the group grants its members.
func (s State) GroupPolicies(g *Group) policy.Policies { return s.policiesOf(g.Grants, "") }

// RolePolicies returns everything that decides what the role may do.
func (s State) RolePolicies(r *Role) policy.Policies { return s.policiesOf(r.Grants, "") }

func (s State) policiesOf(g Grants, via string) policy.Policies {
	var out policy.Policies
	for _, arn := range g.Attached {
		if p, ok := s.policies.Get(arn); ok {
			out.Identity = append(out.Identity, policy.Source{Name: p.Name, Via: via, Document: p.DefaultVersion().Document.Parsed})
		}
	}
	for _, i := range g.Inline {
		out.Identity = append(out.Identity, policy.Source{Name: "inline policy " + i.Name, Via: via, Document: i.Document.Parsed})
	}
	if p, ok := s.policies.Get(g.Boundary); ok {
		out.Boundary = &policy.Source{Name: p.Name, Via: "permissions boundary", Document: p.DefaultVersion().Document.Parsed}
	}
	return out
}

// arn builds the ARN of an entity: kind, path and name.
func (s State) arn(kind, path, name string) string {
	return "arn:aws:iam::" + s.account + ":" + kind + path + name
}

// ARNOf returns the ARN that an entity has or would have. The path may be
// empty, which is the root.
func (s State) ARNOf(kind, path, name string) string {
	if path == "" {
		path = "/"
	}
	return s.arn(kind, path, strings.TrimPrefix(name, "/"))
}
