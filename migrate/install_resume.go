package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
)

// isAbsent reports whether a call failed because what it names is not there.
func isAbsent(err error) bool {
	var e *account.Error
	return errors.As(err, &e) && e.Absent()
}

// Resuming is what a run needs to go on.
type Resuming struct {
	Journal *checklist.Journal
	// Place reads a handover.
	Place func(text string) (handover.Place, error)
	// Handover is where the secret goes instead; empty leaves it.
	Handover string
	// Register is where to register instead; nil leaves it.
	Register *Register
	// Platform opens nullplatform, and gives nil without a key for it. It is
	// asked only for a run that registered something.
	Platform func() (Registry, error)
	// Undoing is true for a run that is taken back instead.
	Undoing bool
	// LeaveRegistrations lets an undo leave what was registered.
	LeaveRegistrations bool
	// Key is the build user's, for an undo that puts a registration back; empty
	// when it is not known.
	Key provision.Credentials
	// Allow are the words given for this run.
	Allow Allow
	// Now is the clock.
	Now func() time.Time
	// Staleness is how long an answer of the account may be out of date: what
	// a run has done longer ago is visible to every reader. Zero means
	// fifteen seconds.
	Staleness time.Duration
	// Tell says what is waited for; may be nil.
	Tell func(text string)
}

const defaultStaleness = 15 * time.Second

func (r Resuming) staleness() time.Duration {
	if r.Staleness == 0 {
		return defaultStaleness
	}
	return r.Staleness
}

// ResumeInstall goes on with the open run of a journal:
//
//  1. read the account, again and again while answers may be out of date
//  2. find out of each open intent whether it was carried out
//  3. compare the account with what the run should have left of it
//  4. record the findings
//
// It fails with a [*ChangedError] when the account is not as the run left it,
// and with a [*DoubtfulKeyError] when it cannot be told whose a key is. It
// changes nothing in the account.
func ResumeInstall(ctx context.Context, acct Account, r Resuming) (*Install, error) {
	s, err := lookBack(ctx, acct, r, r.Journal.Past())
	if err != nil {
		return nil, err
	}
	if s.drift != nil {
		return nil, s.drift
	}
	i := &Install{
		preview: &InstallPreview{Request: s.request, Identity: s.plan.Identity, Inventory: s.plan.Inventory, Plan: s.plan.Plan},
		acct:    acct, journal: r.Journal, ledger: s.ledger,
	}
	i.preview.Request.Allow = r.Allow
	i.preview.Plan.Blueprint = s.blueprint
	i.recall()
	return i, i.usePlace(r, s.request.Handover)
}

// usePlace reads the place for the secret, unless it is handed over already.
func (i *Install) usePlace(r Resuming, text string) (err error) {
	if r.Handover != "" && r.Handover != text {
		if kept, ok := i.ledger.handedOver(); ok {
			return &provision.Problem{
				Field: "handover", Rule: "cannot be changed: the secret of " + kept.KeyID + " is handed over to " + kept.Place + " already",
				Way: "leave --handover out",
			}
		}
		text = r.Handover
		i.record(func() error { return r.Journal.Answer(handoverQuestion, text) })
		i.preview.Request.Handover = text
	}
	if err := i.registerElsewhere(r); err != nil {
		return err
	}
	if i.preview.MakesKey() {
		i.place, err = r.Place(text)
	}
	return err
}

// registerElsewhere keeps that the run registers at another place from now on.
func (i *Install) registerElsewhere(r Resuming) error {
	if r.Register == nil || reflect.DeepEqual(*r.Register, i.preview.Request.Register) {
		return nil
	}
	text, err := json.Marshal(*r.Register)
	if err != nil {
		return fmt.Errorf("record where to register: %w", err)
	}
	i.preview.Request.Register = *r.Register
	i.record(func() error { return r.Journal.Answer(registerQuestion, string(text)) })
	return nil
}

// record has something more written down when the person has agreed.
func (i *Install) record(more func() error) {
	first := i.opening
	i.opening = func() error {
		if first != nil {
			if err := first(); err != nil {
				return err
			}
		}
		return more()
	}
}

// recall fills in the result as far as earlier processes brought it.
func (i *Install) recall() {
	for _, c := range i.preview.Plan.Changes {
		if i.ledger.completed(c) {
			i.result.Done = append(i.result.Done, c.ID)
		}
	}
	if kept, ok := i.ledger.handedOver(); ok {
		i.result.KeyID, i.result.Handover = kept.KeyID, kept.Place
	}
}

// Left is the preview of what is still to be done, for a person to look at.
func (i *Install) Left() *InstallPreview {
	p := *i.preview
	p.Plan.Changes = slices.DeleteFunc(slices.Clone(p.Plan.Changes), func(c provision.Change) bool {
		return i.ledger.completed(c)
	})
	for n := range p.Plan.Changes {
		c := &p.Plan.Changes[n]
		for _, id := range slices.Backward(i.ledger.lost()) {
			if c.MakesKey() {
				c.Calls = append([]provision.Call{*deleteKeyCall(*c, id)}, c.Calls...)
				c.Why = "Key " + id + " was made by this run, and its secret was never handed over: it is deleted, and another made. " + c.Why
			}
		}
	}
	return &p
}

// Lost are the keys that the run made and whose secret nobody has. They are
// replaced.
func (i *Install) Lost() []string { return i.ledger.lost() }

// CatchUp waits until the account shows all that the last run has done, if that
// was so short a time ago that answers may be out of date. A preview before
// that would plan it once more.
func CatchUp(ctx context.Context, acct Account, r Resuming) error {
	past := r.Journal.Past()
	if past == nil || past.Traceless() || past.Begin.Job != installJob || r.Now().Sub(past.Last) > r.staleness() {
		return nil
	}
	_, err := lookBack(ctx, acct, r, past)
	return err
}

// sight is an open run as it was found.
type sight struct {
	past      *checklist.Past
	request   InstallRequest
	plan      planned
	blueprint provision.Blueprint
	ledger    ledger
	inventory *provision.Inventory
	// drift is how the account differs from what the run left; nil when it
	// does not.
	drift *ChangedError
}

// lookBack finds out how things stand with a run. What it finds of the run
// that began last it records.
func lookBack(ctx context.Context, acct Account, r Resuming, past *checklist.Past) (*sight, error) {
	s := &sight{past: past}
	if s.past == nil || len(s.past.Plans) == 0 || s.past.Begin.Job != installJob {
		return nil, errors.New("there is no open run to go on with")
	}
	var err error
	if s.request, err = RequestOf(s.past); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(s.past.Plans[len(s.past.Plans)-1], &s.plan); err != nil {
		return nil, fmt.Errorf("read the plan of the open run: %w", err)
	}
	id, err := acct.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if id.Place.Account != s.past.Begin.Account {
		return nil, &provision.Problem{
			Field: "account", Rule: fmt.Sprintf("is %s, and the open run is of account %s", id.Place.Account, s.past.Begin.Account),
			Way: "use credentials of that account",
		}
	}
	if s.blueprint, err = provision.NewBlueprint(s.request.Spec, s.plan.Identity.Place); err != nil {
		return nil, err
	}
	if err := s.watch(ctx, acct, r); err != nil {
		return nil, err
	}
	if err := s.record(ctx, r); err != nil {
		return nil, err
	}
	return s, s.unused(ctx, acct)
}

// watch reads until the account agrees with the paper, or its answers are no
// longer out of date.
func (s *sight) watch(ctx context.Context, acct Account, r Resuming) error {
	begun := r.Now()
	for attempt := 0; ; attempt++ {
		if err := s.look(ctx, acct); err != nil {
			return err
		}
		// The second bound is for a clock that was set back.
		settled := r.Now().Sub(s.past.Last) > r.staleness() || r.Now().Sub(begun) > r.staleness()
		if settled || s.drift == nil && !s.keyMayCome() {
			return nil
		}
		if r.Tell != nil && attempt == 0 {
			r.Tell("waiting until the account shows all that the run has done")
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// look reads the account once and judges what is open by it.
func (s *sight) look(ctx context.Context, acct Account) (err error) {
	if s.inventory, err = readAll(ctx, acct, s.blueprint); err != nil {
		return err
	}
	if s.ledger, err = ledgerOf(s.past); err != nil {
		return err
	}
	for n := range s.ledger.all {
		d := &s.ledger.all[n]
		if d.State != checklist.EffectOpen || d.Call == nil {
			continue
		}
		v, err := d.judge(s.inventory, s.ledger)
		if err != nil {
			return err
		}
		d.State, d.got = v.state, v.yield
	}
	paper, err := s.ledger.paper(s.plan.Inventory)
	if err != nil {
		return err
	}
	if s.drift = drift(s.blueprint, paper, s.inventory); s.drift != nil {
		s.drift.Resuming = true
	}
	return nil
}

// keyMayCome reports whether a key may have been made that nobody sees yet. To
// make another one then would leave a key behind.
func (s *sight) keyMayCome() bool {
	for _, e := range s.past.Open() {
		for _, d := range s.ledger.all {
			if d.Seq == e.Seq && d.makesKey() && d.State == checklist.EffectNotDone {
				return true
			}
		}
	}
	return false
}

// record writes down what was found of the open intents, and whether the
// secrets of the run's keys are where they belong.
func (s *sight) record(ctx context.Context, r Resuming) error {
	if last := r.Journal.Past(); last.Begin.Run != s.past.Begin.Run {
		return nil // A later run has seen to it.
	}
	open := s.past.Open()
	for _, d := range s.ledger.all {
		if d.Call == nil || !slices.ContainsFunc(open, func(e checklist.Effect) bool { return e.Seq == d.Seq }) {
			continue
		}
		if err := r.Journal.Found(d.Seq, d.State, d.got); err != nil {
			return err
		}
	}
	if err := s.askPlace(ctx, r); err != nil {
		return err
	}
	s.past = r.Journal.Past()
	var err error
	if s.ledger, err = ledgerOf(s.past); err != nil {
		return err
	}
	return nil
}

// askPlace asks the place for the secrets of the keys that are not known to be
// handed over. A place that cannot be asked counts as not having them.
func (s *sight) askPlace(ctx context.Context, r Resuming) error {
	if s.request.Handover == platformHandover && r.Undoing {
		return nil // nullplatform is asked by itself
	}
	for _, id := range s.ledger.lost() {
		place, err := r.Place(s.request.Handover)
		if err != nil {
			return err
		}
		has := s.ledger.registered(id)
		if keeper, ok := place.(handover.Keeper); ok && !has {
			if has, err = keeper.Keeps(ctx, s.blueprint.User.Name, id); err != nil {
				return err
			}
		}
		if err := s.settleHandover(r.Journal, id, place.String(), has); err != nil {
			return err
		}
	}
	return nil
}

// settleHandover records whether the place has the secret of a key.
func (s *sight) settleHandover(j *checklist.Journal, id, place string, has bool) error {
	state := checklist.EffectNotDone
	if has {
		state = checklist.EffectDone
	}
	for _, d := range s.ledger.all {
		if d.handsOver() && d.KeyID == id {
			return j.Found(d.Seq, state, nil)
		}
	}
	if !has {
		return nil
	}
	return j.Adopt("create-key", deed{Change: "create-key", KeyID: id, Place: place}, nil)
}

// unused fails when a key whose secret nobody should have was used. It is then
// not the one that this run made.
func (s *sight) unused(ctx context.Context, acct Account) error {
	lost := s.ledger.lost()
	if len(lost) == 0 {
		return nil
	}
	inv, err := acct.Read(ctx, provision.Scope{User: s.blueprint.User.Name, Deep: true})
	if err != nil || inv.User == nil {
		return err
	}
	for _, id := range lost {
		for _, k := range inv.User.Keys {
			if k.ID == id && k.LastUsed != nil {
				return &DoubtfulKeyError{
					User: inv.User.Name, Keys: []string{id},
					Why: "nobody should have its secret, but it was used on " + k.LastUsed.At.Format(time.DateOnly),
				}
			}
		}
	}
	return nil
}
