package provision

import "strings"

// describeTags is one tag a line, sorted.
func describeTags(tags map[string]string) string {
	var lines []string
	for _, k := range sortedKeys(tags) {
		lines = append(lines, k+"="+tags[k])
	}
	return strings.Join(lines, "\n")
}

// describeUser is what a user has besides its name.
func describeUser(u User) string {
	var lines []string
	if u.Boundary != "" {
		lines = append(lines, "permissions boundary "+u.Boundary)
	}
	if len(u.Tags) > 0 {
		lines = append(lines, describeTags(u.Tags))
	}
	return strings.Join(lines, "\n")
}

// untag is the call that takes tags away again that a tagging call set.
func untag(set Call, tags map[string]string) Call {
	c := Call{Action: strings.Replace(set.Action, ":Tag", ":Untag", 1), Resource: set.Resource}
	c.Params = append(c.Params, set.Params...)
	c.Params = append(c.Params, Param{Name: "TagKeys", Value: strings.Join(sortedKeys(tags), ",")})
	return c
}
