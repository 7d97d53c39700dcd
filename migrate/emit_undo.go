package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// EmitUndo takes the files of an install through the modules back.
type EmitUndo struct {
	// Target is the run that is taken back.
	Target *checklist.Past
	// Files are those that it has written, the last first.
	Files []EditedFile

	keeping Keeping
	agreed  planned
}

// PreviewEmitUndo finds what the last run of a journal has written, which must
// be an install through the modules. It changes nothing. It gives
// [ErrNothingToUndo] when there is nothing, and a [*provision.Problem] when the
// apply has begun: what the modules have made goes as it came, through the
// root.
func PreviewEmitUndo(k Keeping) (*EmitUndo, error) {
	target := k.Journal.History().ToUndo()
	if target == nil || len(target.Plans) == 0 {
		return nil, ErrNothingToUndo
	}
	if appliedBy(target) {
		return nil, &provision.Problem{
			Field: "emit", Rule: "is a run whose apply has begun: what it made is in the state of the root",
			Way: "run it again to finish it; or, when nothing uses the key any more, take the calls out of the root and apply that",
		}
	}
	u := &EmitUndo{Target: target, Files: edited(target), keeping: k}
	if err := json.Unmarshal(target.Plans[0], &u.agreed); err != nil {
		return nil, fmt.Errorf("read the plan of the run: %w", err)
	}
	return u, nil
}

// Steps is the checklist: each file is put back that is still as it was written.
func (u *EmitUndo) Steps() []checklist.Step {
	step := putBackStep(u.Files)
	do := step.Do
	step.Do = func(ctx context.Context, t *checklist.Task) error { return errors.Join(u.keeping.sweep(), do(ctx, t)) }
	return []checklist.Step{step}
}

// putBackStep puts files back that a run has edited.
func putBackStep(files []EditedFile) checklist.Step {
	return checklist.Step{
		ID: "put-back", Title: "Put the files back", Why: "Nothing of the edits has been applied.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			var errs []error
			for _, f := range files {
				t.Tell("%s", f.Path)
				errs = append(errs, f.putBack(ctx, t))
			}
			return errors.Join(errs...)
		},
	}
}

// Start records what was agreed to and prepares to carry it out. When all is
// done the run counts as taken back.
func (u *EmitUndo) Start(o checklist.Options) (*checklist.Run, error) {
	return u.keeping.beginUndo(u.Target, u.Steps(), o, u.agreed)
}
