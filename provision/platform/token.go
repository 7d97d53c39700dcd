package platform

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision"
)

// token is what the API key was exchanged for.
type token struct {
	mu           sync.Mutex
	text         provision.Secret
	renew        time.Time // zero: when it is refused
	organization string
}

// early is how long before its end a token is renewed: a request that is under
// way must not outlive it.
const early = 5 * time.Minute

// grant is the API's answer to a key:
// https://docs.nullplatform.com/docs/api/authentication
type grant struct {
	Access       string `json:"access_token"`
	Refresh      string `json:"refresh_token"`
	Organization ident  `json:"organization_id"`
	// Expires is in milliseconds since 1970.
	Expires int64 `json:"token_expires_at"`
}

// bearer gives a token that is good for another request. Several callers wait
// for one exchange.
func (c *Client) bearer(ctx context.Context) (provision.Secret, *Error) {
	t := &c.token
	t.mu.Lock()
	defer t.mu.Unlock()
	now := c.options.Now()
	if !t.text.Empty() && (t.renew.IsZero() || now.Before(t.renew)) {
		return t.text, nil
	}
	if c.options.APIKey.Empty() {
		t.set(c.options.Token, grant{}, now)
		return t.text, nil
	}
	var g grant
	err := c.do(ctx, call{
		op: "sign in to nullplatform", method: http.MethodPost, path: "/token", open: true,
		body: map[string]string{"apikey": c.options.APIKey.Reveal()},
	}, &g)
	var failure *Error
	if errors.As(err, &failure) {
		return provision.Secret{}, failure
	}
	if g.Access == "" || strings.ContainsAny(g.Access, "\r\n") {
		return provision.Secret{}, &Error{
			Op: "sign in to nullplatform", Request: "POST /token", Status: http.StatusOK,
			Why: "the answer holds no token", Way: "check NULLPLATFORM_HOST",
		}
	}
	c.seal.add(provision.NewSecret(g.Access))
	c.seal.add(provision.NewSecret(g.Refresh))
	t.set(provision.NewSecret(g.Access), g, now)
	return t.text, nil
}

// set keeps a token and finds out when to renew it. One that seems to be over
// already is taken to be fresh, and this machine's clock to be wrong: it is
// renewed when it is refused.
func (t *token) set(text provision.Secret, g grant, now time.Time) {
	claims := claimsOf(text)
	t.text, t.renew = text, time.Time{}
	end := claims.end
	if g.Expires > 0 {
		end = time.UnixMilli(g.Expires)
	}
	if left := end.Sub(now); !end.IsZero() && left > 0 {
		t.renew = end.Add(-min(early, left/2))
	}
	if t.organization = string(g.Organization); t.organization == "" {
		t.organization = claims.organization
	}
}

// forget drops a token that was refused, and reports whether there is a key to
// get another.
func (c *Client) forget() bool {
	c.token.mu.Lock()
	defer c.token.mu.Unlock()
	if c.options.APIKey.Empty() {
		return false
	}
	c.token.text = provision.Secret{}
	return true
}

// Organization is the number of the organisation that the key belongs to, as
// text; empty when the API does not tell.
func (c *Client) Organization(ctx context.Context) (string, error) {
	if _, failure := c.bearer(ctx); failure != nil {
		return "", failure
	}
	c.token.mu.Lock()
	defer c.token.mu.Unlock()
	return c.token.organization, nil
}

type claims struct {
	end          time.Time
	organization string
}

// organizationGroup is how a token names its organisation among its groups.
const organizationGroup = "@nullplatform/organization="

// claimsOf reads what a token says of itself. It is not verified, which is the
// API's business; a token that cannot be read says nothing.
// https://www.rfc-editor.org/rfc/rfc7519
func claimsOf(text provision.Secret) claims {
	parts := strings.Split(text.Reveal(), ".")
	if len(parts) != 3 {
		return claims{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return claims{}
	}
	var body struct {
		Exp    float64  `json:"exp"`
		Groups []string `json:"cognito:groups"`
	}
	if json.Unmarshal(raw, &body) != nil {
		return claims{}
	}
	var out claims
	if body.Exp > 0 {
		out.end = time.Unix(int64(body.Exp), 0)
	}
	for _, g := range body.Groups {
		if id, ok := strings.CutPrefix(g, organizationGroup); ok {
			out.organization = id
		}
	}
	return out
}

// ident is an ID that the API writes as text or as a number.
type ident string

// UnmarshalJSON takes either.
func (i *ident) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err == nil {
		*i = ident(text)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*i = ident(n.String())
	return nil
}
