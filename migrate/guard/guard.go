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
//     word of consent opens that, but for the user's tags.
//   - Outputs that carry the key keep their value.
//   - A plan that is not whole is not judged to be fine.
//   - What goes away must be expected, or allowed by its address.
//   - What else changes must be expected, or consented to.
package guard

import (
	"slices"

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
	// TakeBack takes an upgrade back: to contract 3.4, or to 5.0.
	TakeBack Job = "undo"
	// Nothing changes nothing, as the last plan of an upgrade.
	Nothing Job = "nothing"
)

// Jobs lists the jobs.
func Jobs() []Job { return []Job{Upgrade, Install, TakeBack, Nothing} }

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
	// Imports are addresses that the job takes over from the account, by
	// import blocks of its own: what was there before an install, or what an
	// apply has made that was cut off. An access key is never among them, and
	// in an upgrade neither is the build user.
	Imports []string
	// UserElsewhere says that the state of another root holds the build user,
	// so that the plan need not show it.
	UserElsewhere bool
	// Allowed are addresses whose changes were consented to. It does not
	// reach the build user, its keys, and outputs that carry them.
	Allowed []string
	// AllowBroadening consents to an ECR policy and a trust of the application
	// role that are wider than before, as those of the modules are since
	// contract 3.4.
	AllowBroadening bool
	// AllowUnrelated consents to changes that have nothing to do with the
	// job, as long as they destroy nothing.
	AllowUnrelated bool
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

func (j *judge) refuse(f Finding) { j.verdict.Refusals = append(j.verdict.Refusals, f) }

func (j *judge) expect(f Finding) { j.verdict.Expected = append(j.verdict.Expected, f) }

// allow reports whether an address was consented to.
func (j *judge) allow(address string) bool { return slices.Contains(j.want.Allowed, address) }

// object refuses a change unless its address was consented to.
func (j *judge) object(f Finding) {
	if !j.allow(f.Address) {
		j.refuse(f)
		return
	}
	j.expect(f)
	if f.Rule == RuleGrant {
		j.gap(f)
	}
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
	// A plan with -target is not complete either; what it does not show, it
	// does not do. It only proves nothing.
	if j.plan.Incomplete && j.want.Job == Nothing {
		j.refuse(Finding{Rule: RuleWhole, Why: "the plan is not complete, so that it does not prove that there is nothing left to do", Do: "plan without -target and without deferral"})
	}
	for _, c := range j.plan.Deferred {
		j.refuse(finding(c, RuleWhole, "it is deferred: the plan does not show what will happen to it").do("plan without -allow-deferral, -exclude and -include"))
	}
	for _, a := range j.plan.Invocations {
		j.unrelated(Finding{Rule: RuleUnrelated, Address: a, Why: "the apply would also run this action", Do: "take the action out of the configuration for this apply, or allow it by its address"})
	}
}

// change judges one resource.
func (j *judge) change(c tofu.Change) {
	if c.Data && c.Action.Harmless() || c.Ephemeral {
		return // It is read, or opened for the run alone.
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
		j.nothing(c, part)
	case j.takenOver(c):
		j.expect(finding(c, RuleExpected, "it is taken into the state as it is"))
	case c.Action.Harmless() && c.Imports:
		j.unrelated(finding(c, RuleUnrelated, "it is taken into the state").do("apply the import on its own, or consent"))
	case c.Action.Harmless() && c.Moved():
		j.expect(finding(c, RuleExpected, "it is moved and stays as it is"))
	case c.Action.Harmless():
		j.verdict.Kept++
	case j.want.Job == Install:
		j.install(c, part)
	case j.want.Job == TakeBack:
		j.takeBack(c, part)
	default:
		j.upgrade(c, part)
	}
}

// nothing judges a change where there should be none. Some resources change
// with every plan: what is no part of an identity may do so where it was
// consented to.
func (j *judge) nothing(c tofu.Change, p part) {
	again := p == other && (j.allow(c.Address) || j.want.AllowUnrelated && !goes(c))
	switch {
	case c.Action.Harmless() && !c.Imports && !c.Moved():
		j.verdict.Kept++
	case again:
		j.expect(finding(c, RuleUnrelated, "the plan does it again, as was consented to: %s", c.Action))
	case !c.Action.Harmless() || c.Imports:
		j.refuse(finding(c, RuleEmpty, "the plan should be empty and does: %s", c.Action).do("see whether somebody else has changed it, or the last apply did not finish"))
	default:
		j.refuse(finding(c, RuleEmpty, "the plan should be empty and moves it from %s", c.Previous).do("apply the moves first"))
	}
}

// install judges what is made for a new identity.
func (j *judge) install(c tofu.Change, p part) {
	switch {
	case c.Action == tofu.Create && j.ours(c) && (p == ecrPolicy || p == s3Policy):
		j.created(c, p)
	case c.Action == tofu.Create && j.ours(c) && p == grant && !ofTheModules(c):
		j.unrelated(j.stray(c))
	case c.Action == tofu.Create && p != other && j.ours(c):
		j.expect(finding(c, RuleExpected, "it is created"))
	case goes(c):
		j.object(finding(c, RuleDestroy, "an install destroys nothing, and the plan does: %s", c.Action).do("plan with -target for the new modules alone"))
	default:
		j.unrelated(j.stray(c))
	}
}

// takenOver reports whether a job takes something into the state that it means
// to, and leaves it as it is. What a provider keeps in the state alone
// (force_destroy and its kin) is not known after an import and written then;
// tags that the provider puts on everything are no harm.
func (j *judge) takenOver(c tofu.Change) bool {
	meant := slices.Contains(j.want.Imports, c.Address) || j.allow(c.Address)
	if j.want.Job == Nothing || !c.Imports || c.Deposed != "" || !meant || !j.ours(c) {
		return false
	}
	return c.Action == tofu.NoOp ||
		c.Action == tofu.Update && only(c, "force_destroy", "force_detach_policies", "tags", "tags_all")
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
