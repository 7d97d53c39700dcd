package command

import (
	"context"
	"errors"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
)

// Exit codes. They are part of what scripts rely on and do not change.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitCheck       = 3   // a check says no: the plan is not empty
	exitGuard       = 4   // a guard refused
	exitInterrupted = 130 // stopped; the same command goes on
)

// exitCode maps errors to exit codes, here and nowhere else.
func exitCode(err error) int {
	var (
		told         *toldError
		usage        *usageError
		problem      *provision.Problem
		blocked      *provision.BlockedError
		changed      *migrate.ChangedError
		consent      *migrate.ConsentError
		unregistered *migrate.RegistrationError
		rotated      *provision.IdentityError
		layouts      *layout.Problem
		edited       *migrate.ChangedFileError
		refused      *guard.RefusedError
		open         *migrate.OpenRunError
		doubt        *migrate.DoubtfulKeyError
		locked       *checklist.LockedError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &told):
		return told.code
	case errors.As(err, &consent), errors.As(err, &blocked), errors.As(err, &changed), errors.As(err, &rotated),
		errors.As(err, &layouts), errors.As(err, &edited), errors.As(err, &refused), errors.As(err, &unregistered),
		errors.As(err, &open), errors.As(err, &doubt), errors.As(err, &locked):
		return exitGuard
	case errors.As(err, &usage), errors.As(err, &problem), isCobraUsage(err):
		return exitUsage
	case errors.Is(err, checklist.ErrStopped), errors.Is(err, ask.ErrCancelled), errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// isCobraUsage recognises the errors for which cobra has no type.
func isCobraUsage(err error) bool {
	return strings.HasPrefix(err.Error(), "unknown command") || strings.HasPrefix(err.Error(), "accepts ")
}
