package migrate

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// BeginEmit records what was agreed to: a new run, or a new plan of the one
// that is open. Nothing must be changed before. It fails with an
// [*OpenRunError] when another job is open, or one on another root.
func BeginEmit(k Keeping, p *EmitPreview) error {
	req := p.Request
	emit := *req.Emit
	dir, err := filepath.Abs(emit.Dir)
	if err != nil {
		return fmt.Errorf("record the request: %w", err)
	}
	emit.Dir, req.Emit = dir, &emit
	// What the tool makes is the state's to know, not the journal's.
	agreed := p.Account.planned()
	agreed.Plan = provision.Plan{Blueprint: p.Account.Plan.Blueprint, Changes: []provision.Change{}}
	if open := OpenRun(k.Journal); open != nil {
		if err := sameRoot(open, emit); err != nil {
			return err
		}
		p.begun = appliedBy(open)
		var first planned
		if len(open.Plans) > 0 && json.Unmarshal(open.Plans[0], &first) == nil {
			p.recallKeys(first.Inventory)
		}
		return k.Journal.Plan(agreed)
	}
	text, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("record the request: %w", err)
	}
	return k.Journal.Begin(checklist.Begin{
		Run: k.Run, Job: EmitJob, Account: p.Account.Identity.Place.Account, Cluster: req.Spec.Cluster, Request: text, Settings: k.Settings,
	}, agreed)
}

// recallKeys notes which user and keys there were when the run was agreed to.
func (p *EmitPreview) recallKeys(first *provision.Inventory) {
	if first == nil {
		return
	}
	if p.ownUser = p.begun && first.User == nil; first.User == nil {
		return
	}
	p.keysBefore = nil
	for _, k := range first.User.Keys {
		p.keysBefore = append(p.keysBefore, k.ID)
	}
}

func sameRoot(open *checklist.Past, emit EmitRequest) error {
	e := &OpenRunError{Job: open.Begin.Job, Cluster: open.Begin.Cluster, Since: open.At}
	if open.Begin.Job != EmitJob {
		return e
	}
	was, err := RequestOf(open)
	if err != nil {
		return err
	}
	if was.Emit == nil || was.Emit.Dir != emit.Dir {
		e.Differs = "another root"
		return e
	}
	return nil
}
