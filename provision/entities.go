package provision

import "time"

// The entities of a publishing identity. A blueprint holds them as they
// should be, an inventory as they are; what only AWS can say (IDs, dates) is
// empty in a blueprint.

// User is an IAM user.
type User struct {
	Name     string            `json:"name"`
	ARN      string            `json:"arn,omitempty"`
	ID       string            `json:"id,omitempty"`
	Path     string            `json:"path,omitempty"`
	Created  time.Time         `json:"created,omitzero"`
	Boundary string            `json:"permissions_boundary,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	Keys     []Key             `json:"keys,omitempty"`
	// Groups are the names of the groups that the user is in.
	Groups   []string         `json:"groups,omitempty"`
	Attached []AttachedPolicy `json:"attached_policies,omitempty"`
	Inline   []InlinePolicy   `json:"inline_policies,omitempty"`
}

// Key is an access key without its secret.
type Key struct {
	ID      string    `json:"id"`
	Active  bool      `json:"active"`
	Created time.Time `json:"created,omitzero"`
	// LastUsed is nil when it was not read, or never used.
	LastUsed *LastUse `json:"last_used,omitempty"`
}

// LastUse is the last request made with a key, as far as AWS tells:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
type LastUse struct {
	At      time.Time `json:"at"`
	Service string    `json:"service"`
	Region  string    `json:"region"`
}

// Group is an IAM group.
type Group struct {
	Name string `json:"name"`
	ARN  string `json:"arn,omitempty"`
	ID   string `json:"id,omitempty"`
	Path string `json:"path,omitempty"`
	// Members are user names.
	Members  []string         `json:"members,omitempty"`
	Attached []AttachedPolicy `json:"attached_policies,omitempty"`
	Inline   []InlinePolicy   `json:"inline_policies,omitempty"`
}

// Role is an IAM role.
type Role struct {
	Name     string            `json:"name"`
	ARN      string            `json:"arn,omitempty"`
	ID       string            `json:"id,omitempty"`
	Path     string            `json:"path,omitempty"`
	Boundary string            `json:"permissions_boundary,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	// Trust is the trust policy's text.
	Trust    string           `json:"trust_policy"`
	Attached []AttachedPolicy `json:"attached_policies,omitempty"`
	Inline   []InlinePolicy   `json:"inline_policies,omitempty"`
}

// Policy is a customer managed policy and the document of its default version.
type Policy struct {
	Name        string            `json:"name"`
	ARN         string            `json:"arn"`
	ID          string            `json:"id,omitempty"`
	Description string            `json:"description,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Document    string            `json:"document"`
	// Version is the default version, such as "v1"; empty in a blueprint.
	Version string `json:"version,omitempty"`
	// Attachments counts the entities that it is attached to.
	Attachments int `json:"attachments,omitempty"`
	// Versions counts its versions; zero when they were not counted.
	Versions int `json:"versions,omitempty"`
}

// AttachedPolicy is a managed policy as an attachment names it.
type AttachedPolicy struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

// InlinePolicy is a policy that lives inside a user, group or role.
type InlinePolicy struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// BucketState says what could be learnt about a bucket.
type BucketState string

// What HeadBucket can say about a bucket:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
const (
	// BucketOwn is there and belongs to this account.
	BucketOwn BucketState = "own"
	// BucketAbsent is nowhere: nobody has the name.
	BucketAbsent BucketState = "absent"
	// BucketForbidden is there, but belongs to another account or may not
	// be looked at; S3 does not say which.
	BucketForbidden BucketState = "forbidden"
)

// Bucket is an S3 bucket as far as install has to know it.
type Bucket struct {
	Name   string      `json:"name"`
	State  BucketState `json:"state,omitempty"`
	Region string      `json:"region,omitempty"`
}
