package view

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
)

func stepError(id string) error {
	return &checklist.StepError{Step: checklist.Step{ID: id, Title: "Do " + id}, Err: errors.New("it broke")}
}

func TestStatus(t *testing.T) {
	fresh, nothing := preview(t, demo(), emptyAccount("demo-assets")), preview(t, demo(), installed(t, demo()))
	for _, c := range []struct {
		why  string
		s    InstallSummary
		want Status
	}{
		{"no error is done", InstallSummary{Preview: fresh}, StatusDone},
		{"an empty plan is nothing to do", InstallSummary{Preview: nothing}, StatusNothingToDo},
		{"stopped is not failed", InstallSummary{Preview: fresh, Err: fmt.Errorf("run: %w", checklist.ErrStopped)}, StatusStopped},
		{"any other error is a failure", InstallSummary{Preview: fresh, Err: stepError("create-user")}, StatusFailed},
		{"even with an empty plan", InstallSummary{Preview: nothing, Err: stepError("read-back")}, StatusFailed},
	} {
		if got := c.s.Status(); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

// The promise that there is no key must not be given when there may be one.
func TestNoKeyIsPromisedOnlyWhenSure(t *testing.T) {
	fresh := preview(t, demo(), emptyAccount("demo-assets"))
	const promise = "No access key was made."
	for _, c := range []struct {
		why  string
		s    InstallSummary
		want bool
	}{
		{"stopped before the key", InstallSummary{Preview: fresh, Err: checklist.ErrStopped}, true},
		{"a step before the key failed", InstallSummary{Preview: fresh, Err: stepError("create-role")}, true},
		{"the key itself failed: it may be there", InstallSummary{Preview: fresh, Err: stepError("create-key")}, false},
		{"two failures, one of them the key", InstallSummary{Preview: fresh, Err: errors.Join(stepError("create-role"), stepError("create-key"))}, false},
		{"the key was made", InstallSummary{Preview: fresh, Err: stepError("read-back"), Result: migrate.InstallResult{KeyID: "AKIA", Handover: "file x"}}, false},
		{"no key was to be made", InstallSummary{Preview: differing(t), Err: checklist.ErrStopped}, false},
	} {
		if got := slices.Contains(c.s.safe(), promise); got != c.want {
			t.Errorf("%s: promised %t, want %t: %q", c.why, got, c.want, c.s.safe())
		}
	}
}

// That all still works is said only of a run that did nothing but add.
func TestOnlyAddedIsSaidOnlyOfAdditions(t *testing.T) {
	for id, want := range map[string]bool{"": false, "create-user": true, "update-ecr-policy": false} {
		p := differing(t)
		if id == "create-user" {
			p = preview(t, demo(), emptyAccount("demo-assets"))
		}
		s := InstallSummary{Preview: p, Err: checklist.ErrStopped}
		if id != "" {
			s.Result.Done = []string{id}
		}
		if got := strings.Contains(strings.Join(s.safe(), " "), "only added"); got != want {
			t.Errorf("after %q: said %t, want %t: %q", id, got, want, s.safe())
		}
	}
}

func TestFailuresComeApart(t *testing.T) {
	named := &checklist.StepError{Step: checklist.Step{ID: "a", Title: "Create user x"}, Err: errors.New("create user x: denied")}
	got := failures(errors.Join(named, stepError("b"), errors.New("else")))
	want := []failure{{"a", "create user x: denied"}, {"b", "Do b: it broke"}, {"", "else"}}
	if !slices.Equal(got, want) {
		t.Errorf("failures are %q, want %q", got, want)
	}
	if got := failures(nil); got != nil {
		t.Errorf("no error has the failures %q", got)
	}
}

// With S3 alone nothing that is registered carries the key to CI.
func TestNextStepsWithoutECR(t *testing.T) {
	s := demo()
	s.Destinations = s.Destinations[1:]
	var text []string
	for _, n := range (InstallSummary{Preview: preview(t, s, emptyAccount("demo-assets"))}).Next() {
		text = append(text, n.Text)
	}
	all := strings.Join(text, "\n")
	if strings.Contains(all, "asset/ecr") || !strings.Contains(all, "Give CI the key as BUILD_AWS_ACCESS_KEY") {
		t.Errorf("next steps are:\n%s", all)
	}
}
