package sandbox

import (
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Phase is when a hook is called.
type Phase int

// The phases of a call.
const (
	Before Phase = iota // nothing was done yet; the caller is not yet known
	After               // the call took effect or was refused; not yet answered
)

// Entry is the record of one request. It has no secrets.
type Entry struct {
	Time     time.Time
	ID       string // the request ID
	KeyID    string // the access key that signed
	Caller   string // the caller's ARN, "" when the signature was refused
	Service  string
	Action   string
	Resource string
	Region   string
	Params   map[string]string
	Status   int           // 0 when no answer was sent
	Code     string        // the error code, "" for success
	Took     time.Duration // the added latency included
}

// maxEntries bounds the log of a sandbox that runs for long.
const maxEntries = 100_000

type requestLog struct {
	mu      sync.Mutex
	entries []Entry
}

// Log returns the requests in the order in which they were answered. Only the
// latest hundred thousand are kept.
func (s *Sandbox) Log() []Entry {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return append([]Entry(nil), s.log.entries...)
}

// ClearLog forgets the requests so far.
func (s *Sandbox) ClearLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}

func (l *requestLog) add(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) >= maxEntries {
		l.entries = append([]Entry(nil), l.entries[maxEntries/10:]...)
	}
	l.entries = append(l.entries, e)
}

// entryOf is what is known about a call before it is carried out.
func entryOf(c *wire.Call) Entry {
	return Entry{
		Time: c.Now, ID: c.ID, Service: c.Service, Action: c.Action, Resource: c.Resource,
		Region: c.Region, Params: redact(c.Params.Map()),
	}
}

// secretParams are parts of the names of parameters whose values are kept out
// of the log, in lower case.
var secretParams = []string{"password", "secret", "token", "signature", "credential"}

// redact replaces the values of secret parameters.
func redact(params map[string]string) map[string]string {
	for name := range params {
		lower := strings.ToLower(name)
		for _, part := range secretParams {
			if strings.Contains(lower, part) {
				params[name] = "(secret)"
			}
		}
	}
	return params
}
