package checklist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Begin is what a run is about.
type Begin struct {
	// Run identifies the run within the journal.
	Run string `json:"run"`
	// Job is what is done, such as "install".
	Job     string `json:"job"`
	Account string `json:"account"`
	Cluster string `json:"cluster"`
	// Of is the run that this one undoes.
	Of string `json:"of,omitempty"`
	// Request is what was asked for, as the job writes it.
	Request json.RawMessage `json:"request,omitempty"`
	// Settings are how the account is reached, such as profile and region,
	// so that a later run need not be told again. They hold no secrets.
	Settings map[string]string `json:"settings,omitempty"`
}

// Past is one run as the journal tells it.
type Past struct {
	Begin Begin
	// At is when it began, and Last when it was last heard of.
	At, Last time.Time
	// Plans are what was shown and agreed to; the last one holds.
	Plans []json.RawMessage
	// Effects are in the order in which they were begun.
	Effects []Effect
	// Answers are by the ID of the question.
	Answers map[string]string
	// Steps are the steps that are recorded as done, by ID.
	Steps map[string]bool
	// Outcome is how it ended.
	Outcome Outcome
}

// Effect is one thing that a run set out to change.
type Effect struct {
	// Seq is the number of its record.
	Seq  int
	Step string
	At   time.Time
	// Plan is the number of plans that there were when it was begun: it
	// belongs to the last of them.
	Plan  int
	State EffectState
	// Intent and Result are the job's own; Result is empty where nothing came
	// to light.
	Intent, Result json.RawMessage
	// Error is why it failed or stayed open.
	Error string
}

// Open lists the effects of which it is not known whether they happened.
func (p *Past) Open() []Effect {
	return slices.DeleteFunc(slices.Clone(p.Effects), func(e Effect) bool { return e.State != EffectOpen })
}

// Traceless reports whether a run has certainly changed nothing.
func (p *Past) Traceless() bool {
	return !slices.ContainsFunc(p.Effects, func(e Effect) bool { return e.State != EffectNotDone })
}

func (p *Past) clone() *Past {
	c := *p
	c.Plans = slices.Clone(p.Plans)
	c.Effects = slices.Clone(p.Effects)
	c.Answers = maps.Clone(p.Answers)
	c.Steps = maps.Clone(p.Steps)
	return &c
}

// History is a journal as it was read.
type History struct {
	// Runs are in the order in which they began.
	Runs []*Past
	seq  int
}

// Last gives the run that began last, or nil.
func (h *History) Last() *Past {
	if len(h.Runs) == 0 {
		return nil
	}
	return h.Runs[len(h.Runs)-1]
}

// Undone reports whether a run has been taken back by a later one.
func (h *History) Undone(p *Past) bool {
	return slices.ContainsFunc(h.Runs, func(later *Past) bool {
		return later.Begin.Of == p.Begin.Run && later.At.Compare(p.At) >= 0 && later.Outcome == OutcomeDone && later.Begin.Of != ""
	})
}

// ToUndo gives the run that began last of those that change something and
// have not been taken back, or nil.
func (h *History) ToUndo() *Past {
	for _, p := range slices.Backward(h.Runs) {
		if p.Begin.Of == "" && !p.Traceless() && !h.Undone(p) {
			return p
		}
	}
	return nil
}

// take adds a record. What does not fit is a journal that somebody else wrote
// to.
func (h *History) take(r Record) error {
	if r.Seq != h.seq+1 {
		return fmt.Errorf("record %d follows record %d", r.Seq, h.seq)
	}
	h.seq = r.Seq
	if r.Kind == BeginRecord {
		p := &Past{At: r.At, Last: r.At, Answers: map[string]string{}, Steps: map[string]bool{}}
		h.Runs = append(h.Runs, p)
		return json.Unmarshal(r.Data, &p.Begin)
	}
	p := h.Last()
	if p == nil {
		return errors.New("it belongs to no run")
	}
	p.Last = r.At
	return p.take(r)
}

func (p *Past) take(r Record) error {
	switch r.Kind {
	case PlanRecord:
		p.Plans = append(p.Plans, r.Data)
	case AnswerRecord:
		p.Answers[r.Question] = r.Answer
	case StepRecord:
		p.Steps[r.Step] = true
	case EndRecord:
		p.Outcome = r.Outcome
	case IntentRecord:
		p.Effects = append(p.Effects, Effect{
			Seq: r.Seq, Step: r.Step, At: r.At, Plan: len(p.Plans), State: EffectOpen, Intent: r.Data,
		})
	case ResultRecord, FoundRecord:
		i := slices.IndexFunc(p.Effects, func(e Effect) bool { return e.Seq == r.Of })
		if i < 0 {
			return fmt.Errorf("it is about record %d, which is no intent of this run", r.Of)
		}
		e := &p.Effects[i]
		e.State, e.Error = r.State, r.Error
		if len(r.Data) > 0 {
			e.Result = r.Data
		}
	case BeginRecord:
	default:
		return fmt.Errorf("its kind %q is unknown", r.Kind)
	}
	return nil
}

// parse reads a journal. A last line without its end was being written when
// the process ended: it is passed over, and whole is how much of the text
// stands without it. What was not written to its end was not acted upon.
func parse(path string, text []byte) (h *History, whole int, err error) {
	h = &History{}
	for n := 1; len(text) > whole; n++ {
		end := bytes.IndexByte(text[whole:], '\n')
		if end < 0 {
			break
		}
		r, err := decode(text[whole : whole+end])
		if err == nil {
			err = h.take(r)
		}
		if err != nil {
			return nil, whole, damaged(path, n, err)
		}
		whole += end + 1
	}
	return h, whole, nil
}

func damaged(path string, n int, why error) error {
	var newer *newerError
	if errors.As(why, &newer) {
		return &JournalError{
			Path: path, Op: "read", Err: why,
			Way: "use the slipway that wrote it; nothing was changed",
		}
	}
	return &JournalError{
		Path: path, Op: "read", Err: fmt.Errorf("line %d is damaged: %w", n, why),
		Way: "nothing was changed, and slipway does not guess: keep the file, move it away, and run again; what is in the account stays and is found there",
	}
}
