package tofu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// State is a state as it was pulled. What is secret in it can be compared and
// written to a backup, and nothing else.
type State struct {
	// Lineage is the identity of the state, Serial counts its versions.
	Lineage string
	Serial  uint64
	// Wrote is the version of the tool that has written it.
	Wrote     string
	Resources []Resource
	Outputs   []StateOutput

	raw []byte
}

// Resource is one instance of a resource in a state.
type Resource struct {
	Address string
	// Module is the address of the module instance, "" for the root.
	Module string
	Data   bool
	Type   string
	Name   string
	// Key is the instance key as it is written in an address, such as [0] or
	// ["prod"], "" for none.
	Key string
	// Provider is the provider's full address.
	Provider string
	// Deposed is the key of a leftover of an earlier replacement, "" for none.
	Deposed string
	// Values are the attributes that are not sensitive, of the types of IAM
	// only, and of a registration with nullplatform which one it is.
	Values Values

	id     string
	secret provision.Secret
	// registered is the key that a registration was last given.
	registered string
}

// StateOutput is an output of the root in a state.
type StateOutput struct {
	Name      string
	Sensitive bool

	value provision.Secret
}

// SameSecret reports whether two keys have the same secret. It is false too
// when either has none, as after an import.
func (r Resource) SameSecret(o Resource) bool {
	return !r.secret.Empty() && r.secret.Reveal() == o.secret.Reveal()
}

// HasSecret reports whether the state holds the key's secret.
func (r Resource) HasSecret() bool { return !r.secret.Empty() }

// Registers reports whether it is a registration with nullplatform that was
// given the key.
func (r Resource) Registers(keyID string) bool { return keyID != "" && r.registered == keyID }

// Empty reports whether there is no state at all.
func (s *State) Empty() bool { return len(s.raw) == 0 }

// Decode hands the state's text, secrets and all, to a decoder that keeps what
// is harmless. The decoder must not keep the text.
func (s *State) Decode(decode func(text []byte) error) error { return decode(s.raw) }

// Resource finds an instance by its address. Leftovers of a replacement are
// not found.
func (s *State) Resource(address string) (Resource, bool) {
	i := slices.IndexFunc(s.Resources, func(r Resource) bool { return r.Address == address && r.Deposed == "" })
	if i < 0 {
		return Resource{}, false
	}
	return s.Resources[i], true
}

// ChangedOutputs names the outputs that differ from those of another state,
// sensitive ones too.
func (s *State) ChangedOutputs(o *State) []string {
	values := func(s *State) map[string]string {
		m := map[string]string{}
		for _, out := range s.Outputs {
			m[out.Name] = out.value.Reveal()
		}
		return m
	}
	a, b := values(s), values(o)
	var names []string
	for name := range a {
		if v, there := b[name]; !there || v != a[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, there := a[name]; !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Backup writes the state, secrets and all, to a new file with mode 0600. It
// fails when the file is there.
func (s *State) Backup(path string) error {
	if err := writeNew(path, s.raw); err != nil {
		return fmt.Errorf("back the state up: %w", err)
	}
	return nil
}

// PullState reads the state from its backend. No state at all is an empty one.
// It gives a [*CutStateError] for a file that was not written to its end.
func (r *Root) PullState(ctx context.Context) (*State, error) {
	out, err := r.process().output(ctx, append([]string{"state", "pull"}, r.early()...)...)
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		if cut := r.cutState(); cut != nil && ctx.Err() == nil {
			return nil, cut
		}
	}
	if err != nil {
		return nil, r.failure(ctx, "state pull", nil, err)
	}
	return ParseState(out)
}

// wireState is a state file of version 4.
type wireState struct {
	Version   int    `json:"version"`
	Wrote     string `json:"terraform_version"`
	Serial    uint64 `json:"serial"`
	Lineage   string `json:"lineage"`
	Outputs   map[string]wireOutput
	Resources []wireResource `json:"resources"`
}

type wireOutput struct {
	Value     json.RawMessage `json:"value"`
	Sensitive bool            `json:"sensitive"`
}

type wireResource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Provider  string `json:"provider"`
	Instances []struct {
		Key        json.RawMessage   `json:"index_key"`
		Deposed    string            `json:"deposed"`
		Attributes map[string]any    `json:"attributes"`
		Sensitive  []json.RawMessage `json:"sensitive_attributes"`
	} `json:"instances"`
}

// ParseState reads a state file of version 4, which all versions worked with
// write. The text is kept for a backup.
func ParseState(text []byte) (*State, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return &State{}, nil
	}
	text = afterWarnings(text)
	var w wireState
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, fmt.Errorf("read state: %w", hideText(err))
	}
	if w.Version != 4 {
		return nil, fmt.Errorf("read state: its version is %d, and 4 is known; use a slipway that knows it, or an older tool", w.Version)
	}
	s := &State{Lineage: w.Lineage, Serial: w.Serial, Wrote: w.Wrote, raw: text}
	for _, r := range w.Resources {
		s.Resources = append(s.Resources, r.resources()...)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Outputs)) {
		o := w.Outputs[name]
		s.Outputs = append(s.Outputs, StateOutput{Name: name, Sensitive: o.Sensitive, value: provision.NewSecret(compact(o.Value))})
	}
	return s, nil
}

// hideText keeps what a bad state holds out of the error.
func hideText(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is not JSON from byte %d on", syntax.Offset)
	}
	return errors.New("it is not a state of the tool")
}

// compact is JSON without what has no meaning.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw)
	}
	return b.String()
}

var providerName = lazy(`provider\["([^"]+)"\]`)

// resources are the instances of a resource.
func (w wireResource) resources() []Resource {
	var out []Resource
	for _, i := range w.Instances {
		r := Resource{
			Module: w.Module, Data: w.Mode == "data", Type: w.Type, Name: w.Name, Deposed: i.Deposed,
			Provider: first(providerName, w.Provider),
		}
		if len(i.Key) > 0 && string(i.Key) != "null" {
			r.Key = "[" + string(i.Key) + "]"
		}
		r.Address = r.address()
		r.id, _ = i.Attributes["id"].(string)
		if strings.HasPrefix(w.Type, "aws_iam_") && !r.Data {
			r.Values = keep(w.Type, i.Attributes, marks(i.Sensitive))
		}
		if w.Type == RegistrationType && !r.Data {
			r.Values, r.registered = placeOf(i.Attributes), registeredKey(i.Attributes)
		}
		if secret, ok := i.Attributes["secret"].(string); ok && w.Type == "aws_iam_access_key" {
			r.secret = provision.NewSecret(secret)
		}
		out = append(out, r)
	}
	return out
}

// registeredKey is the ID of the key that a registration holds, "" for none.
func registeredKey(attributes map[string]any) string {
	text, _ := attributes["attributes"].(string)
	var w struct {
		CI struct {
			Key string `json:"access_key"`
		} `json:"ci"`
	}
	if json.Unmarshal([]byte(text), &w) != nil {
		return "" // A registration of something else.
	}
	return w.CI.Key
}

func (r Resource) address() string {
	a := r.Type + "." + r.Name + r.Key
	if r.Data {
		a = "data." + a
	}
	if r.Module != "" {
		a = r.Module + "." + a
	}
	return a
}

// marks are the first steps of the paths that a state marks as sensitive.
func marks(paths []json.RawMessage) map[string]any {
	out := map[string]any{}
	for _, p := range paths {
		var steps []struct {
			Value any `json:"value"`
		}
		if err := json.Unmarshal(p, &steps); err != nil || len(steps) == 0 {
			continue
		}
		if name, ok := steps[0].Value.(string); ok {
			out[name] = true
		}
	}
	return out
}
