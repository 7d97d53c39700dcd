package directory

import (
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
)

// User is an IAM user. A value that is in a State is never written to.
type User struct {
	ID, Name, Path, ARN string
	Created             time.Time
	Tags                []Tag
	Groups              []string // keys of the groups, in the order of joining
	Keys                []string // IDs of the access keys, oldest first
	Grants              Grants
	Login               *Login // nil: no console password
	MFA                 []MFADevice
}

// Group is an IAM group. Its members are the users that name it.
type Group struct {
	ID, Name, Path, ARN string
	Created             time.Time
	Grants              Grants
}

// Role is an IAM role.
type Role struct {
	ID, Name, Path, ARN string
	Created             time.Time
	Description         string
	MaxSession          time.Duration
	Trust               Document
	Tags                []Tag
	Grants              Grants
}

// Policy is a managed policy, of the account or of AWS.
type Policy struct {
	ID, Name, Path, ARN string
	Description         string
	Created, Updated    time.Time
	AWS                 bool // managed by AWS: may be attached, never changed
	Tags                []Tag
	Versions            []Version // oldest first
	Default             string    // the version in effect, "v1"
	Next                int       // the number of the next version
}

// Version is one version of a managed policy.
type Version struct {
	ID       string
	Created  time.Time
	Document Document
}

// AccessKey is a user's access key. The secret is in it, for the check of
// signatures; nothing prints it.
type AccessKey struct {
	ID, User string // User is the key of the user
	Secret   Secret
	Active   bool
	Created  time.Time
}

// Secret is a secret access key. It prints as nothing that could be used.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Grants are the policies of a user, group or role.
type Grants struct {
	Attached []string // ARNs of managed policies, in the order of attachment
	Inline   []Inline // sorted by name
	Boundary string   // ARN of the permissions boundary, "" for none
}

// Inline is a policy that is part of the user, group or role.
type Inline struct {
	Name     string
	Document Document
}

// Document is a policy document as it was sent, and its meaning.
type Document struct {
	Text   string
	Parsed *policy.Document
}

// Tag is a tag of an entity.
type Tag struct{ Key, Value string }

// Login is a console password, of which only the circumstances are kept.
type Login struct {
	Created       time.Time
	ResetRequired bool
}

// DefaultVersion returns the version in effect.
func (p *Policy) DefaultVersion() Version {
	v, _ := p.Version(p.Default)
	return v
}

// Version returns the version with the ID and whether there is one.
func (p *Policy) Version(id string) (Version, bool) {
	for _, v := range p.Versions {
		if v.ID == id {
			return v, true
		}
	}
	return Version{}, false
}

// key is the form under which names are the same. AWS does not distinguish
// the names of users, groups, roles and policies by case.
func key(name string) string { return strings.ToLower(name) }
