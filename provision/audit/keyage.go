package audit

import "github.com/nullplatform/slipway/provision"

// A key is old after 90 days, as everybody counts, and very old after a year.
const (
	oldKey     = 90
	veryOldKey = 365
)

func keyAge() Check {
	const id = "key-age"
	return Check{
		ID: id, Kind: KeyKind, Severity: High,
		Title:      "No active key is older than 90 days",
		Rationale:  "The longer a key lives, the more places have seen it: old runners, old logs, old laptops.",
		References: refs(cis3, "1.14", cis5, "1.13", securityHub, "IAM.3", prowler, "iam_rotate_access_key_90_days"),
		run: func(c *scene) outcome {
			var idle string
			out := c.eachActive(false, func(k provision.Key) []Finding {
				age := days(k.Created, c.Now)
				if age <= oldKey {
					return nil
				}
				if by := c.idle(k); by != "" {
					idle = by
					return nil // such a key is to go, not to be replaced
				}
				severity := Medium
				if age > veryOldKey {
					severity = High
				}
				return []Finding{finding(id, severity, keyEntity(k), "",
					"Key "+k.ID+" is "+itoa(age)+" days old", "It should be replaced every "+itoa(oldKey)+" days.").
					seen(listing(k)).fix(c.rotation())}
			})
			out.covered = idle
			return out
		},
	}
}

// rotation is how a key is replaced: two at once for a while, never none. There
// is no command here: the one that makes a key prints its secret.
func (c *scene) rotation() Remedy {
	return Remedy{
		Text: "Rotate it on a day of your choosing: make a second key, hand it to the platform, see CI publish with it, then make the old one inactive, and delete it a week later. Slipway never rotates by itself.",
	}
}

// idle gives the finding that says of a key that nobody uses it, or "".
func (c *scene) idle(k provision.Key) string {
	if len(c.gaps(k.ID, "iam:GetAccessKeyLastUsed")) > 0 {
		return ""
	}
	switch {
	case k.LastUsed == nil && days(k.Created, c.Now) >= freshKey:
		return "key-never-used/" + keyEntity(k).String()
	case k.LastUsed != nil && days(k.LastUsed.At, c.Now) > idleKey:
		return "key-unused/" + keyEntity(k).String()
	}
	return ""
}
