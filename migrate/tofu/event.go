package tofu

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// EventKind is what an [Event] says.
type EventKind string

// The kinds of events.
const (
	// Reading is a resource that is being read before a plan.
	Reading EventKind = "reading"
	// Started, Continuing, Completed and Broken follow one action of an
	// apply.
	Started    EventKind = "started"
	Continuing EventKind = "continuing"
	Completed  EventKind = "completed"
	Broken     EventKind = "failed"
	// Stopping is the tool's word that it was interrupted, and ends as soon
	// as what it has begun is done.
	Stopping EventKind = "stopping"
	// Said is a diagnostic.
	Said EventKind = "said"
)

// Event is progress of a plan or an apply. It holds no secrets: the tool's log
// streams have none.
type Event struct {
	Kind EventKind
	// Address is the resource, Action what is done with it: "create",
	// "read", "update", "delete".
	Address, Action string
	// ID is the resource's ID, once it is known.
	ID string
	// Took is how long the action has taken so far, in whole seconds.
	Took time.Duration
	// Diagnostic is what was said, nil for other kinds.
	Diagnostic *Diagnostic
}

// wireEvent is a line of the tool's JSON log:
// https://developer.hashicorp.com/terraform/internals/machine-readable-ui
type wireEvent struct {
	Type       string      `json:"type"`
	Message    string      `json:"@message"`
	Diagnostic *Diagnostic `json:"diagnostic"`
	Hook       struct {
		Resource struct {
			Addr string `json:"addr"`
		} `json:"resource"`
		Action  string  `json:"action"`
		IDValue string  `json:"id_value"`
		Elapsed float64 `json:"elapsed_seconds"`
	} `json:"hook"`
}

var kinds = map[string]EventKind{
	"refresh_start":  Reading,
	"apply_start":    Started,
	"apply_progress": Continuing,
	"apply_complete": Completed,
	"apply_errored":  Broken,
	"diagnostic":     Said,
}

// event reads one line; ok is false for lines that are of no interest.
func event(line []byte) (e Event, ok bool) {
	var w wireEvent
	if err := json.Unmarshal(line, &w); err != nil {
		return Event{}, false
	}
	kind, known := kinds[w.Type]
	if w.Type == "log" && strings.Contains(w.Message, "Interrupt received") {
		kind, known = Stopping, true
	}
	if !known || kind == Said && w.Diagnostic == nil {
		return Event{}, false
	}
	return Event{
		Kind: kind, Address: w.Hook.Resource.Addr, Action: w.Hook.Action, ID: w.Hook.IDValue,
		Took: time.Duration(w.Hook.Elapsed) * time.Second, Diagnostic: w.Diagnostic,
	}, true
}

// listener takes a JSON log apart, tells the events and keeps the diagnostics.
type listener struct {
	watch func(Event)
	said  []Diagnostic
}

func (l *listener) line(line []byte) {
	e, ok := event(bytes.TrimSpace(line))
	if !ok {
		return
	}
	if e.Diagnostic != nil {
		l.said = append(l.said, *e.Diagnostic)
	}
	if l.watch != nil {
		l.watch(e)
	}
}
