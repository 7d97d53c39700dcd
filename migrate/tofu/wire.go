package tofu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// wireChange is the tool's JSON of a change.
type wireChange struct {
	Address         string     `json:"address"`
	PreviousAddress string     `json:"previous_address"`
	ModuleAddress   string     `json:"module_address"`
	Mode            string     `json:"mode"`
	Type            string     `json:"type"`
	Name            string     `json:"name"`
	ProviderName    string     `json:"provider_name"`
	Deposed         string     `json:"deposed"`
	ActionReason    string     `json:"action_reason"`
	Change          wireValues `json:"change"`
}

// wireValues is the tool's JSON of before and after.
type wireValues struct {
	Actions         []string        `json:"actions"`
	Before          any             `json:"before"`
	After           any             `json:"after"`
	AfterUnknown    any             `json:"after_unknown"`
	BeforeSensitive any             `json:"before_sensitive"`
	AfterSensitive  any             `json:"after_sensitive"`
	ReplacePaths    [][]any         `json:"replace_paths"`
	Importing       json.RawMessage `json:"importing"`
}

func (w wireChange) change() Change {
	c := Change{
		Address: w.Address, Previous: w.PreviousAddress, Module: w.ModuleAddress, Data: w.Mode == "data", Ephemeral: w.Mode == "ephemeral",
		Type: w.Type, Name: w.Name, Provider: w.ProviderName, Deposed: w.Deposed,
		Action: actionOf(w.Change.Actions), Reason: w.ActionReason,
		Imports: len(w.Change.Importing) > 0 && !bytes.Equal(w.Change.Importing, []byte("null")),
	}
	for _, path := range w.Change.ReplacePaths {
		c.ReplacePaths = append(c.ReplacePaths, pathText(path))
	}
	before, _ := w.Change.Before.(map[string]any)
	after, _ := w.Change.After.(map[string]any)
	unknown, _ := w.Change.AfterUnknown.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		if anyTrue(unknown[name]) {
			c.Unknown = append(c.Unknown, name)
		}
	}
	c.Changed = changed(before, after, c.Unknown)
	switch {
	case strings.HasPrefix(w.Type, "aws_iam_"):
		c.Before = keep(w.Type, before, w.Change.BeforeSensitive)
		c.After = keep(w.Type, after, w.Change.AfterSensitive)
	case w.Type == RegistrationType:
		c.Before, c.After = placeOf(before), placeOf(after)
	}
	return c
}

// RegistrationType is how nullplatform's provider names what is registered.
const RegistrationType = "nullplatform_provider_config"

// placeOf gives of a registration what says which one it is. What it holds is
// the key with its secret, and is not looked at.
func placeOf(values map[string]any) Values {
	if values == nil {
		return nil
	}
	out := Values{}
	for _, name := range []string{"id", "nrn", "type"} {
		if text, ok := values[name].(string); ok {
			out[name] = text
		}
	}
	return out
}

// pathText writes the path of an attribute.
func pathText(path []any) string {
	var parts []string
	for _, p := range path {
		parts = append(parts, fmt.Sprint(p))
	}
	return strings.Join(parts, ".")
}

// anyTrue reports whether there is a true anywhere within a mark.
func anyTrue(mark any) bool {
	switch m := mark.(type) {
	case bool:
		return m
	case []any:
		return slices.ContainsFunc(m, anyTrue)
	case map[string]any:
		for _, x := range m {
			if anyTrue(x) {
				return true
			}
		}
	}
	return false
}

// changed names the attributes that differ.
func changed(before, after map[string]any, unknown []string) []string {
	if before == nil || after == nil {
		return nil
	}
	names := slices.Clone(unknown)
	for name := range before {
		if !same(before[name], after[name]) {
			names = append(names, name)
		}
	}
	for name := range after {
		if _, there := before[name]; !there && !empty(after[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// same reports whether two values are alike. Providers of the older kind, such
// as that of AWS, do not tell nothing from an empty text, list or map: when
// anything else of a resource changes, the plan shows tags that go from {} to
// null beside it.
func same(a, b any) bool { return reflect.DeepEqual(a, b) || empty(a) && empty(b) }

// empty reports whether a value is nothing, or a text, list or map without
// anything in it.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// keep gives the values of a resource that are not sensitive. Of a key only
// what is known to be harmless is kept, whatever the marks say.
func keep(kind string, values map[string]any, sensitive any) Values {
	if values == nil || sensitive == true {
		return nil
	}
	marks, _ := sensitive.(map[string]any)
	out := Values{}
	for name, v := range values {
		if kind == "aws_iam_access_key" && !slices.Contains([]string{"id", "user", "status"}, name) {
			continue
		}
		if !anyTrue(marks[name]) {
			out[name] = v
		}
	}
	return out
}

var keyID = lazy(`^A[KS]IA[A-Z0-9]{12,}$`)

func (w wireValues) output(name string) OutputChange {
	looks := func(v any) bool {
		s, ok := v.(string)
		return ok && keyID().MatchString(s)
	}
	return OutputChange{
		Name: name, Action: actionOf(w.Actions),
		Sensitive: anyTrue(w.BeforeSensitive) || anyTrue(w.AfterSensitive),
		KeyID:     looks(w.Before) || looks(w.After),
	}
}
