package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// Error is a request that did not succeed, in words for the operator. It holds
// no secrets.
type Error struct {
	// Op is what was tried, such as "list the provider configurations".
	Op string
	// Request is method and path.
	Request string
	// Status is the answer's; 0 when there was none.
	Status int
	// Words are the API's own, shortened; empty when it said nothing.
	Words string
	// Why and Way are the reason and the way out.
	Why string
	Way string
	// unsure is true when the request may have taken effect all the same.
	unsure bool
	// again is true when another try may succeed.
	again bool
	// signIn is true for a sign-in that failed before the request was made.
	signIn bool
	cause  error
}

// Error is one line: what, why, the request, the API's words, the way out.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Reason()
	if e.Way != "" {
		s += "; " + e.Way
	}
	return s
}

// Reason is why, with the request and the API's words.
func (e *Error) Reason() string {
	s := fmt.Sprintf("%s (%s", e.Why, e.Request)
	if e.Status != 0 {
		s += fmt.Sprintf(" was answered with %d", e.Status)
	}
	if e.Words != "" {
		s += fmt.Sprintf(": %q", e.Words)
	}
	return s + ")"
}

// Unwrap gives a cancellation or a deadline, so that it can be told apart, and
// nothing else: other causes may hold what must not be shown.
func (e *Error) Unwrap() error { return e.cause }

// Absent reports whether the thing asked for is not there. That there is
// nowhere to sign in says nothing of it.
func (e *Error) Absent() bool { return e.Status == http.StatusNotFound && !e.signIn }

// Denied reports whether the key is known but may not do this.
func (e *Error) Denied() bool { return e.Status == http.StatusForbidden }

// Refused reports whether key or token were not accepted.
func (e *Error) Refused() bool { return e.Status == http.StatusUnauthorized }

// Certain reports whether the request has certainly changed nothing.
func (e *Error) Certain() bool { return !e.unsure }

// mostWords bounds how much of an answer is shown.
const mostWords = 300

// answered explains an answer that is not a success.
func (c *Client) answered(e *Error, status int, header http.Header, body []byte) *Error {
	e.Status = status
	e.Words = c.words(header, body)
	e.again = retryable(status)
	switch {
	case isPage(header, body):
		c.page(e)
	case status == http.StatusUnauthorized:
		e.Why, e.Way = "nullplatform does not accept "+c.credential(), c.renewal()
	case status == http.StatusForbidden:
		e.Why = c.credential() + " may not do this here"
		e.Way = "use a key with rights on this NRN, or another NRN"
	case status == http.StatusNotFound:
		e.Why, e.Way = "it is not there", "check the NRN (--nrn); what was deleted in nullplatform looks like this too"
	case status == http.StatusTooManyRequests:
		e.Why, e.Way = "nullplatform asks for fewer requests", "wait a little and run again to go on"
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		e.Why, e.Way = "the answer points elsewhere, and a key is not sent there", "check NULLPLATFORM_HOST"
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		e.Why, e.Way = "nullplatform could not answer", "run again to go on; what is done stays done"
		e.unsure = true
	default:
		e.Why, e.Way = "nullplatform refuses the request", "correct what it names and run again"
	}
	return e
}

func (c *Client) page(e *Error) {
	e.Why = c.base.Host + " answers with a web page where the API answers with data"
	e.Way = "check NULLPLATFORM_HOST, and proxies in between"
	e.unsure = e.Status < http.StatusBadRequest || e.Status >= http.StatusInternalServerError
}

// credential names what the caller signs in with.
func (c *Client) credential() string {
	what := "the API key"
	if c.options.APIKey.Empty() {
		what = "the token"
	}
	if c.options.From != "" {
		what += " of " + c.options.From
	}
	return what
}

func (c *Client) renewal() string {
	if c.options.APIKey.Empty() {
		return "tokens last about a day: get a new one, or use an API key with NULLPLATFORM_API_KEY"
	}
	return "check the key: one that was deleted, or of another organisation, looks like this"
}

func retryable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// silent explains a request without an answer, or with half of one.
func (c *Client) silent(e *Error, err error) *Error {
	e.unsure, e.again = true, true
	e.Way = "check the network and NULLPLATFORM_HOST, and run again"
	var (
		host *net.DNSError
		dial *net.OpError
		name *json.SyntaxError
		kind *json.UnmarshalTypeError
	)
	switch {
	case errors.Is(err, context.Canceled):
		e.Why, e.Way, e.cause, e.again = "it was stopped", "run again to go on", context.Canceled, false
	case errors.Is(err, context.DeadlineExceeded):
		e.Why, e.cause = fmt.Sprintf("%s did not answer within %s", c.base.Host, c.options.Patience), context.DeadlineExceeded
	case errors.As(err, &host):
		e.Why, e.unsure = fmt.Sprintf("the host %s cannot be found", c.base.Hostname()), false
	case errors.As(err, &dial) && dial.Op == "dial":
		e.Why, e.unsure = c.base.Host+" does not answer", false
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &name):
		e.Why = "the answer ends in the middle or is no JSON"
	case errors.As(err, &kind):
		e.Why, e.again = "the answer has another form than the API's", false
		e.Way = "check NULLPLATFORM_HOST; if it is right, this slipway may be too old for the API"
	case errors.Is(err, errLong):
		e.Why, e.again = errLong.Error(), false
	default:
		e.Why = "talking to " + c.base.Host + " failed: " + c.seal.text(rootOf(err))
	}
	return e
}

func rootOf(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func isPage(header http.Header, body []byte) bool {
	return strings.Contains(header.Get("Content-Type"), "html") ||
		strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 64)])), "<")
}

var title = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`) })

// words are what an answer says, without secrets, in one short line: the
// message of an error object, the title of a page, or else the text.
func (c *Client) words(header http.Header, body []byte) string {
	text := string(body)
	var object struct {
		Message string `json:"message"`
		Error   string `json:"error"`
		Code    string `json:"code"`
	}
	switch {
	case isPage(header, body):
		text = ""
		if m := title().FindSubmatch(body); m != nil {
			text = string(m[1])
		}
	case json.Unmarshal(body, &object) == nil && object.Message+object.Error != "":
		if text = object.Message; text == "" {
			text = object.Error
		}
		if object.Code != "" {
			text = object.Code + ": " + text
		}
	}
	return shorten(c.seal.text(text))
}

// shorten makes text one line of bounded length.
func shorten(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > mostWords {
		text = string(r[:mostWords]) + "…"
	}
	return text
}
