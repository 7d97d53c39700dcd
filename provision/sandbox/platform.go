package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/platform"
)

// platformService is the service that faults and the log know the API by.
const platformService = "platform"

// secondServer is the nullplatform API's server. It has a port of its own,
// since clients can be given no more than a host.
type secondServer struct {
	server   *http.Server
	listener *bilingual
	served   chan error
}

// servePlatform starts it beside the account's.
func servePlatform(s *Sandbox) (*secondServer, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the nullplatform API: %w", err)
	}
	p := &secondServer{listener: newBilingual(listener, s.now), served: make(chan error, 1)}
	p.server = &http.Server{
		Handler: http.HandlerFunc(s.servePlatform), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { p.served <- p.server.Serve(p.listener) }()
	return p, nil
}

// close ends it at once: its clients wait for nothing.
func (p *secondServer) close() error {
	err := p.server.Close()
	if served := <-p.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// PlatformHost is the host of the nullplatform API, for NULLPLATFORM_HOST. It
// speaks http and https on one port; for https see [Sandbox.PlatformCA].
func (s *Sandbox) PlatformHost() string { return s.second.listener.Addr().String() }

// PlatformKey is an API key of the organisation.
func (s *Sandbox) PlatformKey() string { return s.platform.APIKey() }

// PlatformCA is the certificate behind https at [Sandbox.PlatformHost], in PEM.
// nullplatform's Terraform provider speaks nothing else; it takes it from
// SSL_CERT_FILE.
func (s *Sandbox) PlatformCA() ([]byte, error) { return s.second.listener.authority() }

// PlatformNRN is a place in the organisation to register at.
func (s *Sandbox) PlatformNRN() string { return platform.NRN }

// Platform is the API's own state, for tests to look at and to change.
func (s *Sandbox) Platform() *platform.Service { return s.platform }

// servePlatform answers one request of the API: it meets the same latency,
// faults, hook and log as the account's requests.
func (s *Sandbox) servePlatform(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	entry := Entry{
		Time: s.now(), ID: s.mint.requestID(), Service: platformService,
		Action: platform.Action(r), Resource: r.URL.Path, Params: map[string]string{},
	}
	for name := range r.URL.Query() {
		entry.Params[name] = r.URL.Query().Get(name)
	}
	if s.hook != nil {
		s.hook(entry, Before)
	}
	s.pause(r.Context(), s.latency)
	f := s.faults.due(platformService, entry.Action)
	var a *platform.Answer
	switch {
	case f.Kind == FaultReset:
	case f.platformRefusal() != nil:
		a = f.platformRefusal()
	case !s.throttle.allow(platformService):
		a = Fault{Kind: FaultThrottle}.platformRefusal()
	default:
		a = s.platform.Serve(r, body)
	}
	entry.Took = time.Since(started)
	if a != nil {
		entry.Status, entry.Code = a.Status, a.Code
	}
	s.actOut(w, r, f, a, entry)
}

// actOut sends the answer, or fails to in the way of the fault.
func (s *Sandbox) actOut(w http.ResponseWriter, r *http.Request, f Fault, a *platform.Answer, entry Entry) {
	switch f.Kind {
	case FaultReset, FaultResetAfter:
		entry.Status = 0
	case FaultTimeoutAfter:
		entry.Status = 0
	case FaultMalformed:
		a.Body = a.Body[:len(a.Body)/2]
	}
	s.log.add(entry)
	if s.hook != nil {
		s.hook(entry, After)
	}
	switch f.Kind {
	case FaultReset, FaultResetAfter:
		reset(w)
		return
	case FaultTimeoutAfter:
		s.hang(r.Context())
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	// A failed write means that the client is gone, which is its business.
	_, _ = w.Write(a.Body)
}

// platformRefusal is the answer with which a fault ends a request before it
// takes effect, nil for one that does not.
func (f Fault) platformRefusal() *platform.Answer {
	switch f.Kind {
	case FaultThrottle:
		a := (&platform.Refusal{Status: http.StatusTooManyRequests, Message: "Rate limit exceeded"}).Answer()
		return a
	case FaultInternal:
		return (&platform.Refusal{Status: http.StatusInternalServerError, Message: "Something went wrong"}).Answer()
	case FaultAccessDenied:
		return (&platform.Refusal{Status: http.StatusForbidden, Message: "You're not authorized to perform this operation"}).Answer()
	case FaultNoSuchEntity:
		return (&platform.Refusal{Status: http.StatusNotFound, Message: "The entity does not exist"}).Answer()
	case FaultUnauthorized:
		return (&platform.Refusal{Status: http.StatusUnauthorized, Code: "UNAUTHORIZED", Message: "The token is not valid"}).Answer()
	case FaultPage:
		return &platform.Answer{
			Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Code: "Page",
			Body: []byte("<!doctype html><html><head><title>Sign in to the network</title></head><body>Please sign in.</body></html>"),
		}
	}
	return nil
}
