package migrate

import (
	"context"
	"time"
)

// pause waits a little, longer each time up to two seconds, or until the
// context ends.
func pause(ctx context.Context, attempt int) error {
	t := time.NewTimer(min(100*time.Millisecond<<min(attempt, 5), 2*time.Second))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
