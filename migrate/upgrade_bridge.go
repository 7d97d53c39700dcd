package migrate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// PastCalls are the calls of an earlier run of the same upgrade, in the order
// in which they were begun.
type PastCalls []PastCall

// PastCall is a call that an earlier run has made, or may have made.
type PastCall struct {
	Step string
	Call provision.Call
	// Known says that it was answered, so that it did happen.
	Known bool
}

// bridgePrefix begins the IDs of the steps of a bridge.
const bridgePrefix = "bridge-"

// CallsOf reads the calls of a run from its journal. Those that are known not
// to have happened are left out.
func CallsOf(past *checklist.Past) PastCalls {
	if past == nil {
		return nil
	}
	var out PastCalls
	for _, e := range past.Effects {
		var d deed
		if e.State == checklist.EffectNotDone || json.Unmarshal(e.Intent, &d) != nil {
			continue
		}
		var call provision.Call
		if d.Call != nil {
			call = *d.Call
		}
		out = append(out, PastCall{Step: e.Step, Call: call, Known: e.State == checklist.EffectDone})
	}
	return out
}

// forgot reports whether a run has taken an attachment to the user itself out
// of the state, as it does for contract 1.12.
func (p PastCalls) forgot() bool {
	return slices.ContainsFunc(p, func(c PastCall) bool { return c.Step == stateRM })
}

// begun reports whether a run has begun to apply.
func (p PastCalls) begun() bool {
	return slices.ContainsFunc(p, func(c PastCall) bool { return strings.HasPrefix(c.Step, applyPrefix) })
}

// applyPrefix begins the IDs of the steps that apply.
const applyPrefix = "apply"

// bridgeLeft plans to take away what earlier runs have built of a bridge and
// is there still. Only what a journal says that slipway has built is taken
// away: the same attachment may be somebody else's.
func bridgeLeft(past PastCalls, inv *provision.Inventory) []provision.Change {
	var out []provision.Change
	for i, c := range past {
		if !strings.HasPrefix(c.Step, bridgePrefix) || takenAway(past[i+1:], c.Call) || listed(out, c.Call) {
			continue
		}
		if down, ok := provision.BridgeDown(c.Call, inv); ok {
			out = append(out, down)
		}
	}
	return out
}

func listed(list []provision.Change, c provision.Call) bool {
	for _, l := range list {
		if sameTarget(l.Calls[0], c) {
			return true
		}
	}
	return false
}

// takenAway reports whether a later call did away with what a call has built,
// or built it again so that the later one counts. A call of which it is not
// known whether it happened does not count: whether something is still there
// is found by looking.
func takenAway(later PastCalls, built provision.Call) bool {
	for _, l := range later {
		if sameTarget(l.Call, built) && (l.Call.Action == built.Action || l.Known) {
			return true
		}
	}
	return false
}

func sameTarget(a, b provision.Call) bool {
	return a.Param("UserName") == b.Param("UserName") && a.Param("PolicyArn") == b.Param("PolicyArn") && a.Param("PolicyName") == b.Param("PolicyName")
}

// changeSteps are steps that carry changes out one after another, with a look
// at the build user after each.
func changeSteps(acct Account, changes []provision.Change, who provision.Identity, done func(id string)) []checklist.Step {
	var out []checklist.Step
	for _, c := range changes {
		out = append(out, changeStep(acct, c, who, done))
	}
	return out
}
