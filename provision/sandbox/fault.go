package sandbox

import (
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// FaultKind is a way to fail.
type FaultKind int

// The ways to fail. Those with After in their name let the call take effect
// first: the client cannot know.
const (
	FaultThrottle     FaultKind = iota + 1 // Throttling, Rate exceeded
	FaultInternal                          // 500 ServiceFailure
	FaultAccessDenied                      // as if the permission were missing
	FaultNoSuchEntity                      // as if a replica had not caught up
	FaultReset                             // the connection breaks before the call takes effect
	FaultResetAfter                        // the connection breaks after the call took effect
	FaultTimeoutAfter                      // the call takes effect and no answer ever comes
	FaultStaleReads                        // IAM reads show the present moment for the duration
	FaultMalformed                         // the answer to an effective call is cut in half
	FaultPage                              // an HTML page, as a proxy in between sends; nullplatform only
	FaultUnauthorized                      // the token is no longer taken; nullplatform only
)

// String names the kind in a few words.
func (k FaultKind) String() string {
	switch k {
	case FaultThrottle:
		return "throttled"
	case FaultInternal:
		return "internal failure"
	case FaultAccessDenied:
		return "access denied"
	case FaultNoSuchEntity:
		return "no such entity"
	case FaultReset:
		return "connection reset before the effect"
	case FaultResetAfter:
		return "connection reset after the effect"
	case FaultTimeoutAfter:
		return "no answer after the effect"
	case FaultStaleReads:
		return "stale reads"
	case FaultMalformed:
		return "malformed answer"
	case FaultPage:
		return "web page instead of an answer"
	case FaultUnauthorized:
		return "token refused"
	default:
		return "no fault"
	}
}

// Fault is a failure to come. The calls that match service and action are
// counted from the moment of injection.
type Fault struct {
	Kind    FaultKind
	Service string        // "iam"; "" matches every service
	Action  string        // "CreateUser" or "iam:CreateUser"; "" matches every action
	Nth     int           // the first call that fails, from 1; 0 means 1
	Times   int           // how many calls fail in a row; 0 means 1, below 0 all
	For     time.Duration // how long FaultStaleReads lasts
}

// matches tells whether the fault is about the call.
func (f Fault) matches(service, action string) bool {
	want := f.Action
	if s, a, ok := strings.Cut(want, ":"); ok {
		if !strings.EqualFold(s, service) {
			return false
		}
		want = a
	}
	return (f.Service == "" || strings.EqualFold(f.Service, service)) &&
		(want == "" || strings.EqualFold(want, action))
}

// faults are the injected failures and how many calls each has seen.
type faults struct {
	mu      sync.Mutex
	pending []*pendingFault
}

type pendingFault struct {
	Fault
	seen int
}

// Inject makes coming calls fail. Faults add up; of several that are due for
// one call, the one injected first wins.
func (s *Sandbox) Inject(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pending = append(s.faults.pending, &pendingFault{Fault: f})
}

// ClearFaults forgets all injected faults.
func (s *Sandbox) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pending = nil
}

// due counts the call and returns the fault that it meets, the zero value for
// none.
func (f *faults) due(service, action string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var hit Fault
	var found bool
	for _, p := range f.pending {
		if !p.matches(service, action) {
			continue
		}
		p.seen++
		first, times := max(p.Nth, 1), p.Times
		if times == 0 {
			times = 1
		}
		if !found && p.seen >= first && (times < 0 || p.seen < first+times) {
			hit, found = p.Fault, true
		}
	}
	return hit
}

// refusal returns the error with which the fault answers, nil if it does not
// answer with an error.
func (f Fault) refusal(c *wire.Call) *wire.Error {
	switch f.Kind {
	case FaultThrottle:
		return throttled(c)
	case FaultInternal:
		return wire.Errorf("ServiceFailure", "The request processing has failed because of an unknown error, exception or failure.")
	case FaultAccessDenied:
		return wire.Errorf("AccessDenied", "User is not authorized to perform: %s:%s", c.Service, c.Action)
	case FaultNoSuchEntity:
		return wire.Errorf("NoSuchEntity", "The entity named in the call to %s cannot be found.", c.Action)
	}
	return nil
}

// throttled is the answer to a call too many.
func throttled(c *wire.Call) *wire.Error {
	if c.Service == "s3" {
		return wire.Errorf("SlowDown", "Please reduce your request rate.")
	}
	return wire.Errorf("Throttling", "Rate exceeded")
}
