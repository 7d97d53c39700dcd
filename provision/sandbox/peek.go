package sandbox

import (
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// Snapshot is the account as it truly is, without lag and without secrets. It
// is a copy; lists are sorted by name unless order has a meaning.
type Snapshot struct {
	Users    []User
	Groups   []Group
	Roles    []Role
	Policies []Policy // of the account only
	Buckets  []Bucket // of other accounts too
	// Repositories are the ECR repositories by ARN, each with the tags of its
	// images.
	Repositories map[string][]string
}

// User is a user as it truly is.
type User struct {
	Name, ID, ARN string
	Created       time.Time
	Groups        []string // names, in the order of joining
	Attached      []string // ARNs, in the order of attachment
	Inline        map[string]string
	Boundary      string
	Tags          map[string]string
	Keys          []AccessKey // oldest first
	Login         bool
}

// AccessKey is an access key without its secret.
type AccessKey struct {
	ID       string
	Active   bool
	Created  time.Time
	LastUsed time.Time // zero if never
}

// Group is a group as it truly is.
type Group struct {
	Name, ID, ARN string
	Members       []string
	Attached      []string
	Inline        map[string]string
}

// Role is a role as it truly is.
type Role struct {
	Name, ID, ARN string
	Trust         string
	Attached      []string
	Inline        map[string]string
	Boundary      string
	Tags          map[string]string
}

// Policy is a managed policy of the account as it truly is.
type Policy struct {
	Name, ID, ARN string
	Description   string
	Default       string
	Document      string            // of the default version
	Versions      map[string]string // ID to document
	Tags          map[string]string
}

// Bucket is a bucket, of this account or of another.
type Bucket struct {
	Name, Owner, Region string
	Created             time.Time
	Policy              string // "" for none
}

// Peek returns the truth, which no lag hides.
func (s *Sandbox) Peek() Snapshot {
	st := s.store.Truth()
	var out Snapshot
	for _, u := range st.Users("") {
		out.Users = append(out.Users, s.peekUser(st, u))
	}
	for _, g := range st.Groups("") {
		group := Group{Name: g.Name, ID: g.ID, ARN: g.ARN, Attached: clone(g.Grants.Attached), Inline: inlineOf(g.Grants)}
		for _, u := range st.Members(g) {
			group.Members = append(group.Members, u.Name)
		}
		out.Groups = append(out.Groups, group)
	}
	for _, r := range st.Roles("") {
		out.Roles = append(out.Roles, Role{
			Name: r.Name, ID: r.ID, ARN: r.ARN, Trust: r.Trust.Text, Attached: clone(r.Grants.Attached),
			Inline: inlineOf(r.Grants), Boundary: r.Grants.Boundary, Tags: tagsOf(r.Tags),
		})
	}
	for _, p := range st.Policies("") {
		if p.AWS {
			continue
		}
		versions := map[string]string{}
		for _, v := range p.Versions {
			versions[v.ID] = v.Document.Text
		}
		out.Policies = append(out.Policies, Policy{
			Name: p.Name, ID: p.ID, ARN: p.ARN, Description: p.Description, Default: p.Default,
			Document: p.DefaultVersion().Document.Text, Versions: versions, Tags: tagsOf(p.Tags),
		})
	}
	for _, b := range s.buckets.All() {
		out.Buckets = append(out.Buckets, Bucket{Name: b.Name, Owner: b.Owner, Region: b.Region, Created: b.Created, Policy: b.PolicyText})
	}
	out.Repositories = s.registry.Repositories()
	return out
}

func (s *Sandbox) peekUser(st directory.State, u *directory.User) User {
	out := User{
		Name: u.Name, ID: u.ID, ARN: u.ARN, Created: u.Created, Attached: clone(u.Grants.Attached),
		Inline: inlineOf(u.Grants), Boundary: u.Grants.Boundary, Tags: tagsOf(u.Tags), Login: u.Login != nil,
	}
	for _, g := range st.GroupsOf(u) {
		out.Groups = append(out.Groups, g.Name)
	}
	for _, k := range st.KeysOf(u) {
		use, _ := s.usage.LastUse(k.ID)
		out.Keys = append(out.Keys, AccessKey{ID: k.ID, Active: k.Active, Created: k.Created, LastUsed: use.At})
	}
	return out
}

// User returns the user with the name, and false when there is none.
func (s Snapshot) User(name string) (User, bool) {
	return pick(s.Users, func(u User) bool { return u.Name == name })
}

// Group returns the group with the name, and false when there is none.
func (s Snapshot) Group(name string) (Group, bool) {
	return pick(s.Groups, func(g Group) bool { return g.Name == name })
}

// Role returns the role with the name, and false when there is none.
func (s Snapshot) Role(name string) (Role, bool) {
	return pick(s.Roles, func(r Role) bool { return r.Name == name })
}

// Policy returns the policy with the name, and false when there is none.
func (s Snapshot) Policy(name string) (Policy, bool) {
	return pick(s.Policies, func(p Policy) bool { return p.Name == name })
}

// TestOnlySecret returns the secret of an access key, which AWS would never
// show again. It is for tests that play the CI system.
func (s *Sandbox) TestOnlySecret(keyID string) (string, bool) {
	k, err := s.store.Truth().Key(keyID)
	if err != nil {
		return "", false
	}
	return k.Secret.Reveal(), true
}

// TestOnlySecrets returns every secret that the account ever gave out, also of
// keys that are deleted by now. It is for tests that search for secrets where
// none may be.
func (s *Sandbox) TestOnlySecrets() []string { return s.mint.drawn() }

func pick[T any](items []T, is func(T) bool) (T, bool) {
	for _, item := range items {
		if is(item) {
			return item, true
		}
	}
	var none T
	return none, false
}

func clone(in []string) []string { return append([]string(nil), in...) }

func inlineOf(g directory.Grants) map[string]string {
	out := map[string]string{}
	for _, i := range g.Inline {
		out[i.Name] = i.Document.Text
	}
	return out
}

func tagsOf(tags []directory.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[t.Key] = t.Value
	}
	return out
}
