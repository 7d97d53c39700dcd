package migrate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// OpenRunError says that a run of the cluster has not come to its end, and
// that what was asked for now is something else. Nothing was changed.
type OpenRunError struct {
	Job, Cluster string
	Since        time.Time
	// Differs says in what the request is another one; empty when the job is.
	Differs string
}

// Error says what is open and how to go on.
func (e *OpenRunError) Error() string {
	s := fmt.Sprintf("a run of %s for cluster %s is open since %s", e.Job, e.Cluster, e.Since.Local().Format(time.DateTime))
	if e.Differs != "" {
		s += ", and this command asks for something else (" + e.Differs + ")"
	}
	if e.Job == undoJob {
		return s + "; nothing was changed; go on with slipway undo --cluster " + e.Cluster
	}
	return s + fmt.Sprintf("; nothing was changed; see it with slipway status, go on with slipway resume --cluster %[1]s, or take it back with slipway undo --cluster %[1]s", e.Cluster)
}

// OpenRun gives the run of a journal that has not come to its end, or nil. An
// install that has changed nothing leaves nothing to go on with.
func OpenRun(j *checklist.Journal) *checklist.Past {
	if p := j.Past(); p != nil && p.Outcome == checklist.OutcomeOpen && (!p.Traceless() || p.Begin.Of != "") {
		return p
	}
	return nil
}

// RequestOf reads what a run was asked to do.
func RequestOf(p *checklist.Past) (InstallRequest, error) {
	var req InstallRequest
	if err := json.Unmarshal(p.Begin.Request, &req); err != nil {
		return req, fmt.Errorf("read the request of the open run: %w", err)
	}
	if at, ok := p.Answers[handoverQuestion]; ok {
		req.Handover = at
	}
	if text, ok := p.Answers[registerQuestion]; ok {
		req.Register = Register{}
		if err := json.Unmarshal([]byte(text), &req.Register); err != nil {
			return req, fmt.Errorf("read where the open run registers: %w", err)
		}
	}
	return req, nil
}

// SameRequest fails with an [*OpenRunError] when an open run is of another job
// or was asked to do something else. Without a handover its own is meant. Where
// to register may change: what was
// registered elsewhere stays known to the run.
func SameRequest(p *checklist.Past, req InstallRequest) error {
	e := &OpenRunError{Job: p.Begin.Job, Cluster: p.Begin.Cluster, Since: p.At}
	if p.Begin.Job != installJob {
		return e
	}
	was, err := RequestOf(p)
	if err != nil {
		return err
	}
	req.Spec = req.Spec.WithDefaults()
	spec, err := json.Marshal(req.Spec)
	if err != nil {
		return fmt.Errorf("compare the request: %w", err)
	}
	old, err := json.Marshal(was.Spec)
	if err != nil {
		return fmt.Errorf("compare the request: %w", err)
	}
	switch {
	case !bytes.Equal(spec, old):
		e.Differs = "other choices"
	case req.Handover != "" && req.Handover != was.Handover:
		e.Differs = "another handover"
	default:
		return nil
	}
	return e
}

// handoverQuestion is under what a journal keeps that the secret goes
// elsewhere than was first asked for.
const handoverQuestion = "handover"

// registerQuestion is the same for another place in nullplatform.
const registerQuestion = "register"
