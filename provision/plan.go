package provision

import (
	"fmt"
	"slices"
)

// Plan is the ordered list of changes that leads from an inventory to a
// blueprint. It is a value: the same two inputs give the same plan.
type Plan struct {
	Blueprint Blueprint `json:"blueprint"`
	// Changes are in an order that can be carried out one after another, in
	// which nothing is removed or narrowed before its replacement is there.
	Changes []Change `json:"changes"`
	// Kept are the entities of the blueprint that are already as they should
	// be.
	Kept []Entity `json:"kept"`
	// Notes are about what is not ours, or cannot be changed, and is left.
	Notes []Note `json:"notes,omitempty"`
	// Blockers are why the plan must not be carried out.
	Blockers []Problem `json:"blockers,omitempty"`
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Changes) == 0 }

// Blocked gives the blockers as one error, or nil.
func (p Plan) Blocked() error {
	if len(p.Blockers) == 0 {
		return nil
	}
	return &BlockedError{Blockers: p.Blockers}
}

// Calls lists all calls of the plan in the order of its changes.
func (p Plan) Calls() []Call {
	var out []Call
	for _, c := range p.Changes {
		out = append(out, c.Calls...)
	}
	return out
}

// Depth is how many calls stand behind one another on the longest way through
// the plan, when independent changes run side by side.
func (p Plan) Depth() int {
	depth, longest := map[string]int{}, 0
	for _, c := range p.Changes {
		before := 0
		for _, id := range c.Needs {
			before = max(before, depth[id])
		}
		depth[c.ID] = before + len(c.Calls)
		longest = max(longest, depth[c.ID])
	}
	return longest
}

// Touches reports whether the plan changes something that was there before, as
// opposed to adding what is missing.
func (p Plan) Touches() bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Mark != Add })
}

// BlockedError says why a plan must not be carried out.
type BlockedError struct{ Blockers []Problem }

// Error lists the blockers, one a line.
func (e *BlockedError) Error() string {
	s := ""
	for i, p := range e.Blockers {
		if i > 0 {
			s += "\n"
		}
		s += p.Error()
	}
	return s
}

// NewPlan compares what should exist with what does.
//
// What is missing is added. What is there and equal is kept. What is there and
// differs is changed in place, so that its identity stays. What is there and
// not in the blueprint is left, with a note.
func NewPlan(b Blueprint, inv *Inventory) Plan {
	p := newPlanner(b, inv)
	p.gaps()
	p.otherContracts()
	// 1. What stands alone, and documents that nobody's access hangs on yet:
	// these have no order among themselves.
	p.user()
	p.group()
	for _, pol := range b.Policies {
		p.policy(pol)
	}
	p.role()
	p.bucket()
	// 2. What links them: only now can a grant take effect.
	p.membership()
	for _, a := range b.Group.Attached {
		p.groupAttachment(a)
	}
	p.roleAttachments()
	// 3. What may take access away, now that the rest is there.
	p.documents()
	p.boundaries()
	// 4. The key, when all that it may do is in place.
	p.key()
	p.foreign()
	p.limits()
	return p.plan
}

// planner carries the pieces of one comparison.
type planner struct {
	b     Blueprint
	inv   *Inventory
	calls calls
	plan  Plan
	// late are changes of documents that decide for the build user today, and
	// bounds changes of permissions boundaries.
	late, bounds []Change
}

func newPlanner(b Blueprint, inv *Inventory) *planner {
	return &planner{
		b: b, inv: inv, calls: calls{b.Place},
		plan: Plan{Blueprint: b, Changes: []Change{}, Kept: []Entity{}},
	}
}

func (p *planner) change(c Change) { p.plan.Changes = append(p.plan.Changes, c) }
func (p *planner) keep(e Entity)   { p.plan.Kept = append(p.plan.Kept, e) }

func (p *planner) note(e Entity, format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, Note{Entity: e, Text: fmt.Sprintf(format, args...)})
}

func (p *planner) block(field, rule, way string) {
	p.plan.Blockers = append(p.plan.Blockers, Problem{Field: field, Rule: rule, Way: way})
}

// count is how many changes there are so far, those kept for later included.
func (p *planner) count() int { return len(p.plan.Changes) + len(p.late) + len(p.bounds) }

// needs keeps those of the IDs that are changes of this plan.
func (p *planner) needs(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if slices.ContainsFunc(p.plan.Changes, func(c Change) bool { return c.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// gaps blocks a plan that would have to guess.
func (p *planner) gaps() { p.plan.Blockers = append(p.plan.Blockers, p.inv.Gaps()...) }
