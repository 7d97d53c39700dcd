package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// Rule names the reason of a finding. The names do not change.
type Rule string

// The rules.
const (
	// RuleUser and RuleKey protect the build user and its keys.
	RuleUser Rule = "build-user"
	RuleKey  Rule = "access-key"
	// RuleOutput protects outputs that carry the key.
	RuleOutput Rule = "key-output"
	// RuleMove is a move that was not made, or to another place.
	RuleMove Rule = "move"
	// RuleDestroy is something that would go away unexpectedly.
	RuleDestroy Rule = "destroy"
	// RuleGrant is a grant that would be lost or narrowed.
	RuleGrant Rule = "grant"
	// RuleRegistration is a registration with nullplatform that would be there
	// twice, or another one than is meant.
	RuleRegistration Rule = "registration"
	// RuleWhole is a plan that is not whole, or not understood.
	RuleWhole Rule = "whole"
	// RuleEmpty is a change where there should be none.
	RuleEmpty Rule = "empty"
	// RuleUnrelated is a change that the job is not about.
	RuleUnrelated Rule = "unrelated"
	// RuleExpected is a change that the job is about.
	RuleExpected Rule = "expected"
)

// Finding is what the guard has to say about one change.
type Finding struct {
	Rule Rule
	// Address is the resource, or "output.NAME"; "" for the plan as a whole.
	Address string
	// Previous is the address before a move, "" for none.
	Previous string
	Action   tofu.Action
	// Why is a sentence, Do the way out, "" where none is needed.
	Why, Do string
	// Move is the move that was forgotten, nil for none. A moved block with
	// it at the root is the way out.
	Move *tofu.Move
}

// Verdict is what the guard has found. Each list begins with what is about the
// plan as a whole; resources and outputs follow by their addresses.
type Verdict struct {
	// Refusals cannot be consented to, but by what their Do says.
	Refusals []Finding
	// Unrelated need consent.
	Unrelated []Finding
	// Expected are the changes that the job is about, moves among them.
	Expected []Finding
	// Gaps are those of the expected changes that take a grant from the
	// build user for a moment. An upgrade bridges them.
	Gaps []Finding
	// Kept counts the resources that stay as and where they are.
	Kept int
}

// Refused reports whether the plan must not be applied as it is.
func (v Verdict) Refused() bool { return len(v.Refusals) > 0 || len(v.Unrelated) > 0 }

// Err gives a [*RefusedError] for a plan that must not be applied, else nil.
func (v Verdict) Err() error {
	if !v.Refused() {
		return nil
	}
	return &RefusedError{Verdict: v}
}

// RefusedError says that a plan was refused. Nothing was applied.
type RefusedError struct{ Verdict Verdict }

// Error says what is refused, why, and what to do.
func (e *RefusedError) Error() string {
	var parts []string
	for _, f := range slices.Concat(e.Verdict.Refusals, e.Verdict.Unrelated) {
		parts = append(parts, f.String())
	}
	return "the guard refuses the plan, nothing was applied: " + strings.Join(parts, "; ")
}

// String is the finding in a sentence or two.
func (f Finding) String() string {
	text := f.Why
	if f.Address != "" {
		text = fmt.Sprintf("%s: %s", f.Address, f.Why)
	}
	if f.Do != "" {
		text += "; " + f.Do
	}
	return text
}

// finding begins a finding about a change.
func finding(c tofu.Change, rule Rule, why string, args ...any) Finding {
	return Finding{Rule: rule, Address: c.Address, Previous: c.Previous, Action: c.Action, Why: fmt.Sprintf(why, args...)}
}

func (f Finding) do(format string, args ...any) Finding {
	f.Do = fmt.Sprintf(format, args...)
	return f
}
