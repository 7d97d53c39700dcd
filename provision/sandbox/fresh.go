package sandbox

import (
	"net"
	"net/http"
	"sync"
)

// freshConns are the connections on which no request has come yet. Clients
// open them in advance, and a server that shuts down would wait five seconds
// for a request on each.
type freshConns struct {
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// track is told each change of a connection's state.
func (f *freshConns) track(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(f.open, c)
	case f.closed:
		_ = c.Close()
	default:
		if f.open == nil {
			f.open = map[net.Conn]struct{}{}
		}
		f.open[c] = struct{}{}
	}
}

// close ends them, and those still to come. That one cannot be closed means
// that it is closed already.
func (f *freshConns) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for c := range f.open {
		_ = c.Close()
	}
}
