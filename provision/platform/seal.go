package platform

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/provision"
)

// seal takes secrets out of text that others wrote: an API may repeat what it
// was sent, and a proxy all of it.
type seal struct {
	mu      sync.Mutex
	secrets []provision.Secret
}

// add makes a secret one that is taken out from now on.
func (s *seal) add(secret provision.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !secret.Empty() {
		s.secrets = append(s.secrets, secret)
	}
}

// jwt is the form of the API's tokens. One that is not ours is taken out too.
var jwt = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?`)
})

// text gives the text without the secrets, in any of the spellings in which
// they travel.
func (s *seal) text(t string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.secrets {
		for _, spelling := range spellings(secret.Reveal()) {
			t = strings.ReplaceAll(t, spelling, secret.String())
		}
	}
	return jwt().ReplaceAllString(t, provision.Secret{}.String())
}

// spellings are how a text looks as it is, in JSON, in an address and in HTML.
func spellings(text string) []string {
	slashed := strings.ReplaceAll(text, "/", `\/`)
	coded := strings.NewReplacer("+", `\u002b`, "/", `\u002f`, "=", `\u003d`).Replace(text)
	return []string{
		text, slashed, coded, url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text),
		strings.ReplaceAll(html.EscapeString(text), "/", "&#x2F;"),
	}
}
