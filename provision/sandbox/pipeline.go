package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/ecr"
	"github.com/nullplatform/slipway/provision/sandbox/signature"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// service answers the calls of one AWS service.
type service interface {
	// Decode fills in what the call is: action, parameters, resource.
	Decode(*wire.Call) error
	// Needs returns what the caller must be allowed to do.
	Needs(*wire.Call) ([]wire.Need, error)
	// Serve carries the call out.
	Serve(*wire.Call) (*wire.Answer, error)
	// Refuse encodes an error in the service's protocol.
	Refuse(*wire.Call, *wire.Error) *wire.Answer
}

// maxBody bounds a request. Parts of a multipart upload are far smaller.
const maxBody = 256 << 20

// ServeHTTP answers one request of any service.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, ecr.DownloadPath) {
		s.download(w, r)
		return
	}
	started := time.Now()
	c := &wire.Call{ID: s.mint.requestID(), Now: s.now(), Request: r, Region: region}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		// The client went away or sent too much; there is nobody to answer.
		panic(http.ErrAbortHandler)
	}
	c.Body = body
	sig, sigErr := signature.Read(r)
	svc := s.route(c, sig)

	a, entry, f := s.answer(c, svc, sig, sigErr)
	entry.Took = time.Since(started)
	switch f.Kind {
	case FaultReset, FaultResetAfter:
		s.finish(entry, nil)
		reset(w)
	case FaultTimeoutAfter:
		s.finish(entry, nil)
		s.hang(r.Context())
	case FaultMalformed:
		a.Body = a.Body[:len(a.Body)/2]
		s.finish(entry, a)
		s.write(w, r, a)
	default:
		s.finish(entry, a)
		s.write(w, r, a)
	}
}

// download hands out a layer. The path is the permission, as with a presigned
// URL.
func (s *Sandbox) download(w http.ResponseWriter, r *http.Request) {
	layer, ok := s.registry.Download(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.write(w, r, &wire.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: layer})
}

// route finds the service from the signature's scope, or else from the form of
// the request.
func (s *Sandbox) route(c *wire.Call, sig *signature.Signature) service {
	c.Service = guess(c)
	if sig != nil {
		c.Region = sig.Region
		if _, known := s.services[sig.Service]; known {
			c.Service = sig.Service
		}
	}
	return s.services[c.Service]
}

// guess names the service of a request without a usable signature.
func guess(c *wire.Call) string {
	switch {
	case c.Request.Header.Get("X-Amz-Target") != "":
		return "ecr"
	case c.Request.URL.Path == "/" && c.Request.Method == http.MethodPost:
		return "iam"
	default:
		return "s3"
	}
}

// answer takes the call through its stations. The fault is the one that still
// has to be acted out on the connection.
func (s *Sandbox) answer(c *wire.Call, svc service, sig *signature.Signature, sigErr error) (*wire.Answer, Entry, Fault) {
	decodeErr := svc.Decode(c)
	entry := entryOf(c)
	if sig != nil {
		entry.KeyID = sig.KeyID
	}
	if s.hook != nil {
		s.hook(entry, Before)
	}
	s.pause(c.Request.Context(), s.latency)
	f := s.faults.due(c.Service, c.Action)
	if f.Kind == FaultReset {
		return nil, entry, f
	}
	if f.Kind == FaultStaleReads {
		s.store.Freeze(f.For)
	}
	a, err := s.carryOut(c, svc, sig, errors.Join(sigErr, decodeErr), f)
	if err != nil {
		a = svc.Refuse(c, asRefusal(err))
	}
	if c.Caller != nil {
		entry.Caller = c.Caller.ARN
	}
	entry.Resource, entry.Status, entry.Code = c.Resource, a.Status, a.Code
	return a, entry, f
}

// carryOut checks that the call may be carried out, and does. A defect of the
// sandbox becomes an answer, so that a client sees it.
func (s *Sandbox) carryOut(c *wire.Call, svc service, sig *signature.Signature, early error, f Fault) (a *wire.Answer, err error) {
	defer func() {
		if defect := recover(); defect != nil {
			a, err = nil, fmt.Errorf("defect in %s:%s: %v", c.Service, c.Action, defect)
		}
	}()
	if e := f.refusal(c); e != nil {
		return nil, e
	}
	if !s.throttle.allow(c.Service) {
		return nil, throttled(c)
	}
	if sig == nil || errors.Is(early, signature.ErrIncomplete) {
		return nil, unsigned(c, early)
	}
	if _, known := s.services[sig.Service]; !known {
		return nil, wire.Errorf("UnknownService", "The service %s is outside what this sandbox emulates: IAM, STS, ECR and S3.", sig.Service)
	}
	if err := s.authenticate(c, sig); err != nil {
		return nil, err
	}
	s.usage.note(c.Caller.KeyID, c.Service, c.Region, c.Now)
	if early != nil {
		return nil, early
	}
	needs, err := svc.Needs(c)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(c, needs); err != nil {
		return nil, err
	}
	return svc.Serve(c)
}

// asRefusal makes an error one that a client can be told.
func asRefusal(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	return wire.Errorf("InternalFailure", "The sandbox could not answer: %s", err)
}

// finish records the call and tells the hook. A nil answer was never sent.
func (s *Sandbox) finish(entry Entry, a *wire.Answer) {
	if a == nil {
		entry.Status = 0
	}
	s.log.add(entry)
	if s.hook != nil {
		s.hook(entry, After)
	}
}

// A Go client may still look for the end of the body that it sends when the
// answer arrives. The AWS SDK for Go closes that body as soon as it sees the
// head of the answer, takes its end for a failed write, and then cuts the
// connection under what is left of the answer. No answer of AWS is so fast; on
// loopback, a large one has to give the client a moment.
const (
	largeAnswer = 3 << 10
	breath      = 5 * time.Millisecond
)

// write sends the answer. The date is the sandbox's own, so that a client with
// another clock corrects itself as it would with AWS.
func (s *Sandbox) write(w http.ResponseWriter, r *http.Request, a *wire.Answer) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if r.Method != http.MethodHead && !strings.HasPrefix(strconv.Itoa(a.Status), "1") && a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	if r.ContentLength > 0 && len(a.Body) > largeAnswer {
		s.pause(r.Context(), breath)
	}
	w.WriteHeader(a.Status)
	// A failed write means that the client is gone, which is its business.
	_, _ = w.Write(a.Body)
}

// reset breaks the connection so that the client sees a reset, not an end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		// Without lingering, closing sends a reset. If the option cannot be
		// set the client sees the end of the stream instead.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// hang keeps the client waiting until it gives up or the sandbox closes.
func (s *Sandbox) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closing:
	}
	panic(http.ErrAbortHandler)
}

// pause waits, unless the client gives up or the sandbox closes.
func (s *Sandbox) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-s.closing:
	}
}
