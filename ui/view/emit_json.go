package view

import (
	"github.com/nullplatform/slipway/migrate"
)

// EmitReport is the JSON of an install through the modules, previewed or
// carried out. Lists are never null. It holds no secrets.
type EmitReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "emit-plan" or "emit-result".
	Kind string `json:"kind"`
	// Status is how it ended; empty for a plan.
	Status Status `json:"status"`
	// Dir is the root, and Tool what works on it; empty as long as none has.
	Dir  string `json:"dir"`
	Tool string `json:"tool"`
	// WriteOnly says that a pipeline applies the files.
	WriteOnly bool `json:"write_only"`
	// Nothing is true when there is nothing left to do.
	Nothing bool `json:"nothing"`
	// Diff is what is written, as a unified difference.
	Diff string `json:"diff"`
	// Imports are what the state takes over from the account.
	Imports []ImportReport `json:"imports"`
	// Registrations are what it takes over from nullplatform.
	Registrations []ImportReport `json:"registrations"`
	// Remarks are what is good to know.
	Remarks []string `json:"remarks"`
	// KeyIDOutput and SecretOutput are the outputs that carry the key.
	KeyIDOutput  string `json:"key_id_output"`
	SecretOutput string `json:"secret_output"`
	// Account is what the modules make in the account.
	Account PlanReport `json:"account"`
	// Proofs are what was seen at the end.
	Proofs []migrate.Proof `json:"proofs"`
	// NextSteps are what to do now; empty for a plan.
	NextSteps []NextStep `json:"next_steps"`
	// Error is why it ended early; empty when it did not.
	Error string `json:"error"`
}

// ImportReport is one entity that an address takes over.
type ImportReport struct {
	To string `json:"to"`
	ID string `json:"id"`
}

func emitReport(p *migrate.EmitPreview) EmitReport {
	r := EmitReport{
		Version: ReportVersion, Kind: "emit-plan", Dir: p.Request.Emit.Dir, WriteOnly: p.Request.Emit.WriteOnly, Nothing: p.Done(),
		Diff: shownDiff(p), Imports: []ImportReport{}, Registrations: []ImportReport{}, Remarks: []string{}, KeyIDOutput: p.Emission.KeyID, SecretOutput: p.Emission.Secret,
		Account: NewPlanReport(p.Account), Proofs: []migrate.Proof{}, NextSteps: []NextStep{},
	}
	if p.Tool.Path != "" {
		r.Tool = p.Tool.String()
	}
	for _, i := range p.Emission.Imports {
		r.Imports = append(r.Imports, ImportReport{To: i.To, ID: i.ID})
	}
	for _, i := range takenRegistrations(p) {
		r.Registrations = append(r.Registrations, ImportReport{To: i.To, ID: i.ID})
	}
	for _, q := range p.Emission.Problems {
		r.Remarks = append(r.Remarks, q.Error())
	}
	return r
}

// EmitPlanJSON writes the [EmitReport] of a preview.
func EmitPlanJSON(p *migrate.EmitPreview) ([]byte, error) { return encodeReport(emitReport(p)) }

// EmitResultJSON writes the [EmitReport] of what it came to.
func EmitResultJSON(s EmitSummary) ([]byte, error) {
	r := emitReport(s.Preview)
	r.Kind, r.Status, r.Proofs, r.NextSteps = "emit-result", s.Status(), orEmpty(s.Result.Proofs), s.Next()
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	return encodeReport(r)
}
