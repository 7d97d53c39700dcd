package view

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// ending is a summary with the reason why it is worth looking at.
type ending struct {
	name    string
	why     string
	summary InstallSummary
}

func endings(t testing.TB) []ending {
	t.Helper()
	var out []ending
	add := func(name, why string, s InstallSummary) { out = append(out, ending{name, why, s}) }
	byName := map[string]*migrate.InstallPreview{}
	for _, s := range scenes(t) {
		byName[s.name] = s.preview
	}
	fresh := byName["fresh"]
	result := migrate.InstallResult{KeyID: "AKIAEXAMPLENEW000001", Handover: "the file creds.env"}
	for _, c := range fresh.Plan.Changes {
		result.Done = append(result.Done, c.ID)
	}
	result.Inventory = installed(t, demo())
	add("done", "the best case, with an answers file", InstallSummary{Preview: fresh, Result: result, Answers: "my answers.yaml"})

	pull := byName["resumed"]
	rest := result
	rest.Done = nil
	for _, c := range pull.Plan.Changes {
		rest.Done = append(rest.Done, c.ID)
	}
	add("pull", "in the sandbox; the repository policy is shown", InstallSummary{Preview: pull, Result: rest, Sandbox: true})
	add("nothing", "there was nothing to do", InstallSummary{Preview: byName["nothing"], Result: migrate.InstallResult{Inventory: installed(t, demo())}})

	early := migrate.InstallResult{Done: []string{"create-user", "create-group", "create-ecr-policy"}}
	add("stopped", "somebody pressed ctrl+c", InstallSummary{Preview: fresh, Result: early, Err: checklist.ErrStopped, Answers: "demo.yaml"})
	denied := &checklist.StepError{
		Step: checklist.Step{ID: "create-role", Title: "Create role nullplatform-demo-application-role"},
		Err:  errors.New("create role nullplatform-demo-application-role: arn:aws:iam::123456789012:user/ops may not iam:CreateRole on arn:aws:iam::123456789012:role/nullplatform-demo-application-role; allow it and run again"),
	}
	add("failed", "a right was missing", InstallSummary{Preview: fresh, Result: early, Err: denied})
	add("failed-update", "a change in place had been made already", InstallSummary{
		Preview: byName["differs"], Result: migrate.InstallResult{Done: []string{"update-ecr-policy"}}, Err: fmt.Errorf("%w", denied),
	})
	add("failed-late", "the key is there, but reading back failed", InstallSummary{
		Preview: fresh, Result: migrate.InstallResult{Done: result.Done, KeyID: result.KeyID, Handover: result.Handover},
		Err: errors.Join(denied, errors.New("second\x1b[31m failure")),
	})
	add("changed", "the account changed since the preview", InstallSummary{
		Preview: fresh, Err: &migrate.ChangedError{Before: fresh.Plan.Changes, After: []provision.Change{}},
	})
	add("hostile", "hostile names in the preview", InstallSummary{
		Preview: byName["hostile"], Err: errors.New(hostileName), Answers: hostileName,
		Result: migrate.InstallResult{KeyID: hostileName, Handover: hostileName, Done: []string{hostileName}},
	})
	return out
}
