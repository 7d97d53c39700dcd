package layout

import (
	"errors"
	"slices"
)

// Severity says what a problem does.
type Severity string

// The severities, the gravest first.
const (
	// Refuses means that nothing is written before it is gone.
	Refuses Severity = "refuses"
	// Asks means that a person has to say something first, see [Answers].
	Asks Severity = "asks"
	// Tells means that it is good to know.
	Tells Severity = "tells"
)

// Code names a problem for programs.
type Code string

// The problems.
const (
	// NotARoot: there is no configuration in the directory.
	NotARoot Code = "not-a-root"
	// Unreadable: a file does not parse.
	Unreadable Code = "unreadable"
	// NoCalls: no module of our area is called.
	NoCalls Code = "no-calls"
	// CommentedOut: a call is there in a comment.
	CommentedOut Code = "commented-out"
	// SameCluster: two calls own a user of one cluster name.
	SameCluster Code = "same-cluster"
	// ClustersDiffer: calls that belong together have different cluster
	// names, or the configuration has another than the state. An apply would
	// rename the user and so rotate its key.
	ClustersDiffer Code = "clusters-differ"
	// BranchRef: a ref is a branch or a commit.
	BranchRef Code = "branch-ref"
	// NoRef: a git source has no ref.
	NoRef Code = "no-ref"
	// UnknownContract: ref, arguments and state do not say which contract.
	UnknownContract Code = "unknown-contract"
	// UnknownCluster: the cluster's name cannot be determined.
	UnknownCluster Code = "unknown-cluster"
	// UnknownInstances: count or for_each cannot be determined.
	UnknownInstances Code = "unknown-instances"
	// WholeUse: a module is used as one value, so its outputs cannot be
	// followed.
	WholeUse Code = "whole-use"
	// GoneOutput: an output is used that no later module gives.
	GoneOutput Code = "gone-output"
	// NotEditable: a call stands where it cannot be edited (JSON, an override
	// file, a nested module).
	NotEditable Code = "not-editable"
	// NamesChange: the contract's names hold no cluster, so that every later
	// module would rename the user and so rotate its key.
	NamesChange Code = "names-change"
	// NoState: there is no state, or it does not hold the build user.
	NoState Code = "no-state"
	// StateDiffers: the state holds the identity otherwise than the
	// configuration says.
	StateDiffers Code = "state-differs"
	// NotUnderstood: a resource of the identity has an address that does not
	// fit any known layout.
	NotUnderstood Code = "not-understood"
	// ForeignGrants: other people's members or policies are on the group.
	ForeignGrants Code = "foreign-grants"
	// OtherModule: a module with a familiar path that is not what it seems.
	OtherModule Code = "other-module"
	// WillReplace: something will be made anew by the edits.
	WillReplace Code = "will-replace"
	// Broadens: a principal may do more afterwards than before.
	Broadens Code = "broadens"
	// RunsElsewhere: plans may run in a workspace of HCP Terraform, where they
	// cannot always be saved.
	RunsElsewhere Code = "runs-elsewhere"
	// ByHand: something that the edits do not do.
	ByHand Code = "by-hand"
)

// Problem is one thing that a person has to know, say or change.
type Problem struct {
	Code     Code
	Severity Severity
	// Position is where; without a file when it is about the root or state.
	Position Position
	// Reason says what is the matter.
	Reason string
	// Way is the way out, empty when there is nothing to do.
	Way string
}

// Error is position, reason and way out in one line.
func (p *Problem) Error() string {
	out := p.Reason
	if at := p.Position.String(); at != "" {
		out = at + ": " + out
	}
	if p.Way != "" {
		out += "; " + p.Way
	}
	return out
}

func joined(ps []Problem, s Severity) error {
	var errs []error
	for _, p := range ps {
		if p.Severity == s {
			errs = append(errs, &p)
		}
	}
	return errors.Join(errs...)
}

// bySeverity sorts problems, the gravest first, else as they were found.
func bySeverity(ps []Problem) {
	order := []Severity{Refuses, Asks, Tells}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
}
