package view

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/policy"
)

// Folding says the same actions in fewer words.
func TestFoldedActionsAreTheSameActions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var actions []string
		for _, service := range []string{"ecr", "s3"} {
			known := policy.Actions(service)
			n := rapid.SampledFrom([]int{0, 1, 3, len(known) / 2, len(known)/2 + 2, len(known) - 1, len(known)}).Draw(t, service)
			actions = append(actions, rapid.Permutation(known).Draw(t, service+" actions")[:n]...)
		}
		actions = append(actions, "own:Thing", "other:*")
		got := folded(actions)
		if len(strings.Fields(strings.Join(got, " "))) > len(actions)+6 {
			t.Fatalf("%d actions became longer: %v", len(actions), got)
		}
		var back []string
		for _, a := range got {
			service, rest, whole := strings.Cut(a, ":*")
			known := policy.Actions(service)
			if !whole || known == nil {
				back = append(back, a)
				continue
			}
			for _, k := range known {
				if !slices.Contains(strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" ,()", r) }), k) {
					back = append(back, k)
				}
			}
		}
		slices.Sort(back)
		slices.Sort(actions)
		if !slices.Equal(back, actions) {
			t.Fatalf("%v became %v", actions, got)
		}
	})
}

func TestActionCount(t *testing.T) {
	grants := func(actions ...string) []policy.Grant {
		var out []policy.Grant
		for _, a := range actions {
			out = append(out, policy.Grant{Action: a})
		}
		return out
	}
	for _, c := range []struct {
		why    string
		grants []policy.Grant
		want   string
	}{
		{"nothing", nil, "0 actions"},
		{"one", grants("s3:GetObject"), "1 action"},
		{"an action on two resources is one", grants("s3:GetObject", "s3:GetObject"), "1 action"},
		{"nobody knows how many actions a pattern is", grants("own:*"), "own:*"},
		{"nor all services", grants("*", "s3:GetObject"), "* and 1 action"},
		{"a known service is its actions", grants("sts:*"), counted(len(policy.Actions("sts")), "action", "actions")},
	} {
		if got := actionCount(c.grants, "action"); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
