// Package migrate is the jobs: what slipway does to an account, as checklists.
//
// A job begins with a request, the same value whether the wizard, the flags or
// an answers file filled it in. A preview reads the account and plans; nothing
// is changed by it. The preview gives a checklist, and running the checklist
// carries out the changes that were shown, in the order that was shown.
package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// Account is what the jobs need of an account; [*account.Account] is one.
type Account interface {
	Identity(ctx context.Context) (account.Identity, error)
	Read(ctx context.Context, s provision.Scope) (*provision.Inventory, error)
	Deepen(ctx context.Context, inv *provision.Inventory) (*provision.Inventory, error)
	Quotas(ctx context.Context) (provision.Quotas, error)
	Versions(ctx context.Context, arn string) (int, error)
	Rights(ctx context.Context, calls []provision.Call) (account.Rights, error)
	Do(ctx context.Context, c provision.Call) (account.Result, error)
	Settle(ctx context.Context, calls []provision.Call, agree int, tell func(agreed int)) error
}

var _ Account = (*account.Account)(nil)

// ChangedError says that the account is no longer what the preview was made
// for. Nothing was changed.
type ChangedError struct {
	// Before and After are the changes planned then and now.
	Before, After []provision.Change
	// What says in words what is different.
	What []string
	// Resuming is true when a run was to go on.
	Resuming bool
}

// Error says what differs and what to do.
func (e *ChangedError) Error() string {
	what := strings.Join(e.What, "; ")
	if e.Resuming {
		return "the account is not as this run left it: " + what + "; nothing was changed now; see a new plan with slipway resume --new-plan, or take the run back with slipway undo"
	}
	if what != "" {
		what = ": " + what
	}
	return fmt.Sprintf("the account has changed since the preview (%d changes then, %d now)%s; nothing was changed; run again for a new preview",
		len(e.Before), len(e.After), what)
}
