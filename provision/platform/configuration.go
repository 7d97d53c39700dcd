package platform

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The specifications of the destinations, and of the account that they are in.
const (
	ECRSpecification = "ecr"
	S3Specification  = "s3-configuration"
	AWSSpecification = "aws-configuration"
)

// Configuration is a provider configuration as it was read. What it holds is
// to be compared and shown, and is never written again: its secrets read back
// as null.
type Configuration struct {
	ID              string            `json:"id"`
	NRN             string            `json:"nrn"`
	SpecificationID string            `json:"specification_id"`
	Dimensions      map[string]string `json:"dimensions,omitempty"`
	// Values are the attributes, by path, sorted.
	Values []Value `json:"attributes"`
}

// Value is one attribute that was read.
type Value struct {
	// Path is the way to it, such as "ci.region".
	Path string `json:"path"`
	// Text is the value; empty for one that is hidden.
	Text string `json:"value,omitempty"`
	// JSON is true when the text is JSON, such as a list, and not a string.
	JSON bool `json:"json,omitempty"`
	// Hidden is true for what the API does not tell (null), and for secrets,
	// which are not kept even when it tells them.
	Hidden bool `json:"hidden,omitempty"`
}

// Value gives an attribute by its path. It gives false for one that is not
// there at all.
func (c Configuration) Value(path string) (Value, bool) {
	for _, v := range c.Values {
		if v.Path == path {
			return v, true
		}
	}
	return Value{}, false
}

// UnmarshalJSON reads the API's form.
func (c *Configuration) UnmarshalJSON(b []byte) error {
	var raw struct {
		ID         ident          `json:"id"`
		NRN        string         `json:"nrn"`
		Spec       string         `json:"specification_id"`
		SpecCamel  string         `json:"specificationId"`
		Dimensions map[string]any `json:"dimensions"`
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*c = Configuration{ID: string(raw.ID), NRN: raw.NRN, SpecificationID: raw.Spec}
	if c.SpecificationID == "" {
		c.SpecificationID = raw.SpecCamel
	}
	for k, v := range raw.Dimensions {
		if c.Dimensions == nil {
			c.Dimensions = map[string]string{}
		}
		c.Dimensions[k] = textOf(v)
	}
	c.Values = flatten("", raw.Attributes)
	return nil
}

// flatten lists attributes by path. A list is one value, as JSON.
func flatten(prefix string, object map[string]any) []Value {
	var out []Value
	for _, k := range slices.Sorted(maps.Keys(object)) {
		path := prefix + k
		switch v := object[k].(type) {
		case map[string]any:
			out = append(out, flatten(path+".", v)...)
		default:
			text := textOf(v)
			if v == nil || isSecret(k) {
				out = append(out, Value{Path: path, Hidden: true})
				continue
			}
			_, isText := v.(string)
			out = append(out, Value{Path: path, Text: text, JSON: !isText})
		}
	}
	return out
}

// isSecret judges an attribute by its name, since what the API marks as secret
// is for the API to know.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"secret", "password", "token", "private"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // what was decoded from JSON always encodes
	}
	return string(b)
}

// page is one page of a list.
type page[T any] struct {
	Paging struct {
		Total int `json:"total"`
	} `json:"paging"`
	Results []T `json:"results"`
}

const (
	perPage   = 100
	mostPages = 100
)

// list reads all pages. The API may give fewer than were asked for, so a page
// is the last one when nothing is left of the total, or else when it is empty
// or not full.
func list[T any](ctx context.Context, c *Client, r call) ([]T, error) {
	var out []T
	for range mostPages {
		r.query.Set("limit", strconv.Itoa(perPage))
		r.query.Set("offset", strconv.Itoa(len(out)))
		var p page[T]
		if err := c.do(ctx, r, &p); err != nil {
			return nil, err
		}
		out = append(out, p.Results...)
		switch {
		case len(p.Results) == 0:
			return out, nil
		case p.Paging.Total > 0 && len(out) >= p.Paging.Total:
			return out, nil
		case p.Paging.Total == 0 && len(p.Results) < perPage:
			return out, nil
		}
	}
	return nil, &Error{
		Op: r.op, Request: r.request(), Why: "the list has no end",
		Way: "check NULLPLATFORM_HOST: this is not how the API behaves",
	}
}

// Configurations lists the configurations of a specification at an NRN, and
// with above those at the places above it.
func (c *Client) Configurations(ctx context.Context, nrn NRN, slug string, above bool) ([]Configuration, error) {
	q := url.Values{"nrn": {nrn.String()}, "specification_slug": {slug}}
	if above {
		q.Set("show_ascendants", "true")
	}
	out, err := list[Configuration](ctx, c, call{
		op: "list the " + slug + " configurations of " + nrn.String(), method: http.MethodGet, path: "/provider", query: q,
	})
	if err != nil {
		return nil, err
	}
	// A list that changes while it is read may name one twice.
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(found Configuration) bool {
		twice := seen[found.ID]
		seen[found.ID] = true
		return twice
	}), nil
}

// Own lists the configurations of a specification at an NRN and above it, each
// read by itself, so that it holds what was written and nothing that it
// inherits.
func (c *Client) Own(ctx context.Context, nrn NRN, slug string) ([]Configuration, error) {
	listed, err := c.Configurations(ctx, nrn, slug, true)
	if err != nil {
		return nil, err
	}
	var out []Configuration
	for _, one := range listed {
		alone, err := c.Configuration(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		// Nil is gone since it was listed, or was never really there.
		if alone != nil {
			out = append(out, *alone)
		}
	}
	return out, nil
}

// Configuration reads one configuration as it was written, without what it
// inherits. It gives nil when it is not there, or no longer.
func (c *Client) Configuration(ctx context.Context, id string) (*Configuration, error) {
	var out Configuration
	err := c.do(ctx, call{
		op: "read provider configuration " + id, method: http.MethodGet, path: "/provider/" + url.PathEscape(id),
		query: url.Values{"no_merge": {"true"}},
	}, &out)
	var failure *Error
	if errors.As(err, &failure) && failure.Absent() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// Specification is the form that configurations of one kind have.
type Specification struct {
	ID              string
	Slug            string
	AllowDimensions bool
	// Regions are those that attributes named "region" may have; nil when
	// the schema does not say.
	Regions []string
}

// UnmarshalJSON reads the API's form.
func (s *Specification) UnmarshalJSON(b []byte) error {
	var raw struct {
		ID         ident          `json:"id"`
		Slug       string         `json:"slug"`
		Dimensions bool           `json:"allow_dimensions"`
		Schema     map[string]any `json:"schema"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*s = Specification{ID: string(raw.ID), Slug: raw.Slug, AllowDimensions: raw.Dimensions, Regions: regionsIn(raw.Schema)}
	return nil
}

// regionsIn finds the values that a JSON schema allows for "region".
func regionsIn(schema map[string]any) []string {
	for _, k := range slices.Sorted(maps.Keys(schema)) {
		child, ok := schema[k].(map[string]any)
		if !ok {
			continue
		}
		if values, ok := child["enum"].([]any); ok && k == "region" {
			var out []string
			for _, v := range values {
				out = append(out, textOf(v))
			}
			return out
		}
		if found := regionsIn(child); found != nil {
			return found
		}
	}
	return nil
}

// Specification looks one up by its slug, as it is visible at an NRN. It gives
// nil when there is none.
func (c *Client) Specification(ctx context.Context, slug string, nrn NRN) (*Specification, error) {
	found, err := list[Specification](ctx, c, call{
		op: "look up the provider specification " + slug, method: http.MethodGet, path: "/provider_specification",
		query: url.Values{"slug": {slug}, "nrn": {nrn.String()}},
	})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(found, func(s Specification) bool { return s.Slug == slug })
	if i < 0 {
		return nil, nil
	}
	return &found[i], nil
}
