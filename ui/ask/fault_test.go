package ask

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

func TestFaultsOf(t *testing.T) {
	call := &account.Error{Op: "create user x", Why: "it may not", Way: "allow it"}
	step := checklist.Step{Title: "Create user x"}
	for _, tc := range []struct {
		why  string
		err  error
		want []Fault
	}{
		{"a call says what, why and what now", call, []Fault{{"Create user x", "it may not", "allow it"}}},
		{"a step's title is what failed", &checklist.StepError{Step: step, Err: call}, []Fault{{"Create user x", "it may not", "allow it"}}},
		{
			"how many calls went before is kept",
			&checklist.StepError{Step: step, Err: fmt.Errorf("after 2 of 4 calls: %w", call)},
			[]Fault{{"Create user x", "after 2 of 4 calls: it may not", "allow it"}},
		},
		{
			"side by side, each failure counts",
			errors.Join(&checklist.StepError{Step: step, Err: call}, &checklist.StepError{Step: step, Err: errors.New("broken")}),
			[]Fault{{"Create user x", "it may not", "allow it"}, {"Create user x", "broken", ""}},
		},
		{
			"a problem names its field in words",
			&provision.Problem{Field: "pull_accounts", Rule: "are empty", Way: "name one"},
			[]Fault{{"", "pull accounts are empty", "name one"}},
		},
		{"anything else is told as it is", errors.New("broken"), []Fault{{"", "broken", ""}}},
	} {
		if diff := cmp.Diff(tc.want, FaultsOf(tc.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.why, diff)
		}
	}
}

func TestUpperFirst(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"no credentials":        "No credentials",
		"arn:aws:iam::1:user/x": "arn:aws:iam::1:user/x",
		`"x y" is bad`:          `"x y" is bad`,
		`testdata\roots is bad`: `testdata\roots is bad`,
	} {
		if got := UpperFirst(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}
