package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/nullplatform/slipway/provision"
)

// Client talks to one nullplatform with one key. It is safe for use by several
// goroutines.
type Client struct {
	options Options
	base    *url.URL
	http    *http.Client
	token   token
	seal    seal
}

const (
	defaultPatience = 30 * time.Second
	firstPause      = 200 * time.Millisecond
	longestPause    = 20 * time.Second
	handshakeTime   = 10 * time.Second
	tries           = 4
	// mostBytes bounds an answer; a page of configurations is far smaller.
	mostBytes = 8 << 20
)

// Open prepares a client. It makes no request; a host or key that cannot be
// used is refused here with a [*provision.Problem].
func Open(o Options) (*Client, error) {
	base, err := o.base()
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Pause == 0 {
		o.Pause = firstPause
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4,
			TLSHandshakeTimeout: handshakeTime, IdleConnTimeout: defaultPatience,
		}
	}
	c := &Client{options: o, base: base, http: &http.Client{
		Transport: o.Transport,
		// A redirected request would carry the key to another place.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	c.seal.add(o.APIKey)
	c.seal.add(o.Token)
	return c, nil
}

// Close lets go of idle connections. It never fails, and twice is safe.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Host is where the API is.
func (c *Client) Host() string { return c.base.Host }

// call is one request to the API.
type call struct {
	op     string
	method string
	path   string
	query  url.Values
	// body is nil for none. It is encoded anew for each try.
	body any
	// once keeps the request from being repeated where it may have taken
	// effect already.
	once bool
	// open is for the one request that needs no token.
	open bool
}

// request names the call in messages. Bodies are never shown.
func (r call) request() string {
	if len(r.query) == 0 {
		return r.method + " " + r.path
	}
	text, err := url.QueryUnescape(r.query.Encode())
	if err != nil {
		text = r.query.Encode()
	}
	return r.method + " " + r.path + "?" + text
}

// do makes the call and decodes the answer into a value, unless it is nil. It
// tries again where that is safe and of use, and signs in anew once when the
// token is no longer taken. What fails is an [*Error].
func (c *Client) do(ctx context.Context, r call, into any) error {
	renewed := false
	for attempt := 1; ; attempt++ {
		failure, wait := c.try(ctx, r, into)
		if failure == nil {
			return nil
		}
		if failure.Refused() && !r.open && !renewed && c.forget() {
			renewed = true
			continue
		}
		if attempt == tries || !failure.again || r.once && failure.unsure {
			return failure
		}
		if err := c.pause(ctx, attempt, wait); err != nil {
			return failure
		}
	}
}

// pause waits: as long as the answer asked for, or longer each time.
func (c *Client) pause(ctx context.Context, attempt int, wait time.Duration) error {
	if wait == 0 {
		wait = c.options.Pause << (attempt - 1)
	}
	t := time.NewTimer(min(wait, longestPause))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// try makes one try. The duration is how long the answer asks to wait.
func (c *Client) try(ctx context.Context, r call, into any) (*Error, time.Duration) {
	e := &Error{Op: r.op, Request: r.request()}
	bearer := provision.Secret{}
	if !r.open {
		var failure *Error
		if bearer, failure = c.bearer(ctx); failure != nil {
			failure.signIn = true
			return failure, 0
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	req, err := c.build(ctx, r, bearer)
	if err != nil {
		return c.silent(e, err), 0
	}
	res, err := c.http.Do(req)
	if err != nil {
		failure := c.silent(e, err)
		c.options.Log.InfoContext(ctx, "nullplatform request", "request", failure.Request, "failed", failure.Why)
		return failure, 0
	}
	c.options.Log.InfoContext(ctx, "nullplatform request", "request", e.Request, "status", res.StatusCode)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	switch {
	case err != nil:
		e.Status = res.StatusCode
		return c.silent(e, err), 0
	case len(body) > mostBytes:
		return c.silent(e, errLong), 0
	case res.StatusCode < http.StatusOK || res.StatusCode >= http.StatusMultipleChoices:
		return c.answered(e, res.StatusCode, res.Header, body), retryAfter(res.Header)
	case into == nil || res.StatusCode == http.StatusNoContent:
		return nil, 0
	case isPage(res.Header, body):
		e.Status, e.Words = res.StatusCode, c.words(res.Header, body)
		c.page(e)
		return e, 0
	}
	if err := json.Unmarshal(body, into); err != nil {
		e.Status = res.StatusCode
		return c.silent(e, err), 0
	}
	return nil, 0
}

var errLong = errors.New("the answer is far longer than any of the API's")

// build makes the HTTP request. Without a body there is no content type: the
// API refuses an empty body that claims to be JSON.
func (c *Client) build(ctx context.Context, r call, bearer provision.Secret) (*http.Request, error) {
	u := *c.base
	u.Path, u.RawQuery = r.path, r.query.Encode()
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "slipway")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.open {
		req.Header.Set("Authorization", "Bearer "+bearer.Reveal())
	}
	return req, nil
}

// retryAfter reads how many seconds an answer asks to wait; 0 when it does not
// say.
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, longestPause)
}
