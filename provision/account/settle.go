package account

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// Settle waits until readers agree that the given calls have taken effect: as
// many rounds in a row as agree says, each asking for all of them. A single
// dissenting answer starts the count anew. After each round it tells how many
// have agreed.
//
// Only calls that link one entity to another, or take a link away, are asked
// about, since a link is visible only when both ends are; others count as
// visible.
func (a *Account) Settle(ctx context.Context, calls []provision.Call, agree int, tell func(agreed int)) error {
	waiting, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	for agreed, dissents := 0, 0; agreed < agree; {
		missing, err := a.unseen(waiting, calls)
		switch {
		case err != nil && waiting.Err() == nil:
			return err
		case waiting.Err() != nil:
			return a.notSettled(ctx, missing)
		case missing == nil:
			agreed++
			tell(agreed)
			continue
		}
		agreed = 0
		tell(agreed)
		if pause(waiting, dissents) != nil {
			return a.notSettled(ctx, missing)
		}
		dissents++
	}
	return nil
}

func (a *Account) notSettled(ctx context.Context, missing *provision.Call) error {
	if ctx.Err() != nil {
		return a.fail("wait until the grants are visible", "", "", context.Cause(ctx))
	}
	what := "the change"
	if missing != nil {
		what = opOf(*missing)
	}
	return &Error{
		Op:  "wait until the grants are visible",
		Why: fmt.Sprintf("after %s not every reader sees %s", a.patience, what),
		Way: "run again to go on; what is done stays done, and no key was made",
	}
}

// unseen asks for all calls at once and gives the first whose effect is not
// seen, in their order, or nil.
func (a *Account) unseen(ctx context.Context, calls []provision.Call) (*provision.Call, error) {
	seen := make([]bool, len(calls))
	g, gctx := errgroup.WithContext(ctx)
	for i, c := range calls {
		g.Go(func() (err error) {
			seen[i], err = a.visible(gctx, c)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if i := slices.Index(seen, false); i >= 0 {
		return &calls[i], nil
	}
	return nil, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
