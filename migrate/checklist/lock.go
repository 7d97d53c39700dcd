package checklist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder says which process has a journal open.
type Holder struct {
	PID  int    `json:"pid"`
	Host string `json:"host,omitempty"`
	// Command is what it runs, in words.
	Command string    `json:"command,omitempty"`
	Since   time.Time `json:"since"`
}

// LockedError says that another process works on the same cluster. Nothing was
// changed.
type LockedError struct {
	// Holder is who; its PID is zero when that cannot be told.
	Holder Holder
	Path   string
}

// Error says who holds it and since when.
func (e *LockedError) Error() string {
	who := "another slipway"
	if e.Holder.PID != 0 {
		who = fmt.Sprintf("%s (process %d", nonEmpty(e.Holder.Command, "slipway"), e.Holder.PID)
		if e.Holder.Host != "" {
			who += " on " + e.Holder.Host
		}
		who += ", since " + e.Holder.Since.Local().Format(time.DateTime) + ")"
	}
	return "the cluster is being worked on: " + who + " holds " + e.Path +
		"; nothing was changed; wait until it ends, or stop it, and run again"
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// heldLock is a lock that this process has. The system lets go of it when the
// process ends, however it ends.
type heldLock struct {
	flock  *flock.Flock
	holder string
}

// lookTime is how long a lock that is held is looked at before it is told.
const lookTime = 300 * time.Millisecond

// takeLock takes the lock of a directory or fails soon. Who holds it stands
// in a file beside the lock, since a locked file cannot be read everywhere.
func takeLock(dir string, who Holder) (*heldLock, error) {
	l := &heldLock{flock: flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600)), holder: filepath.Join(dir, holderFile)}
	// Others look for an instant, see [ReadHolder]; that is waited for.
	looking, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	got, err := l.flock.TryLockContext(looking, lookTime/10)
	switch {
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return nil, &JournalError{
			Path: filepath.Join(dir, journalFile), Op: "lock", Err: err,
			Way: "nothing was changed; see who may write there, or name another state directory with XDG_STATE_HOME",
		}
	case !got:
		return nil, &LockedError{Holder: readHolder(l.holder), Path: l.flock.Path()}
	}
	// Who holds it is a courtesy: the lock holds without it.
	if text, err := json.Marshal(who); err == nil {
		_ = os.WriteFile(l.holder, append(text, '\n'), 0o600)
	}
	return l, nil
}

func readHolder(path string) Holder {
	var h Holder
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// release gives the lock back. The file stays: taking it away would let two in.
func (l *heldLock) release() {
	_ = os.Remove(l.holder)
	_ = l.flock.Unlock()
}

// ReadHolder tells who has the journal of a directory open; false when nobody
// has.
func ReadHolder(dir string) (Holder, bool) {
	path := filepath.Join(dir, lockFile)
	if _, err := os.Stat(path); err != nil {
		return Holder{}, false
	}
	l := flock.New(path, flock.SetPermissions(0o600))
	got, err := l.TryRLock()
	if err != nil {
		return Holder{}, false
	}
	if got {
		_ = l.Unlock()
		return Holder{}, false
	}
	return readHolder(filepath.Join(dir, holderFile)), true
}
