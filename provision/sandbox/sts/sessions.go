package sts

import (
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Session is a set of temporary credentials and who holds it.
type Session struct {
	KeyID   string
	Secret  directory.Secret
	Token   directory.Secret
	Expires time.Time
	Caller  wire.Caller
}

// Sessions are the temporary credentials in force. It is safe for use by
// several goroutines.
type Sessions struct {
	mu   sync.Mutex
	byID map[string]Session
}

// NewSessions returns an empty set.
func NewSessions() *Sessions { return &Sessions{byID: map[string]Session{}} }

// Find returns the session with the access key ID. An expired session is still
// found, so that its holder can be told.
func (s *Sessions) Find(keyID string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[keyID]
	return found, ok
}

// add keeps a session, and drops those that expired an hour ago.
func (s *Sessions) add(session Session, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range s.byID {
		if now.Sub(old.Expires) > time.Hour {
			delete(s.byID, id)
		}
	}
	s.byID[session.KeyID] = session
}
