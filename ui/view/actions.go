package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// Lists of actions, as short as they can be said without leaving one out.

// folded says most of a service's actions as all but the others. Only what is
// known of a service counts, as in the comparison that the actions come from.
func folded(actions []string) []string {
	out := slices.Clone(actions)
	for _, service := range services(actions) {
		known := policy.Actions(service)
		left := slices.DeleteFunc(slices.Clone(known), func(a string) bool { return slices.Contains(actions, a) })
		have := len(known) - len(left)
		if have == 0 || len(left)+1 >= have {
			continue
		}
		out = slices.DeleteFunc(out, func(a string) bool { return slices.Contains(known, a) })
		all := service + ":*"
		if len(left) > 0 {
			all += " (but not " + listed(left, "or") + ")"
		}
		out = append(out, all)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// services are those that actions name, each once, sorted.
func services(actions []string) []string {
	var out []string
	for _, a := range actions {
		if service, _, ok := strings.Cut(a, ":"); ok {
			out = append(out, service)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// actionCount counts the actions of grants, each once, with a noun if there is
// one. A pattern of which nobody knows how many actions it matches is named.
func actionCount(grants []policy.Grant, noun string) string {
	patterns, single := actionsOf(grants)
	n := strconv.Itoa(len(single))
	if noun != "" {
		n = counted(len(single), noun, noun+"s")
	}
	switch {
	case len(patterns) == 0:
		return n
	case len(single) == 0:
		return strings.Join(patterns, ", ")
	}
	return strings.Join(patterns, ", ") + " and " + n
}

// entries counts the actions of grants where there is no room for words. A
// pattern counts as one.
func entries(grants []policy.Grant) int {
	patterns, single := actionsOf(grants)
	return len(patterns) + len(single)
}

// actionsOf lists the patterns and the single actions of grants, each once. A
// whole service is its actions, if they are known.
func actionsOf(grants []policy.Grant) (patterns, single []string) {
	for _, g := range grants {
		service, name, _ := strings.Cut(g.Action, ":")
		known := policy.Actions(service)
		switch {
		case !strings.ContainsAny(g.Action, "*?"):
			single = append(single, g.Action)
		case name == "*" && len(known) > 0 && len(g.ExceptActions) == 0:
			single = append(single, known...)
		default:
			patterns = append(patterns, g.Action)
		}
	}
	slices.Sort(patterns)
	slices.Sort(single)
	return slices.Compact(patterns), slices.Compact(single)
}
