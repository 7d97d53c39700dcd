package ask

import (
	"errors"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
)

// Outcome is what asking came to.
type Outcome struct {
	// Request holds the answers.
	Request migrate.InstallRequest
	// Preview is the last one that was shown; nil when it did not come to
	// one.
	Preview *migrate.InstallPreview
	// Result is what has been done, over all attempts.
	Result migrate.InstallResult
	// Applied reports that the person had the plan carried out. Whether that
	// succeeded is in Err.
	Applied bool
	// Err is nil, [checklist.ErrStopped], or why a step failed.
	Err error
}

// ErrCancelled says that the person left before anything was written.
var ErrCancelled = errors.New("left before anything was written")

// Joined is the result of two attempts, one after the other.
func Joined(first, then migrate.InstallResult) migrate.InstallResult {
	then.Done = append(append([]string(nil), first.Done...), then.Done...)
	if then.KeyID == "" {
		then.KeyID, then.Handover = first.KeyID, first.Handover
	}
	return then
}

// Safe says, of a run that ended early, how things stand, the key above all.
// The result is over all attempts, the error the last attempt's.
func Safe(p *migrate.InstallPreview, r migrate.InstallResult, err error) string {
	switch {
	case r.KeyID != "":
		return "The access key " + r.KeyID + " was made and its secret handed over to " + r.Handover + "."
	case len(r.Done) == 0 && noKey(p, err):
		return "No change was completed, and no access key was made."
	case p.MakesKey() && noKey(p, err):
		return "No access key was made, so nobody can use what is there already."
	case p.MakesKey():
		return "It is not known whether the key was made, and nobody has its secret. If the preview shows a key, delete it and look again."
	}
	return "What is done stays done, and nothing that CI could do before was taken away."
}

// noKey reports whether it is certain that no key was made: its step did not
// fail, or before the call was sent, or because AWS refused.
func noKey(p *migrate.InstallPreview, err error) bool {
	for _, failed := range stepErrors(err) {
		for _, c := range p.Plan.Changes {
			if !c.MakesKey() || c.ID != failed.Step.ID {
				continue
			}
			var refused *account.Error
			return errors.Is(failed.Err, checklist.ErrStopped) || errors.As(failed.Err, &refused) && refused.Code != ""
		}
	}
	return true
}

// stepErrors are the failures of steps that an error holds.
func stepErrors(err error) []*checklist.StepError {
	var out []*checklist.StepError
	switch e := err.(type) { //nolint:errorlint // The tree is walked by hand, so that none is left out.
	case nil:
	case *checklist.StepError:
		out = append(out, e)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			out = append(out, stepErrors(inner)...)
		}
	case interface{ Unwrap() error }:
		out = stepErrors(e.Unwrap())
	}
	return out
}
