package wire

import (
	"net/url"
	"strconv"
	"strings"
)

// Params are the parameters of a Query call.
type Params struct{ values url.Values }

// ParamsOf wraps decoded form values.
func ParamsOf(values url.Values) Params { return Params{values: values} }

// Get returns the first value of the name, "" when there is none.
func (p Params) Get(name string) string { return p.values.Get(name) }

// Has tells whether the parameter was sent, even when it is empty.
func (p Params) Has(name string) bool {
	_, ok := p.values[name]
	return ok
}

// List returns the values name.member.1, name.member.2, … up to the first gap.
func (p Params) List(name string) []string {
	var out []string
	for i := 1; ; i++ {
		key := name + ".member." + strconv.Itoa(i)
		if !p.Has(key) {
			return out
		}
		out = append(out, p.Get(key))
	}
}

// Structs returns the structures name.member.1.…, name.member.2.… up to the
// first number of which no field was sent. Each is addressed by field name.
func (p Params) Structs(name string) []Params {
	var out []Params
	for i := 1; ; i++ {
		prefix := name + ".member." + strconv.Itoa(i) + "."
		fields := url.Values{}
		for key, value := range p.values {
			if field, ok := strings.CutPrefix(key, prefix); ok {
				fields[field] = value
			}
		}
		if len(fields) == 0 {
			return out
		}
		out = append(out, Params{values: fields})
	}
}

// Map returns the first value of every parameter.
func (p Params) Map() map[string]string {
	out := make(map[string]string, len(p.values))
	for name := range p.values {
		out[name] = p.values.Get(name)
	}
	return out
}
