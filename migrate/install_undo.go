package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// ErrNothingToUndo says that the journal holds no run that could be taken
// back.
var ErrNothingToUndo = errors.New("there is no run to take back")

// Undo is a run of install on its way back. It takes away what the run did, in
// reverse, and nothing else: what was there before stays, and what others have
// changed since is in the way and not touched.
type Undo struct {
	preview *InstallPreview
	acct    Account
	journal *checklist.Journal
	target  *checklist.Past
	opening func() error
	resume  Resuming
	ledger  ledger
	// reg is nullplatform, nil where nothing there is taken back, and back what
	// is.
	reg  Registry
	back []takingBack
}

// DropTraceless closes the last run, and tells when it began, if it is open and
// has changed nothing: that is all there is to take back of it. An undo that
// went on to the run before it would take back what nobody asked it to. It
// gives the zero time when there is no such run; a second call finds none.
func DropTraceless(j *checklist.Journal) (time.Time, error) {
	p := j.Past()
	if p == nil || p.Begin.Of != "" || p.Outcome != checklist.OutcomeOpen || !p.Traceless() {
		return time.Time{}, nil
	}
	return p.At, j.End(checklist.OutcomeDropped)
}

// PreviewUndo looks at what the last run has left and plans the way back. It
// changes nothing but the journal, in which it records what it finds of open
// intents. It gives [ErrNothingToUndo] when there is no such run.
func PreviewUndo(ctx context.Context, acct Account, r Resuming, k Keeping) (*Undo, error) {
	r.Journal, r.Undoing = k.Journal, true
	target := k.Journal.History().ToUndo()
	if target == nil {
		return nil, ErrNothingToUndo
	}
	s, err := lookBack(ctx, acct, r, target)
	if err != nil {
		return nil, err
	}
	if s.inventory, err = withLastUse(ctx, acct, s.inventory); err != nil {
		return nil, err
	}
	u := &Undo{acct: acct, journal: k.Journal, target: target, resume: r, ledger: s.ledger}
	if u.preview, err = s.wayBack(r.Allow); err != nil {
		return nil, err
	}
	if err := u.lookAtPlatform(ctx); err != nil {
		return nil, err
	}
	last := k.Journal.Past()
	u.opening = func() error {
		if last.Begin.Of == target.Begin.Run && last.Outcome == checklist.OutcomeOpen {
			return k.Journal.Plan(u.preview.planned())
		}
		return k.Journal.Begin(checklist.Begin{
			Run: k.Run, Job: undoJob, Of: target.Begin.Run, Account: target.Begin.Account, Cluster: target.Begin.Cluster,
			Request: target.Begin.Request, Settings: k.Settings,
		}, u.preview.planned())
	}
	return u, nil
}

// withLastUse adds when the user's keys were last used.
func withLastUse(ctx context.Context, acct Account, inv *provision.Inventory) (*provision.Inventory, error) {
	if inv.User == nil || len(inv.User.Keys) == 0 {
		return inv, nil
	}
	deep, err := acct.Read(ctx, provision.Scope{User: inv.User.Name, Deep: true})
	if err != nil {
		return nil, err
	}
	inv = inv.Clone()
	if deep.User != nil {
		inv.User.Keys = deep.User.Keys
	}
	return inv, nil
}

// Preview is what undoing does, as a plan like any other.
func (u *Undo) Preview() *InstallPreview { return u.preview }

// Target is the run that is taken back.
func (u *Undo) Target() *checklist.Past { return u.target }

// Refusal says why it must not be carried out, or nil.
func (u *Undo) Refusal() error {
	if err := u.preview.Plan.Blocked(); err != nil {
		return err
	}
	return u.preview.Request.Allow.Withheld(u.preview.Consent)
}

// Start records what was agreed to and prepares to carry it out. When all is
// done the run that was taken back counts as such.
func (u *Undo) Start(o checklist.Options) (*checklist.Run, error) {
	if err := u.Refusal(); err != nil {
		return nil, err
	}
	o.Journal = u.journal
	run, err := checklist.New(u.Steps(), o)
	if err != nil {
		return nil, err
	}
	return run, u.opening()
}

// Steps is the checklist: what nullplatform was told, then the changes in
// reverse, and a look at the end. So nullplatform never sends a build to what is
// gone.
func (u *Undo) Steps() []checklist.Step {
	steps, all := u.registrationSteps()
	first := slices.Clone(all)
	for _, c := range u.preview.Plan.Changes {
		steps = append(steps, checklist.Step{
			ID: c.ID, Title: c.Title, Why: c.Why, Needs: append(slices.Clone(first), c.Needs...), Will: inWords(c.Calls),
			Do: func(ctx context.Context, t *checklist.Task) error { return u.takeBack(ctx, t, c) },
		})
		all = append(all, c.ID)
	}
	return append(steps, checklist.Step{
		ID: "read-back", Title: "Read back", Needs: all, Why: "Nothing of what this run did must be left.",
		Will: []string{"read everything again"},
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, u.confirm(waiting, t))
		},
	})
}

// takeBack carries out one change. What is gone already is taken back.
func (u *Undo) takeBack(ctx context.Context, t *checklist.Task, c provision.Change) error {
	for n, call := range c.Calls {
		for attempt := 0; ; attempt++ {
			t.Tell("%s", call.Operation())
			err := t.Effect(ctx, deed{Change: c.ID, N: n, Call: &call}, func(ctx context.Context) (any, error) {
				_, err := u.acct.Do(ctx, call)
				if isAbsent(err) {
					err = nil
				}
				return nil, judged(err)
			})
			// IAM may still see an attachment that is gone.
			if !isConflict(err) || attempt >= adoptions || t.Stopping() || pause(ctx, attempt) != nil {
				if err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// confirm looks until nothing is left of what the run did.
func (u *Undo) confirm(ctx context.Context, t *checklist.Task) error {
	for attempt := range readBacks {
		inv, err := readAll(ctx, u.acct, u.preview.Plan.Blueprint)
		if err != nil {
			return err
		}
		s := &sight{past: u.target, blueprint: u.preview.Plan.Blueprint, ledger: u.ledger, inventory: inv}
		left, err := s.wayBack(Allow{})
		if err != nil {
			return err
		}
		if len(left.Plan.Changes) == 0 {
			return u.confirmRegistrations(ctx)
		}
		t.Tell("%d things are still seen, reading again", len(left.Plan.Changes))
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return errors.New("not everything is gone: somebody else is changing it, or IAM is slow; run undo again to see")
}

// wayBack plans from what is there now to what was there before the run.
func (s *sight) wayBack(allow Allow) (*InstallPreview, error) {
	w := &wayBack{sight: s, state: s.inventory.Clone()}
	steps, err := w.steps()
	if err != nil {
		return nil, err
	}
	w.plan = provision.Plan{Blueprint: s.blueprint, Changes: []provision.Change{}, Kept: []provision.Entity{}}
	for _, step := range checklist.Reverse(steps) {
		w.take(step)
	}
	w.closeUp()
	p := &InstallPreview{
		Request: s.request, Identity: s.plan.Identity, Inventory: s.inventory, Plan: w.plan,
		Consent: provision.Consent{Broadening: []string{}, Loss: w.losses(), Narrowing: []string{}},
	}
	p.Request.Allow = allow
	p.Access = w.access()
	return p, nil
}

// wayBack is one such plan in the making.
type wayBack struct {
	*sight
	plan provision.Plan
	// of are the changes to take back, by the ID of the step that does so.
	of map[string]provision.Change
	// state is the account on paper, as far as the plan has gone.
	state *provision.Inventory
	// start is the account as it was before the run.
	start *provision.Inventory
}

// steps lists what the run has done, as steps that can be reversed.
func (w *wayBack) steps() ([]checklist.Step, error) {
	w.of = map[string]provision.Change{}
	var out []checklist.Step
	for n, text := range w.past.Plans {
		var p planned
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("read plan %d of the run: %w", n+1, err)
		}
		if n == 0 {
			w.start = p.Inventory
		}
		rename := func(id string) string {
			if n == 0 {
				return id
			}
			return fmt.Sprintf("%s-%d", id, n+1)
		}
		begin := len(out)
		for _, c := range p.Plan.Changes {
			if !w.begun(c, n+1) {
				continue
			}
			id := rename(c.ID)
			w.of["undo-"+id] = c
			step := checklist.Step{ID: id, Undo: &checklist.Undo{}}
			for _, need := range c.Needs {
				if slices.ContainsFunc(out[begin:], func(s checklist.Step) bool { return s.ID == rename(need) }) {
					step.Needs = append(step.Needs, rename(need))
				}
			}
			// What a later plan did came after all of the earlier ones.
			for _, earlier := range out[:begin] {
				step.Needs = append(step.Needs, earlier.ID)
			}
			out = append(out, step)
		}
	}
	return out, nil
}

// begun reports whether anything of a change was done under a plan.
func (w *wayBack) begun(c provision.Change, plan int) bool {
	return slices.ContainsFunc(w.ledger.all, func(d done) bool {
		return d.Plan == plan && d.Change == c.ID && d.Call != nil && d.State == checklist.EffectDone
	})
}

// take adds the change that takes one back, with the calls that still have
// something to do. What cannot be taken back without harm is in the way.
func (w *wayBack) take(step checklist.Step) {
	c := w.of[step.ID]
	back := provision.Change{ID: step.ID, Entity: c.Entity, Mark: provision.Remove, Needs: step.Needs, Before: c.After, After: c.Before}
	back.Title, back.Why = titleBack(c), "This run made it."
	if c.Mark != provision.Add {
		back.Mark, back.Why = provision.Update, "This run changed it; it goes back to what it was."
	}
	undo := c.Undo
	if c.MakesKey() {
		undo = nil
		for _, id := range w.ledger.keys() {
			undo = append(undo, *deleteKeyCall(c, id))
			back.Title = "Delete access key " + id
			back.Why = "This run made it. Whoever signs in with it no longer can."
			back.Entity.Name = id
		}
	}
	for _, call := range undo {
		if w.apply(c, call) {
			back.Calls = append(back.Calls, call)
		}
	}
	if len(back.Calls) > 0 {
		w.plan.Changes = append(w.plan.Changes, back)
	}
}

// apply does one call on paper and says whether it has anything to do.
func (w *wayBack) apply(c provision.Change, call provision.Call) bool {
	block := func(rule string) bool {
		w.plan.Blockers = append(w.plan.Blockers, provision.Problem{
			Field: string(c.Entity.Type), Rule: rule, Way: "see who changed it since; take that back first, or leave it as it is",
		})
		return false
	}
	if c.Mark == provision.Update {
		switch now, ok := w.textOf(c); {
		case !ok || sameText(now, c.Before) || w.original(c, now):
			return false
		case !sameText(now, c.After):
			return block(fmt.Sprintf("%q is no longer as this run left it, and is not changed back", c.Entity.Name))
		}
	}
	if call.Action == "iam:SetDefaultPolicyVersion" {
		w.state.Policy(call.Param("PolicyArn")).Document = c.Before
		w.note(c.Entity, "keeps the version that this run made, as one that is not the default")
		return true
	}
	err := w.state.Apply(call)
	var effect *provision.EffectError
	switch {
	case err == nil:
		return true
	case errors.As(err, &effect) && strings.HasPrefix(effect.Code, "NoSuch"):
		return false
	case errors.As(err, &effect):
		return block("cannot be deleted: " + effect.What + ", which this run did not add")
	}
	return block("cannot be taken back: " + err.Error())
}

func (w *wayBack) note(e provision.Entity, text string) {
	n := provision.Note{Entity: e, Text: text}
	if !slices.Contains(w.plan.Notes, n) {
		w.plan.Notes = append(w.plan.Notes, n)
	}
}

// closeUp drops the needs of changes that have nothing to do, and tells of
// what stays.
func (w *wayBack) closeUp() {
	for n := range w.plan.Changes {
		c := &w.plan.Changes[n]
		c.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(id string) bool {
			return !slices.ContainsFunc(w.plan.Changes[:n], func(x provision.Change) bool { return x.ID == id })
		})
	}
	for _, e := range provision.NewPlan(w.blueprint, w.inventory).Kept {
		if !slices.ContainsFunc(w.plan.Changes, func(c provision.Change) bool { return c.Entity == e }) {
			w.plan.Kept = append(w.plan.Kept, e)
		}
	}
	if kept, ok := w.ledger.handedOver(); ok {
		w.note(provision.Entity{Type: provision.KeyEntity, Name: kept.KeyID}, "had its secret handed over to "+kept.Place+", where it stays and is of no use any more: delete it there")
	}
}

// losses are the keys that somebody uses.
func (w *wayBack) losses() []string {
	out := []string{}
	if w.inventory.User == nil {
		return out
	}
	for _, k := range w.inventory.User.Keys {
		if k.LastUsed != nil && slices.Contains(w.ledger.keys(), k.ID) {
			out = append(out, fmt.Sprintf("access key %s was last used on %s (%s): whoever signs in with it can no longer publish",
				k.ID, k.LastUsed.At.Format("2006-01-02"), k.LastUsed.Service))
		}
	}
	return out
}

// access is what each principal loses, as far as it can be put on paper.
func (w *wayBack) access() []provision.AccessChange {
	p := w.plan
	p.Changes = nil
	for _, c := range w.plan.Changes {
		calls := slices.Clone(c.Calls)
		for n, call := range calls {
			if call.Action == "iam:SetDefaultPolicyVersion" {
				calls[n] = provision.Call{Action: "iam:CreatePolicyVersion", Resource: call.Resource, Params: []provision.Param{
					{Name: "PolicyArn", Value: call.Resource}, {Name: "PolicyDocument", Value: c.After},
				}}
			}
		}
		c.Calls = calls
		p.Changes = append(p.Changes, c)
	}
	changes, err := provision.AccessChanges(p, w.inventory)
	if err != nil {
		return nil
	}
	return changes
}
