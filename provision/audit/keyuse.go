package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

const (
	// freshKey is how many days a new key may wait for its first use.
	freshKey = 7
	// idleKey is how many days without use make a key unused.
	idleKey = 45
)

func keyNeverUsed() Check {
	const id = "key-never-used"
	return Check{
		ID: id, Kind: KeyKind, Severity: Medium,
		Title:      "Every active key has been used",
		Rationale:  "A key that was made and never used was perhaps handed to somebody, or was never handed to CI.",
		References: refs(cis3, "1.11", cis5, "1.10", prowler, "iam_user_no_setup_initial_access_key"),
		run: func(c *scene) outcome {
			return c.eachActive(true, func(k provision.Key) []Finding {
				age := days(k.Created, c.Now)
				if k.LastUsed != nil || age < freshKey {
					return nil
				}
				return []Finding{finding(id, Medium, keyEntity(k), "",
					"Key "+k.ID+" was never used", "It was made "+itoa(age)+" days ago. Uses of the last hours may not show yet.").
					seen(listing(k), lastUsed(k)).
					fix(c.deactivate(k, "Make it inactive, if the platform does not have it on record; delete it later."))}
			})
		},
	}
}

func keyUnused() Check {
	const id = "key-unused"
	return Check{
		ID: id, Kind: KeyKind, Severity: Medium,
		Title:     "Every active key was used in the last 45 days",
		Rationale: "A key that nobody needs is one that nobody misses when it is stolen.",
		References: refs(cis3, "1.12", cis5, "1.11", securityHub, "IAM.22", securityHub, "IAM.8",
			prowler, "iam_user_accesskey_unused"),
		run: func(c *scene) outcome {
			return c.eachActive(true, func(k provision.Key) []Finding {
				if k.LastUsed == nil || days(k.LastUsed.At, c.Now) <= idleKey {
					return nil
				}
				return []Finding{finding(id, Medium, keyEntity(k), "",
					"Key "+k.ID+" was last used "+itoa(days(k.LastUsed.At, c.Now))+" days ago", "CI has not published with it since, or publishes with another.").
					seen(listing(k), lastUsed(k)).
					fix(c.deactivate(k, "Make it inactive, if nothing of this cluster is built any more or CI has another key."))}
			})
		},
	}
}

// publishingServices are those that CI talks to when it publishes.
var publishingServices = []string{"ecr", "s3", "sts", "kms"}

func keyService() Check {
	const id = "key-service"
	return Check{
		ID: id, Kind: KeyKind, Severity: High,
		Title:     "The keys are used for publishing only",
		Rationale: "The last request of CI's key went to a service that publishing does not need: somebody else has the key, or CI does more than publish. AWS tells the last request only.",
		run: func(c *scene) outcome {
			return c.eachActive(true, func(k provision.Key) []Finding {
				if k.LastUsed == nil || slices.Contains(publishingServices, strings.ToLower(k.LastUsed.Service)) {
					return nil
				}
				return []Finding{finding(id, High, keyEntity(k), "",
					"Key "+k.ID+" was last used for "+k.LastUsed.Service, "Publishing needs ECR, S3 and STS.").
					seen(lastUsed(k)).
					fix(Remedy{
						Text: "Look the request up in CloudTrail: from where, by what. If it was not CI, rotate the key today.",
						Fix:  [][]string{aws("cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=AccessKeyId,AttributeValue="+k.ID)},
					})}
			})
		},
	}
}

func keyRegion() Check {
	const id = "key-region"
	return Check{
		ID: id, Kind: KeyKind, Severity: Advice,
		Title:     "The keys are used where the destinations are",
		Rationale: "A request in another region is unusual for CI. AWS tells the last request only, and counts STS and some of S3 to us-east-1.",
		run: func(c *scene) outcome {
			return c.eachActive(true, func(k provision.Key) []Finding {
				if k.LastUsed == nil || slices.Contains(c.regions(), k.LastUsed.Region) {
					return nil
				}
				return []Finding{finding(id, Advice, keyEntity(k), "",
					"Key "+k.ID+" was last used in "+k.LastUsed.Region, "The destinations are in "+listed(c.regions())+", as far as this audit knows.").
					seen(lastUsed(k)).
					fix(Remedy{Text: "If no destination is there, look the request up in CloudTrail."})}
			})
		},
	}
}

// regions are where CI is expected: where this audit works, where the buckets
// and the registrations are, and where global services count requests to.
func (c *scene) regions() []string {
	out := []string{c.inv.Place.Region, "us-east-1", "N/A", ""}
	if c.Survey.Settings != nil {
		for _, b := range c.Survey.Settings.Buckets {
			out = append(out, b.Region)
		}
	}
	if c.Platform != nil {
		for _, r := range c.Platform.Registrations {
			out = append(out, r.Region)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
