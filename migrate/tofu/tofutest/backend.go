package tofutest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Backend keeps a state behind HTTP, with a lock, as the tool's backend "http"
// wants it: https://developer.hashicorp.com/terraform/language/backend/http
type Backend struct {
	server *httptest.Server
	mu     sync.Mutex
	state  []byte
	lock   []byte
	// onWrite decides whether a write is taken.
	onWrite func(state []byte) bool
	// onRead is told of a read before it is answered.
	onRead func()
	writes int
}

// NewBackend starts a backend for the length of the test.
func NewBackend(t testing.TB) *Backend {
	t.Helper()
	b := &Backend{}
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

// HCL is the block that a root needs to use the backend.
func (b *Backend) HCL() string {
	return "\nterraform {\n  backend \"http\" {\n    address        = \"" + b.server.URL + "\"\n    lock_address   = \"" + b.server.URL +
		"\"\n    unlock_address = \"" + b.server.URL + "\"\n    retry_max      = 0\n  }\n}\n"
}

// State is the state as it is stored.
func (b *Backend) State() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.state)
}

// Put stores a state behind the tool's back.
func (b *Backend) Put(state []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = state
}

// Writes is how often the state was written.
func (b *Backend) Writes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes
}

// Hold takes the lock in somebody's name.
func (b *Backend) Hold(t testing.TB, id, who, operation string) {
	t.Helper()
	info, err := json.Marshal(map[string]string{"ID": id, "Who": who, "Operation": operation, "Created": "2026-01-02T03:04:05Z"})
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lock = info
}

// OnWrite has a function decide whether a write is taken, nil for all.
func (b *Backend) OnWrite(take func(state []byte) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onWrite = take
}

// OnRead has a function told of each read before it is answered.
func (b *Backend) OnRead(tell func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onRead = tell
}

// ServeHTTP answers the tool.
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	tell, take := b.onRead, b.onWrite
	b.mu.Unlock()
	if r.Method == http.MethodGet && tell != nil {
		tell()
	}
	taken := r.Method != http.MethodPost || take == nil || take(body)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if b.state == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, err = w.Write(b.state)
	case http.MethodPost:
		if !taken {
			http.Error(w, "the disk is full", http.StatusInternalServerError)
			return
		}
		b.state, b.writes = body, b.writes+1
	case "LOCK":
		if b.lock != nil {
			w.WriteHeader(http.StatusLocked)
			_, err = w.Write(b.lock)
			break
		}
		b.lock = body
	case "UNLOCK":
		b.lock = nil
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}
