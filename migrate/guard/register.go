package guard

import (
	"slices"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// Registration is a destination that an install registers with nullplatform.
type Registration struct {
	// Address is that of the install's own call, and ID the configuration that
	// nullplatform has at the place already; empty where it has none.
	Address, ID string
	// Updates says that it was agreed to that the plan writes to it.
	Updates bool
}

// registered finds the registration that a change is about, nil for none.
func (j *judge) registered(c tofu.Change) *Registration {
	if j.want.Job != Install {
		return nil
	}
	i := slices.IndexFunc(j.want.Registrations, func(r Registration) bool { return r.Address == c.Address })
	if i < 0 {
		return nil
	}
	return &j.want.Registrations[i]
}

// registers judges what becomes of a registration of an install. One that
// nullplatform has is taken into the state or is there, and its attributes may
// change where that was agreed to; which one it is must be certain.
func (j *judge) registers(c tofu.Change, r Registration) {
	id := c.Before.Text("id")
	switch {
	case c.Action == tofu.Create && r.ID == "":
		j.expect(finding(c, RuleExpected, "it is created"))
	case c.Action == tofu.Create:
		j.refuse(finding(c, RuleRegistration, "nullplatform has it already (%s), and it would be there twice", r.ID).
			do("take that one over with import { to = %s, id = %q }, or delete it when nothing uses it", r.Address, r.ID))
	case goes(c) || c.Action == tofu.Forget:
		j.object(finding(c, RuleDestroy, "it is registered, and the plan does: %s%s", c.Action, because(c)).
			do("keep the call and its place in nullplatform as they are; if it is meant, allow the address"))
	case r.ID == "" && !c.Imports && c.Action.Harmless():
		j.verdict.Kept++
	case r.ID == "":
		j.unrelated(j.stray(c))
	case id != r.ID:
		j.refuse(finding(c, RuleRegistration, "the state has or takes over the configuration %q, and nullplatform has %s at that place", id, r.ID).
			do("correct the import block, or take %s out of the state with state rm", r.Address))
	case c.Action == tofu.NoOp && c.Imports:
		j.expect(finding(c, RuleExpected, "it is taken into the state as it is"))
	case c.Action.Harmless():
		j.verdict.Kept++
	case c.Action == tofu.Update && only(c, "attributes") && r.Updates && c.Imports:
		j.expect(finding(c, RuleExpected, "it is taken into the state and updated; CI uses what is written from then on"))
	case c.Action == tofu.Update && only(c, "attributes") && r.Updates:
		j.expect(finding(c, RuleExpected, "it is updated; CI uses what is written from then on"))
	case c.Action == tofu.Update && only(c, "attributes"):
		j.object(finding(c, RuleRegistration, "what is registered would be changed, and CI uses it from then on").
			do("see what changes it; agree to it with --update-registration, or allow the address"))
	default:
		j.unrelated(j.stray(c))
	}
}
