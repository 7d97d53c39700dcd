package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"
)

// What can be wrong with a signature. Each has its own answer in AWS.
var (
	// ErrMissing means that the request is not signed.
	ErrMissing = errors.New("the request has no signature")
	// ErrIncomplete means that a part of the signature is missing or
	// unreadable.
	ErrIncomplete = errors.New("the signature is incomplete")
	// ErrMismatch means that the secret gives another signature.
	ErrMismatch = errors.New("the signature does not match")
	// ErrPayload means that the body is not the one that was signed.
	ErrPayload = errors.New("the body does not match its signed hash")
)

// Signature is a signature taken apart.
type Signature struct {
	KeyID   string
	Day     string // "20260102"
	Region  string
	Service string
	At      time.Time
	Expires time.Duration // of a presigned URL, 0 for the header form
	Token   string        // the session token, "" for none
	Query   bool          // a presigned URL
	headers []string      // the signed headers, in their order
	value   string        // the signature, hexadecimal
}

// Read takes the request's signature apart. It returns ErrMissing when there
// is none and ErrIncomplete, wrapped with what is wrong, when it cannot be
// read.
func Read(r *http.Request) (*Signature, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		return readHeader(r, h)
	}
	if r.URL.Query().Get("X-Amz-Algorithm") != "" {
		return readQuery(r)
	}
	return nil, ErrMissing
}

func readHeader(r *http.Request, h string) (*Signature, error) {
	rest, ok := strings.CutPrefix(h, algorithm)
	if !ok {
		return nil, fmt.Errorf("%w: only %s is supported", ErrIncomplete, algorithm)
	}
	s := &Signature{Token: r.Header.Get("X-Amz-Security-Token")}
	var scope string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			scope = value
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.value = value
		}
	}
	at := r.Header.Get("X-Amz-Date")
	if at == "" {
		at = r.Header.Get("Date")
	}
	return s, s.complete(scope, at)
}

func readQuery(r *http.Request) (*Signature, error) {
	q := r.URL.Query()
	if q.Get("X-Amz-Algorithm") != algorithm {
		return nil, fmt.Errorf("%w: only %s is supported", ErrIncomplete, algorithm)
	}
	s := &Signature{
		Query:   true,
		Token:   q.Get("X-Amz-Security-Token"),
		headers: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"),
		value:   q.Get("X-Amz-Signature"),
	}
	seconds, err := time.ParseDuration(q.Get("X-Amz-Expires") + "s")
	if err != nil {
		return nil, fmt.Errorf("%w: X-Amz-Expires is not a number", ErrIncomplete)
	}
	s.Expires = seconds
	return s, s.complete(q.Get("X-Amz-Credential"), q.Get("X-Amz-Date"))
}

// complete fills in the credential scope and the time.
func (s *Signature) complete(scope, at string) error {
	parts := strings.Split(scope, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return fmt.Errorf("%w: Credential must be ID/day/region/service/aws4_request", ErrIncomplete)
	}
	s.KeyID, s.Day, s.Region, s.Service = parts[0], parts[1], parts[2], parts[3]
	if s.value == "" || !slices.Contains(s.headers, "host") {
		return fmt.Errorf("%w: Signature and SignedHeaders with host are required", ErrIncomplete)
	}
	t, err := time.Parse(timeFormat, at)
	if err != nil {
		return fmt.Errorf("%w: the date %q is not of the form %s", ErrIncomplete, at, timeFormat)
	}
	s.At = t
	if t.Format(dayFormat) != s.Day {
		return fmt.Errorf("%w: the date is not the credential's day", ErrIncomplete)
	}
	return nil
}

// Verify checks the signature with the secret and returns the body with any
// chunk framing removed. It returns ErrMismatch when the secret gives another
// signature and ErrPayload when the body is not the signed one.
func (s *Signature) Verify(r *http.Request, body []byte, secret string) ([]byte, error) {
	payload := s.payloadHash(r, body)
	signingKey := s.signingKey(secret)
	sum := sha256.Sum256([]byte(s.canonical(r, payload)))
	want := sign(signingKey, s.stringToSign(hex.EncodeToString(sum[:])))
	if !hmac.Equal([]byte(want), []byte(s.value)) {
		return nil, ErrMismatch
	}
	if strings.HasPrefix(payload, "STREAMING-") {
		return s.unchunk(r, body, payload, signingKey)
	}
	if payload != unsigned && payload != hash(body) {
		return nil, ErrPayload
	}
	return body, nil
}

// payloadHash returns what stands for the body in the canonical request.
func (s *Signature) payloadHash(r *http.Request, body []byte) string {
	if s.Query && s.Service == "s3" {
		return unsigned
	}
	if h := r.Header.Get("X-Amz-Content-Sha256"); h != "" && slices.Contains(s.headers, "x-amz-content-sha256") {
		return h
	}
	return hash(body)
}

const unsigned = "UNSIGNED-PAYLOAD"

func (s *Signature) scope() string {
	return s.Day + "/" + s.Region + "/" + s.Service + "/aws4_request"
}

func (s *Signature) stringToSign(canonicalHash string) string {
	return algorithm + "\n" + s.At.Format(timeFormat) + "\n" + s.scope() + "\n" + canonicalHash
}

func (s *Signature) signingKey(secret string) []byte {
	k := mac([]byte("AWS4"+secret), s.Day)
	k = mac(k, s.Region)
	k = mac(k, s.Service)
	return mac(k, "aws4_request")
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func sign(key []byte, text string) string { return hex.EncodeToString(mac(key, text)) }

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
