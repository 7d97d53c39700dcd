package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

func alwaysTrue() Check {
	const id = "condition-always-true"
	return Check{
		ID: id, Kind: GrantKind, Severity: Low,
		Title:      "No condition of a grant is always true",
		Rationale:  "A condition that lets everything pass looks like a limit and is none.",
		References: refs("Parliament", "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE"),
		run: func(c *scene) outcome {
			return c.eachStatement(func(s statement) []Finding {
				for _, condition := range s.Conditions {
					why := emptyCondition(condition, c.Now)
					if why == "" {
						continue
					}
					return []Finding{finding(id, Low, attachmentOf(s.source, []provision.Entity{s.source.holder}), "statement "+s.ident(),
						"A condition of "+s.source.name+" is always true", conditionWords([]policy.Condition{condition})+": "+why+".").
						seen(s.evidence(element(condition.Operator, []string{condition.Key + " " + listed(condition.Values)}))).
						fix(Remedy{Text: "Take the condition out, or write the one that was meant."})}
				}
				return nil
			})
		},
	}
}

// alwaysPresent are the keys that every signed request has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var alwaysPresent = []string{
	"aws:currenttime", "aws:epochtime", "aws:principalarn", "aws:principalaccount", "aws:userid",
	"aws:requestedregion", "aws:securetransport", "aws:principaltype",
}

// emptyCondition says why a condition lets every request pass, or "".
func emptyCondition(c policy.Condition, now time.Time) string {
	op := strings.ToLower(c.Operator)
	ifExists := strings.HasSuffix(op, "ifexists")
	op = strings.TrimSuffix(op, "ifexists")
	present := ifExists || slices.Contains(alwaysPresent, strings.ToLower(c.Key))
	anyValue := func(match func(string) bool) bool { return slices.ContainsFunc(c.Values, match) }
	switch {
	case strings.HasPrefix(op, "forallvalues:") && !strings.Contains(op, "not"):
		return "ForAllValues lets a request pass that does not have the key"
	case strings.HasPrefix(op, "date") && strings.EqualFold(c.Key, "aws:CurrentTime"):
		return emptyDate(op, c.Values, now)
	case (op == "stringlike" || op == "arnlike" || op == "arnequals") && present && anyValue(func(v string) bool { return strings.Trim(v, "*") == "" && v != "" }):
		return "the pattern * matches everything"
	case op == "ipaddress" && strings.EqualFold(c.Key, "aws:SourceIp") && anyValue(func(v string) bool { return v == "0.0.0.0/0" }):
		return "0.0.0.0/0 is every address"
	case op == "null" && slices.Contains(alwaysPresent, strings.ToLower(c.Key)) && anyValue(func(v string) bool { return strings.EqualFold(v, "false") }):
		return "every request has the key"
	}
	return ""
}

// farAway is a time that no grant of today will see.
const farAway = 50 * 365 * day

func emptyDate(op string, values []string, now time.Time) string {
	for _, v := range values {
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			if at, err = time.Parse(dateLayout, v); err != nil {
				continue
			}
		}
		switch {
		case strings.HasPrefix(op, "dategreaterthan") && at.Before(now):
			return "the date is over"
		case strings.HasPrefix(op, "datelessthan") && at.After(now.Add(farAway)):
			return "the date is too far away to matter"
		}
	}
	return ""
}
