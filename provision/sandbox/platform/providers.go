package platform

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// nrnForm is the form of an NRN, as the API documents it.
var nrnForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^organization=[0-9*]+(:account=[0-9*]+)?(:namespace=[0-9*]+)?(:application=[0-9*]+)?(:scope=[0-9*]+)?$`)
})

// checkNRN refuses what is no NRN, another organisation, and a place that is
// not there.
func checkNRN(nrn string, wildcards bool) error {
	switch {
	case !nrnForm().MatchString(nrn), !wildcards && strings.Contains(nrn, "*"):
		return refuse(http.StatusBadRequest, "FST_ERR_VALIDATION", "nrn must match pattern %q", nrnForm())
	case !covers("organization="+Organization, nrn) && !strings.HasPrefix(nrn, "organization=*"):
		return refuse(http.StatusForbidden, "", "You're not authorized to perform this operation on %s", nrn)
	case !strings.Contains(nrn, "*") && !known(nrn):
		return refuse(http.StatusNotFound, "", "The entity %s does not exist", nrn)
	}
	return nil
}

// covers reports whether the place above, which may have wildcards, is the
// other place or above it.
func covers(above, nrn string) bool {
	a, b := strings.Split(above, ":"), strings.Split(nrn, ":")
	if len(b) < len(a) {
		return false
	}
	for i := range a {
		level, id, _ := strings.Cut(a[i], "=")
		if a[i] != b[i] && (id != "*" || !strings.HasPrefix(b[i], level+"=")) {
			return false
		}
	}
	return true
}

// listProviders gives those at the NRN, and above or below it on request.
func (s *Service) listProviders(r request) (*Answer, error) {
	q := r.URL.Query()
	nrn := q.Get("nrn")
	if nrn == "" {
		return nil, refuse(http.StatusBadRequest, "FST_ERR_VALIDATION", "querystring must have required property 'nrn'")
	}
	if err := checkNRN(nrn, true); err != nil {
		return nil, err
	}
	spec := cmp.Or(q.Get("specification_id"), q.Get("specification"))
	var dimensions map[string]string
	if text := q.Get("dimensions"); text != "" {
		if err := json.Unmarshal([]byte(text), &dimensions); err != nil {
			return nil, refuse(http.StatusBadRequest, "FST_ERR_VALIDATION", "querystring/dimensions must be object")
		}
	}
	var found []any
	for _, c := range s.configs {
		sp := s.spec(c.Spec)
		same := covers(nrn, c.NRN) && strings.Count(nrn, ":") == strings.Count(c.NRN, ":")
		switch {
		case !same && (q.Get("show_descendants") != "true" || !covers(nrn, c.NRN)) &&
			(q.Get("show_ascendants") != "true" || !covers(c.NRN, nrn)):
		case q.Get("specification_slug") != "" && sp.Slug != q.Get("specification_slug"):
		case spec != "" && sp.ID != spec:
		case q.Get("id") != "" && q.Get("id") != c.ID:
		case q.Get("categories") != "" && !slices.Contains(sp.Categories, q.Get("categories")):
		case dimensions != nil && !maps.Equal(dimensions, c.Dimensions):
		default:
			found = append(found, s.shown(c, true))
		}
	}
	return r.page(found)
}

// page cuts a list to what the request asks for.
func (r request) page(all []any) (*Answer, error) {
	limit, offset := 30, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if text := r.URL.Query().Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return nil, refuse(http.StatusBadRequest, "FST_ERR_VALIDATION", "querystring/%s must be integer", name)
			}
			*into = n
		}
	}
	limit = min(limit, mostPerPage)
	from := min(offset, len(all))
	results := append([]any{}, all[from:min(from+limit, len(all))]...)
	return answer(http.StatusOK, map[string]any{
		"paging":  map[string]int{"total": len(all), "offset": offset, "limit": limit},
		"results": results,
	}), nil
}

// mostPerPage is how many the API gives at most, whatever is asked for.
const mostPerPage = 200

func (s *Service) find(id string) (*configuration, error) {
	for _, c := range s.configs {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "", "The provider %s does not exist", id)
}

func (s *Service) readProvider(r request) (*Answer, error) {
	c, err := s.find(r.id)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, s.shown(c, r.URL.Query().Get("no_merge") == "true")), nil
}

// shown is a configuration as the API gives it out: secrets are null, and what
// is above it shines through unless asked otherwise.
func (s *Service) shown(c *configuration, alone bool) map[string]any {
	attributes := c.Attributes
	if !alone {
		attributes = map[string]any{}
		for _, above := range s.configs {
			if above.Spec == c.Spec && covers(above.NRN, c.NRN) {
				attributes = merge(attributes, above.Attributes)
			}
		}
		attributes = merge(attributes, c.Attributes)
	}
	dimensions := c.Dimensions
	if dimensions == nil {
		dimensions = map[string]string{}
	}
	return map[string]any{
		"id": c.ID, "nrn": c.NRN, "specification_id": c.Spec, "dimensions": dimensions,
		"attributes": nullified(attributes, s.spec(c.Spec).Schema),
		"created_at": c.Created.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
}

func merge(base, over map[string]any) map[string]any {
	out := maps.Clone(base)
	for k, v := range over {
		b, bok := out[k].(map[string]any)
		o, ook := v.(map[string]any)
		if bok && ook {
			v = merge(b, o)
		}
		out[k] = v
	}
	return out
}

type written struct {
	NRN        string            `json:"nrn"`
	Spec       string            `json:"specification_id"`
	Camel      string            `json:"specificationId"` // older clients
	Dimensions map[string]string `json:"dimensions"`
	Attributes map[string]any    `json:"attributes"`
}

func (s *Service) createProvider(r request) (*Answer, error) {
	var in written
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkNRN(in.NRN, false); err != nil {
		return nil, err
	}
	sp := s.spec(cmp.Or(in.Spec, in.Camel))
	switch {
	case sp == nil:
		return nil, refuse(http.StatusBadRequest, "", "The provider specification %q does not exist", cmp.Or(in.Spec, in.Camel))
	case len(in.Dimensions) > 0 && !sp.Dimensions:
		return nil, refuse(http.StatusBadRequest, "", "The specification %s does not allow dimensions", sp.Slug)
	}
	if err := s.resolve(sp, in.NRN); err != nil {
		return nil, err
	}
	if err := checkSchema("attributes", in.Attributes, sp.Schema); err != nil {
		return nil, err
	}
	c := s.add(in.NRN, sp, in.Attributes)
	c.Dimensions = in.Dimensions
	return answer(http.StatusOK, s.shown(c, true)), nil
}

// add keeps a configuration.
func (s *Service) add(nrn string, sp *specification, attributes map[string]any) *configuration {
	c := &configuration{ID: s.mint.UUID(), NRN: nrn, Spec: sp.ID, Attributes: attributes, Created: s.now()}
	s.configs = append(s.configs, c)
	return c
}

// resolve refuses a configuration whose dependencies are not at its place or
// above it.
func (s *Service) resolve(sp *specification, nrn string) error {
	for _, slug := range sp.DependsOn {
		met := slices.ContainsFunc(s.configs, func(c *configuration) bool {
			return s.spec(c.Spec).Slug == slug && covers(c.NRN, nrn)
		})
		if !met {
			return refuse(http.StatusBadRequest, "", "unresolved dependencies: AWS")
		}
	}
	return nil
}

// updateProvider replaces the attributes.
func (s *Service) updateProvider(r request) (*Answer, error) {
	var in written
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	c, err := s.find(r.id)
	if err != nil {
		return nil, err
	}
	if in.Attributes != nil {
		if err := checkSchema("attributes", in.Attributes, s.spec(c.Spec).Schema); err != nil {
			return nil, err
		}
		c.Attributes = in.Attributes
	}
	return answer(http.StatusOK, s.shown(c, true)), nil
}

func (s *Service) deleteProvider(r request) (*Answer, error) {
	c, err := s.find(r.id)
	if err != nil {
		return nil, err
	}
	s.configs = slices.DeleteFunc(s.configs, func(other *configuration) bool { return other == c })
	s.deleted = append(s.deleted, c.ID)
	return &Answer{Status: http.StatusNoContent, Header: http.Header{}}, nil
}
