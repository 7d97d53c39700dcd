package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// SuppressionEntity is a decision in the answers file.
const SuppressionEntity provision.EntityType = "suppression"

// suppressionChecks are about the decisions themselves. They are judged after
// all others, by what those found.
func suppressionChecks() []Check {
	return []Check{
		{
			ID: expiredID, Kind: AuditKind, Severity: Medium,
			Title:     "No suppression has expired",
			Rationale: "Somebody said until when this would be fine. That day is over, and the finding is back.",
		},
		{
			ID: unusedID, Kind: AuditKind, Severity: Advice,
			Title:     "Every suppression is still needed",
			Rationale: "One that suppresses nothing would hide the next finding of its kind.",
		},
	}
}

const (
	expiredID = "suppression-expired"
	unusedID  = "suppression-unused"
)

// suppress marks the findings that somebody decided to live with, and gives
// the outcomes of the two checks on those decisions. A decision about all that
// a check finds is one about what it cannot know too; accepted are those
// checks. Open are the checks that lack reads.
func (c *scene) suppress(all []Finding, open []string) (expired, unused outcome, accepted []string) {
	mine := slices.DeleteFunc(slices.Clone(c.Suppressions), func(s Suppression) bool {
		return s.Cluster != "" && s.Cluster != c.Survey.Cluster
	})
	expired.looked, unused.looked = len(mine) > 0, len(mine) > 0
	for _, s := range mine {
		over := s.expired(c.Now)
		hits := 0
		for i := range all {
			if !s.fits(c.Survey.Cluster, all[i]) {
				continue
			}
			hits++
			if !over {
				all[i].Suppressed = &s
			}
		}
		if s.subject() == "*" && slices.Contains(open, s.Check) {
			hits++
			if !over {
				accepted = append(accepted, s.Check)
			}
		}
		e := entity(SuppressionEntity, s.Check+" "+s.subject())
		evidence := Evidence{Read: "answers file", Text: "until " + s.Expires + ": " + s.Reason}
		switch {
		case over:
			expired.findings = append(expired.findings, finding(expiredID, Medium, e, "",
				"A suppression of "+s.Check+" expired on "+s.Expires, "Reason given: "+s.Reason+".").
				seen(evidence).fix(Remedy{Text: "Fix what it hid, or decide anew and give it another day."}))
		case hits == 0:
			unused.findings = append(unused.findings, finding(unusedID, Advice, e, "",
				"A suppression of "+s.Check+" suppresses nothing", "What it was about is gone, or is called otherwise now.").
				seen(evidence).fix(Remedy{Text: "Take it out of the answers file."}))
		}
	}
	return expired, unused, accepted
}

func (s Suppression) subject() string {
	if s.Entity == "" {
		return "*"
	}
	return s.Entity
}
