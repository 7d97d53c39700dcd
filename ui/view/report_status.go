package view

import (
	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
)

// StatusReport is the JSON of where runs stand. Lists are never null. It holds
// no secrets.
type StatusReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "status".
	Kind string `json:"kind"`
	// Runs are the last runs of the clusters that this machine knows.
	Runs []RunReport `json:"runs"`
}

// RunReport is where the last run of a cluster stands.
type RunReport struct {
	*migrate.RunStatus
	// Directory is where the journal is.
	Directory string `json:"directory"`
	// Holder is the process that works on it now; null when none does.
	Holder *checklist.Holder `json:"holder" jsonschema:"nullable"`
}

// StatusJSON writes a [StatusReport].
func StatusJSON(runs []RunStatus) ([]byte, error) {
	out := StatusReport{Version: ReportVersion, Kind: "status", Runs: []RunReport{}}
	for _, r := range runs {
		run := *r.RunStatus
		run.Changes, run.Lost = orEmpty(run.Changes), orEmpty(run.Lost)
		out.Runs = append(out.Runs, RunReport{RunStatus: &run, Directory: r.Directory, Holder: r.Holder})
	}
	return encodeReport(out)
}
