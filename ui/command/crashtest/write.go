package crashtest

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// Write names one instant of one write of one run to the disk, such as the
// middle of the line in the journal that says what a step intends.
type Write struct {
	// At is the instant, as the program under test names it.
	At string
	// Nth counts the instants of that name, from 1.
	Nth int
}

// String is the name, and the count from the second on.
func (w Write) String() string {
	if w.Nth > 1 {
		return fmt.Sprintf("%s (%d)", w.At, w.Nth)
	}
	return w.At
}

// writes counts the instants of one run, inside the program. At one of them it
// may end the process.
type writes struct {
	mu     sync.Mutex
	counts map[string]int
	// killAt is where to end the process, "" for nowhere.
	killAt string
	// list is where to write the instants down, nil for nowhere.
	list *os.File
}

// writesFrom is what the variables of the process ask for, nil for nothing.
func writesFrom(getenv func(string) string) (*writes, error) {
	w := &writes{counts: map[string]int{}, killAt: getenv(envKillAt)}
	if path := getenv(envWrites); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		w.list = f
	}
	if w.list == nil && w.killAt == "" {
		return nil, nil
	}
	return w, nil
}

// at is called at every instant.
func (w *writes) at(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[name]++
	write := Write{At: name, Nth: w.counts[name]}
	if w.list != nil {
		// A list that lacks a line makes a smaller matrix; the test sees how
		// large it is.
		fmt.Fprintf(w.list, "%s\n", name)
	}
	if write.String() == w.killAt {
		endProcess()
	}
}

// endProcess kills the process that calls it, as nobody else could in time.
func endProcess() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = kill(self)
	}
	if err != nil {
		panic(err)
	}
	select {} // until the signal is there
}

// readWrites reads a list of instants back.
func readWrites(path string) ([]Write, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Write
	counts := map[string]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name := strings.TrimSpace(lines.Text())
		counts[name]++
		out = append(out, Write{At: name, Nth: counts[name]})
	}
	return out, errors.Join(lines.Err(), f.Close())
}
