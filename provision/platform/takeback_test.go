package platform_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
)

// registered gives the configuration of a specification, as it is kept.
func registered(t *testing.T, sb *sandbox.Sandbox, slug string) fake.Configuration {
	t.Helper()
	for _, c := range sb.Platform().Configurations() {
		if c.Slug == slug {
			return c
		}
	}
	t.Fatalf("no %s is registered", slug)
	return fake.Configuration{}
}

// What is deleted is gone, deleting it twice is safe, and what is not known is
// no success.
func TestRemove(t *testing.T) {
	sb := start(t, "registered")
	c := open(t, options(sb))
	id := registered(t, sb, "ecr").ID
	for range 2 {
		if err := c.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if is, err := c.Configuration(t.Context(), id); err != nil || is != nil {
		t.Errorf("it is still there: %v (%v)", is, err)
	}
	s3 := registered(t, sb, "s3-configuration").ID
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:DeleteProvider", Times: -1})
	var failure *platform.Error
	if err := c.Remove(t.Context(), s3); !errors.As(err, &failure) || !failure.Denied() || !failure.Certain() {
		t.Errorf("err = %v", err)
	}
}

// A host where nobody can sign in has not said that anything is gone.
func TestNowhereToSignInIsNotGone(t *testing.T) {
	for name, do := range map[string]func(c *platform.Client) error{
		"read": func(c *platform.Client) error {
			is, err := c.Configuration(t.Context(), "an-id")
			if is == nil && err == nil {
				return nil
			}
			return err
		},
		"delete": func(c *platform.Client) error { return c.Remove(t.Context(), "an-id") },
	} {
		sb := start(t, "ready")
		sb.Inject(sandbox.Fault{Kind: sandbox.FaultNoSuchEntity, Action: "platform:CreateToken", Times: -1})
		if err := do(open(t, options(sb))); err == nil || !strings.Contains(err.Error(), "sign in") {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// What an update changed is put back; secrets are put back only when they are
// given, and nothing is ever sent for them otherwise.
func TestRestore(t *testing.T) {
	for _, tt := range []struct {
		why    string
		key    provision.Credentials
		secret string
	}{
		{"without the former secret none is sent", provision.Credentials{}, ""},
		{"with it, it is put back too", key(), planted},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, "different")
			c := open(t, options(sb))
			was, err := c.Configuration(t.Context(), registered(t, sb, "ecr").ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range survey(t, c, wanted(t, fake.NRN, "")[:1], true).Registrations {
				if _, err := c.Register(t.Context(), r, provision.Credentials{KeyID: "AKIAZZZZZZZZZZZZZZZZ", Secret: provision.NewSecret("another")}); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // twice is safe
				if err := c.Restore(t.Context(), was.ID, was.Values, tt.key); err != nil {
					t.Fatal(err)
				}
			}
			got := registered(t, sb, "ecr").Attributes
			if got["setup.role_arn"] != "arn:aws:iam::123456789012:role/nullplatform-demo-application-role-before" || got["ci.secret_key"] != tt.secret {
				t.Errorf("put back: %v", got)
			}
		})
	}
}

// The body is what was there, in its own types, and no null.
func TestRestoreKeepsTypes(t *testing.T) {
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPatch {
			b, _ := io.ReadAll(r.Body)
			body = string(b)
		}
		_, _ = io.WriteString(w, `{"id":"x","nrn":"organization=1","attributes":{"a":{"list":["p","q"],"n":3,"flag":true,"text":"3","secret_key":null}}}`)
	}))
	defer srv.Close()
	c := open(t, platform.Options{Host: srv.URL, Token: provision.NewSecret("a-token"), Pause: time.Millisecond})
	was, err := c.Configuration(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	// Through the journal, as an undo does.
	kept, err := json.Marshal(was.Values)
	if err != nil {
		t.Fatal(err)
	}
	var values []platform.Value
	if err := json.Unmarshal(kept, &values); err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(t.Context(), "x", values, provision.Credentials{}); err != nil {
		t.Fatal(err)
	}
	if want := `{"attributes":{"a":{"flag":true,"list":["p","q"],"n":3,"text":"3"}}}`; strings.TrimSpace(body) != want {
		t.Errorf("sent %s\nwant %s", body, want)
	}
}

// What was there before does not count as there when it is another value, or
// missing; what cannot be read does not speak against it.
func TestApart(t *testing.T) {
	text := func(path, value string) platform.Value { return platform.Value{Path: path, Text: value} }
	hidden := platform.Value{Path: "ci.secret_key", Hidden: true}
	for _, tt := range []struct {
		why     string
		is, was []platform.Value
		want    string
	}{
		{"the same", []platform.Value{text("a", "1")}, []platform.Value{text("a", "1")}, ""},
		{"another value", []platform.Value{text("a", "2")}, []platform.Value{text("a", "1")}, "a"},
		{"missing", nil, []platform.Value{text("a", "1")}, "a"},
		{"a secret now", []platform.Value{hidden}, []platform.Value{text("ci.secret_key", "x")}, ""},
		{"a secret then", nil, []platform.Value{hidden}, ""},
		{"more than there was", []platform.Value{text("a", "1"), text("b", "2")}, []platform.Value{text("a", "1")}, ""},
		{"a policy that says the same", []platform.Value{text("p", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}}`)}, []platform.Value{text("p", `{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}`)}, ""},
	} {
		if got := platform.Apart(tt.is, tt.was); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}
