package migrate_test

import (
	"encoding/json"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// effectOf is a call in a journal.
func effectOf(t *testing.T, step, action string, state checklist.EffectState) checklist.Effect {
	t.Helper()
	intent, err := json.Marshal(map[string]any{"change": step, "call": provision.Call{
		Action: action, Params: []provision.Param{{Name: "UserName", Value: buildUser}, {Name: "PolicyArn", Value: "arn:aws:iam::123456789012:policy/p"}},
	}})
	must(t, err)
	return checklist.Effect{Step: step, State: state, Intent: intent}
}

// Only what a journal says that slipway has built is taken away.
func TestWhatIsLeftOfABridge(t *testing.T) {
	const up, down = "iam:AttachUserPolicy", "iam:DetachUserPolicy"
	attached := &provision.Inventory{User: &provision.User{
		Name: buildUser, Attached: []provision.AttachedPolicy{{Name: "p", ARN: "arn:aws:iam::123456789012:policy/p"}},
	}}
	bare := &provision.Inventory{User: &provision.User{Name: buildUser}}
	for _, tt := range []struct {
		why  string
		past []checklist.Effect
		inv  *provision.Inventory
		want int
	}{
		{why: "nothing in the journal: it is somebody else's", inv: attached},
		{why: "built", past: []checklist.Effect{effectOf(t, "bridge-attach-p", up, checklist.EffectDone)}, inv: attached, want: 1},
		{why: "perhaps built, and there", past: []checklist.Effect{effectOf(t, "bridge-attach-p", up, checklist.EffectOpen)}, inv: attached, want: 1},
		{why: "perhaps built, and not there", past: []checklist.Effect{effectOf(t, "bridge-attach-p", up, checklist.EffectOpen)}, inv: bare},
		{why: "refused, so what is there is somebody else's", past: []checklist.Effect{effectOf(t, "bridge-attach-p", up, checklist.EffectNotDone)}, inv: attached},
		{why: "taken away already, and what is there came later", past: []checklist.Effect{
			effectOf(t, "bridge-attach-p", up, checklist.EffectDone), effectOf(t, "bridge-detach-p", down, checklist.EffectDone),
		}, inv: attached},
		{why: "perhaps taken away, but there", past: []checklist.Effect{
			effectOf(t, "bridge-attach-p", up, checklist.EffectDone), effectOf(t, "bridge-detach-p", down, checklist.EffectOpen),
		}, inv: attached, want: 1},
		{why: "attached by another step, which is no bridge", past: []checklist.Effect{effectOf(t, "undo-detach", up, checklist.EffectDone)}, inv: attached},
	} {
		t.Run(tt.why, func(t *testing.T) {
			p := &migrate.RootPreview{Clusters: []*migrate.UpgradePreview{{Account: &migrate.InstallPreview{Inventory: tt.inv}}}}
			p.Keep(t.TempDir(), migrate.CallsOf(&checklist.Past{Effects: tt.past}))
			if len(p.Leftover) != tt.want {
				t.Errorf("taken away: %v, want %d", p.Leftover, tt.want)
			}
		})
	}
}
