package view

import "github.com/nullplatform/slipway/migrate/guard"

// GuardReport is the JSON of what the guard says of a plan. Lists are never
// null. It holds no secrets and no values of the plan but names.
type GuardReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "guard-verdict".
	Kind string `json:"kind"`
	// Job is what the plan was judged as: upgrade, install or nothing.
	Job string `json:"job"`
	// Cluster is the cluster that the job is about; empty for any.
	Cluster string `json:"cluster"`
	// Refused is true when the plan must not be applied as it is.
	Refused bool `json:"refused"`
	// Summary is a sentence for people.
	Summary string `json:"summary"`
	// Refusals cannot be consented to, but by what their do says.
	Refusals []FindingReport `json:"refusals"`
	// Unrelated need consent.
	Unrelated []FindingReport `json:"unrelated"`
	// Expected are the changes that the job is about, moves among them.
	Expected []FindingReport `json:"expected"`
	// Gaps are those of the expected changes that take a grant from the
	// build user for a moment.
	Gaps []FindingReport `json:"gaps"`
	// Kept counts the resources that stay as and where they are.
	Kept int `json:"kept"`
}

// FindingReport is what the guard says of one change.
type FindingReport struct {
	// Rule is build-user, access-key, key-output, move, destroy, grant,
	// whole, empty, unrelated or expected.
	Rule string `json:"rule"`
	// Address is the resource, or output.NAME; empty for the plan as a whole.
	Address string `json:"address"`
	// Previous is the address before a move; empty for none.
	Previous string `json:"previous_address"`
	// Action is what the plan does with it.
	Action string `json:"action"`
	// Why is a sentence, Do the way out; empty where none is needed.
	Why string `json:"why"`
	Do  string `json:"do"`
	// Move is the move that was forgotten; left out when there is none.
	Move *MoveReport `json:"move,omitempty"`
}

// MoveReport is a moved block that is missing at the root.
type MoveReport struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// VerdictJSON writes a [GuardReport].
func VerdictJSON(j Judgement) ([]byte, error) {
	v := j.Verdict
	return encodeReport(GuardReport{
		Version: ReportVersion, Kind: "guard-verdict",
		Job: string(j.Want.Job), Cluster: j.Want.Cluster, Refused: v.Refused(), Summary: j.headline(),
		Refusals: findingReports(v.Refusals), Unrelated: findingReports(v.Unrelated),
		Expected: findingReports(v.Expected), Gaps: findingReports(v.Gaps), Kept: v.Kept,
	})
}

func findingReports(list []guard.Finding) []FindingReport {
	out := []FindingReport{}
	for _, f := range list {
		r := FindingReport{
			Rule: string(f.Rule), Address: f.Address, Previous: f.Previous, Action: string(f.Action), Why: f.Why, Do: f.Do,
		}
		if f.Move != nil {
			r.Move = &MoveReport{From: f.Move.From, To: f.Move.To}
		}
		out = append(out, r)
	}
	return out
}
