package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// session is the API, to somebody who has signed in.
// https://docs.nullplatform.com/docs/api
type session struct {
	host, token string
	client      *http.Client
}

// signIn exchanges the key of the environment for a token.
func signIn(ctx context.Context) (*session, error) {
	s := &session{host: os.Getenv("NULLPLATFORM_HOST"), client: &http.Client{Timeout: time.Minute}}
	key := os.Getenv("NULLPLATFORM_API_KEY")
	name, _, _ := net.SplitHostPort(s.host)
	if ip := net.ParseIP(name); ip == nil || !ip.IsLoopback() || key == "" {
		return nil, errors.New("set NULLPLATFORM_API_KEY, and NULLPLATFORM_HOST to a port of this machine")
	}
	var out struct {
		Token string `json:"access_token"`
	}
	err := s.call(ctx, http.MethodPost, "/token", map[string]string{"apikey": key}, &out)
	s.token = out.Token
	return s, err
}

// refusedError is an answer that is no success.
type refusedError struct {
	request string
	status  int
	body    string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%s was answered with %d: %s", e.request, e.status, e.body)
}

// gone reports whether the API does not have the thing.
func gone(err error) bool {
	var refused *refusedError
	return errors.As(err, &refused) && refused.status == http.StatusNotFound
}

// call makes one request. Only one with a body claims to be JSON.
func (s *session) call(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.host+path, content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent:
		return &refusedError{request: method + " " + path, status: resp.StatusCode, body: string(text)}
	case into == nil:
		return nil
	}
	return json.Unmarshal(text, into)
}

// specification finds the ID of a type by its slug.
func (s *session) specification(ctx context.Context, slug, nrn string) (string, error) {
	var found struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
	}
	query := url.Values{"slug": {slug}, "nrn": {nrn}}
	if err := s.call(ctx, http.MethodGet, "/provider_specification?"+query.Encode(), nil, &found); err != nil {
		return "", err
	}
	if len(found.Results) == 0 {
		return "", fmt.Errorf("no specification found for slug: %s", slug)
	}
	return found.Results[0].ID, nil
}

// written is a configuration as it is written.
type written struct {
	NRN           string            `json:"nrn,omitempty"`
	Specification string            `json:"specification_id,omitempty"`
	Dimensions    map[string]string `json:"dimensions,omitempty"`
	Attributes    json.RawMessage   `json:"attributes"`
}

// found is a configuration as it is read: what is secret is null.
type found struct {
	ID            string            `json:"id"`
	NRN           string            `json:"nrn"`
	Specification string            `json:"specification_id"`
	Dimensions    map[string]string `json:"dimensions"`
	Attributes    map[string]any    `json:"attributes"`
}

func (s *session) create(ctx context.Context, w written) (string, error) {
	var out found
	err := s.call(ctx, http.MethodPost, "/provider", w, &out)
	return out.ID, err
}

// read gives a configuration as it was written, without what it inherits, and
// the slug of its type.
func (s *session) read(ctx context.Context, id string) (found, string, error) {
	var out found
	if err := s.call(ctx, http.MethodGet, path(id)+"?no_merge=true", nil, &out); err != nil {
		return out, "", err
	}
	var spec struct {
		Slug string `json:"slug"`
	}
	err := s.call(ctx, http.MethodGet, "/provider_specification/"+url.PathEscape(out.Specification), nil, &spec)
	return out, spec.Slug, err
}

func (s *session) update(ctx context.Context, id string, w written) error {
	return s.call(ctx, http.MethodPatch, path(id), w, nil)
}

// remove deletes a configuration. One that is gone is no error.
func (s *session) remove(ctx context.Context, id string) error {
	if err := s.call(ctx, http.MethodDelete, path(id), nil, nil); err != nil && !gone(err) {
		return err
	}
	return nil
}

func path(id string) string { return "/provider/" + url.PathEscape(id) }
