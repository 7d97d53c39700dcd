package policy

import (
	"fmt"
	"strings"
)

// Default quotas of IAM. Some can be raised for an account; the quotas in
// force come from GetAccountSummary.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	// ManagedPolicySize bounds one managed policy, in characters.
	ManagedPolicySize = 6144
	// TrustPolicySize bounds the trust policy of a role, in characters.
	TrustPolicySize = 2048
	// UserInlineSize bounds all inline policies of one user together.
	UserInlineSize = 2048
	// GroupInlineSize bounds all inline policies of one group together.
	GroupInlineSize = 5120
	// RoleInlineSize bounds all inline policies of one role together.
	RoleInlineSize = 10240
	// PolicyVersions bounds the versions that a managed policy keeps.
	PolicyVersions = 5
)

// SizeError says that documents are larger than IAM takes.
type SizeError struct {
	// What is what the quota is about, such as "managed policy".
	What string
	// Size and Limit are in characters, white space not counted.
	Size, Limit int
}

// Error states size and limit and the way out.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the %s has %d characters without white space, IAM takes %d: shorten it, or split it in several",
		e.What, e.Size, e.Limit)
}

// Size is the number of characters of a document as IAM counts them: without
// white space.
func Size(text string) int {
	n := 0
	for _, r := range text {
		if !isSpace(r) {
			n++
		}
	}
	return n
}

// isSpace is the white space that IAM does not count.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// CheckManaged checks the text of a managed policy against the default size.
// The error is a *SizeError or names the character that IAM refuses.
func CheckManaged(text string) error {
	return checkSize("managed policy", ManagedPolicySize, text)
}

// CheckTrustSize checks the text of a trust policy against the default size.
func CheckTrustSize(text string) error {
	return checkSize("trust policy", TrustPolicySize, text)
}

// CheckUserInline checks all inline policies of one user together.
func CheckUserInline(texts ...string) error {
	return checkSize("user's inline policies together", UserInlineSize, texts...)
}

// CheckGroupInline checks all inline policies of one group together.
func CheckGroupInline(texts ...string) error {
	return checkSize("group's inline policies together", GroupInlineSize, texts...)
}

// CheckRoleInline checks all inline policies of one role together.
func CheckRoleInline(texts ...string) error {
	return checkSize("role's inline policies together", RoleInlineSize, texts...)
}

// CheckVersions checks that a managed policy that keeps so many versions can
// take one more.
func CheckVersions(kept int) error {
	if kept >= PolicyVersions {
		return fmt.Errorf("the policy keeps %d versions, IAM takes %d: delete a version that is not the default first",
			kept, PolicyVersions)
	}
	return nil
}

// checkSize checks characters and total size.
func checkSize(what string, limit int, texts ...string) error {
	total := 0
	for _, text := range texts {
		if err := CheckCharacters(text); err != nil {
			return err
		}
		total += Size(text)
	}
	if total > limit {
		return &SizeError{What: what, Size: total, Limit: limit}
	}
	return nil
}

// CheckCharacters checks that a text holds only what IAM takes in a policy
// document: TAB, LF, CR and U+0020 to U+00FF. The error is a *SyntaxError
// with the place.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
func CheckCharacters(text string) error {
	at := strings.IndexFunc(text, func(r rune) bool {
		return r > '\u00ff' || r < ' ' && !isSpace(r)
	})
	if at < 0 {
		return nil
	}
	var r rune
	for _, r = range text[at:] {
		break
	}
	return &SyntaxError{
		Position: positionOf(text, at), Statement: -1,
		Reason: fmt.Sprintf("IAM does not take the character %U in a policy; it takes TAB, LF, CR and U+0020 to U+00FF", r),
	}
}
