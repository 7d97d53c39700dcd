package migrate_test

import (
	"context"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// contrary is an account whose simulation denies everything, as under a policy
// of the organisation.
type contrary struct{ migrate.Evidence }

func (contrary) Simulate(_ context.Context, _ string, list []provision.Expectation) (account.Simulated, error) {
	var out account.Simulated
	for range list {
		out.Verdicts = append(out.Verdicts, "denied")
	}
	return out, nil
}
