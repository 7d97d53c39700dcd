package view

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// isObject reports whether text is a JSON object, as policy documents are.
func isObject(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), "{") && json.Valid([]byte(text))
}

// pretty indents JSON and leaves other text as it is.
func pretty(text string) string {
	var b bytes.Buffer
	if !isObject(text) || json.Indent(&b, []byte(strings.TrimSpace(text)), "", "  ") != nil {
		return text
	}
	return b.String()
}

// canonicalPair is the pretty canonical forms of two policies. Canonical forms
// spell actions in lower case; here both get the spelling that the second, or
// else the first, has for them, so that they can be read. A text that is no
// policy is only indented.
func canonicalPair(before, after string) (string, string) {
	x, errX := policy.Parse(before)
	y, errY := policy.Parse(after)
	if errX != nil || errY != nil {
		return pretty(before), pretty(after)
	}
	spelling := map[string]string{}
	for _, d := range []*policy.Document{x, y} {
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				spelling[strings.ToLower(a)] = a
			}
		}
	}
	return spelled(pretty(x.Canonical()), spelling), spelled(pretty(y.Canonical()), spelling)
}

// spelled puts the spelling of actions into the lines that are one action.
func spelled(text string, spelling map[string]string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		word := strings.Trim(l, ` ,"`)
		if as, ok := spelling[word]; ok {
			lines[i] = strings.Replace(l, `"`+word+`"`, `"`+as+`"`, 1)
		}
	}
	return strings.Join(lines, "\n")
}
