package platform

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision"
)

// DefaultHost is where nullplatform's API is.
const DefaultHost = "api.nullplatform.com"

// Options say where the API is and who calls.
type Options struct {
	// Host is a host, or an https URL without a path; empty means
	// [DefaultHost]. Plain http is for this machine alone.
	Host string
	// APIKey is exchanged for a token. With it, Token is not used.
	APIKey provision.Secret
	// Token is a bearer token that was obtained elsewhere.
	Token provision.Secret
	// From names where key or token came from, for messages.
	From string
	// Now is the clock.
	Now func() time.Time
	// Log takes each request with its status, without bodies; nil logs
	// nothing.
	Log *slog.Logger
	// Transport carries the requests; nil means one like Go's default.
	Transport http.RoundTripper
	// Patience bounds one try of one request; zero means half a minute.
	Patience time.Duration
	// Pause is the first pause between two tries; zero means 200 ms. It
	// doubles each time.
	Pause time.Duration
}

// Environment reads the options from variables, those of nullplatform's
// Terraform provider before those of its command line. Without a key or a
// token it gives false.
func Environment(env func(string) string) (Options, bool) {
	o := Options{Host: first(env, "NULLPLATFORM_HOST", "NP_API_HOST")}
	for _, name := range []string{"NULLPLATFORM_API_KEY", "NP_API_KEY"} {
		if key := strings.TrimSpace(env(name)); key != "" {
			o.APIKey, o.From = provision.NewSecret(key), name
			return o, true
		}
	}
	if token := strings.TrimSpace(env("NP_TOKEN")); token != "" {
		token = strings.TrimSpace(strings.TrimPrefix(token, "Bearer "))
		o.Token, o.From = provision.NewSecret(token), "NP_TOKEN"
		return o, true
	}
	return o, false
}

func first(env func(string) string, names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(env(n)); v != "" {
			return v
		}
	}
	return ""
}

// KeysWanted says how the API key is given, for those who gave none.
const KeysWanted = "set NULLPLATFORM_API_KEY (or NP_API_KEY, or NP_TOKEN for a bearer token)"

// base reads the host. Plain http is refused for what is not this machine:
// the key would travel in the open.
func (o Options) base() (*url.URL, error) {
	host := o.Host
	if host == "" {
		host = DefaultHost
	}
	bad := func(rule string) (*url.URL, error) {
		return nil, &provision.Problem{
			Field: "NULLPLATFORM_HOST", Rule: rule, Way: "write a host such as " + DefaultHost + ", or leave it out",
		}
	}
	text := host
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil:
		// The text is not repeated: it may hold a password.
		return bad("cannot be read as a host")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad(fmt.Sprintf("has the scheme %q, and the API is reached over https", u.Scheme))
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return bad(fmt.Sprintf("%q is more than a host", u.Host+u.Path))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return bad(fmt.Sprintf("is http://%s, and a key is not sent in the open", u.Host))
	}
	if !strings.Contains(host, "://") && loopback(u.Hostname()) {
		u.Scheme = "http"
	}
	u.Path = ""
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// check refuses a key or token that cannot be one, before it is sent.
func (o Options) check() error {
	secret := o.APIKey
	if secret.Empty() {
		secret = o.Token
	}
	from := o.From
	if from == "" {
		from = "API key"
	}
	if secret.Empty() {
		return &provision.Problem{Field: "API key", Rule: "is missing", Way: KeysWanted}
	}
	if strings.ContainsFunc(secret.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &provision.Problem{
			Field: from, Rule: "has spaces or characters that no key has", Way: "copy it again, without quotes and line ends",
		}
	}
	return nil
}

func asProblem(err error, into **provision.Problem) bool { return errors.As(err, into) }
