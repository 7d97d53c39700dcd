package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// An apply that was cut off before the tool could write the state may have made
// a key. AWS tells a secret once, so nobody has it, unless the apply had given
// it to nullplatform by then.

const spareWhy = "An apply that was cut off may have made one and not written it down."

// dropSpare deletes such keys before the next apply. It does so only where this
// run has made the build user, so that no key of it can be one that was in use
// before. A key that has been used all the same is left, and so is the one that
// CI may get from nullplatform until the apply has registered another.
//
// Where the build user was there before, a key that has come since may be
// somebody's: if it takes the place of the one to be made, that is for a person
// to say.
func (u *RootInstall) dropSpare() checklist.Step {
	return checklist.Step{
		ID: "spare-key", Title: "Look for a key that nobody has the secret of", Why: spareWhy,
		Do: func(ctx context.Context, t *checklist.Task) error {
			inv, spare, held, err := u.spareKeys(ctx)
			switch {
			case err != nil:
				return err
			case !u.preview.ownUser && !held && len(inv.User.Keys) > 1:
				return u.strangeKey(inv.User, spare)
			case !u.preview.ownUser:
				return nil
			}
			return u.deleteKeys(ctx, t, "spare-key", inv, u.notRegistered(t, spare))
		},
	}
}

// dropReplaced deletes a key that was left because CI might get it from
// nullplatform, once it gets the one of the state.
func (u *RootInstall) dropReplaced() checklist.Step {
	return checklist.Step{
		ID: "replaced-key", Title: "Delete a key that the registration had before", Why: spareWhy,
		Do: func(ctx context.Context, t *checklist.Task) error {
			inv, spare, held, err := u.spareKeys(ctx)
			if err != nil || !held {
				return err
			}
			return u.deleteKeys(ctx, t, "replaced-key", inv, spare)
		},
	}
}

// spareKeys are the keys that were made since the run was agreed to and are in
// no state; held says that the state has one.
func (u *RootInstall) spareKeys(ctx context.Context) (inv *provision.Inventory, spare []provision.Key, held bool, err error) {
	p := u.preview
	state, err := u.root.PullState(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	if inv, err = u.acct.Read(ctx, p.Account.Plan.Blueprint.Scope()); err == nil {
		inv, err = u.acct.Deepen(ctx, inv)
	}
	if err != nil {
		return nil, nil, false, err
	}
	if inv.User == nil {
		inv = inv.Clone()
		inv.User = &provision.User{}
	}
	for _, k := range inv.User.Keys {
		mine := slices.ContainsFunc(state.Resources, func(r tofu.Resource) bool { return p.isKey(r) && r.Values.Text("id") == k.ID })
		if held = held || mine; !mine && !slices.Contains(p.keysBefore, k.ID) {
			spare = append(spare, k)
		}
	}
	return inv, spare, held, nil
}

// notRegistered takes out of the keys the one that CI may get from nullplatform.
// Where that does not tell which it has, the oldest is taken for it.
func (u *RootInstall) notRegistered(t *checklist.Task, keys []provision.Key) []provision.Key {
	value, there := u.preview.registeredKey()
	if !there || len(keys) == 0 {
		return keys
	}
	kept := slices.MinFunc(keys, func(a, b provision.Key) int { return a.Created.Compare(b.Created) }).ID
	if !value.Hidden {
		kept = value.Text
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k provision.Key) bool {
		if k.ID == kept {
			t.Tell("key %s may be what CI gets from nullplatform, so it stays until another one is registered", k.ID)
		}
		return k.ID == kept
	})
}

// registeredKey is the key that nullplatform has for ECR at the place, as far as
// it tells; false where it has none.
func (p *EmitPreview) registeredKey() (platform.Value, bool) {
	if p.reg == nil {
		return platform.Value{}, false
	}
	for _, one := range p.reg.Survey().Registrations {
		if kindOf(one.Wanted.Specification) == provision.ECR && len(one.Found) == 1 {
			return one.Found[0].Value("ci.access_key")
		}
	}
	return platform.Value{}, false
}

func (u *RootInstall) deleteKeys(ctx context.Context, t *checklist.Task, step string, inv *provision.Inventory, keys []provision.Key) error {
	var calls []provision.Call
	for _, k := range keys {
		if k.LastUsed != nil {
			t.Tell("key %s is in no state and has been used, so it stays", k.ID)
			continue
		}
		calls = append(calls, provision.DeleteKey(inv.Place, inv.User.Name, k.ID))
	}
	return makeCalls(ctx, t, u.acct, step, calls)
}

// strangeKey refuses to go on where a key that is in no state takes the place of
// the one that is to be made.
func (u *RootInstall) strangeKey(user *provision.User, spare []provision.Key) error {
	if len(spare) == 0 {
		return nil
	}
	id := spare[0].ID
	return &provision.Problem{
		Field: "access key", Rule: fmt.Sprintf("%s of %s has come since this run began and is in no state, and a user can have no third one", id, user.Name),
		Way: fmt.Sprintf("unless somebody has made it by hand, delete it with: aws iam delete-access-key --user-name %s --access-key-id %s; and run again", user.Name, id),
	}
}
