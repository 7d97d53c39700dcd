package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// Each kind of bad answer is told for what it is, with the request named and a
// way out.
func TestBadAnswersAreTold(t *testing.T) {
	for _, tt := range []struct {
		why   string
		fault sandbox.FaultKind
		key   string // another key than the sandbox's
		nrn   string
		say   []string
	}{
		{why: "a wrong key", key: "np-wrong", say: []string{"sign in to nullplatform", "does not accept the API key of NULLPLATFORM_API_KEY", "POST /token was answered with 401", "The API key is not valid", "check the key"}},
		{why: "a key without rights", fault: sandbox.FaultAccessDenied, say: []string{"may not do this here", "was answered with 403", "You're not authorized", "another NRN"}},
		{why: "an NRN that is not there", nrn: "organization=4242:account=999", say: []string{"it is not there", "404", "account=999 does not exist", "check the NRN"}},
		{why: "a proxy's page", fault: sandbox.FaultPage, say: []string{"answers with a web page", "Sign in to the network", "NULLPLATFORM_HOST"}},
		{why: "half an answer", fault: sandbox.FaultMalformed, say: []string{"the answer ends in the middle or is no JSON", "GET /provider"}},
		{why: "a broken connection", fault: sandbox.FaultReset, say: []string{"talking to 127.0.0.1", "run again"}},
		{why: "the other side is broken", fault: sandbox.FaultInternal, say: []string{"could not answer", "500", "Something went wrong", "what is done stays done"}},
		{why: "too many requests", fault: sandbox.FaultThrottle, say: []string{"asks for fewer requests", "429"}},
		{why: "no answer", fault: sandbox.FaultTimeoutAfter, say: []string{"did not answer within"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, "ready")
			o := options(sb)
			if tt.key != "" {
				o.APIKey = provision.NewSecret(tt.key)
			}
			if tt.fault == sandbox.FaultTimeoutAfter {
				o.Patience = 50 * time.Millisecond
			}
			if tt.fault != 0 {
				sb.Inject(sandbox.Fault{Kind: tt.fault, Service: "platform", Action: "ListProviders", Times: -1})
			}
			at := fake.NRN
			if tt.nrn != "" {
				at = tt.nrn
			}
			_, err := open(t, o).Survey(t.Context(), wanted(t, at, "")[1:], false)
			if err == nil {
				t.Fatal("no error")
			}
			for _, say := range tt.say {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("%v\nwant %q said", err, say)
				}
			}
			for _, secret := range []string{sb.PlatformKey(), tt.key, "eyJ"} {
				if secret != "" && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

// Failures that pass are not seen by anybody: reads and updates are tried
// again, and a create whose answer was lost is looked up instead.
func TestFailuresThatPass(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{
		sandbox.FaultThrottle, sandbox.FaultInternal, sandbox.FaultReset, sandbox.FaultResetAfter,
		sandbox.FaultMalformed, sandbox.FaultPage, sandbox.FaultUnauthorized, sandbox.FaultTimeoutAfter,
	} {
		for _, action := range []string{"CreateToken", "ListSpecifications", "ListProviders", "ReadProvider", "CreateProvider", "UpdateProvider"} {
			t.Run(kind.String()+"/"+action, func(t *testing.T) {
				tried := action != "CreateProvider" && (kind != sandbox.FaultPage) &&
					(kind != sandbox.FaultUnauthorized || action != "CreateToken")
				lost := action == "CreateProvider" && kind != sandbox.FaultInternal && kind != sandbox.FaultReset && kind != sandbox.FaultPage
				scenario := "different"
				if action == "CreateProvider" {
					scenario = "ready"
				}
				sb := start(t, scenario)
				sb.Inject(sandbox.Fault{Kind: kind, Service: "platform", Action: action})
				o := options(sb)
				if kind == sandbox.FaultTimeoutAfter {
					o.Patience = time.Second
				}
				err := registerAll(t.Context(), open(t, o), wanted(t, fake.NRN, ""))
				if (err == nil) != (tried || lost) {
					t.Fatalf("err = %v", err)
				}
				if err != nil { // then the same again goes on from there
					err = registerAll(t.Context(), open(t, options(sb)), wanted(t, fake.NRN, ""))
				}
				if err != nil {
					t.Fatal(err)
				}
				if n := len(sb.Platform().Configurations()); n != 3 {
					t.Errorf("%d configurations, want 3", n)
				}
				for _, c := range sb.Platform().Configurations() {
					if s, ok := c.Attributes["ci.secret_key"]; ok && s != planted {
						t.Errorf("the secret is %q", s)
					}
				}
			})
		}
	}
}

func registerAll(ctx context.Context, c *platform.Client, ws []platform.Wanted) error {
	s, err := c.Survey(ctx, ws, true)
	if err != nil {
		return err
	}
	for _, b := range s.Blockers {
		return &b
	}
	for _, r := range s.Registrations {
		if _, err := c.Register(ctx, r, key()); err != nil {
			return err
		}
	}
	return nil
}

// A token that ends in the middle is renewed, once before its end and once
// because it was refused.
func TestTokensAreRenewed(t *testing.T) {
	var at atomic.Int64
	at.Store(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	clock := func() time.Time { return time.Unix(0, at.Load()) }
	sb := sandboxtest.Start(t, sandbox.Options{Now: clock, Platform: fake.Options{TokenLife: time.Hour}})
	o := options(sb)
	o.Now = clock
	c := open(t, o)
	tokens := func() int {
		n := 0
		for _, e := range sb.Log() {
			if e.Action == "CreateToken" {
				n++
			}
		}
		return n
	}
	ask := func() {
		t.Helper()
		if _, err := c.Specification(t.Context(), "ecr", nrn(t, fake.NRN)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		why    string
		pass   time.Duration
		revoke bool
		want   int
	}{
		{"the first request signs in", 0, false, 1},
		{"a token serves many requests", 50 * time.Minute, false, 1},
		{"four minutes before its end it is renewed", 6 * time.Minute, false, 2},
		{"the other side ends it early", 0, true, 3},
	} {
		at.Add(int64(step.pass))
		if step.revoke {
			sb.Platform().Revoke()
		}
		if ask(); tokens() != step.want {
			t.Errorf("%s: %d tokens so far, want %d", step.why, tokens(), step.want)
		}
	}
}

// A token that was obtained elsewhere cannot be renewed here.
func TestABearerTokenThatHasEnded(t *testing.T) {
	sb := start(t, "ready")
	o := options(sb)
	o.APIKey, o.Token, o.From = provision.Secret{}, provision.NewSecret("eyJhbGciOiJub25l.e30.planted-token"), "NP_TOKEN"
	_, err := open(t, o).Survey(t.Context(), wanted(t, fake.NRN, ""), false)
	if err == nil || !strings.Contains(err.Error(), "the token of NP_TOKEN") || !strings.Contains(err.Error(), "get a new one") || strings.Contains(err.Error(), "planted") {
		t.Errorf("err = %v", err)
	}
}

func TestStopping(t *testing.T) {
	sb := start(t, "ready")
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter, Service: "platform", Times: -1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := open(t, options(sb)).Survey(ctx, wanted(t, fake.NRN, ""), false)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// What an API or a proxy repeats of a request is told without the secrets, in
// whatever spelling it repeats them, and what would be a redirection of the
// request is not followed.
func TestNothingThatIsRepeatedTellsASecret(t *testing.T) {
	const apiKey = "np/planted+api/key=="
	ends := []func(w http.ResponseWriter, body string){
		func(w http.ResponseWriter, body string) { http.Error(w, body, http.StatusBadRequest) },
		func(w http.ResponseWriter, body string) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": 400, "error": "Bad Request", "message": "you sent " + body})
		},
		func(w http.ResponseWriter, body string) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprintf(w, "<html><title>%s</title></html>", body)
		},
		func(w http.ResponseWriter, body string) {
			w.Header().Set("Location", "https://elsewhere.example/"+body)
			w.WriteHeader(http.StatusTemporaryRedirect)
			_, _ = fmt.Fprint(w, body)
		},
	}
	for i, end := range ends {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			sb := start(t, "ready")
			o := options(sb)
			s := survey(t, open(t, o), wanted(t, fake.NRN, ""), true)
			var got atomic.Int32
			var token string
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					token = "opaque-planted-token-0123456789"
					_, _ = fmt.Fprintf(w, `{"access_token":%q,"organization_id":4242}`, token)
					return
				}
				got.Add(1)
				body := make([]byte, 4096)
				n, _ := r.Body.Read(body)
				end(w, string(body[:n])+" "+r.Header.Get("Authorization")+" "+strings.ReplaceAll(planted, "/", `\/`)+" "+apiKey)
			}))
			defer echo.Close()
			var log sandboxtest.Buffer
			o.Host, o.APIKey, o.Log = echo.URL, provision.NewSecret(apiKey), slog.New(slog.NewTextHandler(&log, nil))
			c := open(t, o)
			_, err := c.Register(t.Context(), s.Registrations[0], key())
			if err == nil || got.Load() == 0 {
				t.Fatalf("err = %v after %d requests", err, got.Load())
			}
			told := fmt.Sprintf("%v %+v %#v %+v %s", err, err, err, c, log.String())
			if !strings.Contains(log.String(), "POST /provider") {
				t.Errorf("the log is %s", log.String())
			}
			for _, secret := range []string{planted, strings.ReplaceAll(planted, "/", `\/`), apiKey, token} {
				if strings.Contains(told, secret) {
					t.Errorf("it tells %q: %s", secret, told)
				}
			}
			if !strings.Contains(told, "POST /provider") {
				t.Errorf("the request is not named: %s", told)
			}
		})
	}
}

// What cannot be a host or a key is refused before anything is sent.
func TestHostsAndKeys(t *testing.T) {
	for _, tt := range []struct {
		why, host, key string
		say            string // "" for one that is taken
		at             string
	}{
		{"nothing said", "", "k", "", "api.nullplatform.com"},
		{"a host, as the Terraform provider has it", "api.example.com", "k", "", "api.example.com"},
		{"a URL", "https://api.example.com/", "k", "", "api.example.com"},
		{"plain http to this machine", "http://127.0.0.1:8080", "k", "", "127.0.0.1:8080"},
		{"plain http to others", "http://api.example.com", "k", "not sent in the open", ""},
		{"a host that only looks local", "http://localhost.example.com", "k", "not sent in the open", ""},
		{"another scheme", "ftp://api.example.com", "k", "over https", ""},
		{"a path", "https://api.example.com/v1", "k", "more than a host", ""},
		{"a password in it", "https://me:hunter2@api.example.com", "k", "cannot be read as a host", ""},
		{"no host", "https://", "k", "cannot be read as a host", ""},
		{"no key", "", "", "NULLPLATFORM_API_KEY", ""},
		{"a key with a line end in it", "", "a\nb", "spaces or characters", ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			c, err := platform.Open(platform.Options{Host: tt.host, APIKey: provision.NewSecret(tt.key)})
			switch {
			case tt.say == "" && (err != nil || c.Host() != tt.at):
				t.Errorf("err = %v", err)
			case tt.say != "" && (err == nil || !strings.Contains(err.Error(), tt.say) || strings.Contains(err.Error(), "hunter2")):
				t.Errorf("err = %v, want %q said", err, tt.say)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		why  string
		env  map[string]string
		from string
		host string
	}{
		{"the provider's name comes first", map[string]string{"NULLPLATFORM_API_KEY": "a", "NP_API_KEY": "b", "NP_TOKEN": "c"}, "NULLPLATFORM_API_KEY", ""},
		{"then the command line's", map[string]string{"NP_API_KEY": "b", "NP_TOKEN": "c", "NP_API_HOST": "h"}, "NP_API_KEY", "h"},
		{"then a token", map[string]string{"NP_TOKEN": "Bearer c\n", "NULLPLATFORM_HOST": "g", "NP_API_HOST": "h"}, "NP_TOKEN", "g"},
		{"or nothing", map[string]string{"NULLPLATFORM_API_KEY": " "}, "", ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			o, ok := platform.Environment(func(name string) string { return tt.env[name] })
			if ok != (tt.from != "") || o.From != tt.from || o.Host != tt.host {
				t.Errorf("%v %q %q", ok, o.From, o.Host)
			}
			if tt.from == "NP_TOKEN" && o.Token.Reveal() != "c" {
				t.Error("the token keeps what surrounds it")
			}
		})
	}
}

// The certificate of the sandbox serves clients that know https alone.
func TestOverTLS(t *testing.T) {
	sb := start(t, "ready")
	pem, err := sb.PlatformCA()
	if err != nil {
		t.Fatal(err)
	}
	o := options(sb)
	o.Host = "https://" + sb.PlatformHost()
	o.Transport = trusting(t, pem)
	if _, err := open(t, o).Survey(t.Context(), wanted(t, fake.NRN, ""), true); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(sb.Log(), func(e sandbox.Entry) bool { return e.Action == "ListProviders" }) {
		t.Error("nothing arrived")
	}
}
