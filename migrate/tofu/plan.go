package tofu

import (
	"slices"
	"strings"
)

// Plan is what a plan says, without anything that is marked as sensitive. It
// is a value; nothing of the tool is needed to look at it.
type Plan struct {
	// Format is the version of the JSON, Tool that of the tool that planned.
	Format, Tool string
	// Changes are all resources of the root, those that stay as they are too,
	// in the order of their addresses.
	Changes []Change
	// Deferred are changes that the tool could not plan yet.
	Deferred []Change
	// Outputs are all outputs of the root, by name.
	Outputs []OutputChange
	// Invocations are actions beside the resources that an apply would run.
	Invocations []string
	// Errored says that planning failed half-way, Incomplete that the plan
	// leaves something out.
	Errored, Incomplete bool
}

// Action is what a plan does with a resource or an output.
type Action string

// The actions.
const (
	NoOp   Action = "no-op"
	Create Action = "create"
	Read   Action = "read"
	Update Action = "update"
	Delete Action = "delete"
	// Replace destroys and then creates; ReplaceAfter creates first.
	Replace      Action = "replace"
	ReplaceAfter Action = "create, then destroy"
	// Forget takes a resource out of the state and leaves the thing.
	Forget Action = "forget"
	// ReplaceForget makes another one and leaves the thing that was there, as
	// under a lifecycle that does not destroy.
	ReplaceForget Action = "create, and leave the old one"
)

// actionOf names the action of the tool's list; a list that is not known comes
// back as it is.
func actionOf(list []string) Action {
	switch joined := strings.Join(list, "+"); joined {
	case "delete+create":
		return Replace
	case "create+delete":
		return ReplaceAfter
	case "create+forget", "forget+create":
		return ReplaceForget
	case "":
		return "nothing named"
	default:
		return Action(joined)
	}
}

// Known reports whether it is one of the actions above.
func (a Action) Known() bool {
	return slices.Contains([]Action{NoOp, Create, Read, Update, Delete, Replace, ReplaceAfter, Forget, ReplaceForget}, a)
}

// Harmless reports whether nothing is changed.
func (a Action) Harmless() bool { return a == NoOp || a == Read }

// Destroys reports whether what is there goes away.
func (a Action) Destroys() bool { return a == Delete || a == Replace || a == ReplaceAfter }

// Creates reports whether something comes to be.
func (a Action) Creates() bool {
	return a == Create || a == Replace || a == ReplaceAfter || a == ReplaceForget
}

// Change is what a plan does with one resource.
type Change struct {
	Address string
	// Previous is the address before a move, "" for none.
	Previous string
	// Module is the address of the module instance, "" for the root.
	Module string
	// Data says that it is a data source, Ephemeral that it is opened for the
	// run alone and is in no state.
	Data, Ephemeral bool
	Type            string
	Name            string
	// Provider is the provider's full address.
	Provider string
	// Deposed is the key of a leftover of an earlier replacement, "" for none.
	Deposed string
	Action  Action
	// Reason is the tool's own word for why, such as
	// "delete_because_no_resource_config".
	Reason string
	// Imports says that the resource is taken into the state.
	Imports bool
	// ReplacePaths are the attributes that force a replacement.
	ReplacePaths []string
	// Changed are the names of the attributes that differ, Unknown of those
	// that are known only after the apply, both sorted.
	Changed, Unknown []string
	// Before and After are the values that are not sensitive, of the types
	// of IAM only. They are nil for others, and when there is nothing before
	// or after.
	Before, After Values
}

// Moved reports whether the resource has another address than before.
func (c Change) Moved() bool { return c.Previous != "" && c.Previous != c.Address }

// OutputChange is what a plan does with an output of the root.
type OutputChange struct {
	Name   string
	Action Action
	// Sensitive says that the value is marked so, before or after.
	Sensitive bool
	// References are what the output's expression refers to, as the tool
	// names it; nil when the plan does not tell.
	References []string
	// KeyID says that the value, before or after, looks like the ID of an
	// access key.
	KeyID bool
}

// Values are attributes of a resource by name.
type Values map[string]any

// Text gives an attribute that is text, "" for every other.
func (v Values) Text(name string) string {
	s, _ := v[name].(string)
	return s
}

// Texts gives an attribute that is a list or a set of texts, sorted.
func (v Values) Texts(name string) []string {
	list, _ := v[name].([]any)
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
