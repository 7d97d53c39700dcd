package migrate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

// EmitJob names an install through the modules in a journal.
const EmitJob = "install --emit"

// RootInstall is an install through the modules on its way to being carried
// out.
type RootInstall struct {
	preview *EmitPreview
	acct    Account
	backups string
	backup  string

	// What the steps hand on to one another. They run one after another.
	root  *tofu.Root
	saved *tofu.Saved

	result UpgradeResult
}

// NewRootInstall prepares to carry a preview out. One with blockers is refused,
// and so is one that needs a word which the request does not give. Backups is a
// directory for copies of files and of the state, and run names them.
func NewRootInstall(ctx context.Context, p *EmitPreview, acct Account, backups, run string) (*RootInstall, error) {
	if err := p.blocked(); err != nil {
		return nil, err
	}
	if !p.Request.Emit.WriteOnly {
		if err := p.Look(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.Refusal(); err != nil {
		return nil, err
	}
	p.work.private = filepath.Join(backups, privateDir)
	return &RootInstall{preview: p, acct: acct, backups: backups, backup: filepath.Join(backups, run+".tfstate")}, nil
}

// Result tells what has been done so far. It is to be asked after the run.
func (u *RootInstall) Result() UpgradeResult {
	return UpgradeResult{Done: slices.Clone(u.result.Done), Proofs: slices.Clone(u.result.Proofs)}
}

// Close removes a plan file that was made and not applied. Twice is safe.
func (u *RootInstall) Close() error {
	if u.saved == nil {
		return nil
	}
	return u.saved.Discard()
}

// Steps is the checklist:
//
//  1. guard: the account is as it was shown
//  2. write the files, the imports first; with WriteOnly that is all
//  3. fetch modules, validate, back the state up; after an apply that was cut
//     off, delete the key that it made and whose secret is in no state
//  4. plan, and have the guard judge it
//  5. apply exactly that plan
//  6. wait until every reader sees the grants
//  7. proofs: the account is what the choices call for, the state holds the
//     key's secret, a fresh plan has nothing to do, and nullplatform has each
//     destination registered once
//  8. after an apply that was cut off, delete the key that CI might have got
//     from nullplatform until then
func (u *RootInstall) Steps() []checklist.Step {
	p := u.preview
	var c chain
	c.add(u.step("guard", "See that the account is as it was shown", "What is carried out is what was shown, and nothing else.",
		func(ctx context.Context, _ *checklist.Task) error { return p.unchanged(ctx, u.acct) }))
	if len(p.Emission.Edits) > 0 {
		c.add(checklist.Step{
			ID: "edit", Title: "Write the files", Why: "What is written over is kept in the backups.", Will: []string{fileNames(p.Emission.Edits)},
			Do: func(ctx context.Context, t *checklist.Task) error {
				edits, err := absolute(p.Emission.Edits)
				if err != nil {
					return err
				}
				return editFiles(ctx, t, edits, u.backups)
			},
		})
	}
	if p.Request.Emit.WriteOnly {
		return c
	}
	c.add(u.step("prepare", "Fetch the modules, and validate", "What does not validate is not planned.", u.prepare))
	if p.begun {
		c.add(u.dropSpare())
	}
	c.add(u.step("plan", "Plan, and have the guard judge it", "The plan that is applied is the very one that is judged.", u.plan))
	c.add(checklist.Step{
		ID: "apply", Title: "Apply exactly that plan", Why: "Everything is made by the modules, and nothing is taken away.", Do: u.apply,
	})
	c.add(settleStep("settle", "Wait until every reader sees the grants", "The proofs are to be those of the whole account.",
		u.acct, provision.LinkCalls(p.Account.Plan.Blueprint)))
	c.add(u.step("verify", "Show that what is there is what was asked for", "The account, the state and a fresh plan must agree.", u.verify))
	if _, registered := p.registeredKey(); registered && p.ownUser {
		c.add(u.dropReplaced())
	}
	return c
}

// absolute names edits so that they are found from any directory.
func absolute(edits []rewrite.Edit) ([]rewrite.Edit, error) {
	out := slices.Clone(edits)
	for i := range out {
		root, err := filepath.Abs(out[i].Root)
		if err != nil {
			return nil, fmt.Errorf("name the root %s: %w", out[i].Root, err)
		}
		out[i].Root = root
	}
	return out, nil
}

// step is a step that changes nothing and may be interrupted.
func (u *RootInstall) step(id, title, why string, do func(context.Context, *checklist.Task) error) checklist.Step {
	return checklist.Step{ID: id, Title: title, Why: why, Do: func(ctx context.Context, t *checklist.Task) error {
		waiting, cancel := t.Interruptible(ctx)
		defer cancel()
		if err := do(waiting, t); err != nil {
			return stoppedOr(waiting, err)
		}
		return nil
	}}
}

func (u *RootInstall) prepare(ctx context.Context, t *checklist.Task) (err error) {
	dir := u.preview.Request.Emit.Dir
	if err := sweep(u.preview.work.private); err != nil {
		return err
	}
	if u.root, err = u.preview.work.open(dir, u.preview.Tool); err != nil {
		return err
	}
	t.Tell("init")
	upgraded, err := u.root.Init(ctx, tofu.InitOptions{MayUpgrade: true})
	if err != nil {
		return err
	}
	if upgraded {
		t.Tell("init changed the lock file; commit it with the files")
	}
	t.Tell("validate")
	said, err := u.root.Validate(ctx)
	if err == nil {
		err = invalid(dir, said)
	}
	if err != nil {
		return err
	}
	if s := u.preview.work.state; !s.Empty() {
		if err := makePrivate(u.backups); err != nil {
			return err
		}
		t.Tell("%s", u.backup)
		return s.Backup(u.backup)
	}
	return nil
}

func (u *RootInstall) plan(ctx context.Context, t *checklist.Task) error {
	saved, imports, err := u.planned(ctx, t)
	if err != nil {
		return err
	}
	want := u.preview.expectation()
	want.Imports = append(want.Imports, imports...)
	if err := guard.Judge(saved.Plan, want).Err(); err != nil {
		return errors.Join(fmt.Errorf("%w; correct it, or consent with --allow ADDRESS or --allow-unrelated, and run again; the files stay until slipway undo takes them back", err), saved.Discard())
	}
	u.saved = saved
	return nil
}

// planned plans the root. Once an apply has begun there may be things in the
// account that no state tells of; they are taken over.
func (u *RootInstall) planned(ctx context.Context, t *checklist.Task) (*tofu.Saved, []string, error) {
	if !u.preview.begun {
		saved, err := u.root.Plan(ctx, tofu.PlanOptions{}, tell(t))
		return saved, nil, err
	}
	return reclaiming{
		root: u.root, registered: u.preview.registrationImports(), backup: func() (string, error) { return u.backup + ".again", makePrivate(u.backups) },
		read: func(ctx context.Context) ([]*provision.Inventory, error) {
			inv, err := u.acct.Read(ctx, u.preview.Account.Plan.Blueprint.Scope())
			return []*provision.Inventory{inv}, err
		},
	}.plan(ctx, t)
}

func (u *RootInstall) apply(ctx context.Context, t *checklist.Task) error {
	if u.saved == nil {
		return errors.New("there is no plan to apply; run again")
	}
	s := u.preview.work.state
	intent := applyIntent{Apply: u.preview.Request.Emit.Dir, Lineage: s.Lineage, Serial: s.Serial}
	err := t.Effect(ctx, intent, func(ctx context.Context) (any, error) { return nil, u.root.Apply(ctx, u.saved, tell(t)) })
	if err != nil {
		return fmt.Errorf("%w; what was made is in the state; correct what is wrong and run again", err)
	}
	u.result.Done = append(u.result.Done, "apply")
	return nil
}

// verify looks at account, state and a fresh plan after the apply.
func (u *RootInstall) verify(ctx context.Context, t *checklist.Task) error {
	p := u.preview
	inv, err := u.acct.Read(ctx, p.Account.Plan.Blueprint.Scope())
	if err != nil {
		return err
	}
	after, err := u.root.PullState(ctx)
	if err != nil {
		return err
	}
	saved, err := u.root.Plan(ctx, tofu.PlanOptions{}, tell(t))
	if err != nil {
		return err
	}
	left := provision.NewPlan(p.Account.Plan.Blueprint, inv)
	equal := Proof{What: "the account is what the choices call for", Holds: left.Empty(), Detail: fmt.Sprintf("%d changes left", len(left.Changes))}
	held := Proof{What: "the state holds the key and its secret", Holds: slices.ContainsFunc(after.Resources, p.isKey)}
	still := Proof{What: "a fresh plan has nothing to do", Holds: true, Detail: "all no-op"}
	if refused := guard.Judge(saved.Plan, guard.Expectation{Job: guard.Nothing, AllowUnrelated: p.Request.Emit.AllowUnrelated}).Err(); refused != nil {
		still.Holds, still.Detail = false, refused.Error()
	}
	u.result.Proofs = []Proof{equal, held, still}
	if p.reg != nil {
		p.work.state = after
		once, err := u.registeredOnce(ctx)
		if err != nil {
			return errors.Join(err, saved.Discard())
		}
		u.result.Proofs = append(u.result.Proofs, once)
	}
	if who := p.Account.Inventory.User; who != nil && !p.ownUser {
		u.result.Proofs = append(u.result.Proofs, keptKeys(who, inv.User))
	}
	return errors.Join(saved.Discard(), unproven(u.result.Proofs))
}

// keptKeys shows that a build user that was there is the same one, with the
// keys that it had. One more has been made by the module.
func keptKeys(before, after *provision.User) Proof {
	p := Proof{What: "the build user and the keys that it had are the same", Holds: after != nil && after.ID == before.ID, Detail: fmt.Sprintf("%d keys compared", len(before.Keys))}
	for _, k := range before.Keys {
		p.Holds = p.Holds && slices.ContainsFunc(after.Keys, func(n provision.Key) bool { return n.ID == k.ID && n.Active == k.Active })
	}
	return p
}
