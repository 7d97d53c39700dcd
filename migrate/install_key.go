package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// The order that cannot lose the secret: the place is checked, the grants are
// in place and visible, the key is made, its secret handed over and read back,
// and only then it is recorded as done. A key whose secret was lost on that
// way is known by its ID. It is deleted before another is made, so that there
// is never a second one, and a key that this run did not make is never
// deleted.

// keyIsDone finds whether the key was made and its secret handed over by an
// earlier process.
func (i *Install) keyIsDone(context.Context, *checklist.Task) (checklist.Finding, error) {
	kept, ok := i.ledger.handedOver()
	if !ok {
		return checklist.Finding{}, nil
	}
	i.mu.Lock()
	i.result.KeyID, i.result.Handover = kept.KeyID, kept.Place
	i.mu.Unlock()
	return doneBefore(), nil
}

// lookAtKeys notes which keys there are before one is made, and refuses those
// that nobody told of.
func (i *Install) lookAtKeys(ctx context.Context) error {
	if _, ok := i.ledger.handedOver(); ok {
		return nil
	}
	inv, err := i.acct.Read(ctx, provision.Scope{User: i.preview.Plan.Blueprint.User.Name})
	if err != nil {
		return err
	}
	known := append(keyIDs(i.preview.Inventory), i.ledger.keys()...)
	var strange []string
	for _, id := range keyIDs(inv) {
		if !slices.Contains(known, id) {
			strange = append(strange, id)
		}
	}
	if len(strange) > 0 {
		return &DoubtfulKeyError{
			User: i.preview.Plan.Blueprint.User.Name, Keys: strange,
			Why: "they appeared since the preview, so no key was made",
		}
	}
	i.mu.Lock()
	i.keysBefore = keyIDs(inv)
	i.mu.Unlock()
	return nil
}

func (i *Install) makeKey(c provision.Change, needs []string) checklist.Step {
	will := inWords(c.Calls)
	for _, id := range i.ledger.lost() {
		will = append([]string{"DeleteAccessKey AccessKeyId=" + id + ", which this run made and whose secret nobody has"}, will...)
	}
	return checklist.Step{
		ID: c.ID, Title: c.Title, Why: c.Why, Needs: needs,
		Will: append(will, "hand the secret over to "+i.placeName()+" and read it back"),
		Check: func(ctx context.Context, t *checklist.Task) (checklist.Finding, error) {
			f, err := i.keyIsDone(ctx, t)
			if f.Done {
				i.done(c.ID)
			}
			return f, err
		},
		Do: func(ctx context.Context, t *checklist.Task) error { return i.replaceKey(ctx, t, c) },
	}
}

// replaceKey makes the key, after deleting those of this run that were lost.
//
//  1. check the place once more
//  2. delete what was lost
//  3. make the key
//  4. hand its secret over, whatever happened to the journal
func (i *Install) replaceKey(ctx context.Context, t *checklist.Task, c provision.Change) error {
	if t.Stopping() {
		return checklist.ErrStopped
	}
	if err := i.place.Check(ctx); err != nil {
		return err
	}
	for n, id := range i.ledger.lost() {
		if err := i.deleteKey(ctx, t, deed{Change: c.ID, N: 1 + n, Call: deleteKeyCall(c, id)}); err != nil {
			return err
		}
	}
	var key *provision.Credentials
	t.Tell("CreateAccessKey")
	recorded := t.Effect(ctx, deed{Change: c.ID, Call: &c.Calls[0], Keys: i.before()}, func(ctx context.Context) (any, error) {
		res, err := i.acct.Do(ctx, c.Calls[0])
		if err != nil {
			return nil, judged(err)
		}
		key = res.Key
		return yield{KeyID: key.KeyID}, nil
	})
	if key == nil {
		return recorded
	}
	t.Tell("handing %s over to %s", key.KeyID, i.place)
	tried, kept := false, error(nil)
	handOver := func(ctx context.Context) (any, error) {
		tried, kept = true, put(ctx, t.Finish, i.place, *key)
		return nil, kept
	}
	if recorded == nil {
		recorded = t.Finish(ctx, deed{Change: c.ID, KeyID: key.KeyID, Place: i.place.String()}, handOver)
	}
	if !tried {
		// A journal that is broken by now takes no intent. The secret is more
		// important, and the place can be asked for it later.
		_, kept = handOver(ctx)
	}
	if kept == nil {
		i.tookOver(*key, c.ID)
		return recorded
	}
	return errors.Join(recorded, fmt.Errorf("hand over the secret of key %s: %w; the key exists but nobody knows its secret: resume, which deletes it and makes another, or delete it by hand (aws iam delete-access-key --user-name %s --access-key-id %s)",
		key.KeyID, kept, key.User, key.KeyID))
}

// tookOver notes that the secret is where it belongs.
func (i *Install) tookOver(key provision.Credentials, change string) {
	i.mu.Lock()
	i.result.KeyID, i.result.Handover = key.KeyID, i.place.String()
	i.mu.Unlock()
	i.done(change)
}

func deleteKeyCall(c provision.Change, id string) *provision.Call {
	call := c.Undo[0]
	call.Params = append(slices.Clone(call.Params), provision.Param{Name: "AccessKeyId", Value: id})
	return &call
}

// deleteKey deletes a key of this run. One that is gone already is deleted.
func (i *Install) deleteKey(ctx context.Context, t *checklist.Task, d deed) error {
	id := d.Call.Param("AccessKeyId")
	t.Tell("deleting %s, which this run made and whose secret nobody has", id)
	if err := t.Effect(ctx, d, func(ctx context.Context) (any, error) {
		_, err := i.acct.Do(ctx, *d.Call)
		if isAbsent(err) {
			err = nil
		}
		return nil, judged(err)
	}); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.result.Replaced = append(i.result.Replaced, id)
	i.keysBefore = slices.DeleteFunc(slices.Clone(i.keysBefore), func(k string) bool { return k == id })
	return nil
}

func (i *Install) before() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.keysBefore)
}

// onlyOurKeys fails when there is a key that neither was there before nor is
// the one that was handed over.
func (i *Install) onlyOurKeys(inv *provision.Inventory) error {
	if !i.preview.MakesKey() {
		return nil
	}
	ours := i.Result().KeyID
	var strange []string
	for _, id := range keyIDs(inv) {
		if id != ours && !slices.Contains(keyIDs(i.preview.Inventory), id) && !slices.Contains(i.Result().Replaced, id) {
			strange = append(strange, id)
		}
	}
	if len(strange) == 0 {
		return nil
	}
	return &DoubtfulKeyError{User: inv.User.Name, Keys: strange, Why: "they appeared while this run made " + ours}
}
