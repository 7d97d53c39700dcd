package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

func keyPresent() Check {
	const id = "key-present"
	return Check{
		ID: id, Kind: KeyKind, Severity: Medium,
		Title:     "The build user has an active key",
		Rationale: "CI signs in with it, unless the platform has a role for CI on record.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+c.names.user, "iam:ListAccessKeys"); len(gaps) > 0 {
				return unread(gaps...)
			}
			if slices.ContainsFunc(c.inv.User.Keys, func(k provision.Key) bool { return k.Active }) || c.ciRole() {
				return passed()
			}
			return passed(finding(id, Medium, entity(provision.UserEntity, c.names.user), "",
				"The build user has no active key", "CI has nothing to sign in with, unless it assumes a role.").
				seen(Evidence{Read: "iam:ListAccessKeys", Text: counted(len(c.inv.User.Keys), "key", "keys") + ", none active"}).
				fix(Remedy{Text: "Run slipway install: it makes a key and hands it over.", Job: "install", Fix: [][]string{c.installCommand()}}))
		},
	}
}

// ciRole reports whether the platform tells CI to assume a role.
func (c *scene) ciRole() bool {
	return c.Platform != nil && slices.ContainsFunc(c.Platform.Registrations, func(r Registration) bool { return r.CIRole != "" })
}
