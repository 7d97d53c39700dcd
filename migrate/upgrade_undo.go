package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// UpgradeUndo is an upgrade on its way back, in reverse: what was taken away
// comes back first and is visible to every reader, before what was added goes.
// The build user and its keys are looked at as on the way there.
type UpgradeUndo struct {
	// Target is the run that is taken back, and Plan the way back.
	Target *checklist.Past
	Plan   provision.Plan
	// Files are those that the run has edited, the last first.
	Files []EditedFile

	acct     Account
	keeping  Keeping
	clusters []returning
	agreed   planned
}

// PreviewUpgradeUndo plans the way back from the last run of a journal, which
// must be an upgrade. It changes nothing. It gives [ErrNothingToUndo] when
// there is no run to take back.
//
// Of an upgrade by way of a root that has not been applied, the bridge is taken
// away; for one that has been applied it gives an [*AppliedError], since the
// configuration and the state have to follow: see [PreviewRootUndo].
func PreviewUpgradeUndo(ctx context.Context, acct Account, k Keeping) (*UpgradeUndo, error) {
	target := k.Journal.History().ToUndo()
	if target == nil {
		return nil, ErrNothingToUndo
	}
	req, err := UpgradeRequestOf(target)
	if err != nil {
		return nil, err
	}
	u := &UpgradeUndo{Target: target, Files: edited(target), acct: acct, keeping: k}
	if err := u.recall(); err != nil {
		return nil, err
	}
	if u.clusters, err = returningOf(ctx, acct, target, u.agreed); err != nil {
		return nil, err
	}
	ahead := slices.ContainsFunc(u.clusters, func(r returning) bool {
		return behind(provision.NewUpgrade(r.blueprint, r.now))
	})
	if req.Route != RouteAccount && (!ahead || appliedBy(target)) {
		return nil, &AppliedError{Route: req.Route}
	}
	return u, u.wayBack()
}

// EditedFile is a file that a run has edited.
type EditedFile struct {
	Path string
	// Backup is where what was there before is kept; empty for a new file.
	Backup string
	// Sum is the SHA-256 of what the run has written.
	Sum string
}

// edited are the files that a run has written.
func edited(p *checklist.Past) []EditedFile {
	var out []EditedFile
	for _, e := range p.Effects {
		var f fileIntent
		if e.State != checklist.EffectNotDone && json.Unmarshal(e.Intent, &f) == nil && f.Write != "" && f.Sum != "" {
			out = append(out, EditedFile{Path: f.Write, Backup: f.Backup, Sum: f.Sum})
		}
	}
	slices.Reverse(out)
	return out
}

// putBack restores a file from its backup, or removes one that was new. One
// that is no longer as the run wrote it is left, and told.
func (f EditedFile) putBack(ctx context.Context, t *checklist.Task) error {
	now, err := os.ReadFile(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at %s: %w", f.Path, err)
	case sumOf(now) != f.Sum:
		t.Tell("%s has been edited since, so it stays", f.Path)
		return nil
	}
	return t.Effect(ctx, fileIntent{Write: f.Path}, func(context.Context) (any, error) {
		if f.Backup == "" {
			return nil, os.Remove(f.Path)
		}
		was, err := os.ReadFile(f.Backup)
		if err != nil {
			return nil, fmt.Errorf("read the copy of %s: %w", f.Path, err)
		}
		return nil, replace(f.Path, was)
	})
}

// appliedBy reports whether a run has begun to apply.
func appliedBy(p *checklist.Past) bool {
	return slices.ContainsFunc(p.Effects, func(e checklist.Effect) bool {
		var a applyIntent
		return e.State != checklist.EffectNotDone && json.Unmarshal(e.Intent, &a) == nil && a.Apply != ""
	})
}

// recall reads what was agreed to at first.
func (u *UpgradeUndo) recall() error {
	if len(u.Target.Plans) == 0 {
		return ErrNothingToUndo
	}
	if err := json.Unmarshal(u.Target.Plans[0], &u.agreed); err != nil {
		return fmt.Errorf("read the plan of the run: %w", err)
	}
	return nil
}

// wayBack plans from what is there now to what was there before.
func (u *UpgradeUndo) wayBack() error {
	all, err := deeds(u.Target)
	if err != nil {
		return err
	}
	changes, err := u.changes()
	if err != nil {
		return err
	}
	u.Plan = provision.Plan{Blueprint: u.agreed.Plan.Blueprint, Changes: []provision.Change{}, Kept: []provision.Entity{}}
	states := make([]*provision.Inventory, len(u.clusters))
	ways := make([][]policy.Access, len(u.clusters))
	for i, r := range u.clusters {
		states[i] = r.now.Clone()
	}
	var seen []string
	for _, d := range slices.Backward(all) {
		c, known := changes[d.Change]
		if d.Call == nil || d.State == checklist.EffectNotDone || !known || slices.Contains(seen, d.Change) {
			continue
		}
		seen = append(seen, d.Change)
		back := provision.Change{
			ID: "undo-" + c.ID, Mark: reversed(c.Mark), Entity: c.Entity, Before: c.After, After: c.Before,
			Title: "Take back: " + c.Title, Why: "The upgrade did it.", Undo: c.Calls,
		}
		for _, call := range c.Undo {
			i := owner(u.clusters, call)
			if u.possible(states[i], c, call) {
				back.Calls = append(back.Calls, call)
				ways[i] = append(ways[i], userAccess(states[i]))
			}
		}
		if len(back.Calls) > 0 {
			u.Plan.Changes = append(u.Plan.Changes, back)
		}
	}
	for i, r := range u.clusters {
		u.tryOut(r, ways[i], states[i])
	}
	return nil
}

// changes are those of all plans of the run, by ID.
func (u *UpgradeUndo) changes() (map[string]provision.Change, error) {
	out := map[string]provision.Change{}
	for n, text := range u.Target.Plans {
		var p planned
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("read plan %d of the run: %w", n+1, err)
		}
		for _, c := range p.Plan.Changes {
			if _, there := out[c.ID]; !there {
				out[c.ID] = c
			}
		}
	}
	return out, nil
}

func reversed(m provision.Mark) provision.Mark {
	switch m {
	case provision.Add:
		return provision.Remove
	case provision.Remove:
		return provision.Add
	case provision.Update:
	}
	return provision.Update
}

// possible does one call on paper and says whether it has anything to do. What
// others have changed since is in the way.
func (u *UpgradeUndo) possible(state *provision.Inventory, c provision.Change, call provision.Call) bool {
	block := func(rule string) bool {
		u.Plan.Blockers = append(u.Plan.Blockers, provision.Problem{
			Field: string(c.Entity.Type), Rule: rule, Way: "see who changed it since; take that back first, or leave it as it is",
		})
		return false
	}
	text := ""
	switch {
	case call.Action == "iam:SetDefaultPolicyVersion":
		p := state.Policy(call.Param("PolicyArn"))
		if p == nil {
			return block(fmt.Sprintf("%q is gone", c.Entity.Name))
		}
		text = p.Document
	case call.Action == "iam:UpdateAssumeRolePolicy" && state.Role != nil:
		text = state.Role.Trust
	}
	switch {
	case text != "" && sameText(text, c.Before):
		return false
	case text != "" && !sameText(text, c.After):
		return block(fmt.Sprintf("%q is no longer as this run left it, and is not changed back", c.Entity.Name))
	case call.Action == "iam:SetDefaultPolicyVersion":
		state.Policy(call.Param("PolicyArn")).Document = c.Before
		return true
	}
	err := state.Apply(call)
	var effect *provision.EffectError
	switch {
	case err == nil:
		return true
	case errors.As(err, &effect) && strings.HasPrefix(effect.Code, "NoSuch"):
		return false
	}
	return block("cannot be taken back: " + err.Error())
}

// tryOut blocks a way back on which the build user would lack something that
// it has now and at its end, or at whose end it would lack something that it
// had before the upgrade: then a bridge is all that it has.
func (u *UpgradeUndo) tryOut(r returning, ways []policy.Access, end *provision.Inventory) {
	if covers, _ := userAccess(end).Covers(userAccess(r.was)); !covers {
		u.Plan.Blockers = append(u.Plan.Blockers, provision.Problem{
			Field: "access", Rule: "of before the upgrade would not be there at its end: something else has changed the account since",
			Way: "see what the group carries now, or finish the upgrade instead",
		})
	}
	due := userAccess(r.now).Intersect(userAccess(end))
	for _, access := range ways {
		if covers, _ := access.Covers(due); !covers {
			u.Plan.Blockers = append(u.Plan.Blockers, provision.Problem{
				Field: "access", Rule: "would be missing for a moment on the way back", Way: "take it back by hand, one statement at a time",
			})
			return
		}
	}
}

// Steps is the checklist:
//
//  1. guard: the build user is who it was before the upgrade
//  2. what was taken away comes back
//  3. wait until every reader sees it
//  4. what was added goes
//  5. files that were edited and not applied are put back
func (u *UpgradeUndo) Steps() []checklist.Step {
	var c chain
	c.add(checklist.Step{
		ID: "guard", Title: "Look at the build user", Why: "It must be who it was before the upgrade.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, errors.Join(sameUsers(waiting, u.acct, u.clusters), u.keeping.sweep()))
		},
	})
	var made []provision.Call
	settled := false
	for _, ch := range u.Plan.Changes {
		if ch.Mark == provision.Remove && !settled && len(made) > 0 {
			settled = true
			c.add(settleStep("settle", "Wait until every reader sees what came back",
				"Nothing is taken away before what it replaced is visible everywhere.", u.acct, made))
		}
		ch.Undo = nil
		c.add(changeStep(u.acct, ch, u.clusters[owner(u.clusters, ch.Calls[0])].who(), func(string) {}))
		made = append(made, ch.Calls...)
	}
	if len(u.Files) > 0 {
		c.add(putBackStep(u.Files))
	}
	return c
}

// Start records what was agreed to and prepares to carry it out. When all is
// done the upgrade counts as taken back.
func (u *UpgradeUndo) Start(o checklist.Options) (*checklist.Run, error) {
	if err := u.Plan.Blocked(); err != nil {
		return nil, err
	}
	return u.keeping.beginUndo(u.Target, u.Steps(), o, planned{Identity: u.agreed.Identity, Plan: u.Plan, Inventory: u.clusters[0].now})
}

// beginUndo records in the journal that a run is taken back, or goes on with
// the record of an undo of it that is open, and prepares to carry it out.
func (k Keeping) beginUndo(target *checklist.Past, steps []checklist.Step, o checklist.Options, agreed any) (*checklist.Run, error) {
	o.Journal = k.Journal
	run, err := checklist.New(steps, o)
	if err != nil {
		return nil, err
	}
	if last := k.Journal.Past(); last.Begin.Of == target.Begin.Run && last.Outcome == checklist.OutcomeOpen {
		return run, k.Journal.Plan(agreed)
	}
	b := target.Begin
	return run, k.Journal.Begin(checklist.Begin{
		Run: k.Run, Job: undoJob, Of: b.Run, Account: b.Account, Cluster: b.Cluster, Request: b.Request, Settings: k.Settings,
	}, agreed)
}
