package platform

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Organization and Account are the numbers of the places that are there.
const (
	Organization = "4242"
	Account      = "77"
	// NRN is the account's.
	NRN = "organization=" + Organization + ":account=" + Account
)

// Mint draws what the service needs at random.
type Mint interface {
	Secret() string
	UUID() string
}

// Options say what the API is like.
type Options struct {
	// Scenario is what is registered at the start, see [Scenarios]; empty
	// means "ready".
	Scenario string
	// TokenLife is how long a token lasts; zero means a day.
	TokenLife time.Duration
	// ShowKeyID lets the access key of an ECR configuration be read back. Its
	// secret never is.
	ShowKeyID bool
}

// Identity is what a configuration of the scenario names: the identity that is
// in the AWS account.
type Identity struct {
	Region  string
	KeyID   string
	Secret  string
	RoleARN string
	Bucket  string // empty for none
}

// Service is the API. It is safe for use by several goroutines.
type Service struct {
	now  func() time.Time
	mint Mint
	life time.Duration
	key  string

	mu      sync.Mutex
	tokens  map[string]time.Time
	specs   []*specification
	configs []*configuration
	deleted []string
}

// specification is a provider specification.
type specification struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Slug       string         `json:"slug"`
	Dimensions bool           `json:"allow_dimensions"`
	Categories []string       `json:"categories"`
	DependsOn  []string       `json:"dependencies"`
	VisibleTo  []string       `json:"visible_to"`
	Schema     map[string]any `json:"schema"`
	// Org is null: the specification is everybody's.
	Org *int `json:"organization_id"`
}

// configuration is a provider configuration with its secrets.
type configuration struct {
	ID         string
	NRN        string
	Spec       string
	Dimensions map[string]string
	Attributes map[string]any
	Created    time.Time
}

// Configuration is a configuration as it is kept, for tests to look at.
type Configuration struct {
	ID, NRN, Slug string
	Dimensions    map[string]string
	// Attributes are by path, secrets included; nil values are "<null>".
	Attributes map[string]string
}

// Answer is an HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Code is the error's, for the request log.
	Code string
}

// New makes the API with what the scenario calls for.
func New(o Options, mint Mint, is Identity, now func() time.Time) (*Service, error) {
	s := &Service{now: now, mint: mint, life: o.TokenLife, tokens: map[string]time.Time{}}
	if s.life == 0 {
		s.life = 24 * time.Hour
	}
	s.key = "np-" + strings.NewReplacer("+", "0", "/", "1").Replace(mint.Secret())
	s.specs = specifications(mint, o.ShowKeyID)
	return s, s.fill(o.Scenario, is)
}

// APIKey is the key that the API takes.
func (s *Service) APIKey() string { return s.key }

// Revoke ends all tokens, as the other side may at any time.
func (s *Service) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]time.Time{}
}

// Configurations are those that are there, in the order of their creation.
func (s *Service) Configurations() []Configuration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Configuration
	for _, c := range s.configs {
		flat := map[string]string{}
		flatten("", c.Attributes, flat)
		out = append(out, Configuration{ID: c.ID, NRN: c.NRN, Slug: s.spec(c.Spec).Slug, Dimensions: maps.Clone(c.Dimensions), Attributes: flat})
	}
	return out
}

func flatten(prefix string, object map[string]any, into map[string]string) {
	for k, v := range object {
		switch v := v.(type) {
		case map[string]any:
			flatten(prefix+k+".", v, into)
		case nil:
			into[prefix+k] = "<null>"
		default:
			into[prefix+k] = fmt.Sprint(v)
		}
	}
}

func (s *Service) spec(id string) *specification {
	i := slices.IndexFunc(s.specs, func(sp *specification) bool { return sp.ID == id })
	if i < 0 {
		return nil
	}
	return s.specs[i]
}

func (s *Service) slug(slug string) *specification {
	i := slices.IndexFunc(s.specs, func(sp *specification) bool { return sp.Slug == slug })
	if i < 0 {
		return nil
	}
	return s.specs[i]
}

// Refusal is an error as Fastify words it.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

// Error is code and message.
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Answer is the refusal as an answer.
func (r *Refusal) Answer() *Answer {
	body := map[string]any{"statusCode": r.Status, "error": http.StatusText(r.Status), "message": r.Message}
	if r.Code != "" {
		body["code"] = r.Code
	}
	a := answer(r.Status, body)
	if a.Code = r.Code; a.Code == "" {
		a.Code = strings.ReplaceAll(http.StatusText(r.Status), " ", "")
	}
	return a
}

func refuse(status int, code, format string, args ...any) error {
	return &Refusal{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func answer(status int, v any) *Answer {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"statusCode":500,"error":"Internal Server Error","message":"cannot encode"}`)
	}
	return &Answer{Status: status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: body}
}

// TestOnlyAdd registers a configuration without any check.
func (s *Service) TestOnlyAdd(nrn, slug string, attributes map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(nrn, s.slug(slug), attributes)
}

// TestOnlySet changes one text of the first configuration of a specification,
// as somebody else would, and reports whether there is one.
func (s *Service) TestOnlySet(slug, path, value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.configs {
		if s.spec(c.Spec).Slug != slug {
			continue
		}
		group, name, _ := strings.Cut(path, ".")
		inner, ok := c.Attributes[group].(map[string]any)
		if !ok {
			return false
		}
		c.Attributes = maps.Clone(c.Attributes)
		inner = maps.Clone(inner)
		inner[name], c.Attributes[group] = value, inner
		return true
	}
	return false
}

// TestOnlyRemove deletes a configuration, as somebody else would.
func (s *Service) TestOnlyRemove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.configs = slices.DeleteFunc(s.configs, func(c *configuration) bool { return c.ID == id })
}
