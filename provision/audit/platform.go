package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// RegistrationEntity is a destination as nullplatform has it on record.
const RegistrationEntity provision.EntityType = "registration"

// platformChecks compare the account with what nullplatform has on record.
// They are made only when that was asked for.
func platformChecks() []Check {
	return []Check{platformKey(), platformRole(), platformBucket()}
}

func (c *scene) eachRegistration(look func(Registration) ([]Finding, []provision.Gap)) outcome {
	if c.Platform == nil {
		return outcome{notAsked: true}
	}
	out := outcome{gaps: c.Platform.Unread, looked: len(c.Platform.Registrations) > 0}
	for _, r := range c.Platform.Registrations {
		f, g := look(r)
		out.findings, out.gaps = append(out.findings, f...), append(out.gaps, g...)
	}
	return out
}

// kept is a value that the platform does not give away.
func kept(r Registration, what string) []provision.Gap {
	return []provision.Gap{{
		Action: "read the " + what, Resource: "registration " + r.ID, Asked: true, Reason: "nullplatform does not give it away",
	}}
}

func registration(r Registration) provision.Entity { return entity(RegistrationEntity, r.ID) }

func recorded(r Registration, text string) Evidence {
	return Evidence{Read: "nullplatform provider " + r.ID, Text: text + " at " + r.NRN}
}

func platformKey() Check {
	const id = "platform-key"
	return Check{
		ID: id, Kind: PlatformKind, Severity: High,
		Title:     "The key that nullplatform has on record is active",
		Rationale: "CI publishes with the key on record. One that is inactive or gone stops every build.",
		run: func(c *scene) outcome {
			return c.eachRegistration(func(r Registration) ([]Finding, []provision.Gap) {
				if r.Kind != provision.ECR || r.CIRole != "" || c.inv.User == nil {
					return nil, nil // a bucket is registered without a key
				}
				if r.KeyID == "" {
					return nil, kept(r, "key ID")
				}
				if gaps := c.gaps("user/"+c.names.user, "iam:ListAccessKeys"); len(gaps) > 0 {
					return nil, gaps
				}
				i := slices.IndexFunc(c.inv.User.Keys, func(k provision.Key) bool { return k.ID == r.KeyID })
				switch {
				case i < 0:
					return []Finding{finding(id, High, registration(r), "", "nullplatform has a key on record that the build user does not have",
						"It is "+r.KeyID+": deleted, or of another user or cluster.").
						seen(recorded(r, "key "+r.KeyID)).
						fix(Remedy{Text: "Find out whose key it is. If CI publishes with it, publishing is not what this audit looks at; otherwise hand over the build user's key."})}, nil
				case !c.inv.User.Keys[i].Active:
					k := c.inv.User.Keys[i]
					fix := c.deactivate(k, "Make the key active again, or hand over another.")
					fix.Fix, fix.Undo, fix.UndoText = fix.Undo, fix.Fix, "Make it inactive again."
					return []Finding{finding(id, High, registration(r), "", "The key that nullplatform has on record is inactive",
						"CI cannot publish with "+k.ID+".").
						seen(recorded(r, "key "+r.KeyID), listing(k)).fix(fix)}, nil
				}
				return nil, nil
			})
		},
	}
}

func platformRole() Check {
	const id = "platform-role"
	return Check{
		ID: id, Kind: PlatformKind, Severity: Medium,
		Title:     "nullplatform assumes the application role of this cluster",
		Rationale: "With another role on record, new applications get no repository, or get it elsewhere.",
		run: func(c *scene) outcome {
			return c.eachRegistration(func(r Registration) ([]Finding, []provision.Gap) {
				switch {
				case r.Kind != provision.ECR || c.inv.Role == nil:
					return nil, nil
				case r.ApplicationRole == "":
					return nil, kept(r, "role ARN")
				case r.ApplicationRole == c.inv.Role.ARN:
					return nil, nil
				}
				return []Finding{finding(id, Medium, registration(r), "", "nullplatform has another application role on record",
					"It is "+r.ApplicationRole+", and this cluster's is "+c.inv.Role.ARN+".").
					seen(recorded(r, "role "+r.ApplicationRole)).
					fix(Remedy{Text: "Register the destination again with this cluster's role, if it is meant for this cluster."})}, nil
			})
		},
	}
}

func platformBucket() Check {
	const id = "platform-bucket"
	return Check{
		ID: id, Kind: PlatformKind, Severity: High,
		Title:     "CI may publish to the bucket that nullplatform has on record",
		Rationale: "CI is told to upload there, whatever the policies say.",
		run: func(c *scene) outcome {
			return c.eachRegistration(func(r Registration) ([]Finding, []provision.Gap) {
				if r.Bucket == "" || c.inv.User == nil {
					return nil, nil
				}
				if v, _ := c.ask(c.bucketNeed(r.Bucket).requests); v.Outcome != policy.Denied {
					return nil, nil
				}
				if len(c.user.gaps) > 0 {
					return nil, c.user.gaps
				}
				return []Finding{finding(id, High, registration(r), "", "nullplatform tells CI to publish to "+r.Bucket+", and CI may not",
					"No policy of the build user allows s3:PutObject there.").
					seen(recorded(r, "bucket "+r.Bucket)).
					fix(Remedy{Text: "Grant the bucket with slipway install, or register the one that is granted.", Job: "install", Fix: [][]string{c.installCommand()}})}, nil
			})
		},
	}
}
