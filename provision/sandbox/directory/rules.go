package directory

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// The names that AWS accepts, from
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var (
	nameRule   = lazy(`^[\w+=,.@-]+$`)
	pathRule   = lazy(`^(/|/[\x21-\x7E]+/)$`)
	inlineRule = lazy(`^[\w+=,.@-]+$`)
)

const (
	maxUserName   = 64
	maxRoleName   = 64
	maxGroupName  = 128
	maxPolicyName = 128
	maxPath       = 512
	maxTagKey     = 128
	maxTagValue   = 256
)

// checkName refuses a name with the wrong characters or length. The field is
// the parameter's name, for the message.
func checkName(field, name string, longest int) error {
	if len(name) < 1 {
		return wire.Errorf("ValidationError", "1 validation error detected: Value '' at '%s' failed to satisfy constraint: Member must have length greater than or equal to 1", field)
	}
	if len(name) > longest {
		return wire.Errorf("ValidationError", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", name, field, longest)
	}
	if !nameRule().MatchString(name) {
		return wire.Errorf("ValidationError", "The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", field)
	}
	return nil
}

// checkPath refuses a path that does not begin and end with a slash.
func checkPath(path string) error {
	if len(path) > maxPath || !pathRule().MatchString(path) {
		return wire.Errorf("ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

func checkTags(tags []Tag, most int) error {
	if len(tags) > most {
		return wire.Errorf("LimitExceeded", "The number of tags has reached the maximum limit.")
	}
	seen := map[string]bool{}
	for _, t := range tags {
		if t.Key == "" || len(t.Key) > maxTagKey || len(t.Value) > maxTagValue {
			return wire.Errorf("InvalidInput", "1 validation error detected: a tag key has 1 to %d characters, a tag value up to %d.", maxTagKey, maxTagValue)
		}
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return wire.Errorf("InvalidInput", "Tag keys beginning with aws: are reserved for AWS.")
		}
		if seen[key(t.Key)] {
			return wire.Errorf("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key(t.Key)] = true
	}
	return nil
}

// readDocument parses an identity policy and holds it to a size. White space
// does not count. The quota is the name of the limit in the message.
func readDocument(text, quota string, largest int) (Document, error) {
	size := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	if size > largest {
		return Document{}, wire.Errorf("LimitExceeded", "Cannot exceed quota for %s: %d", quota, largest)
	}
	for _, r := range text {
		if r != '\t' && r != '\n' && r != '\r' && (r < 0x20 || r > 0xFF) {
			return Document{}, wire.Errorf("MalformedPolicyDocument", "The policy contains characters that are not allowed.")
		}
	}
	parsed, err := policy.Parse(text)
	if err != nil {
		return Document{}, wire.Errorf("MalformedPolicyDocument", "Syntax errors in policy. %s", err)
	}
	for _, st := range parsed.Statements {
		switch {
		case len(st.Principals) > 0:
			return Document{}, wire.Errorf("MalformedPolicyDocument", "Policy document should not specify a principal.")
		case len(st.Resources) == 0:
			return Document{}, wire.Errorf("MalformedPolicyDocument", "Policy statement must contain resources.")
		}
	}
	return Document{Text: text, Parsed: parsed}, nil
}

// lazy is a pattern that is compiled when it is first asked for, so that a
// start that needs none does not pay for it.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
