package sandbox

import (
	"sync"
	"time"
)

// Throttle is a token bucket per service. AWS refills by the second and does
// not publish its sizes.
type Throttle struct {
	Rate  float64 // calls per second, 0 for no limit
	Burst int     // calls at once, at least 1
}

type throttle struct {
	limit Throttle
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

func newThrottle(limit Throttle, now func() time.Time) *throttle {
	limit.Burst = max(limit.Burst, 1)
	return &throttle{limit: limit, now: now, buckets: map[string]*bucket{}}
}

// allow takes a token for the service and tells whether there was one.
func (t *throttle) allow(service string) bool {
	if t.limit.Rate <= 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	b, ok := t.buckets[service]
	if !ok {
		b = &bucket{tokens: float64(t.limit.Burst), filled: now}
		t.buckets[service] = b
	}
	b.tokens = min(float64(t.limit.Burst), b.tokens+now.Sub(b.filled).Seconds()*t.limit.Rate)
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
