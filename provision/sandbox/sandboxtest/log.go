package sandboxtest

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// IsRead reports whether a call changes nothing.
func IsRead(e sandbox.Entry) bool {
	return slices.ContainsFunc([]string{"Get", "List", "Head", "Simulate", "Describe", "Read", "CreateToken"}, func(p string) bool {
		return strings.HasPrefix(e.Action, p)
	})
}

// Writes are the calls so far that change something, by their action.
func Writes(sb *sandbox.Sandbox) []string {
	var out []string
	for _, e := range sb.Log() {
		if !IsRead(e) {
			out = append(out, e.Action)
		}
	}
	return out
}

// Buffer is output that one goroutine writes and another reads.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds output.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String gives the output so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
