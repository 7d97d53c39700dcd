package policy

import "strings"

// Context is what is known about a request beside action and resource.
type Context struct {
	// Values are the condition keys, matched case-insensitively. A key with no
	// values is known to be absent from the request.
	Values map[string][]string
	// Partial says that a key that is not in Values is unknown; otherwise it
	// is absent from the request.
	Partial bool
}

// lookup finds a key's values. lower is the key in lower case. A key without
// values and an absent key are the same: no values and known.
func (c *Context) lookup(key, lower string) (values []string, known bool) {
	if v, ok := c.Values[key]; ok {
		return v, true
	}
	if v, ok := c.Values[lower]; ok {
		return v, true
	}
	// The map may spell the key in a third way. The smallest spelling wins, so
	// that the answer does not depend on map order.
	found := ""
	for k, v := range c.Values {
		if len(k) == len(key) && strings.EqualFold(k, key) && (found == "" || k < found) {
			found, values = k, v
		}
	}
	return values, found != "" || !c.Partial
}
