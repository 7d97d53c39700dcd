package view

import (
	"errors"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// failure is one reason why a run ended.
type failure struct {
	// step is the ID of the step that failed; empty when it was none.
	step string
	text string
}

// failures takes apart what a run gave.
func failures(err error) []failure {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // Only the outermost error is taken apart.
		var out []failure
		for _, e := range many.Unwrap() {
			out = append(out, failures(e)...)
		}
		return out
	}
	var step *checklist.StepError
	if errors.As(err, &step) {
		return []failure{{step.Step.ID, withTitle(step.Step.Title, step.Err.Error())}}
	}
	return []failure{{text: err.Error()}}
}

// withTitle puts a step's title before its error, unless the error begins with
// it already.
func withTitle(title, text string) string {
	if len(text) >= len(title) && strings.EqualFold(text[:len(title)], title) {
		return text
	}
	return title + ": " + text
}
