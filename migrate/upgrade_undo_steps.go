package migrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

// Steps is the checklist:
//
//  1. guard: the build user is who it was before the upgrade
//  2. back the state up, write the moved blocks, put the files back
//  3. fetch modules, validate, plan, and have the guard judge it
//  4. build the bridge, and wait until every reader sees it
//  5. apply, and take the moved blocks out again
//  6. wait until every reader sees the group's grants, take the bridge away
//  7. proofs: user, key and secret are the same, access is that of before, and
//     a fresh plan has nothing to do
//
// The moved blocks come before the files and go after the apply: there is no
// moment at which the old configuration stands there without them while the
// state has the new addresses.
func (u *RootUndo) Steps() []checklist.Step {
	var c chain
	c.add(checklist.Step{
		ID: "guard", Title: "Look at the build user", Why: "It must be who it was before the upgrade.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, errors.Join(sameUsers(waiting, u.acct, u.clusters), sweep(u.preview.private)))
		},
	})
	c.add(u.backUp(u.dir))
	if len(u.Moves) > 0 {
		c.add(u.writeBack())
	}
	if len(u.Files) > 0 {
		step := putBackStep(u.Files)
		step.Why = "It is applied next, with the moved blocks beside it."
		c.add(step)
	}
	c.add(u.prepare(u.dir))
	c.add(u.planBack())
	buildBridge(&c, u.acct, u.preview, u.done)
	c.add(u.apply(u.dir))
	c.add(u.removeBack())
	c.add(u.verify(u.dir))
	u.bridgeDown(&c)
	c.add(u.proveBack())
	return c
}

// bridgeDown adds the steps that take the bridges away, and what an earlier try has
// left of one.
func (u *RootUndo) bridgeDown(c *chain) {
	var links []provision.Call
	var down []checklist.Step
	for i, r := range u.clusters {
		links = append(links, provision.LinkCalls(r.former())...)
		down = append(down, changeSteps(u.acct, slices.Concat(u.preview.Bridges[i].Down, u.leftover[i]), r.who(), u.done)...)
	}
	settledDown(c, u.acct, links, down)
}

// writeBack writes the moved blocks.
func (u *RootUndo) writeBack() checklist.Step {
	return checklist.Step{
		ID: "moved-back", Title: "Write moved blocks that lead back", Why: "Without them the old configuration would destroy the build user.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			text := u.backText()
			t.Tell("%s", u.backFile())
			return t.Effect(ctx, fileIntent{Write: u.backFile(), Sum: sumOf(text)}, func(context.Context) (any, error) {
				return nil, replace(u.backFile(), text)
			})
		},
	}
}

// removeBack removes them when they are applied.
func (u *RootUndo) removeBack() checklist.Step {
	return checklist.Step{
		ID: "moved-gone", Title: "Take the moved blocks out again", Why: "They are applied, and would be in the way of another upgrade.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			if _, err := os.Stat(u.backFile()); errors.Is(err, os.ErrNotExist) {
				return nil
			}
			return t.Effect(ctx, fileIntent{Write: u.backFile()}, func(context.Context) (any, error) { return nil, os.Remove(u.backFile()) })
		},
	}
}

// planBack plans, and has the guard judge it.
func (u *RootUndo) planBack() checklist.Step {
	return checklist.Step{
		ID: at("plan", u.dir), Title: "Plan, and have the guard judge it", Why: "The plan that is applied is the very one that is judged.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			r, err := u.root(u.dir)
			if err != nil {
				return err
			}
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			u.preview.begun = u.begun
			saved, imports, err := u.planned(waiting, t, r, u.dir)
			if err != nil {
				return stoppedOr(waiting, err)
			}
			want := guard.Expectation{Job: guard.TakeBack, Imports: imports, Allowed: u.Allowed, AllowUnrelated: u.AllowUnrelated}
			if len(u.clusters) == 1 {
				want.Cluster = u.Target.Begin.Cluster
			}
			for _, m := range u.Moves {
				want.Moves = append(want.Moves, tofu.Move{From: m.From, To: m.To})
			}
			if err := guard.Judge(saved.Plan, want).Err(); err != nil {
				return errors.Join(fmt.Errorf("%w; apply what else has changed on its own before, or consent with --allow ADDRESS or --allow-unrelated; the old files are in place, and slipway undo goes on", err), saved.Discard())
			}
			u.saved[u.dir] = saved
			return nil
		},
	}
}

// proveBack shows that the account is as it was before the upgrade.
func (u *RootUndo) proveBack() checklist.Step {
	return checklist.Step{
		ID: "prove", Title: "Show that all is as it was before the upgrade", Why: "The build user and its keys are the same, and what it may do is what it could do.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			var proofs []Proof
			for _, r := range u.clusters {
				inv, err := readStanding(waiting, u.acct, r.request)
				if err != nil {
					return stoppedOr(waiting, err)
				}
				proofs = append(proofs, u.preview.ofCluster(r.request.Cluster, r.proofs(inv))...)
			}
			u.mu.Lock()
			u.result.Proofs = append(u.result.Proofs, proofs...)
			u.mu.Unlock()
			return unproven(proofs)
		},
	}
}
