package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a document is attached to, which decides what it may hold.
type Kind int

// The kinds of policy documents.
const (
	// IdentityPolicy is attached to a user, group or role, or is a boundary.
	IdentityPolicy Kind = iota
	// TrustPolicy says who may assume a role.
	TrustPolicy
	// ResourcePolicy is attached to a bucket, a repository and the like.
	ResourcePolicy
)

// String names the kind in a sentence.
func (k Kind) String() string {
	switch k {
	case TrustPolicy:
		return "trust policy"
	case ResourcePolicy:
		return "resource policy"
	default:
		return "identity policy"
	}
}

// Check checks what IAM asks of one kind of policy beyond the grammar when it
// is created. A document that was read from an account always passes, unless
// it is older than a rule. The error is a *SyntaxError at the first statement
// that is wrong.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (d *Document) Check(k Kind) error {
	for i := range d.Statements {
		s := &d.Statements[i]
		reason := s.checkCommon(k)
		if reason == "" {
			switch k {
			case IdentityPolicy:
				reason = s.checkIdentity()
			case TrustPolicy:
				reason = s.checkTrust()
			case ResourcePolicy:
				reason = s.checkPrincipal(k)
			}
		}
		if reason != "" {
			return &SyntaxError{Position: s.Position, Statement: i, Reason: reason}
		}
	}
	return nil
}

// checkCommon holds for every kind.
func (s *Statement) checkCommon(k Kind) string {
	for i := range s.conditions {
		c := &s.conditions[i]
		for j := range c.values {
			if isDate(c.operator.compare) && !c.values[j].valid {
				return fmt.Sprintf("%s %s: %q is neither an ISO 8601 date nor seconds since 1970",
					c.operator, c.key, s.Conditions[i].Values[j])
			}
		}
	}
	if k == ResourcePolicy {
		return ""
	}
	// Services may take more in a Sid, IAM does not.
	if strings.IndexFunc(s.Sid, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) >= 0 {
		return fmt.Sprintf("Sid %q: IAM takes only ASCII letters and digits", s.Sid)
	}
	return ""
}

// isDate reports whether a comparator reads dates.
func isDate(c comparator) bool { return familyOf(c) == dateFamily }

// checkIdentity asks for resources and no principals.
func (s *Statement) checkIdentity() string {
	if len(s.Principals) > 0 {
		return "an identity policy names no principal: it is about whom it is attached to"
	}
	if len(s.Resources) == 0 {
		return "an identity policy needs Resource or NotResource in every statement"
	}
	for _, r := range s.Resources {
		if r != "*" && !strings.HasPrefix(r, "arn:") {
			return fmt.Sprintf("Resource %q must be in ARN format or \"*\"", r)
		}
	}
	return ""
}

// checkTrust asks for principals and no resources.
func (s *Statement) checkTrust() string {
	if reason := s.checkPrincipal(TrustPolicy); reason != "" {
		return reason
	}
	if len(s.Resources) > 0 {
		return "a trust policy has no Resource: it is about the role it belongs to"
	}
	if s.NotPrincipal {
		return "a trust policy takes no NotPrincipal"
	}
	if slices.ContainsFunc(s.Actions, func(a string) bool { return !strings.HasPrefix(lowerASCII(a), "sts:") }) {
		return "a trust policy is about sts actions only"
	}
	return ""
}

// checkPrincipal asks for principals.
func (s *Statement) checkPrincipal(k Kind) string {
	if len(s.Principals) == 0 {
		return "a " + k.String() + " needs Principal in every statement"
	}
	if s.NotPrincipal && s.Effect == Allow {
		return "NotPrincipal must be used with \"Effect\": \"Deny\""
	}
	return ""
}
