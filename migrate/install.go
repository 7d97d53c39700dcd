package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
)

// Install is a preview on its way to being carried out. What it does is in its
// journal, and what the journal says is done is not done again.
type Install struct {
	preview *InstallPreview
	acct    Account
	place   handover.Place
	journal *checklist.Journal
	// opening records what was agreed to; nil once that is recorded.
	opening func() error
	// refusal is why it must not be carried out.
	refusal error
	// ending are the steps after those in the account, given those before.
	ending func(needs ...string) []checklist.Step
	// ledger is what the run had done before this process went on with it.
	ledger ledger

	mu     sync.Mutex
	result InstallResult
	// keysBefore are the keys that were there before one is made.
	keysBefore []string
}

// InstallResult is what an install came to.
type InstallResult struct {
	// KeyID is the key that was made; empty when none was.
	KeyID string
	// Handover is where the key's secret went, in words.
	Handover string
	// Done are the IDs of the changes that were carried out.
	Done []string
	// Replaced are keys of this run whose secret nobody had, and which were
	// deleted again.
	Replaced []string
	// Inventory is what was read back at the end; nil when it did not come
	// to that.
	Inventory *provision.Inventory
}

// Keeping is where a run leaves its trace.
type Keeping struct {
	// Journal takes what is done. Nil means that the trace ends with the
	// process.
	Journal *checklist.Journal
	// Run names the run; unique within its journal.
	Run string
	// Settings are how the account is reached, for the next process.
	Settings map[string]string
}

// NewInstall prepares to carry out a preview. The place is where a new secret
// goes and may be nil when the plan makes no key. A preview with blockers is
// refused, and so is a plan that needs a word which the request does not give,
// with a [*ConsentError], or that makes a key without a place for its secret.
func NewInstall(p *InstallPreview, acct Account, place handover.Place, k Keeping) (*Install, error) {
	if err := p.refuse(place); err != nil {
		return nil, err
	}
	i := &Install{preview: p, acct: acct, place: place, journal: k.Journal}
	if i.journal == nil {
		i.journal = checklist.MemoryJournal(noClock)
	}
	i.opening = func() error {
		request, err := json.Marshal(p.Request)
		if err != nil {
			return fmt.Errorf("record the request: %w", err)
		}
		return i.journal.Begin(checklist.Begin{
			Run: k.Run, Job: installJob, Account: p.Identity.Place.Account, Cluster: p.Request.Spec.Cluster,
			Request: request, Settings: k.Settings,
		}, p.planned())
	}
	return i, nil
}

// refuse says why a preview must not be carried out, or nil.
func (p *InstallPreview) refuse(place handover.Place) error {
	if err := p.Plan.Blocked(); err != nil {
		return err
	}
	if err := p.Request.Allow.Withheld(p.Consent); err != nil {
		return err
	}
	if p.MakesKey() && place == nil {
		return &provision.Problem{
			Field: "handover", Rule: "is not given, but the plan makes an access key whose secret can be read only once",
			Way: "say where it goes with --handover, such as file:creds.env",
		}
	}
	return nil
}

// noClock is for a trace that nobody reads later.
func noClock() time.Time { return time.Time{} }

// planned is the preview as the journal keeps it.
func (p *InstallPreview) planned() planned {
	out := planned{Identity: p.Identity, Plan: p.Plan, Inventory: p.Inventory}
	if p.Survey != nil {
		for _, r := range p.Survey.Registrations {
			planned := plannedRegistration{ID: registerStep(r.Wanted.Specification), Title: r.Title(), Makes: r.State == platform.Missing}
			if r.State == platform.Different {
				planned.Updates, planned.Differences = r.Found[0].ID, r.Differences
			}
			out.Registrations = append(out.Registrations, planned)
		}
	}
	for _, b := range p.Back {
		out.Registrations = append(out.Registrations, plannedRegistration{ID: b.ID, Title: b.Title})
	}
	return out
}

// EndWith makes a registration the end of the install, and the proof that CI
// can publish. It must have looked already. The name is the last part of that
// of the object which is published.
func (i *Install) EndWith(r *Registering, acct Evidence, name string) {
	i.ending = func(needs ...string) []checklist.Step { return r.Steps(acct, name, needs...) }
}

// Preview is what is carried out.
func (i *Install) Preview() *InstallPreview { return i.preview }

// Record writes down what was agreed to, unless that is done. A plan that must
// not be carried out is refused.
func (i *Install) Record() error {
	if i.refusal != nil || i.opening == nil {
		return i.refusal
	}
	if err := i.opening(); err != nil {
		return err
	}
	i.opening = nil
	var err error
	i.ledger, err = ledgerOf(i.journal.Past())
	return err
}

// Start records what was agreed to, and prepares to carry it out. The options'
// journal is the install's own.
func (i *Install) Start(o checklist.Options) (*checklist.Run, error) {
	o.Journal = i.journal
	run, err := checklist.New(i.Steps(), o)
	if err != nil {
		return nil, err
	}
	return run, i.Record()
}

// Result tells what has been done so far, by earlier processes too.
func (i *Install) Result() InstallResult {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.result
	r.Done, r.Replaced = slices.Clone(r.Done), slices.Clone(r.Replaced)
	return r
}

// agreement is how many rounds of reads must agree before a key is made. Two,
// because nobody uses the grants before the key is there.
const agreement = 2

// Recheck reads the account again and fails with a [*ChangedError] when it is
// no longer what the plan, or the rest of it, was made for.
func (i *Install) Recheck(ctx context.Context) error {
	inv, err := readAll(ctx, i.acct, i.preview.Plan.Blueprint)
	if err != nil {
		return err
	}
	paper, err := i.ledger.paper(i.preview.Inventory)
	if err != nil {
		return err
	}
	if e := drift(i.preview.Plan.Blueprint, paper, inv); e != nil {
		e.Resuming = i.opening == nil
		return e
	}
	return nil
}

// readAll reads what a plan looks at.
func readAll(ctx context.Context, acct Account, b provision.Blueprint) (*provision.Inventory, error) {
	inv, err := acct.Read(ctx, b.Scope())
	if err != nil {
		return nil, err
	}
	return acct.Deepen(ctx, inv)
}

// Steps is the checklist:
//
//  1. check the place for the secret, before anything is written
//  2. the changes of the plan but the key, side by side where they may be
//  3. wait until every reader sees the grants, and look which keys there are
//  4. make the key and hand its secret over
//  5. read back and compare with the blueprint
//  6. what the install ends with: registration, and publishing
//
// Gone on with after an end in the middle, what the journal says is done is
// not done again.
func (i *Install) Steps() []checklist.Step {
	var steps []checklist.Step
	add := func(s checklist.Step) { steps = append(steps, s) }
	var first []string
	if i.preview.MakesKey() {
		add(i.checkPlace())
		first = []string{"check-handover"}
	}
	var before []string
	for _, c := range i.preview.Plan.Changes {
		if c.MakesKey() {
			continue
		}
		add(i.carryOut(c, first))
		before = append(before, c.ID)
	}
	if links := i.links(); len(links) > 0 || i.preview.MakesKey() {
		add(i.settle(links, before))
		before = append(before, "settle")
	}
	for _, c := range i.preview.Plan.Changes {
		if c.MakesKey() {
			add(i.makeKey(c, append(slices.Clone(first), before...)))
			before = append(before, c.ID)
		}
	}
	add(i.readBack(before))
	if i.ending == nil {
		return steps
	}
	return append(steps, i.ending("read-back")...)
}

func (i *Install) checkPlace() checklist.Step {
	return checklist.Step{
		ID: "check-handover", Title: "Check the place for the secret",
		Why:   "No safe place: no key is made. Nothing has been written yet.",
		Will:  []string{"try out whether " + i.placeName() + " could take a secret, and leave nothing there"},
		Check: i.keyIsDone,
		Do: func(ctx context.Context, t *checklist.Task) error {
			t.Tell("%s", i.place)
			return i.place.Check(ctx)
		},
	}
}

func (i *Install) placeName() string {
	if i.place == nil {
		return "the handover"
	}
	return i.place.String()
}

// doneBefore is the finding of what an earlier process has done.
func doneBefore() checklist.Finding { return checklist.Finding{Done: true, Why: "done before"} }

func (i *Install) carryOut(c provision.Change, first []string) checklist.Step {
	return checklist.Step{
		ID: c.ID, Title: c.Title, Why: c.Why, Needs: append(slices.Clone(first), c.Needs...), Will: inWords(c.Calls),
		Check: func(context.Context, *checklist.Task) (checklist.Finding, error) {
			if !i.ledger.completed(c) {
				return checklist.Finding{}, nil
			}
			i.done(c.ID)
			return doneBefore(), nil
		},
		Do: func(ctx context.Context, t *checklist.Task) error {
			sent := 0
			for n, call := range c.Calls {
				if i.ledger.made(c.ID, n) {
					continue
				}
				if err := i.once(ctx, t, deed{Change: c.ID, N: n, Call: &call}); err != nil {
					if sent > 0 {
						return fmt.Errorf("after %d of %d calls: %w", n, len(c.Calls), err)
					}
					return err
				}
				sent++
			}
			i.done(c.ID)
			return nil
		},
	}
}

// once sends a call that an earlier process may have sent without learning
// what came of it, and IAM may not have shown yet. Then "it exists already" is
// good news, if what exists is what the call would have made.
func (i *Install) once(ctx context.Context, t *checklist.Task, d deed) error {
	err := i.send(ctx, t, d)
	var e *account.Error
	if err == nil || !i.ledger.tried(d.Change, d.N) || !errors.As(err, &e) || e.Code != "EntityAlreadyExists" {
		return err
	}
	for attempt := 0; ; attempt++ {
		inv, readErr := i.acct.Read(ctx, i.preview.Plan.Blueprint.Scope())
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		v, judgeErr := done{deed: d}.judge(inv, i.ledger)
		if judgeErr == nil && v.state == checklist.EffectDone {
			return i.journal.Adopt(d.Change, d, v.yield)
		}
		if t.Stopping() || attempt >= adoptions || pause(ctx, attempt) != nil {
			return err
		}
	}
}

// adoptions is how often something that exists already is looked at.
const adoptions = 6

func inWords(calls []provision.Call) []string {
	var out []string
	for _, c := range calls {
		out = append(out, c.String())
	}
	return out
}

func (i *Install) links() []provision.Call {
	var out []provision.Call
	for _, c := range i.preview.Plan.Changes {
		if c.Links() {
			out = append(out, c.Calls...)
		}
	}
	return out
}

func (i *Install) settle(links []provision.Call, needs []string) checklist.Step {
	return checklist.Step{
		ID: "settle", Title: "Wait until every reader sees the grants", Needs: slices.Clone(needs),
		Why:  "IAM needs a moment until a change is visible everywhere.",
		Will: []string{fmt.Sprintf("read until %d rounds in a row agree", agreement)},
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			g, both := errgroup.WithContext(waiting)
			g.Go(func() error {
				return i.acct.Settle(both, links, agreement, func(agreed int) {
					t.Tell("visible to %d of %d rounds of reads", agreed, agreement)
				})
			})
			if i.preview.MakesKey() {
				g.Go(func() error { return i.lookAtKeys(both) })
			}
			return stoppedOr(waiting, g.Wait())
		},
	}
}

// stoppedOr gives the reason for which waiting ended, if it was that.
func stoppedOr(waiting context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(waiting), checklist.ErrStopped) {
		return checklist.ErrStopped
	}
	return err
}

func (i *Install) readBack(needs []string) checklist.Step {
	return checklist.Step{
		ID: "read-back", Title: "Read back and compare", Needs: slices.Clone(needs),
		Why:  "What is there now must be what was shown.",
		Will: []string{"read everything again, as slipway did for the preview"},
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, i.compare(waiting, t))
		},
	}
}

// readBacks bounds how often the read-back is tried while IAM catches up.
const readBacks = 20

func (i *Install) compare(ctx context.Context, t *checklist.Task) error {
	b := i.preview.Plan.Blueprint
	var left provision.Plan
	for attempt := range readBacks {
		inv, err := i.acct.Read(ctx, b.Scope())
		if err != nil {
			return err
		}
		left = provision.NewPlan(b, inv)
		if left.Empty() {
			if err := i.onlyOurKeys(inv); err != nil {
				return err
			}
			i.mu.Lock()
			i.result.Inventory = inv
			i.mu.Unlock()
			return nil
		}
		t.Tell("%d differences, reading again", len(left.Changes))
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is not as it should be: somebody else is changing it, or IAM is slow; run again to see", left.Changes[0].Entity)
}

func (i *Install) done(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !slices.Contains(i.result.Done, id) {
		i.result.Done = append(i.result.Done, id)
	}
}
