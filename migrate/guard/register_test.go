package guard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
)

const (
	ecrRegistration = "module.asset_repository.nullplatform_provider_config.ecr"
	theirs          = "cfg-1"
)

// everyRegistration is each thing that a plan may do at the address of a
// registration, and what of it a plan can tell.
func everyRegistration(do func(c tofu.Change)) {
	actions := []tofu.Action{tofu.NoOp, tofu.Create, tofu.Read, tofu.Update, tofu.Delete, tofu.Replace, tofu.ReplaceAfter, tofu.ReplaceForget, tofu.Forget, "something new"}
	for _, a := range actions {
		for _, imports := range []bool{false, true} {
			for _, id := range []string{"", theirs, "cfg-2"} {
				for _, attributes := range [][]string{nil, {"attributes"}, {"attributes", "nrn"}, {"dimensions"}} {
					for _, deposed := range []string{"", "0a1b2c3d"} {
						c := changing(registration("asset_repository", "ecr", a), attributes...)
						c.Imports, c.Deposed, c.Before = imports, deposed, vals("id", id)
						do(c)
					}
				}
			}
		}
	}
}

// judged is the verdict on a plan of an install with one more change.
func judged(c tofu.Change, r guard.Registration) guard.Verdict {
	p := &tofu.Plan{Changes: []tofu.Change{made(theUser(newUser)), made(theKey(newKey)), c}}
	return guard.Judge(p, guard.Expectation{Job: guard.Install, Cluster: "demo", Registrations: []guard.Registration{r}})
}

// A registration that nullplatform has is taken over, the very one, and changed
// in its attributes alone where that was agreed to: exactly that gets through,
// and nothing else.
func TestOneRegistrationIsTakenOver(t *testing.T) {
	let := 0
	for _, updates := range []bool{false, true} {
		everyRegistration(func(c tofu.Change) {
			own := c.Before.Text("id") == theirs && c.Deposed == ""
			keeps := own && c.Action.Harmless()
			writes := own && updates && c.Action == tofu.Update && !slices.ContainsFunc(c.Changed, func(n string) bool { return n != "attributes" })
			v := judged(c, guard.Registration{Address: ecrRegistration, ID: theirs, Updates: updates})
			if v.Refused() == (keeps || writes) {
				t.Errorf("refused %t: %s, import %t, of %q, changing %v, updates agreed to %t: %v", v.Refused(), c.Action, c.Imports, c.Before.Text("id"), c.Changed, updates, v.Err())
			}
			if !v.Refused() {
				let++
			}
		})
	}
	if let == 0 {
		t.Error("nothing gets through, so the test shows nothing")
	}
}

// What nullplatform does not have is registered, and nothing is taken over in
// its place.
func TestWhatIsMissingIsRegistered(t *testing.T) {
	everyRegistration(func(c tofu.Change) {
		v := judged(c, guard.Registration{Address: ecrRegistration})
		fine := c.Deposed == "" && (c.Action == tofu.Create || c.Action.Harmless() && !c.Imports)
		if v.Refused() == fine {
			t.Errorf("refused %t: %s, import %t, of %q, changing %v: %v", v.Refused(), c.Action, c.Imports, c.Before.Text("id"), c.Changed, v.Err())
		}
	})
}

// A second registration names the block that takes the first one over; one that
// the install is not about takes a word.
func TestNothingIsRegisteredTwice(t *testing.T) {
	v := judged(registration("asset_repository", "ecr", tofu.Create), guard.Registration{Address: ecrRegistration, ID: theirs, Updates: true})
	if got := brief(v.Refusals); !slices.Equal(got, []string{"registration " + ecrRegistration}) {
		t.Fatalf("refused: %v", got)
	}
	if want := fmt.Sprintf("import { to = %s, id = %q }", ecrRegistration, theirs); !strings.Contains(v.Refusals[0].Do, want) {
		t.Errorf("the way out is %q", v.Refusals[0].Do)
	}
	v = judged(registration("other", "ecr", tofu.Create), guard.Registration{Address: ecrRegistration})
	if got := brief(v.Unrelated); !slices.Equal(got, []string{"unrelated module.other.nullplatform_provider_config.ecr"}) {
		t.Errorf("unrelated: %v", got)
	}
}
