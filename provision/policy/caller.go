package policy

import "strings"

// Caller is who makes a request, as a trust or resource policy sees it.
type Caller struct {
	// ARN is the caller's own ARN: a user, an assumed-role session
	// (arn:aws:sts::…:assumed-role/role/session), a federated user, or a
	// root user. Empty for a service and for an anonymous caller.
	ARN string
	// RoleARN is the role behind an assumed-role session, with its path.
	RoleARN string
	// Account is the twelve digits of the caller's account.
	Account string
	// UserID is the unique ID: AIDA… for a user, AROA…:session for a session.
	UserID string
	// Service is the service principal, such as lambda.amazonaws.com.
	Service string
	// Federated is the identity provider of a web identity or SAML caller.
	Federated string
	// CanonicalUser is the S3 canonical user ID.
	CanonicalUser string
}

// String names the caller in a sentence.
func (c Caller) String() string {
	for _, s := range []string{c.ARN, c.Service, c.Federated, c.CanonicalUser} {
		if s != "" {
			return s
		}
	}
	if c.Account != "" {
		return "account " + c.Account
	}
	return "an anonymous caller"
}

// relation says how directly a statement speaks of a caller.
type relation uint8

const (
	// stranger is not spoken of.
	stranger relation = iota
	// delegated is spoken of through the account: the account's own policies
	// decide on.
	delegated
	// roleNamed is spoken of through the role of the session.
	roleNamed
	// named is spoken of directly, or with everybody.
	named
)

// match says how a statement's principals relate to the caller.
func (c *Caller) match(s *Statement) relation {
	best := stranger
	for _, p := range s.Principals {
		best = max(best, c.relation(p))
	}
	if !s.NotPrincipal {
		return best
	}
	if best == stranger {
		return named
	}
	return stranger
}

// relation says how one principal relates to the caller. Wildcards other than
// the lone asterisk have no meaning in a principal.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (c *Caller) relation(p Principal) relation {
	var same bool
	switch p.Type {
	case "*":
		same = true
	case "Service":
		same = p.ID == c.Service || p.ID == "*" && c.Service != ""
	case "Federated":
		same = p.ID == c.Federated || p.ID == "*" && c.Federated != ""
	case "CanonicalUser":
		same = p.ID == c.CanonicalUser
	default:
		return c.relationAWS(p.ID)
	}
	if same && p.ID != "" {
		return named
	}
	return stranger
}

// relationAWS says how an AWS principal relates to the caller.
func (c *Caller) relationAWS(id string) relation {
	switch {
	case id == "":
		return stranger
	case id == "*", id == c.ARN, id == c.UserID:
		return named
	case id == c.RoleARN, strings.HasPrefix(c.UserID, id+":"):
		return roleNamed
	case c.Account == "":
		return stranger
	case id == c.Account, strings.HasPrefix(id, "arn:") && strings.HasSuffix(id, ":iam::"+c.Account+":root"):
		return delegated
	}
	return stranger
}

// Keys are the condition keys that follow from who the caller is: those that
// AWS puts into every request that the caller makes.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c Caller) Keys() map[string][]string {
	keys := map[string][]string{}
	put := func(key, value string) {
		if value != "" {
			keys[key] = []string{value}
		}
	}
	put("aws:PrincipalAccount", c.Account)
	put("aws:userid", c.UserID)
	put("aws:PrincipalArn", c.ARN)
	// A session's principal ARN is that of its role.
	put("aws:PrincipalArn", c.RoleARN)
	kind, path, _ := strings.Cut(c.ARN[strings.LastIndexByte(c.ARN, ':')+1:], "/")
	switch kind {
	case "user":
		put("aws:PrincipalType", "User")
		put("aws:username", path[strings.LastIndexByte(path, '/')+1:])
	case "assumed-role":
		put("aws:PrincipalType", "AssumedRole")
	case "federated-user":
		put("aws:PrincipalType", "FederatedUser")
	case "root":
		put("aws:PrincipalType", "Account")
	}
	return keys
}
