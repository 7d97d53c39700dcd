package provision

import "time"

// Survey is the inventory of one cluster and what only an audit looks at. What
// could not be read of either is in the inventory's list of gaps.
type Survey struct {
	// Cluster is the name that the entity names derive from; empty for the
	// modules before 1.12.4, which made one identity an account.
	Cluster   string     `json:"cluster"`
	Inventory *Inventory `json:"inventory"`
	// Login is the build user's console password, nil when it has none.
	Login *Login `json:"login,omitempty"`
	// MFA are the serial numbers of the build user's devices.
	MFA []string `json:"mfa_devices,omitempty"`
	// Versions are the versions that a policy keeps, by its ARN.
	Versions map[string][]string `json:"versions,omitempty"`
	// Settings are those of the destinations, nil when nobody asked.
	Settings *Settings `json:"settings,omitempty"`
}

// Login is a console password, of which only the circumstances are known.
type Login struct {
	Created time.Time `json:"created"`
}

// Settings are how the destinations are set up.
type Settings struct {
	Buckets      []DestinationBucket     `json:"buckets,omitempty"`
	Repositories []DestinationRepository `json:"repositories,omitempty"`
}

// DestinationBucket is how a bucket is set up: what decides on publishing to it,
// and for an audit, what is of good order besides. Nothing but the bucket itself
// is read of one that is absent or somebody else's.
type DestinationBucket struct {
	Bucket
	// Policy is the bucket policy's text, empty for none.
	Policy string `json:"policy,omitempty"`
	// PublicAccessBlocked is true when all four settings are on. It is read for
	// an audit alone.
	PublicAccessBlocked bool `json:"public_access_blocked"`
	// Algorithm is how objects are encrypted unless told otherwise: AES256,
	// aws:kms or aws:kms:dsse. Empty when it was not read.
	Algorithm string `json:"algorithm,omitempty"`
	// KMSKey is the key's ID or ARN, empty for the account's own aws/s3.
	KMSKey string `json:"kms_key,omitempty"`
	// Versioned is true when overwritten objects are kept. It is read for an
	// audit alone.
	Versioned bool `json:"versioned"`
	// Unread are the reads that the account refused, where the bucket was
	// looked at by itself; an audit has its gaps in one place.
	Unread []Gap `json:"unread,omitempty"`
}

// DestinationRepository is how an ECR repository is set up.
type DestinationRepository struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
	// Immutable is true when a tag stays where it is.
	Immutable bool `json:"immutable"`
	// ScanOnPush is true when images are scanned as they arrive.
	ScanOnPush bool `json:"scan_on_push"`
	// Policy is the repository policy's text, empty for none.
	Policy string `json:"policy,omitempty"`
}

// SurveyScope says what to read for an audit.
type SurveyScope struct {
	Cluster string
	// Scope are the entities by name, of every contract that may be there.
	Scope
	// PolicyARNs are policies to read by ARN, where a list has named them.
	PolicyARNs []string
}

// Found is an entity that a list of the account named.
type Found struct {
	Type EntityType
	Name string
	ARN  string
}
