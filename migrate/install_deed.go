package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
)

// What a run of install leaves in the journal: for each thing that it sets out
// to change a deed, and a yield for what only the doing brings to light.
// Neither holds a secret.

// installJob and undoJob name the jobs in the journal.
const (
	installJob = "install"
	undoJob    = "undo"
)

// deed is one thing that is going to be done.
type deed struct {
	// Change is the ID of the change that it belongs to, and N the number of
	// its call within that change.
	Change string `json:"change"`
	N      int    `json:"n"`
	// Call is what is sent to AWS; nil for everything else.
	Call *provision.Call `json:"call,omitempty"`
	// Keys are the IDs of the keys that were there before a key was made.
	Keys []string `json:"keys,omitempty"`
	// KeyID is the key whose secret is handed over, and Place where to, in
	// words.
	KeyID string `json:"key_id,omitempty"`
	Place string `json:"place,omitempty"`
	// Registration is what nullplatform is told; nil for everything else.
	Registration *registration `json:"registration,omitempty"`
}

func (d deed) handsOver() bool { return d.Call == nil && d.KeyID != "" }

// makesKey reports whether it brings a key into the world.
func (d deed) makesKey() bool { return d.Call != nil && d.Call.Action == createKeyAction }

const (
	createKeyAction = "iam:CreateAccessKey"
	deleteKeyAction = "iam:DeleteAccessKey"
)

// yield is what came of a deed.
type yield struct {
	KeyID   string `json:"key_id,omitempty"`
	Version string `json:"version,omitempty"`
	// Configuration is the ID of the provider configuration that was written.
	Configuration string `json:"configuration,omitempty"`
}

// planned is what was shown and agreed to, with the account as it was.
type planned struct {
	Identity  account.Identity     `json:"identity"`
	Plan      provision.Plan       `json:"plan"`
	Inventory *provision.Inventory `json:"inventory"`
	// Others are the further clusters of the same root, which change with it.
	Others []plannedCluster `json:"others,omitempty"`
	// Registrations are the steps at nullplatform.
	Registrations []plannedRegistration `json:"registrations,omitempty"`
}

// plannedCluster is a further cluster, as it was shown and as it was.
type plannedCluster struct {
	Cluster   string               `json:"cluster"`
	Blueprint provision.Blueprint  `json:"blueprint"`
	Inventory *provision.Inventory `json:"inventory"`
}

// plannedRegistration is a step at nullplatform, as it was shown.
type plannedRegistration struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Updates is the configuration that was agreed to be updated, and
	// Differences in what; empty where nothing is.
	Updates     string                `json:"updates,omitempty"`
	Differences []platform.Difference `json:"differences,omitempty"`
}

// done is a deed with what is known of it.
type done struct {
	deed
	got yield
	checklist.Effect
}

// deeds reads the effects of a run.
func deeds(p *checklist.Past) ([]done, error) {
	var out []done
	for _, e := range p.Effects {
		d := done{Effect: e}
		err := json.Unmarshal(e.Intent, &d.deed)
		if err == nil && len(e.Result) > 0 {
			err = json.Unmarshal(e.Result, &d.got)
		}
		if err != nil {
			return nil, fmt.Errorf("read record %d of the journal: %w; this is a defect, and nothing was changed", e.Seq, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// ledger is what one run has done, by the journal.
type ledger struct {
	// plan is the number of plans; what was done under earlier ones counts
	// for undoing alone.
	plan int
	all  []done
}

func ledgerOf(p *checklist.Past) (ledger, error) {
	if p == nil {
		return ledger{}, nil
	}
	all, err := deeds(p)
	return ledger{plan: len(p.Plans), all: all}, err
}

// made reports whether a call of the plan has been carried out.
func (l ledger) made(change string, n int) bool {
	return slices.ContainsFunc(l.all, func(d done) bool {
		return d.Plan == l.plan && d.State == checklist.EffectDone && d.Call != nil && d.Change == change && d.N == n
	})
}

// tried reports whether a call was begun before without an answer that is
// known, so that its effect may be met when it is sent again.
func (l ledger) tried(change string, n int) bool {
	return slices.ContainsFunc(l.all, func(d done) bool {
		return d.Plan == l.plan && d.Call != nil && d.Change == change && d.N == n && d.State != checklist.EffectDone && !d.refused()
	})
}

// refused reports whether the account said itself that nothing was done, as
// opposed to nothing having been seen of it later.
func (d done) refused() bool { return d.State == checklist.EffectNotDone && d.Error != "" }

// completed reports whether all calls of a change have been carried out, and
// for a key, whether its secret has been handed over.
func (l ledger) completed(c provision.Change) bool {
	if c.MakesKey() {
		_, ok := l.handedOver()
		return ok
	}
	for n := range c.Calls {
		if !l.made(c.ID, n) {
			return false
		}
	}
	return true
}

// keys are the keys that the run has made and not deleted again, in order.
func (l ledger) keys() []string {
	var out []string
	for _, d := range l.all {
		switch {
		case d.State != checklist.EffectDone || d.Call == nil:
		case d.makesKey():
			out = append(out, d.got.KeyID)
		case d.Call.Action == deleteKeyAction:
			out = slices.DeleteFunc(out, func(id string) bool { return id == d.Call.Param("AccessKeyId") })
		}
	}
	return out
}

// handedOver gives the key whose secret the place has.
func (l ledger) handedOver() (done, bool) {
	keys := l.keys()
	for _, d := range l.all {
		if d.handsOver() && d.State == checklist.EffectDone && slices.Contains(keys, d.KeyID) {
			return d, true
		}
	}
	return done{}, false
}

// lost are the keys of the run whose secret nobody has.
func (l ledger) lost() []string {
	kept, ok := l.handedOver()
	return slices.DeleteFunc(l.keys(), func(id string) bool { return ok && id == kept.KeyID })
}

// refusedError marks an error with which the account says that it has done
// nothing.
type refusedError struct{ error }

// Refused reports that nothing was done.
func (refusedError) Refused() bool { return true }

// Unwrap gives the account's error.
func (e refusedError) Unwrap() error { return e.error }

// doubtfulCodes are answers that leave open what an earlier try of the same
// call has done: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
var doubtfulCodes = []string{
	"InternalFailure", "InternalError", "InternalServerError", "ServiceFailure", "ServiceFailureException",
	"ServiceUnavailable", "RequestTimeout", "RequestTimeoutException", "UnknownError",
	"Throttling", "ThrottlingException", "Throttled", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown",
	"EntityTemporarilyUnmodifiable", "ConcurrentModification", "ConcurrentModificationException",
}

// judged marks the errors that are refusals.
func judged(err error) error {
	var e *account.Error
	if errors.As(err, &e) && e.Code != "" && !e.Lost && !slices.Contains(doubtfulCodes, e.Code) {
		return refusedError{err}
	}
	return err
}

// send carries out one call of a change, by way of the journal.
func (i *Install) send(ctx context.Context, t *checklist.Task, d deed) error {
	t.Tell("%s", d.Call.Operation())
	return t.Effect(ctx, d, func(ctx context.Context) (any, error) {
		res, err := i.acct.Do(ctx, *d.Call)
		if err != nil {
			return nil, judged(err)
		}
		return yield{Version: res.Version}, nil
	})
}
