package checklist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// The files of a journal's directory.
const (
	journalFile = "journal.jsonl"
	lockFile    = "lock"
	holderFile  = "holder.json"
)

// JournalError says that a journal cannot be read or written.
type JournalError struct {
	Path string
	// Op is what was tried: "read", "write".
	Op  string
	Err error
	// Way is what to do now.
	Way string
}

// Error is one line: what, why, way out.
func (e *JournalError) Error() string {
	return fmt.Sprintf("%s the journal %s: %v; %s", e.Op, e.Path, e.Err, e.Way)
}

// Unwrap gives the reason.
func (e *JournalError) Unwrap() error { return e.Err }

// Journal keeps what runs did, in the order in which they did it. A nil
// journal keeps nothing. Its methods may be called by several goroutines.
//
// After a write that failed nothing more is written: what was to be done next
// is refused, and what is under way stays open until the next run looks.
type Journal struct {
	path   string
	now    func() time.Time
	file   *os.File
	lock   *heldLock
	hook   func(WritePoint)
	full   func(WritePoint) bool
	noSync bool
	mu     sync.Mutex
	past   *History
	size   int64
	broken error
}

// JournalOptions are what a journal is opened with.
type JournalOptions struct {
	// Now is the clock.
	Now func() time.Time
	// Holder says who opens it, for those who find it locked; the time is
	// filled in.
	Holder Holder
	// TestOnlyHook is called at every point of every write, so that tests can
	// end the process there. Nil in all programs.
	TestOnlyHook func(WritePoint)
	// TestOnlyFull says at which write the disk is full, from when on nothing
	// more is written.
	TestOnlyFull func(WritePoint) bool
	// TestOnlyNoSync leaves the flushing to disk out, for tests that open a
	// journal hundreds of times and never lose power.
	TestOnlyNoSync bool
}

// OpenJournal opens the journal of a directory for writing, and makes both as
// needed, for their owner alone. It fails with a [*LockedError] when another
// process has it open, and with a [*JournalError] when it cannot be used.
func OpenJournal(dir string, o JournalOptions) (*Journal, error) {
	path := filepath.Join(dir, journalFile)
	cannot := func(op string, err error) error {
		return &JournalError{
			Path: path, Op: op, Err: err,
			Way: "nothing was changed; make room for it there, or name another state directory with XDG_STATE_HOME",
		}
	}
	if err := ownfile.MkdirAll(dir); err != nil {
		return nil, cannot("make", err)
	}
	o.Holder.Since = o.Now().UTC()
	lock, err := takeLock(dir, o.Holder)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, now: o.Now, lock: lock, hook: o.TestOnlyHook, full: o.TestOnlyFull, noSync: o.TestOnlyNoSync}
	if err := j.open(dir, cannot); err != nil {
		lock.release()
		return nil, err
	}
	return j, nil
}

func (j *Journal) open(dir string, cannot func(string, error) error) error {
	text, err := readIfThere(j.path)
	if err != nil {
		return cannot("read", err)
	}
	past, whole, err := parse(j.path, text)
	if err != nil {
		return err
	}
	file, err := ownfile.Append(j.path)
	if err != nil {
		return cannot("open", err)
	}
	if whole < len(text) {
		// The torn line was never acted upon. Windows cuts no file that is open
		// for appending, so it is cut by its name.
		err = os.Truncate(j.path, int64(whole))
	}
	if err == nil && !j.noSync {
		err = errors.Join(file.Sync(), syncDirectory(dir))
	}
	if err != nil {
		_ = file.Close() // The error that counts is told.
		return cannot("open", err)
	}
	j.past, j.file, j.size = past, file, int64(whole)
	return nil
}

// MemoryJournal is a journal that ends with the process. It serves accounts
// that do the same.
func MemoryJournal(now func() time.Time) *Journal {
	return &Journal{path: "(in memory)", now: now, past: &History{}}
}

// ReadJournal reads the journal of a directory without opening it for writing.
// It gives an empty history where there is none.
func ReadJournal(dir string) (*History, error) {
	path := filepath.Join(dir, journalFile)
	text, err := readIfThere(path)
	if err != nil {
		return nil, &JournalError{Path: path, Op: "read", Err: err, Way: "see who may read it"}
	}
	past, _, err := parse(path, text)
	return past, err
}

func readIfThere(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Close ends the writing, and lets others in. Twice is safe; what is written
// after it is lost.
func (j *Journal) Close() error {
	if j == nil || j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	j.lock.release()
	if err != nil {
		return fmt.Errorf("close the journal %s: %w", j.path, err)
	}
	return nil
}

// Path is where the journal is.
func (j *Journal) Path() string {
	if j == nil {
		return ""
	}
	return j.path
}

// Past gives the run that began last, as it is now, or nil.
func (j *Journal) Past() *Past {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if last := j.past.Last(); last != nil {
		return last.clone()
	}
	return nil
}

// History gives all runs as they are now.
func (j *Journal) History() *History {
	h := &History{}
	if j == nil {
		return h
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range j.past.Runs {
		h.Runs = append(h.Runs, p.clone())
	}
	return h
}

// Begin opens a run, and Plan what was agreed to. A run that is open already
// is left behind: the caller has seen to it.
func (j *Journal) Begin(b Begin, plan any) error {
	if err := j.write(Record{Kind: BeginRecord}, b); err != nil {
		return err
	}
	return j.Plan(plan)
}

// Plan records what was shown and agreed to, from now on.
func (j *Journal) Plan(plan any) error { return j.write(Record{Kind: PlanRecord}, plan) }

// Found records what a look at the world showed of an effect.
func (j *Journal) Found(effect int, state EffectState, result any) error {
	return j.write(Record{Kind: FoundRecord, Of: effect, State: state}, result)
}

// Adopt records something that is known to be done and that no intent tells
// of.
func (j *Journal) Adopt(step string, intent, result any) error {
	seq, err := j.intend(step, intent)
	if err != nil {
		return err
	}
	return j.Found(seq, EffectDone, result)
}

// Answer records a person's word that no step asked for.
func (j *Journal) Answer(question, answer string) error { return j.answer("", question, answer) }

// End closes the run.
func (j *Journal) End(o Outcome) error { return j.write(Record{Kind: EndRecord, Outcome: o}, nil) }

func (j *Journal) intend(step string, intent any) (seq int, err error) {
	if j == nil {
		return 0, nil
	}
	return j.append(Record{Kind: IntentRecord, Step: step}, intent)
}

func (j *Journal) effected(step string, seq int, result any) error {
	return j.write(Record{Kind: ResultRecord, Step: step, Of: seq, State: EffectDone}, result)
}

func (j *Journal) failed(step string, seq int, failure error) error {
	state := EffectOpen
	if refused(failure) {
		state = EffectNotDone
	}
	return j.write(Record{Kind: ResultRecord, Step: step, Of: seq, State: state, Error: failure.Error()}, nil)
}

func (j *Journal) stepDone(step string) error {
	if p := j.Past(); p != nil && p.Steps[step] {
		return nil
	}
	return j.write(Record{Kind: StepRecord, Step: step}, nil)
}

func (j *Journal) answer(step, question, answer string) error {
	return j.write(Record{Kind: AnswerRecord, Step: step, Question: question, Answer: answer}, nil)
}

func (j *Journal) write(r Record, data any) error {
	if j == nil {
		return nil
	}
	_, err := j.append(r, data)
	return err
}

// append adds a record, and returns when it is on disk.
func (j *Journal) append(r Record, data any) (seq int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return 0, j.broken
	}
	if data != nil {
		if r.Data, err = json.Marshal(data); err != nil {
			return 0, fmt.Errorf("write the journal %s: %w; this is a defect, and nothing was written", j.path, err)
		}
	}
	r.Seq, r.At = j.past.seq+1, j.now().UTC()
	text, err := encode(r)
	if err != nil {
		return 0, fmt.Errorf("write the journal %s: %w", j.path, err)
	}
	if err := j.store(r, text); err != nil {
		j.broken = &JournalError{
			Path: j.path, Op: "write", Err: err,
			Way: "make room for it there; then resume, which looks at what was under way",
		}
		return 0, j.broken
	}
	return r.Seq, j.past.take(r)
}
