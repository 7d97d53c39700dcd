package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// keyChecks are about the access keys of the build user. They look at keys as
// they are now, never at the credential report.
func keyChecks() []Check {
	return []Check{keyPresent(), keyAge(), keyTwo(), keyInactive(), keyNeverUsed(), keyUnused(), keyService(), keyRegion()}
}

// keysOf gives the keys, or the outcome of a check that cannot look at them.
func (c *scene) keysOf() ([]provision.Key, outcome, bool) {
	if c.inv.User == nil {
		return nil, nothing(), false
	}
	if gaps := c.gaps("user/"+c.names.user, "iam:ListAccessKeys"); len(gaps) > 0 {
		return nil, unread(gaps...), false
	}
	if len(c.inv.User.Keys) == 0 {
		return nil, nothing(), false
	}
	return c.inv.User.Keys, passed(), true
}

// eachActive looks at every active key; with use, only at those whose last use
// could be read.
func (c *scene) eachActive(use bool, look func(provision.Key) []Finding) outcome {
	keys, out, ok := c.keysOf()
	if !ok {
		return out
	}
	out.looked = slices.ContainsFunc(keys, func(k provision.Key) bool { return k.Active })
	for _, k := range keys {
		if !k.Active {
			continue
		}
		if gaps := c.gaps(k.ID, "iam:GetAccessKeyLastUsed"); use && len(gaps) > 0 {
			out.gaps = append(out.gaps, gaps...)
			continue
		}
		out.findings = append(out.findings, look(k)...)
	}
	return out
}

func keyEntity(k provision.Key) provision.Entity { return entity(provision.KeyEntity, k.ID) }

// listing is the evidence that ListAccessKeys gives about a key.
func listing(k provision.Key) Evidence {
	state := "active"
	if !k.Active {
		state = "inactive"
	}
	return Evidence{Read: "iam:ListAccessKeys", Text: k.ID + ", " + state + ", made " + k.Created.UTC().Format(dateLayout)}
}

// lastUsed is the evidence that GetAccessKeyLastUsed gives.
func lastUsed(k provision.Key) Evidence {
	text := "never used"
	if u := k.LastUsed; u != nil {
		text = "last used " + u.At.UTC().Format(dateLayout) + " for " + u.Service + " in " + u.Region
	}
	return Evidence{Read: "iam:GetAccessKeyLastUsed", Text: text}
}

// deactivate is the careful way to be rid of a key: it can be taken back.
func (c *scene) deactivate(k provision.Key, text string) Remedy {
	set := func(status string) []string {
		return iamCommand("update-access-key", "--user-name", c.names.user, "--access-key-id", k.ID, "--status", status)
	}
	return Remedy{Text: text, Fix: [][]string{set("Inactive")}, UndoText: "Make it active again; it is the same key.", Undo: [][]string{set("Active")}}
}
