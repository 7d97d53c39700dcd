package tofu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// mostPlan bounds a plan's JSON. Roots with ten thousand resources stay far
// below it.
const mostPlan = 256 << 20

// PlanError says that something is not the JSON of a plan.
type PlanError struct {
	Problem string
	Err     error
}

// Error says what it is instead, and what to do.
func (e *PlanError) Error() string {
	text := "this is not the JSON of a plan: " + e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "; give a plan file, or what show -json PLAN prints"
}

// Unwrap gives the reason.
func (e *PlanError) Unwrap() error { return e.Err }

// DecodePlan reads the JSON of a plan as show -json prints it:
// https://developer.hashicorp.com/terraform/internals/json-format
//
// Sensitive values are dropped as soon as their resource has been read, and of
// states, variables and configuration nothing is kept but what outputs refer
// to. It gives a [*PlanError] for anything that is not a whole plan.
func DecodePlan(r io.Reader) (*Plan, error) {
	limited := &io.LimitedReader{R: r, N: mostPlan + 1}
	p, err := decodePlan(limited)
	if limited.N <= 0 {
		return nil, &PlanError{Problem: fmt.Sprintf("it is larger than %d MiB", mostPlan>>20)}
	}
	return p, err
}

func decodePlan(r io.Reader) (*Plan, error) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	d := decoder{plan: &Plan{}, dec: dec, references: map[string][]string{}}
	open, err := dec.Token()
	if err != nil {
		return nil, broken("", err)
	}
	if open != json.Delim('{') {
		return nil, &PlanError{Problem: "it does not begin as an object"}
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, broken("", err)
		}
		key, _ := token.(string) // The decoder gives nothing else for a key.
		if seen[key] {
			return nil, &PlanError{Problem: fmt.Sprintf("%s is there twice", key)}
		}
		seen[key] = true
		if err := d.field(key); err != nil {
			return nil, broken(key, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, broken("", err)
	}
	if err := whatElse(seen); err != nil {
		return nil, err
	}
	if rest, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &PlanError{Problem: fmt.Sprintf("something follows it (%v)", orWords(fmt.Sprint(rest), "text"))}
	}
	d.finish()
	return d.plan, nil
}

// broken tells JSON that is cut off from other bad JSON.
func broken(key string, err error) error {
	var plan *PlanError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	in := ""
	if key != "" {
		in = " within " + key
	}
	switch {
	case errors.As(err, &plan):
		return err
	case errors.Is(err, io.EOF) && key == "":
		return &PlanError{Problem: "it is empty or cut off"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &PlanError{Problem: "it is cut off" + in}
	case errors.As(err, &syntax):
		return &PlanError{Problem: fmt.Sprintf("it is not JSON%s, from byte %d on", in, syntax.Offset), Err: err}
	case errors.As(err, &kind):
		return &PlanError{Problem: fmt.Sprintf("%s is not what it is in a plan", key), Err: err}
	}
	return fmt.Errorf("read plan: %w", err)
}

// whatElse names documents that are easily taken for a plan.
func whatElse(seen map[string]bool) error {
	switch {
	case seen["@level"]:
		return &PlanError{Problem: "it is the log of plan -json or apply -json"}
	case seen["encrypted_data"]:
		return &PlanError{Problem: "it is encrypted"}
	case seen["lineage"] || seen["values"] && !seen["resource_changes"]:
		return &PlanError{Problem: "it is a state"}
	case !seen["format_version"]:
		return &PlanError{Problem: "it has no format_version"}
	case !seen["configuration"] && !seen["prior_state"] && !seen["planned_values"] && !seen["resource_changes"]:
		return &PlanError{Problem: "it has neither resources nor a configuration"}
	}
	return nil
}

// decoder fills in a plan field by field.
type decoder struct {
	plan       *Plan
	dec        *json.Decoder
	references map[string][]string
}

// field reads the value of one field.
func (d *decoder) field(key string) error {
	switch key {
	case "format_version":
		return d.format()
	case "terraform_version":
		return d.dec.Decode(&d.plan.Tool)
	case "errored":
		return d.dec.Decode(&d.plan.Errored)
	case "complete":
		complete := true
		err := d.dec.Decode(&complete)
		d.plan.Incomplete = !complete
		return err
	case "resource_changes":
		return d.each(func() error {
			var w wireChange
			err := d.dec.Decode(&w)
			d.plan.Changes = append(d.plan.Changes, w.change())
			return err
		})
	case "deferred_changes":
		return d.each(func() error {
			var w struct {
				Change wireChange `json:"resource_change"`
			}
			err := d.dec.Decode(&w)
			d.plan.Deferred = append(d.plan.Deferred, w.Change.change())
			return err
		})
	case "action_invocations", "deferred_action_invocations":
		return d.each(func() error {
			var w struct {
				Address string `json:"address"`
			}
			err := d.dec.Decode(&w)
			d.plan.Invocations = append(d.plan.Invocations, w.Address)
			return err
		})
	case "output_changes":
		return d.outputs()
	case "configuration":
		return d.configuration()
	}
	return d.dec.Decode(new(nothing))
}

// nothing is a value that is passed over.
type nothing struct{}

// UnmarshalJSON keeps nothing.
func (nothing) UnmarshalJSON([]byte) error { return nil }

// format reads the version of the format, and refuses those of a time to come.
func (d *decoder) format() error {
	if err := d.dec.Decode(&d.plan.Format); err != nil {
		return err
	}
	if !strings.HasPrefix(d.plan.Format, "1.") && !strings.HasPrefix(d.plan.Format, "0.2") {
		return &PlanError{Problem: fmt.Sprintf("its format is %q, and 1 is known", d.plan.Format)}
	}
	return nil
}

// each reads a list item by item, so that no more than one is held whole.
func (d *decoder) each(item func() error) error {
	open, err := d.dec.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('[') {
		return &PlanError{Problem: "a list of it is not a list"}
	}
	for d.dec.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err = d.dec.Token()
	return err
}

func (d *decoder) outputs() error {
	var list map[string]wireValues
	if err := d.dec.Decode(&list); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		d.plan.Outputs = append(d.plan.Outputs, list[name].output(name))
	}
	return nil
}

func (d *decoder) configuration() error {
	var w struct {
		Root struct {
			Outputs map[string]struct {
				Expression expression `json:"expression"`
			} `json:"outputs"`
		} `json:"root_module"`
	}
	if err := d.dec.Decode(&w); err != nil {
		return err
	}
	for name, o := range w.Root.Outputs {
		d.references[name] = o.Expression.references
	}
	return nil
}

// expression is what an expression refers to, however deep. Constants are not
// kept.
type expression struct{ references []string }

// UnmarshalJSON gathers the references.
func (e *expression) UnmarshalJSON(b []byte) error {
	var any any
	if err := json.Unmarshal(b, &any); err != nil {
		return err
	}
	e.gather(any)
	return nil
}

func (e *expression) gather(v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			e.gather(x)
		}
	case map[string]any:
		list, _ := v["references"].([]any)
		for _, x := range list {
			if s, ok := x.(string); ok {
				e.references = append(e.references, s)
			}
		}
		for key, x := range v {
			if key != "references" && key != "constant_value" {
				e.gather(x)
			}
		}
	}
}

// finish puts together what stood in different places.
func (d *decoder) finish() {
	for i := range d.plan.Outputs {
		refs := d.references[d.plan.Outputs[i].Name]
		slices.Sort(refs)
		d.plan.Outputs[i].References = slices.Compact(refs)
	}
	slices.SortStableFunc(d.plan.Changes, func(a, b Change) int { return strings.Compare(a.Address, b.Address) })
}

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
		Address: w.Address, Previous: w.PreviousAddress, Module: w.ModuleAddress, Data: w.Mode == "data",
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
	if strings.HasPrefix(w.Type, "aws_iam_") {
		c.Before = keep(w.Type, before, w.Change.BeforeSensitive)
		c.After = keep(w.Type, after, w.Change.AfterSensitive)
	}
	return c
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
		if !reflect.DeepEqual(before[name], after[name]) {
			names = append(names, name)
		}
	}
	for name := range after {
		if _, there := before[name]; !there && after[name] != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
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

var keyID = regexp.MustCompile(`^A[KS]IA[A-Z0-9]{12,}$`)

func (w wireValues) output(name string) OutputChange {
	looks := func(v any) bool {
		s, ok := v.(string)
		return ok && keyID.MatchString(s)
	}
	return OutputChange{
		Name: name, Action: actionOf(w.Actions),
		Sensitive: anyTrue(w.BeforeSensitive) || anyTrue(w.AfterSensitive),
		KeyID:     looks(w.Before) || looks(w.After),
	}
}
