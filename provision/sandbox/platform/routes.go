package platform

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// request is one request with its body read.
type request struct {
	*http.Request
	body []byte
	// id is the last part of a path that has one.
	id string
}

// route is one operation of the API.
type route struct {
	method string
	path   string // "/provider/" stands for "/provider/{id}"
	name   string
	run    func(*Service, request) (*Answer, error)
}

func routes() []route {
	return []route{
		{http.MethodPost, "/token", "CreateToken", (*Service).createToken},
		{http.MethodGet, "/provider_specification", "ListSpecifications", (*Service).listSpecifications},
		{http.MethodGet, "/provider_specification/", "ReadSpecification", (*Service).readSpecification},
		{http.MethodGet, "/provider", "ListProviders", (*Service).listProviders},
		{http.MethodPost, "/provider", "CreateProvider", (*Service).createProvider},
		{http.MethodGet, "/provider/", "ReadProvider", (*Service).readProvider},
		{http.MethodPatch, "/provider/", "UpdateProvider", (*Service).updateProvider},
		{http.MethodPut, "/provider/", "UpdateProvider", (*Service).updateProvider},
		{http.MethodDelete, "/provider/", "DeleteProvider", (*Service).deleteProvider},
	}
}

// Action names the operation of a request; "Unknown" for none.
func Action(r *http.Request) string {
	if found, _ := match(r); found != nil {
		return found.name
	}
	return "Unknown"
}

func match(r *http.Request) (*route, string) {
	for _, rt := range routes() {
		if rt.method != r.Method {
			continue
		}
		if rt.path == r.URL.Path {
			return &rt, ""
		}
		if id, ok := strings.CutPrefix(r.URL.Path, rt.path); ok && strings.HasSuffix(rt.path, "/") && id != "" && !strings.Contains(id, "/") {
			return &rt, id
		}
	}
	return nil, ""
}

// Serve answers one request.
func (s *Service) Serve(r *http.Request, body []byte) *Answer {
	a, err := s.serve(r, body)
	if err != nil {
		refusal, ok := err.(*Refusal) //nolint:errorlint // All errors here are refusals.
		if !ok {
			refusal = &Refusal{Status: http.StatusInternalServerError, Message: err.Error()}
		}
		return refusal.Answer()
	}
	return a
}

func (s *Service) serve(r *http.Request, body []byte) (*Answer, error) {
	rt, id := match(r)
	switch {
	case rt == nil:
		return nil, refuse(http.StatusNotFound, "", "Route %s:%s not found", r.Method, r.URL.Path)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && len(body) == 0:
		return nil, refuse(http.StatusBadRequest, "FST_ERR_CTP_EMPTY_JSON_BODY", "Body cannot be empty when content-type is set to 'application/json'")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rt.name != "CreateToken" {
		if err := s.authenticate(r); err != nil {
			return nil, err
		}
	}
	return rt.run(s, request{Request: r, body: body, id: id})
}

func (s *Service) authenticate(r *http.Request) error {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	end, known := s.tokens[text]
	switch {
	case !ok || !known:
		return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "The token is not valid")
	case !s.now().Before(end):
		return refuse(http.StatusUnauthorized, "TOKEN_EXPIRED", "The token has expired")
	}
	return nil
}

// createToken takes the key by either of the names that are in use.
func (s *Service) createToken(r request) (*Answer, error) {
	var in struct {
		Provider string `json:"apikey"`
		Scripts  string `json:"api_key"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if given := in.Provider + in.Scripts; given != s.key {
		return nil, refuse(http.StatusUnauthorized, "UNAUTHORIZED", "The API key is not valid")
	}
	end := s.now().Add(s.life)
	text := s.token(end.Unix())
	s.tokens[text] = end
	return answer(http.StatusOK, map[string]any{
		"access_token": text, "refresh_token": s.mint.Secret(),
		"organization_id": json.Number(Organization), "token_expires_at": end.UnixMilli(),
	}), nil
}

// token makes a token in the form of a JWT; its signature is drawn.
func (s *Service) token(exp int64) string {
	encode := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return encode(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." +
		encode(map[string]any{"exp": exp, "cognito:groups": []string{"@nullplatform/organization=" + Organization}}) + "." +
		strings.NewReplacer("+", "-", "/", "_").Replace(s.mint.Secret())
}

func (r request) decode(into any) error {
	if err := json.Unmarshal(r.body, into); err != nil {
		return refuse(http.StatusBadRequest, "FST_ERR_CTP_INVALID_JSON_BODY", "Body is not valid JSON but content-type is set to 'application/json'")
	}
	return nil
}

func (s *Service) listSpecifications(r request) (*Answer, error) {
	slug := r.URL.Query().Get("slug")
	var found []any
	for _, sp := range s.specs {
		if slug == "" || sp.Slug == slug {
			found = append(found, sp)
		}
	}
	return r.page(found)
}

func (s *Service) readSpecification(r request) (*Answer, error) {
	sp := s.spec(r.id)
	if sp == nil {
		return nil, refuse(http.StatusNotFound, "", "The provider specification %s does not exist", r.id)
	}
	return answer(http.StatusOK, sp), nil
}

// places that are there, from the top.
func known(nrn string) bool {
	return slices.Contains([]string{"organization=" + Organization, NRN, NRN + ":namespace=5"}, nrn)
}
