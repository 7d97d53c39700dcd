package platform_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/platform"
)

// documented is the API's own pattern, as its documentation gives it.
var documented = regexp.MustCompile(`^organization=[0-9*]+(:account=[0-9*]+)?(:namespace=[0-9*]+)?(:application=[0-9*]+)?(:scope=[0-9*]+)?$`)

// An NRN is read when, and only when, it fits the API's pattern, and reads back
// as it was written.
func TestNRNsAreThoseOfTheAPI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkNRN(t, drawNRN(t)) })
}

func drawNRN(t *rapid.T) string {
	parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"organization", "account", "namespace", "application", "scope", "x", ""}).Draw(t, "level") +
			rapid.SampledFrom([]string{"=", "=", "=", ""}).Draw(t, "sign") +
			rapid.SampledFrom([]string{"1", "23", "*", "", "a", "-1", " 1", "1\n"}).Draw(t, "id")
	}), 1, 5).Draw(t, "parts")
	return strings.Join(parts, ":")
}

func checkNRN(t interface{ Fatalf(string, ...any) }, text string) {
	n, err := platform.ParseNRN(text)
	if documented.MatchString(text) != (err == nil) {
		t.Fatalf("%q: %v", text, err)
	}
	if err != nil {
		return
	}
	if n.String() != text || n.Wild() != strings.Contains(text, "*") || !n.Within(n) {
		t.Fatalf("%q reads back as %q", text, n)
	}
	if wild := len(platform.CheckNRN(text)) > 0; wild != n.Wild() {
		t.Fatalf("%q: to be refused: %v", text, wild)
	}
}

func FuzzNRN(f *testing.F) {
	for _, s := range []string{"organization=1", "organization=1:account=*", "account=1", "organization=1:account=2:account=3", "organization=1:scope=2\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkNRN(t, text) })
}

// Within is an order: what is within what is within, is within.
func TestWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := nrnOf(t, "organization=1:account=2:namespace=3:application=4:scope=5")
		a := nrnOf(t, prefix(long.String(), rapid.IntRange(1, 5).Draw(t, "a")))
		b := nrnOf(t, prefix(long.String(), rapid.IntRange(1, 5).Draw(t, "b")))
		if a.Within(b) != (len(a.String()) >= len(b.String())) {
			t.Fatalf("%s within %s: %v", a, b, a.Within(b))
		}
		if other := nrnOf(t, "organization=12"); a.Within(other) || other.Within(a) {
			t.Fatalf("%s and %s", a, other)
		}
	})
}

func prefix(text string, n int) string { return strings.Join(strings.Split(text, ":")[:n], ":") }

func nrnOf(t *rapid.T, text string) platform.NRN {
	n, err := platform.ParseNRN(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func trusting(t *testing.T, pem []byte) http.RoundTripper {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
