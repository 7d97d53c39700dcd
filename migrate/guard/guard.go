// Package guard judges a plan of OpenTofu or Terraform before it is applied:
// whether it keeps the build user and its key, destroys nothing that was not
// expected, and keeps to what the job at hand is about.
//
// It looks at the parsed plan alone, never at exit codes or counts: a plan of
// moves says "0 to add, 0 to change, 0 to destroy" and still changes something,
// and a forgotten move is one line among many.
//
// The rules, from the hardest to the softest:
//
//   - The build user and its access keys may be moved, and nothing else. No
//     word of consent opens that.
//   - Outputs that carry the key keep their value.
//   - A plan that is not whole is not judged to be fine.
//   - What goes away must be expected, or allowed by its address.
//   - What else changes must be expected, or consented to.
package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// Job is what a plan is meant to do.
type Job string

// The jobs.
const (
	// Upgrade keeps the identity and brings it to contract 5.0 or later.
	Upgrade Job = "upgrade"
	// Install makes an identity that was not there.
	Install Job = "install"
	// Nothing changes nothing, as the last plan of an upgrade.
	Nothing Job = "nothing"
)

// Jobs lists the jobs.
func Jobs() []Job { return []Job{Upgrade, Install, Nothing} }

// Expectation is what is known beforehand about a plan.
type Expectation struct {
	Job Job
	// Cluster is the cluster that the job is about; "" takes any. Users and
	// keys of other clusters are protected all the same.
	Cluster string
	// Moves are the moves that must have been made, by moved blocks or in
	// the state. None means that they are not known; then only what is
	// forgotten is noticed.
	Moves []tofu.Move
	// UserElsewhere says that the state of another root holds the build user,
	// so that the plan need not show it.
	UserElsewhere bool
	// Allowed are addresses whose changes were consented to. It does not
	// reach the build user, its keys, and outputs that carry them.
	Allowed []string
	// AllowUnrelated consents to changes that have nothing to do with the
	// job, as long as they destroy nothing.
	AllowUnrelated bool
}

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
}

// Verdict is what the guard has found, each list in the order of the addresses.
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

// Judge judges a plan. It is pure.
func Judge(p *tofu.Plan, e Expectation) Verdict {
	j := &judge{plan: p, want: e}
	j.whole()
	for _, c := range p.Changes {
		j.change(c)
	}
	for _, o := range p.Outputs {
		j.output(o)
	}
	j.moves()
	j.present()
	return j.verdict
}

// judge gathers a verdict.
type judge struct {
	plan    *tofu.Plan
	want    Expectation
	verdict Verdict
}

// finding begins a finding about a change.
func finding(c tofu.Change, rule Rule, why string, args ...any) Finding {
	return Finding{Rule: rule, Address: c.Address, Previous: c.Previous, Action: c.Action, Why: fmt.Sprintf(why, args...)}
}

func (f Finding) do(format string, args ...any) Finding {
	f.Do = fmt.Sprintf(format, args...)
	return f
}

func (j *judge) refuse(f Finding) { j.verdict.Refusals = append(j.verdict.Refusals, f) }

func (j *judge) expect(f Finding) { j.verdict.Expected = append(j.verdict.Expected, f) }

// allow reports whether an address was consented to.
func (j *judge) allow(address string) bool { return slices.Contains(j.want.Allowed, address) }

// object refuses a change unless its address was consented to.
func (j *judge) object(f Finding) {
	if j.allow(f.Address) {
		j.expect(f)
		return
	}
	j.refuse(f)
}

// unrelated asks for consent to a change, unless it was given.
func (j *judge) unrelated(f Finding) {
	if j.want.AllowUnrelated || j.allow(f.Address) {
		j.expect(f)
		return
	}
	j.verdict.Unrelated = append(j.verdict.Unrelated, f)
}

// whole refuses plans of which a part is missing.
func (j *judge) whole() {
	if j.plan.Errored {
		j.refuse(Finding{Rule: RuleWhole, Why: "planning failed half-way, so that the plan does not show everything", Do: "make the plan succeed and judge that one"})
	}
	if j.plan.Incomplete {
		j.refuse(Finding{Rule: RuleWhole, Why: "the plan is not complete: an apply of it leaves changes for later that it does not show", Do: "plan without deferral or -target until nothing is left out"})
	}
	for _, c := range j.plan.Deferred {
		j.refuse(finding(c, RuleWhole, "it is deferred: the plan does not show what will happen to it").do("plan without -allow-deferral"))
	}
	for _, a := range j.plan.Invocations {
		j.unrelated(Finding{Rule: RuleUnrelated, Address: a, Why: "the apply would also run this action", Do: "take the action out of the configuration for this apply, or allow it by its address"})
	}
}

// change judges one resource.
func (j *judge) change(c tofu.Change) {
	if c.Data && c.Action.Harmless() {
		return
	}
	part := partOf(c)
	if part == user || part == key {
		j.protected(c, part)
		return
	}
	switch {
	case !c.Action.Known():
		j.refuse(finding(c, RuleWhole, "the plan does %q, which is not known here", c.Action).do("use a slipway that knows this version of the tool"))
	case c.Deposed != "":
		j.object(finding(c, RuleDestroy, "it is a leftover of an earlier replacement and would be destroyed").do("see what it is, apply that alone with -target, and plan again; or allow its address"))
	case j.want.Job == Nothing:
		j.nothing(c)
	case c.Action.Harmless() && c.Imports:
		j.unrelated(finding(c, RuleUnrelated, "it is taken into the state").do("apply the import on its own, or consent"))
	case c.Action.Harmless() && c.Moved():
		j.expect(finding(c, RuleExpected, "it is moved and stays as it is"))
	case c.Action.Harmless():
		j.verdict.Kept++
	case j.want.Job == Install:
		j.install(c, part)
	default:
		j.upgrade(c, part)
	}
}

// nothing judges a change where there should be none.
func (j *judge) nothing(c tofu.Change) {
	switch {
	case !c.Action.Harmless() || c.Imports:
		j.object(finding(c, RuleEmpty, "the plan should be empty and does: %s", c.Action).do("see whether somebody else has changed it, or the last apply did not finish"))
	case c.Moved():
		j.object(finding(c, RuleEmpty, "the plan should be empty and moves it from %s", c.Previous).do("apply the moves first"))
	default:
		j.verdict.Kept++
	}
}

// install judges what is made for a new identity.
func (j *judge) install(c tofu.Change, p part) {
	switch {
	case c.Action == tofu.Create && p != other && j.ours(c):
		j.expect(finding(c, RuleExpected, "it is created"))
	case c.Action.Destroys():
		j.object(finding(c, RuleDestroy, "an install destroys nothing, and the plan does: %s", c.Action).do("plan with -target for the new modules alone"))
	default:
		j.unrelated(j.stray(c))
	}
}

// stray is a change that the job is not about.
func (j *judge) stray(c tofu.Change) Finding {
	return finding(c, RuleUnrelated, "it has nothing to do with this %s, and the plan does: %s", j.want.Job, c.Action).
		do("apply it on its own before, or plan with -target, or consent")
}

// moves holds the plan against the moves that should have been made.
func (j *judge) moves() {
	for _, m := range j.want.Moves {
		i := slices.IndexFunc(j.plan.Changes, func(c tofu.Change) bool { return c.Address == m.To && c.Deposed == "" })
		switch {
		case i < 0:
			j.refuse(Finding{Rule: RuleMove, Address: m.To, Previous: m.From, Why: "the plan does not show it, so that it is not certain that it was moved", Do: "plan without -target, and check that the configuration has it"})
		case j.plan.Changes[i].Moved() && j.plan.Changes[i].Previous != m.From:
			j.refuse(finding(j.plan.Changes[i], RuleMove, "it comes from %s and should come from %s", j.plan.Changes[i].Previous, m.From).do("correct the moved block"))
		}
	}
}

// present refuses a plan in which there is nothing to protect: it proves
// nothing, and is most likely that of another root.
func (j *judge) present() {
	if j.want.UserElsewhere {
		return
	}
	if !slices.ContainsFunc(j.plan.Changes, func(c tofu.Change) bool { return partOf(c) == user && j.ours(c) }) {
		whose := ""
		if j.want.Cluster != "" {
			whose = " of the cluster " + j.want.Cluster
		}
		j.refuse(Finding{
			Rule: RuleUser, Why: "the plan has no build user" + whose + ", so that it proves nothing about one",
			Do: "judge the plan of the root that holds it, without -target; or say that it is in the state of another root",
		})
	}
}
