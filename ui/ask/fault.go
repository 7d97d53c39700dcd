package ask

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
)

// Fault is an error in the order in which a person asks: what failed, why, and
// what now. What and Way may be empty.
type Fault struct{ What, Why, Way string }

// FaultsOf takes an error apart. Errors that say no way out keep their text.
func FaultsOf(err error) []Fault {
	var many interface{ Unwrap() []error }
	// Only the outermost is split; what an error has inside is its own affair.
	if errors.As(err, &many) && any(many) == any(err) {
		var out []Fault
		for _, e := range many.Unwrap() {
			out = append(out, FaultsOf(e)...)
		}
		return out
	}
	var refused *migrate.RegistrationError
	if errors.As(err, &refused) && len(refused.Problems) > 0 {
		var out []Fault
		for _, p := range refused.Problems {
			out = append(out, FaultsOf(&p)...)
		}
		return out
	}
	var (
		call    *account.Error
		tell    *platform.Error
		problem *provision.Problem
		changed *migrate.ChangedError
		step    *checklist.StepError
		found   *layout.Problem
	)
	f := Fault{}
	if errors.As(err, &step) {
		f.What = step.Step.Title
		err = step.Err
	}
	switch {
	case errors.As(err, &call):
		if f.What == "" {
			f.What = UpperFirst(call.Op)
		}
		f.Why, f.Way = call.Why, call.Way
		// What wraps the call's error, such as how many calls went before.
		if before, _, ok := strings.Cut(err.Error(), call.Error()); ok && before != "" {
			f.Why = strings.TrimSuffix(before, ": ") + ": " + f.Why
		}
	case errors.As(err, &tell):
		if f.What == "" {
			f.What = UpperFirst(tell.Op)
		}
		f.Why, f.Way = tell.Reason(), tell.Way
	case errors.As(err, &problem):
		f.Why, f.Way = strings.ReplaceAll(problem.Field, "_", " ")+" "+problem.Rule, problem.Way
	case errors.As(err, &found):
		f.Why, f.Way = found.Reason, found.Way
		if found.Position.File != "" {
			f.Why = fmt.Sprintf("%s:%d: %s", found.Position.File, found.Position.Line, f.Why)
		}
	case errors.As(err, &changed):
		f.What, f.Why = "The account has changed since the preview", changed.Error()
		if !changed.Resuming {
			f.Why = fmt.Sprintf("Planned were %d changes, and now it would be %d. Nothing was changed.", len(changed.Before), len(changed.After))
			if len(changed.What) > 0 {
				f.Why += " " + UpperFirst(strings.Join(changed.What, "; ")) + "."
			}
			f.Way = "look at a new preview"
		}
	case errors.Is(err, checklist.ErrStopped):
		f.What, f.Why = "Stopped", err.Error()
	default:
		f.Why = err.Error()
	}
	return []Fault{f}
}

// problemsOf takes an error about one field apart; nil for nil.
func problemsOf(field string, err error) []provision.Problem {
	var p *provision.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return []provision.Problem{*p}
	}
	return []provision.Problem{{Field: field, Rule: err.Error()}}
}

// UpperFirst begins a sentence. What begins with a name, a path or an ARN stays
// as it is.
func UpperFirst(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, ":/\\\"_0123456789") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Sentence says what is wrong as a sentence of its own.
func Sentence(p provision.Problem) string {
	subject := ""
	if !strings.HasPrefix(p.Rule, `"`) { // Else the rule begins with what was typed.
		subject = strings.ReplaceAll(p.Field, "_", " ") + " "
	}
	return UpperFirst(subject+p.Rule) + "."
}
