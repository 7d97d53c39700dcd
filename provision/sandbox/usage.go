package sandbox

import (
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/iam"
)

// usage remembers when each access key was last used, and for what.
type usage struct {
	mu   sync.Mutex
	last map[string]iam.Use
}

func newUsage() *usage { return &usage{last: map[string]iam.Use{}} }

// LastUse returns the last use of the key, and false if there was none.
func (u *usage) LastUse(keyID string) (iam.Use, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	use, ok := u.last[keyID]
	return use, ok
}

func (u *usage) note(keyID, service, region string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last[keyID] = iam.Use{At: at, Service: service, Region: region}
}
