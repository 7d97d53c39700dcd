package platform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// NRN names a place in a nullplatform organisation, such as
// "organization=1:account=2". The zero value names none.
type NRN struct{ parts []part }

type part struct{ level, id string }

// levels are the levels of an NRN, from the top. A level may be left out, but
// for the first.
func levels() []string {
	return []string{"organization", "account", "namespace", "application", "scope"}
}

const nrnWay = "write it as organization=1:account=2, with the numbers that nullplatform shows beside the names"

// ParseNRN reads an NRN, wildcards included. What is wrong is a
// [*provision.Problem] of the field "nrn".
func ParseNRN(text string) (NRN, error) {
	bad := func(format string, args ...any) (NRN, error) {
		return NRN{}, &provision.Problem{Field: "nrn", Rule: fmt.Sprintf(format, args...), Way: nrnWay}
	}
	if text == "" {
		return bad("is empty")
	}
	var n NRN
	next := 0
	for _, segment := range strings.Split(text, ":") {
		level, id, ok := strings.Cut(segment, "=")
		at := slices.Index(levels(), level)
		switch {
		case !ok || at < 0:
			return bad("%q has the part %q, which is none of %s with a number", text, segment, strings.Join(levels(), ", "))
		case next == 0 && at != 0:
			return bad("%q does not begin with organization=", text)
		case at < next:
			return bad("%q has %s twice or in the wrong place", text, level)
		case id == "" || strings.Trim(id, "0123456789*") != "":
			return bad("%q has %q for its %s, which is not a number", text, id, level)
		}
		n.parts, next = append(n.parts, part{level, id}), at+1
	}
	return n, nil
}

// CheckNRN checks an NRN that something is to be registered at: it must name
// one place.
func CheckNRN(text string) []provision.Problem {
	n, err := ParseNRN(text)
	if p := (*provision.Problem)(nil); asProblem(err, &p) {
		return []provision.Problem{*p}
	}
	if n.Wild() {
		return []provision.Problem{{
			Field: "nrn", Rule: fmt.Sprintf("%q has a wildcard, and a registration belongs to one place", text),
			Way: "write the number in its place",
		}}
	}
	return nil
}

// String is the NRN as it is written.
func (n NRN) String() string {
	out := make([]string, len(n.parts))
	for i, p := range n.parts {
		out[i] = p.level + "=" + p.id
	}
	return strings.Join(out, ":")
}

// Empty reports whether it names nothing.
func (n NRN) Empty() bool { return len(n.parts) == 0 }

// Wild reports whether it names more than one place.
func (n NRN) Wild() bool {
	return slices.ContainsFunc(n.parts, func(p part) bool { return strings.Contains(p.id, "*") })
}

// Organization is the organisation's number, as text.
func (n NRN) Organization() string {
	if n.Empty() {
		return ""
	}
	return n.parts[0].id
}

// Within reports whether n is the other place or one below it.
func (n NRN) Within(other NRN) bool {
	return !other.Empty() && len(n.parts) >= len(other.parts) && slices.Equal(n.parts[:len(other.parts)], other.parts)
}

// Equal reports whether both name the same place.
func (n NRN) Equal(other NRN) bool { return slices.Equal(n.parts, other.parts) }

// MarshalText writes the NRN as [NRN.String].
func (n NRN) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what [NRN.MarshalText] writes.
func (n *NRN) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*n = NRN{}
		return nil
	}
	*n, err = ParseNRN(string(text))
	return err
}
