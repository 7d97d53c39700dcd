package checklist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// JournalVersion is the version of the journal that this package writes. A
// journal of a newer version is refused, so that nothing in it is overlooked.
const JournalVersion = 1

// RecordKind says what a line of the journal is about.
type RecordKind string

// The kinds of records.
const (
	// BeginRecord opens a run; its data is a [Begin].
	BeginRecord RecordKind = "begin"
	// PlanRecord is what was shown and agreed to; its data is the job's own.
	PlanRecord RecordKind = "plan"
	// AnswerRecord is a person's answer.
	AnswerRecord RecordKind = "answer"
	// IntentRecord is on disk before something is changed.
	IntentRecord RecordKind = "intent"
	// ResultRecord says what came of an intent.
	ResultRecord RecordKind = "result"
	// FoundRecord says what a later look at the world showed of an intent.
	FoundRecord RecordKind = "found"
	// StepRecord says that a step is done.
	StepRecord RecordKind = "step"
	// EndRecord closes a run.
	EndRecord RecordKind = "end"
)

// EffectState is what is known of something that was to be changed.
type EffectState string

// The states of an effect.
const (
	// EffectOpen may have happened or not: no answer is known.
	EffectOpen EffectState = "open"
	// EffectDone happened.
	EffectDone EffectState = "done"
	// EffectNotDone did not happen.
	EffectNotDone EffectState = "not done"
)

// Outcome is how a run ended.
type Outcome string

// The outcomes of a run. A run without an outcome is open: it goes on.
const (
	OutcomeOpen Outcome = ""
	OutcomeDone Outcome = "done"
	// OutcomeDropped is a run that had changed nothing and was given up.
	OutcomeDropped Outcome = "dropped"
)

// Line is a line of the journal's file, for those who read it without slipway:
// its JSON Schema is made from this type.
type Line struct {
	// Version is that of the journal. Within a version fields may be added;
	// none is renamed, removed or given another meaning. A kind of record
	// that is added makes a new version.
	Version int `json:"v"`
	// Sum is the CRC-32 of the record as it stands in the line, byte for
	// byte, in hexadecimal.
	Sum string `json:"sum" jsonschema:"pattern=^[0-9a-f]{8}$"`
	// Record is what the line tells.
	Record Record `json:"record"`
}

// Record is what one line of the journal tells.
type Record struct {
	// Seq counts the records from one, without gaps.
	Seq int `json:"seq" jsonschema:"minimum=1"`
	// At is when it was written, in UTC.
	At time.Time `json:"at"`
	// Kind says what the record is about.
	Kind RecordKind `json:"kind" jsonschema:"enum=begin,enum=plan,enum=answer,enum=intent,enum=result,enum=found,enum=step,enum=end"`
	// Step is the step that the record is about.
	Step string `json:"step,omitempty"`
	// Of is the intent that a result or a finding is about, by its number.
	Of int `json:"of,omitempty"`
	// State is what is known of the intent.
	State EffectState `json:"state,omitempty" jsonschema:"enum=open,enum=done,enum=not done"`
	// Question and Answer are a person's word.
	Question string `json:"question,omitempty"`
	Answer   string `json:"answer,omitempty"`
	// Outcome is how a run ended.
	Outcome Outcome `json:"outcome,omitempty" jsonschema:"enum=done,enum=dropped"`
	// Error is why something failed, in words.
	Error string `json:"error,omitempty"`
	// Data is the job's own. It holds no secret.
	Data json.RawMessage `json:"data,omitempty"`
}

// line is what is read of a line of the file, which is
//
//	{"v":1,"sum":"0badcafe","record":{...}}
//
// to the byte: the sum, a CRC-32 of the record, shows one that is not as it
// was written.
type line struct {
	Version int             `json:"v"`
	Record  json.RawMessage `json:"record"`
}

// encode gives the line of a record, its end included.
func encode(r Record) ([]byte, error) {
	record, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return append(lineOf(record), '\n'), nil
}

func lineOf(record []byte) []byte {
	return fmt.Appendf(nil, `{"v":%d,"sum":"%08x","record":%s}`, JournalVersion, crc32.ChecksumIEEE(record), record)
}

var (
	errNotJSON = errors.New("it is not JSON")
	errSum     = errors.New("it is not as it was written")
)

// decode reads a line.
func decode(text []byte) (Record, error) {
	var l line
	var r Record
	if err := json.Unmarshal(text, &l); err != nil {
		return r, errNotJSON
	}
	if l.Version > JournalVersion {
		return r, &newerError{version: l.Version}
	}
	if !bytes.Equal(text, lineOf(l.Record)) {
		return r, errSum
	}
	return r, json.Unmarshal(l.Record, &r)
}

type newerError struct{ version int }

func (e *newerError) Error() string {
	return fmt.Sprintf("it has version %d, and this slipway reads up to version %d", e.version, JournalVersion)
}
