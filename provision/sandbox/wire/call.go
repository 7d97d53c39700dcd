package wire

import (
	"net/http"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
)

// Call is one request after it was decoded and before it is answered.
type Call struct {
	ID       string        // the request ID that the answer carries
	Service  string        // "iam", "sts", "ecr", "s3"
	Action   string        // "CreateUser", without the service
	Region   string        // the region for which the request was signed
	Resource string        // what the call is about, for the request log
	Now      time.Time     // the sandbox's time when the call arrived
	Caller   *Caller       // who signed, nil before the signature was checked
	Params   Params        // the parameters of a Query call
	Request  *http.Request // the request, its body already read
	Body     []byte        // the body, with any chunk framing removed

	// May tells whether the caller has a further permission. It is for
	// answers that depend on what the caller may see.
	May func(Need) bool
}

// Caller is the principal behind a signature.
type Caller struct {
	ARN     string // "arn:aws:iam::123456789012:user/ana"
	Account string // the account that the principal belongs to
	UserID  string // the unique ID; for a session "AROA…:session"
	User    string // the user's name, "" for a role session
	Role    string // the role's name, "" for a user
	Session string // the role session's name, "" for a user
	KeyID   string // the access key that signed
}

// Need is one permission that a call calls for. A call is carried out only
// when every one of its needs is met.
type Need struct {
	Action   string              // "iam:CreateUser"
	Resource string              // an ARN, or "*"
	Context  map[string][]string // condition keys beyond the global ones
	Policy   *policy.Document    // the resource's own policy, nil for none
	Owner    string              // the resource's account, "" for this one
	Trust    bool                // the policy is a trust policy: without its consent nobody may
}

// Answer is what goes back to the client.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Code   string // the error code for the request log, "" for success
}
