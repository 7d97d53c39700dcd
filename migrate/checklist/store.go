package checklist

import (
	"errors"
	"os"
)

// WritePhase is a point within one write to the journal.
type WritePhase string

// The points of a write, in their order.
const (
	// BeforeWrite is before anything of the line is written.
	BeforeWrite WritePhase = "before"
	// HalfWritten is when the first half of the line is in the file.
	HalfWritten WritePhase = "half"
	// Written is when the line is in the file and not yet flushed to disk.
	Written WritePhase = "written"
	// Synced is when the line is on disk.
	Synced WritePhase = "synced"
)

// WritePoint names one instant of one write to the journal.
type WritePoint struct {
	Seq   int
	Kind  RecordKind
	Step  string
	Phase WritePhase
}

// store puts a line at the end of the file and flushes it to disk. Of a line
// that cannot be written to its end nothing is left, as far as the disk allows;
// what is left has no end, and the next to open the journal passes it over.
func (j *Journal) store(r Record, text []byte) error {
	at := func(phase WritePhase) {
		if j.hook != nil {
			j.hook(WritePoint{Seq: r.Seq, Kind: r.Kind, Step: r.Step, Phase: phase})
		}
	}
	at(BeforeWrite)
	if j.full != nil && j.full(WritePoint{Seq: r.Seq, Kind: r.Kind, Step: r.Step, Phase: BeforeWrite}) {
		return errors.New("no space left on device")
	}
	if j.file != nil {
		if err := j.put(text, at); err != nil {
			return errors.Join(err, os.Truncate(j.path, j.size))
		}
		j.size += int64(len(text))
	}
	at(Synced)
	return nil
}

func (j *Journal) put(text []byte, at func(WritePhase)) error {
	half := len(text)
	if j.hook != nil {
		half /= 2 // Only where somebody stands between the halves.
	}
	if _, err := j.file.Write(text[:half]); err != nil {
		return err
	}
	at(HalfWritten)
	if _, err := j.file.Write(text[half:]); err != nil {
		return err
	}
	at(Written)
	if j.noSync {
		return nil
	}
	return j.file.Sync()
}
