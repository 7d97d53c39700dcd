package migrate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/ownfile"
)

// RootUpgrade is an upgrade of a root on its way to being carried out.
type RootUpgrade struct {
	preview *RootPreview
	acct    Account
	now     func() time.Time

	// What the steps hand on to one another. They run one after another.
	roots  map[string]*tofu.Root
	before map[string]*tofu.State
	saved  map[string]*tofu.Saved

	mu     sync.Mutex
	result UpgradeResult
}

// NewRootUpgrade prepares to carry a preview out. One with blockers is refused,
// and so is one that needs a word which the request does not give.
func NewRootUpgrade(p *RootPreview, acct Account, now func() time.Time) (*RootUpgrade, error) {
	if err := p.blocked(); err != nil {
		return nil, err
	}
	for _, c := range p.Clusters {
		if err := c.Request.Allow.Withheld(c.Account.Consent); err != nil {
			return nil, err
		}
	}
	return &RootUpgrade{
		preview: p, acct: acct, now: now,
		roots: map[string]*tofu.Root{}, before: map[string]*tofu.State{}, saved: map[string]*tofu.Saved{},
	}, nil
}

// Result tells what has been done so far.
func (u *RootUpgrade) Result() UpgradeResult {
	u.mu.Lock()
	defer u.mu.Unlock()
	return UpgradeResult{Done: slices.Clone(u.result.Done), Proofs: slices.Clone(u.result.Proofs)}
}

// Close removes plan files that were made and not applied. Twice is safe.
func (u *RootUpgrade) Close() error {
	var errs []error
	for _, s := range u.saved {
		errs = append(errs, s.Discard())
	}
	return errors.Join(errs...)
}

func (u *RootUpgrade) done(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.result.Done = append(u.result.Done, id)
}

// chain gathers steps of which each waits for the one before.
type chain []checklist.Step

func (c *chain) add(s checklist.Step) {
	if n := len(*c); n > 0 {
		s.Needs = []string{(*c)[n-1].ID}
	}
	*c = append(*c, s)
}

// Steps is the checklist of the tofu route:
//
//  1. guard: the account is as it was shown, and so is the build user
//  2. back the states up, write the edits, fetch modules, validate
//  3. move in the state, where moved blocks cannot or were not asked for
//  4. plan, and have the guard judge it
//  5. build the bridge, and wait until every reader sees it
//  6. apply and verify; with two roots the receiver first, and then the other
//  7. wait until every reader sees the group's grants, take the bridge away
//  8. proofs
func (u *RootUpgrade) Steps() []checklist.Step {
	p := u.preview
	var c chain
	c.add(guardRoot(u.acct, p))
	for _, dir := range p.dirs() {
		c.add(u.backUp(dir))
	}
	if len(p.Rewrite.Edits) > 0 {
		c.add(u.edit())
	}
	for _, dir := range p.dirs() {
		c.add(u.prepare(dir))
	}
	if len(p.Rewrite.StateMoves) > 0 {
		c.add(u.moveState())
	}
	if f := u.forgotten(); len(f) > 0 {
		c.add(u.forget(f))
	}
	for i, dir := range p.dirs() {
		c.add(u.plan(dir))
		if i == 0 {
			// What the guard refuses needs no bridge.
			buildBridge(&c, u.acct, p, u.done)
		}
		c.add(u.apply(dir))
		c.add(u.verify(dir))
	}
	bridgeDown(&c, u.acct, p, u.done)
	c.add(proveRoot(u.acct, p, func(list []Proof) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.result.Proofs = append(slices.DeleteFunc(u.result.Proofs, func(o Proof) bool {
			return slices.ContainsFunc(list, func(n Proof) bool { return n.What == o.What })
		}), list...)
	}))
	return c
}

// at names a root in the ID of a step.
func at(what, dir string) string { return what + " " + filepath.Base(filepath.Clean(dir)) }

func (u *RootUpgrade) root(dir string) (*tofu.Root, error) {
	if r := u.roots[dir]; r != nil {
		return r, nil
	}
	r, err := u.preview.open(dir, u.preview.Tool)
	if err == nil {
		u.roots[dir] = r
	}
	return r, err
}

// guardRoot sees that the accounts are as they were shown.
func guardRoot(acct Account, p *RootPreview) checklist.Step {
	return checklist.Step{
		ID: "guard", Title: "See that the account is as it was shown",
		Why: "What is carried out is what was shown, and nothing else.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			for _, c := range p.Clusters {
				u := &AccountUpgrade{preview: c, acct: acct}
				if err := u.recheck(waiting); err != nil {
					return stoppedOr(waiting, err)
				}
			}
			return sweep(p.private)
		},
	}
}

// backUp pulls the state and keeps a copy. The secret in it is what the proofs
// at the end are compared with.
func (u *RootUpgrade) backUp(dir string) checklist.Step {
	return checklist.Step{
		ID: at("back-up", dir), Title: "Back the state up", Why: "It holds the only copy of the key's secret.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			r, err := u.root(dir)
			if err != nil {
				return err
			}
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			s, err := r.PullState(waiting)
			if err != nil {
				return stoppedOr(waiting, err)
			}
			u.before[dir] = s
			if s.Empty() {
				return nil
			}
			path, err := u.backupPath(dir)
			if err != nil {
				return err
			}
			t.Tell("%s", path)
			return s.Backup(path)
		},
	}
}

// backupPath names a new file for a copy of a state.
func (u *RootUpgrade) backupPath(dir string) (string, error) {
	if err := makePrivate(u.preview.backups); err != nil {
		return "", err
	}
	stamp := u.now().UTC().Format("20060102T150405.000000000")
	return filepath.Join(u.preview.backups, filepath.Base(filepath.Clean(dir))+"-"+stamp+".tfstate"), nil
}

func (u *RootUpgrade) edit() checklist.Step {
	p := u.preview
	return checklist.Step{
		ID: "edit", Title: "Write the edits", Why: "The originals are kept; each file is replaced in one step.",
		Will: []string{fileNames(p.Rewrite.Edits)},
		Do: func(ctx context.Context, t *checklist.Task) error {
			return editFiles(ctx, t, p.Rewrite.Edits, filepath.Join(p.backups, "files"))
		},
		Undo: &checklist.Undo{
			Title: "Take the edits back", Why: "Only while nothing has been applied: afterwards the configuration must stay as it is.",
			Will: []string{fileNames(p.Rewrite.Edits)},
			Do:   u.restore,
		},
	}
}

// restore takes the edits back, unless they have been applied: the old
// configuration on the new state would destroy the build user.
func (u *RootUpgrade) restore(ctx context.Context, t *checklist.Task) error {
	r, err := u.root(u.preview.Request.Dir)
	if err != nil {
		return err
	}
	s, err := r.PullState(ctx)
	if err != nil {
		return err
	}
	for _, m := range u.preview.Rewrite.Moves {
		if _, there := s.Resource(m.From); !there && m.FromRoot == u.preview.Request.Dir {
			return fmt.Errorf("the edits have been applied: %s is no longer in the state; the old configuration would destroy the build user, so the files are left as they are", m.From)
		}
	}
	return restoreFiles(ctx, t, u.preview.Rewrite.Edits)
}

// prepare fetches modules and providers and validates.
func (u *RootUpgrade) prepare(dir string) checklist.Step {
	return checklist.Step{
		ID: at("prepare", dir), Title: "Fetch the modules and validate", Why: "What does not validate is not planned.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			r, err := u.root(dir)
			if err != nil {
				return err
			}
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			t.Tell("init")
			upgraded, err := r.Init(waiting, tofu.InitOptions{MayUpgrade: true})
			if err != nil {
				return stoppedOr(waiting, err)
			}
			if upgraded {
				t.Tell("init changed the lock file; commit it with the edits")
			}
			t.Tell("validate")
			said, err := r.Validate(waiting)
			if err != nil {
				return stoppedOr(waiting, err)
			}
			return invalid(dir, said)
		},
	}
}

func invalid(dir string, said []tofu.Diagnostic) error {
	var errs []string
	for _, d := range said {
		if d.Error {
			errs = append(errs, d.String())
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%s does not validate: %s; correct it and run again, or take the edits back with slipway undo", dir, strings.Join(errs, "; "))
}

// buildBridge adds the steps of a bridge, if there is to be one.
func buildBridge(c *chain, acct Account, p *RootPreview, done func(string)) {
	if !p.Bridged() {
		return
	}
	var made []provision.Call
	for i, b := range p.Bridges {
		for _, s := range changeSteps(acct, b.Up, p.Clusters[i].Identity, done) {
			c.add(s)
		}
		for _, up := range b.Up {
			made = append(made, up.Calls...)
		}
	}
	c.add(settleStep("bridge-settle", "Wait until every reader sees the bridge",
		"Nothing is applied before CI has its grants some other way.", acct, made))
}

// plan plans, and has the guard judge it.
func (u *RootUpgrade) plan(dir string) checklist.Step {
	return checklist.Step{
		ID: at("plan", dir), Title: "Plan, and have the guard judge it",
		Why: "The plan that is applied is the very one that is judged.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			r, err := u.root(dir)
			if err != nil {
				return err
			}
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			saved, imports, err := u.planned(waiting, t, r, dir)
			if err != nil {
				return stoppedOr(waiting, err)
			}
			want := u.preview.expectation(dir)
			want.Imports = imports
			v := guard.Judge(saved.Plan, want)
			if err := u.judged(v); err != nil {
				return errors.Join(err, saved.Discard())
			}
			u.saved[dir] = saved
			return nil
		},
	}
}

// planned plans a root. Once an apply has begun there may be things in the
// account that no state tells of; they are taken over.
func (u *RootUpgrade) planned(ctx context.Context, t *checklist.Task, r *tofu.Root, dir string) (*tofu.Saved, []string, error) {
	if !u.preview.begun {
		saved, err := r.Plan(ctx, tofu.PlanOptions{}, tell(t))
		return saved, nil, err
	}
	again := reclaiming{
		root: r, moves: u.preview.Rewrite.Moves, backup: func() (string, error) { return u.backupPath(dir) },
		read: func(ctx context.Context) (out []*provision.Inventory, err error) {
			for _, c := range u.preview.Clusters {
				inv, err := readStanding(ctx, u.acct, c.Request)
				if err != nil {
					return nil, err
				}
				out = append(out, inv)
			}
			return out, nil
		},
	}
	return again.plan(ctx, t)
}

// judged refuses what the guard refuses.
func (u *RootUpgrade) judged(v guard.Verdict) error {
	if err := v.Err(); err != nil {
		return fmt.Errorf("%w; correct it, or consent with --allow ADDRESS or --allow-unrelated, and run again; the edits stay in place until slipway undo takes them back", err)
	}
	return nil
}

func tell(t *checklist.Task) func(tofu.Event) {
	return func(e tofu.Event) {
		if e.Address != "" {
			t.Tell("%s %s %s", e.Kind, e.Action, e.Address)
		}
	}
}

// applyIntent is what the journal keeps of an apply.
type applyIntent struct {
	Apply   string `json:"apply"`
	Lineage string `json:"lineage"`
	Serial  uint64 `json:"serial"`
	// Moves are the addresses that change, to go back by.
	Moves []rewrite.Move `json:"moves,omitempty"`
}

func (u *RootUpgrade) apply(dir string) checklist.Step {
	return checklist.Step{
		ID: at(applyPrefix, dir), Title: "Apply exactly that plan", Why: "CI publishes over the bridge meanwhile.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			saved := u.saved[dir]
			if saved == nil {
				return errors.New("there is no plan to apply; run again")
			}
			intent := applyIntent{Apply: dir, Moves: u.preview.Rewrite.Moves}
			if s := u.before[dir]; s != nil {
				intent.Lineage, intent.Serial = s.Lineage, s.Serial
			}
			err := t.Effect(ctx, intent, func(ctx context.Context) (any, error) {
				return nil, u.roots[dir].Apply(ctx, saved, tell(t))
			})
			if err != nil {
				return fmt.Errorf("%w; the bridge stays until the upgrade is through, so CI can publish; correct what is wrong and run again", err)
			}
			u.done(at("apply", dir))
			return u.sameUsers(ctx)
		},
	}
}

func (u *RootUpgrade) sameUsers(ctx context.Context) error {
	for _, c := range u.preview.Clusters {
		if err := sameIdentity(ctx, u.acct, c.Identity); err != nil {
			return err
		}
	}
	return nil
}

func makePrivate(dir string) error {
	if err := ownfile.MkdirAll(dir); err != nil {
		return fmt.Errorf("make a place for backups: %w; name another state directory with XDG_STATE_HOME", err)
	}
	return nil
}
