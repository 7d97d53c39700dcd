package view

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// InstallSummary is what an install came to, with what it started from.
type InstallSummary struct {
	// Preview is never nil.
	Preview *migrate.InstallPreview
	Result  migrate.InstallResult
	// Err is nil, [checklist.ErrStopped], or why it failed.
	Err error
	// Answers is the path of the answers file that repeats the run; empty
	// when none was written.
	Answers string
	// Sandbox says that the account was emulated.
	Sandbox bool
	// Registered are the IDs of what nullplatform was told, by specification,
	// and Proved what came of publishing as CI would. Both are empty when it
	// did not come to that.
	Registered map[string]string
	Proved     string
}

// Status is how an install ended.
type Status string

// The ways in which an install ends.
const (
	StatusDone        Status = "done"
	StatusStopped     Status = "stopped"
	StatusFailed      Status = "failed"
	StatusNothingToDo Status = "nothing-to-do"
)

// Status tells how the install ended.
func (s InstallSummary) Status() Status {
	switch {
	case errors.Is(s.Err, checklist.ErrStopped):
		return StatusStopped
	case s.Err != nil:
		return StatusFailed
	case s.Preview.Plan.Empty() && len(s.Registered) == 0:
		return StatusNothingToDo
	}
	return StatusDone
}

// left are the changes that were not carried out.
func (s InstallSummary) left() []provision.Change {
	var out []provision.Change
	for _, c := range s.Preview.Plan.Changes {
		if !s.carriedOut(c) {
			out = append(out, c)
		}
	}
	return out
}

// headline says in one sentence how it ended.
func (s InstallSummary) headline() string {
	all := len(s.Preview.Plan.Changes)
	done := all - len(s.left())
	switch s.Status() {
	case StatusNothingToDo:
		return nothingToDo + "."
	case StatusStopped:
		return fmt.Sprintf("Stopped after %d of %s.", done, counted(all, "change", "changes"))
	case StatusFailed:
		return fmt.Sprintf("Failed after %d of %s.", done, counted(all, "change", "changes"))
	case StatusDone:
	}
	return fmt.Sprintf("Done: %s carried out, read back and as planned.", counted(all, "change", "changes"))
}

// fact is one thing to know about what is there now.
type fact struct{ label, value string }

// facts are what a person needs to go on working with it.
func (s InstallSummary) facts() []fact {
	b := s.Preview.Plan.Blueprint
	var out []fact
	add := func(label, value string) {
		if value != "" {
			out = append(out, fact{label, value})
		}
	}
	add("Account", b.Place.Account+" "+b.Place.Region)
	add("Build user", b.User.Name)
	add("Group", b.Group.Name)
	if _, ok := b.Spec.Destination(provision.ECR); ok {
		add("Publishes to", "ECR, every repository of the account")
	}
	if bucket := b.Spec.Bucket(); bucket != "" {
		add("Publishes to", "S3, "+bucket)
	}
	for i, id := range s.keyIDs() {
		if i == 0 {
			add("Access key", id)
		} else {
			add("", id)
		}
	}
	add("Secret", s.whereabouts())
	add("Application role", s.roleARN())
	if len(s.Registered) > 0 {
		add("nullplatform", s.Preview.Survey.NRN.String())
	}
	for _, spec := range slices.Sorted(maps.Keys(s.Registered)) {
		add("", spec+", "+s.Registered[spec])
	}
	add("Proof", s.Proved)
	add("Answers file", s.Answers)
	return out
}

// keyIDs are the keys of the build user, the new one if there is one.
func (s InstallSummary) keyIDs() []string {
	if s.Result.KeyID != "" {
		return []string{s.Result.KeyID}
	}
	inv := s.Preview.Inventory
	if inv == nil || inv.User == nil {
		return nil
	}
	var out []string
	for _, k := range inv.User.Keys {
		out = append(out, k.ID)
	}
	return out
}

// whereabouts says where the secret of the key is.
func (s InstallSummary) whereabouts() string {
	switch {
	case s.Result.KeyID != "":
		return "went to " + s.Result.Handover
	case len(s.keyIDs()) > 0:
		return "as before; no key was made"
	}
	return ""
}

func (s InstallSummary) roleARN() string {
	if r := s.Preview.Plan.Blueprint.Role; r != nil {
		return r.ARN
	}
	return ""
}

// safe says, of a run that ended early, what need not be worried about.
func (s InstallSummary) safe() []string {
	var out []string
	switch {
	case len(s.Result.Done) == 0:
		out = append(out, "No change was completed.")
	case s.replacedSomething():
		out = append(out, "What is done is as the preview showed it. Nothing else was touched.")
	default:
		out = append(out, "What is done stays done. It only added: all that worked before still works.")
	}
	switch {
	case s.Result.KeyID != "":
		out = append(out, "Access key "+s.Result.KeyID+" was made, and its secret "+s.whereabouts()+".")
	case s.Preview.MakesKey() && !s.keyInDoubt():
		out = append(out, "No access key was made.")
	}
	return out
}

// keyInDoubt reports whether making the key is what failed: the error then
// says whether there is one. All other changes come before it.
func (s InstallSummary) keyInDoubt() bool {
	return slices.ContainsFunc(failures(s.Err), func(f failure) bool {
		return slices.ContainsFunc(s.Preview.Plan.Changes, func(c provision.Change) bool {
			return c.MakesKey() && c.ID == f.step
		})
	})
}

// replacedSomething reports whether a change was carried out that did more
// than add.
func (s InstallSummary) replacedSomething() bool {
	return slices.ContainsFunc(s.Preview.Plan.Changes, func(c provision.Change) bool {
		return c.Mark != provision.Add && s.carriedOut(c)
	})
}

func (s InstallSummary) carriedOut(c provision.Change) bool {
	return slices.Contains(s.Result.Done, c.ID)
}
