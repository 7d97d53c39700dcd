package migrate

import (
	"context"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// What an upgrade moves and forgets in states, where moved blocks cannot.

// stateRM is the ID of the step that takes attachments out of the state.
const stateRM = "state-rm"

// moveState makes the moves that moved blocks cannot make.
func (u *RootUpgrade) moveState() checklist.Step {
	return checklist.Step{
		ID: "state-mv", Title: "Move the build user in the state", Why: "Both states are backed up first, and pushed only if nobody has changed them.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			return u.carryMoves(ctx, t, u.preview.Rewrite.StateMoves)
		},
		Undo: &checklist.Undo{
			Title: "Move the build user back in the state",
			Do: func(ctx context.Context, t *checklist.Task) error {
				var back []rewrite.Move
				for _, m := range u.preview.Rewrite.StateMoves {
					back = append(back, rewrite.Move{FromRoot: m.ToRoot, From: m.To, ToRoot: m.FromRoot, To: m.From})
				}
				return u.carryMoves(ctx, t, back)
			},
		},
	}
}

// moveIntent is what the journal keeps of moves in a state.
type moveIntent struct {
	Moves []rewrite.Move `json:"state_moves"`
}

func (u *RootUpgrade) carryMoves(ctx context.Context, t *checklist.Task, moves []rewrite.Move) error {
	byRoots := map[[2]string][]tofu.Move{}
	var order [][2]string
	for _, m := range moves {
		k := [2]string{m.FromRoot, m.ToRoot}
		if byRoots[k] == nil {
			order = append(order, k)
		}
		byRoots[k] = append(byRoots[k], tofu.Move{From: m.From, To: m.To})
	}
	return t.Effect(ctx, moveIntent{moves}, func(ctx context.Context) (any, error) {
		for _, k := range order {
			if err := u.moveBetween(ctx, k[0], k[1], byRoots[k]); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func (u *RootUpgrade) moveBetween(ctx context.Context, from, to string, moves []tofu.Move) error {
	a, err := u.root(from)
	if err != nil {
		return err
	}
	backup, err := u.backupPath(from)
	if err != nil {
		return err
	}
	if from == to {
		_, err = a.MoveState(ctx, moves, backup)
		return err
	}
	b, err := u.root(to)
	if err != nil {
		return err
	}
	_, err = tofu.MoveAcross(ctx, a, b, moves, backup, strings.TrimSuffix(backup, ".tfstate")+"-receiver.tfstate")
	return err
}

// forgotten are the attachments of contract 1.12 to the user itself. The plan
// would detach them, perhaps before the group has the grant.
func (u *RootUpgrade) forgotten() []string {
	var out []string
	for _, id := range u.preview.Layout.Identities {
		for _, h := range id.Holdings {
			if h.UserAttachment != "" {
				out = append(out, h.UserAttachment)
			}
		}
	}
	return out
}

func (u *RootUpgrade) forget(addresses []string) checklist.Step {
	return checklist.Step{
		ID: stateRM, Title: "Take the user's own attachment out of the state",
		Why:  "The apply would detach it before the group has the grant. It stays in the account until the group's grant is proven.",
		Will: addresses,
		Do: func(ctx context.Context, t *checklist.Task) error {
			r, err := u.root(u.preview.Request.Dir)
			if err != nil {
				return err
			}
			backup, err := u.backupPath(u.preview.Request.Dir)
			if err != nil {
				return err
			}
			return t.Effect(ctx, map[string][]string{"state_rm": addresses}, func(ctx context.Context) (any, error) {
				_, err := r.Forget(ctx, addresses, backup)
				return nil, err
			})
		},
	}
}
