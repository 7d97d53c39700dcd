package layout

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// StringKey is a string as an instance key in an address: `["prod"]`.
func StringKey(s string) string {
	return "[" + Quote(s) + "]"
}

// Quote is a string as the configuration language writes it.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// unquote reads a quoted key without interpolation.
func unquote(s string) (string, error) {
	e, diags := hclsyntax.ParseExpression([]byte(s), "key", hcl.InitialPos)
	if diags.HasErrors() {
		return "", diags
	}
	out, ok := literal(e)
	if !ok {
		return "", fmt.Errorf("%s is no quoted string", s)
	}
	return out, nil
}

// The names that the modules give. Names of the split are in provision.
const (
	prefix     = "nullplatform-"
	userSuffix = "-build-workflow-user"
	plainUser  = "nullplatform-build-workflow-user"
)

// UserName is the build user's name of a cluster since 1.12.4.
func UserName(cluster string) string { return prefix + cluster + userSuffix }

// LegacyGroup is the group's name of contract 3.4.
func LegacyGroup(cluster string) string { return prefix + cluster + "-ecr-managers" }

// clusterOf reads the cluster's name from a build user's, false when the name
// is not of the modules or holds none.
func clusterOf(user string) (string, bool) {
	inner, ok := strings.CutPrefix(user, prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, userSuffix)
}
