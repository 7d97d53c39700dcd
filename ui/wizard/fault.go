package wizard

import (
	"errors"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/view"
)

// fault is an error in the order in which a person asks: what failed, why, and
// what now.
type fault struct{ what, why, way string }

// faultsOf takes an error apart. Errors that say no way out keep their text.
func faultsOf(err error) []fault {
	var many interface{ Unwrap() []error }
	// Only the outermost is split; what an error has inside is its own affair.
	if errors.As(err, &many) && any(many) == any(err) {
		var out []fault
		for _, e := range many.Unwrap() {
			out = append(out, faultsOf(e)...)
		}
		return out
	}
	var (
		call    *account.Error
		problem *provision.Problem
		changed *migrate.ChangedError
		step    *checklist.StepError
	)
	f := fault{}
	if errors.As(err, &step) {
		f.what = step.Step.Title
		err = step.Err
	}
	switch {
	case errors.As(err, &call):
		if f.what == "" {
			f.what = upperFirst(call.Op)
		}
		f.why, f.way = call.Why, call.Way
		// What wraps the call's error, such as how many calls went before.
		if before, _, ok := strings.Cut(err.Error(), call.Error()); ok && before != "" {
			f.why = strings.TrimSuffix(before, ": ") + ": " + f.why
		}
	case errors.As(err, &problem):
		f.why, f.way = strings.ReplaceAll(problem.Field, "_", " ")+" "+problem.Rule, problem.Way
	case errors.As(err, &changed):
		f.what, f.why = "The account has changed since the preview", changed.Error()
	case errors.Is(err, checklist.ErrStopped):
		f.what, f.why = "Stopped", err.Error()
	default:
		f.why = err.Error()
	}
	return []fault{f}
}

// upperFirst begins a sentence. What begins with a name or an ARN stays as it
// is.
func upperFirst(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, ":/\"_0123456789") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// draw shows a fault.
func (f fault) draw(c view.Canvas) []string {
	var out []string
	if f.what != "" {
		out = append(out, styled(c.Theme.Danger.Render, wrap(c.Glyphs.Failed+" "+f.what, c.Width))...)
	}
	out = append(out, wrap(upperFirst(f.why), c.Width)...)
	if f.way != "" {
		out = append(out, "")
		out = append(out, labelled(c, "Next", upperFirst(f.way))...)
	}
	return out
}

// drawFaults shows all faults of an error.
func drawFaults(c view.Canvas, err error) []string {
	var out []string
	for i, f := range faultsOf(err) {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, f.draw(c)...)
	}
	return out
}

// labelled is a short heading with text beside it.
func labelled(c view.Canvas, label, text string) []string {
	const column = 6
	gap := "      "[:max(1, column-len(label))]
	return indented(c.Theme.Title.Render(label)+gap, "      ", wrap(text, c.Width-column))
}
