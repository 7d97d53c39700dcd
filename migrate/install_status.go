package migrate

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	RunOpen   RunState = "open"
	RunDone   RunState = "done"
	RunUndone RunState = "undone"
	// RunUndoing is a run that is being taken back, and not through with it.
	RunUndoing RunState = "undoing"
)

// RunStatus is what the journal tells of a cluster's last run, without a look
// at the account.
type RunStatus struct {
	// Run is the run's own ID.
	Run string `json:"run"`
	// Job is install, upgrade or install --emit.
	Job     string `json:"job"`
	Account string `json:"account"`
	Cluster string `json:"cluster"`
	// State is open, done, undoing or undone.
	State RunState `json:"state"`
	// Begun is when it began, and Last when its journal was last written to.
	Begun time.Time `json:"begun"`
	Last  time.Time `json:"last"`
	// Changes are those of the last plan, in its order.
	Changes []ChangeStatus `json:"changes"`
	// Key is the key that was made and handed over, and Handover where its
	// secret went; both empty when there is none.
	Key      string `json:"key_id"`
	Handover string `json:"handover"`
	// Lost are keys that the run made and whose secret is not known to be
	// where it belongs.
	Lost []string `json:"lost_key_ids"`
	// Settings are how the account was reached.
	Settings map[string]string `json:"settings,omitempty"`
}

// ChangeStatus is one change of a run.
type ChangeStatus struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// State is "done", "not done", or "open" for what may have happened.
	State checklist.EffectState `json:"state"`
}

// Done counts the changes that were carried out.
func (s RunStatus) Done() int {
	n := 0
	for _, c := range s.Changes {
		if c.State == checklist.EffectDone {
			n++
		}
	}
	return n
}

// StatusOf tells where the last run of a journal stands; nil when there is
// none.
func StatusOf(h *checklist.History) (*RunStatus, error) {
	last := h.Last()
	for last != nil && last.Traceless() && last.Begin.Of == "" {
		// It ended before it changed anything.
		h = &checklist.History{Runs: h.Runs[:len(h.Runs)-1]}
		last = h.Last()
	}
	if last == nil {
		return nil, nil
	}
	s := &RunStatus{
		Run: last.Begin.Run, Job: last.Begin.Job, Account: last.Begin.Account, Cluster: last.Begin.Cluster,
		State: RunOpen, Begun: last.At, Last: last.Last, Changes: []ChangeStatus{}, Lost: []string{}, Settings: last.Begin.Settings,
	}
	switch {
	case last.Begin.Job == undoJob && last.Outcome == checklist.OutcomeDone:
		s.State = RunUndone
	case last.Begin.Job == undoJob:
		s.State = RunUndoing
	case last.Outcome == checklist.OutcomeDone:
		s.State = RunDone
	}
	l, err := ledgerOf(last)
	if err != nil {
		return nil, err
	}
	if last.Begin.Job == installJob {
		if kept, ok := l.handedOver(); ok {
			s.Key, s.Handover = kept.KeyID, kept.Place
		}
		s.Lost = append(s.Lost, l.lost()...)
	}
	if len(last.Plans) == 0 {
		return s, nil
	}
	var p planned
	if err := json.Unmarshal(last.Plans[len(last.Plans)-1], &p); err != nil {
		return nil, fmt.Errorf("read the plan of the run: %w", err)
	}
	for _, c := range p.Plan.Changes {
		s.Changes = append(s.Changes, ChangeStatus{ID: c.ID, Title: c.Title, State: l.stateOf(c)})
	}
	var registrations []ChangeStatus
	for _, r := range p.Registrations {
		registrations = append(registrations, ChangeStatus{ID: r.ID, Title: r.Title, State: l.stateOfStep(r.ID, last.Steps[r.ID])})
	}
	if last.Begin.Job == undoJob {
		s.Changes = append(registrations, s.Changes...)
	} else {
		s.Changes = append(s.Changes, registrations...)
	}
	return s, nil
}

// stateOfStep is how far a step at nullplatform has come.
func (l ledger) stateOfStep(id string, done bool) checklist.EffectState {
	state := checklist.EffectNotDone
	for _, d := range l.all {
		if d.Registration != nil && d.Change == id && d.State != checklist.EffectNotDone {
			state = d.State
		}
	}
	if done {
		state = checklist.EffectDone
	}
	return state
}

func (l ledger) stateOf(c provision.Change) checklist.EffectState {
	switch {
	case l.completed(c):
		return checklist.EffectDone
	case slices.ContainsFunc(l.all, func(d done) bool {
		return d.Plan == l.plan && d.Change == c.ID && d.State != checklist.EffectNotDone
	}):
		return checklist.EffectOpen
	}
	return checklist.EffectNotDone
}
