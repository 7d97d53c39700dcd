package migrate

import (
	"context"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

// dropSpare deletes keys that an apply has made which was cut off before the
// tool could write the state: AWS tells a secret once, so nobody has it. It is
// there only where this run has made the build user, so that no key of it can
// be one that was in use before. A key that has been used all the same is left.
func (u *RootInstall) dropSpare() checklist.Step {
	return checklist.Step{
		ID: "spare-key", Title: "Look for a key that nobody has the secret of", Why: "An apply that was cut off may have made one and not written it down.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			state, err := u.root.PullState(ctx)
			if err != nil {
				return err
			}
			inv, err := u.acct.Read(ctx, u.preview.Account.Plan.Blueprint.Scope())
			if err == nil {
				inv, err = u.acct.Deepen(ctx, inv)
			}
			if err != nil || inv.User == nil {
				return err
			}
			var calls []provision.Call
			for _, k := range inv.User.Keys {
				switch {
				case slices.ContainsFunc(state.Resources, func(r tofu.Resource) bool { return u.preview.isKey(r) && r.Values.Text("id") == k.ID }):
				case k.LastUsed != nil:
					t.Tell("key %s is in no state and has been used, so it stays", k.ID)
				default:
					calls = append(calls, provision.DeleteKey(inv.Place, inv.User.Name, k.ID))
				}
			}
			return makeCalls(ctx, t, u.acct, "spare-key", calls)
		},
	}
}
