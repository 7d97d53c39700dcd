package tofu

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// mostPlan bounds a plan's JSON. Roots with ten thousand resources stay far
// below it.
const mostPlan = 256 << 20

// PlanError says that something is not the JSON of a plan.
type PlanError struct {
	Problem string
	// Encrypted says that it is a plan that only the tool can open.
	Encrypted bool
	Err       error
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
func DecodePlan(r io.Reader) (*Plan, error) { return decodeWithin(r, mostPlan) }

// decodeWithin reads a plan of at most so many bytes.
func decodeWithin(r io.Reader, most int64) (*Plan, error) {
	limited := &io.LimitedReader{R: r, N: most + 1}
	text, err := pastMark(limited)
	if err != nil {
		return nil, err
	}
	p, err := decodePlan(text)
	if limited.N <= 0 {
		return nil, &PlanError{Problem: fmt.Sprintf("it is larger than %d MiB", most>>20)}
	}
	return p, err
}

// pastMark skips the mark of UTF-8 that some editors put first, and refuses
// UTF-16, which older shells on Windows write.
func pastMark(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, _ := b.Peek(3) // What is too short fails later, with a better word.
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := b.Discard(3)
		return b, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, &PlanError{Problem: "it is in UTF-16, as PowerShell's > writes it; pipe it, or write it as UTF-8"}
	}
	return b, nil
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
	case seen["remote_plan_format"]:
		return &PlanError{Problem: "it only names a plan that lies in HCP Terraform", Encrypted: true}
	case seen["encrypted_data"]:
		return &PlanError{Problem: "it is encrypted", Encrypted: true}
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
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return err
	}
	e.gather(tree)
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
