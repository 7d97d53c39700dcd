package audit

import (
	"github.com/nullplatform/slipway/provision"
)

func keyTwo() Check {
	const id = "key-two"
	return Check{
		ID: id, Kind: KeyKind, Severity: Medium,
		Title:      "There is one active key",
		Rationale:  "Two active keys are a rotation under way, or one that was forgotten.",
		References: refs(cis3, "1.13", cis5, "1.12", prowler, "iam_user_two_active_access_key"),
		run: func(c *scene) outcome {
			keys, out, ok := c.keysOf()
			if !ok {
				return out
			}
			var active []provision.Key
			for _, k := range keys {
				if k.Active {
					active = append(active, k)
				}
			}
			if len(active) < 2 {
				return out
			}
			idle := idler(active)
			if by := c.idle(idle); by != "" {
				out.covered = by // one of the two is to go anyway
				return out
			}
			f := finding(id, Medium, entity(provision.UserEntity, c.names.user), "",
				"The build user has "+itoa(len(active))+" active keys",
				"Either a rotation is under way, or it was never ended. Key "+idle.ID+" is the one with less use.")
			for _, k := range active {
				f = f.seen(listing(k), lastUsed(k))
			}
			return passed(f.fix(c.deactivate(idle, "Find out which key the platform has on record, and make the other inactive. Delete it when a week went by without trouble.")))
		},
	}
}

// idler is the key with the older last use, or none, or else the older one.
func idler(keys []provision.Key) provision.Key {
	idle := keys[0]
	for _, k := range keys[1:] {
		switch {
		case k.LastUsed == nil && idle.LastUsed == nil && k.Created.Before(idle.Created),
			k.LastUsed == nil && idle.LastUsed != nil,
			k.LastUsed != nil && idle.LastUsed != nil && k.LastUsed.At.Before(idle.LastUsed.At):
			idle = k
		}
	}
	return idle
}
