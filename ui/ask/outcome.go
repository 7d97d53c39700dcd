package ask

import (
	"errors"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
)

// Outcome is what asking came to.
type Outcome struct {
	// Task is what was asked for, with the answers.
	Task Task
	// Look is the last preview that was shown; empty when it did not come to
	// one.
	Look Look
	// Reports are what an audit found; nil for everything else.
	Reports []audit.Report
	// Result is what has been done, over all attempts.
	Result Result
	// Applied reports that the person had the plan carried out. Whether that
	// succeeded is in Err.
	Applied bool
	// Err is nil, [checklist.ErrStopped], or why a step failed.
	Err error
}

// Result is what was done: of an install or of an upgrade.
type Result struct {
	Install migrate.InstallResult
	Upgrade migrate.UpgradeResult
	// Registered are the IDs of what nullplatform has of an install, by
	// specification, and Proved says what came of publishing as CI would.
	Registered map[string]string
	Proved     string
}

// Result tells what has been done so far.
func (w Work) Result() Result {
	var r Result
	if w.Install != nil {
		r.Install = w.Install.Result()
	}
	if w.Registering != nil {
		r.Registered, r.Proved = w.Registering.Registered(), w.Registering.Proved()
	}
	if w.Upgrade != nil {
		r.Upgrade = w.Upgrade.Result()
	}
	return r
}

// Then is the result of two attempts, one after the other.
func (r Result) Then(next Result) Result {
	next.Install.Done = append(append([]string(nil), r.Install.Done...), next.Install.Done...)
	if next.Install.KeyID == "" {
		next.Install.KeyID, next.Install.Handover = r.Install.KeyID, r.Install.Handover
	}
	if len(next.Registered) == 0 {
		next.Registered = r.Registered
	}
	next.Upgrade.Done = append(append([]string(nil), r.Upgrade.Done...), next.Upgrade.Done...)
	return next
}

// ErrCancelled says that the person left before anything was written.
var ErrCancelled = errors.New("left before anything was written")

// Safe says, of a run that ended early, how things stand, the key above all.
// The result is over all attempts, the error the last attempt's.
func (l Look) Safe(r Result, err error) string {
	switch {
	case l.Up == nil && l.Upgrade == nil:
		return safeInstall(l.Preview, r.Install, err)
	case l.Root != nil:
		return safeRoot(l, r.Upgrade)
	}
	if len(r.Upgrade.Done) == 0 {
		return "Nothing has been changed: the build user, its key and its access are as they were."
	}
	return "CI still publishes: the build user and its key are the same, and no grant is taken away before its replacement is seen everywhere."
}

func safeRoot(l Look, r migrate.UpgradeResult) string {
	var parts []string
	switch {
	case len(r.Done) == 0 && !l.GoesOn():
		parts = append(parts, "The account is as it was: nothing has been applied.")
	case l.Root.Bridged() || len(l.Root.Leftover) > 0:
		parts = append(parts, "CI still publishes: the build user and its key are the same, and what is built of the bridge stays until the upgrade is through.")
	default:
		parts = append(parts, "The build user and its key are looked at after every step, and were the same.")
	}
	if l.Up.Request.Route == migrate.RouteTofu && len(l.Root.Rewrite.Edits) > 0 {
		parts = append(parts, "Edits that were written stay, with a copy of what was there; until something is applied slipway undo takes them back.")
	}
	return strings.Join(parts, " ")
}

func safeInstall(p *migrate.InstallPreview, r migrate.InstallResult, err error) string {
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
