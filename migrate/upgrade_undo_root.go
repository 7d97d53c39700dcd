package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// AppliedError says that an upgrade went through a root and that its apply has
// begun, so that configuration and state have to go back too.
type AppliedError struct{ Route Route }

// Error says how it can be taken back.
func (e *AppliedError) Error() string {
	return "the upgrade went through a root, and its apply has begun: configuration and state have to go back too; " +
		"take it back with slipway undo on the command line"
}

// RootUndo is an upgrade that was applied through a root, on its way back: the
// files are put back, with moved blocks that turn the upgrade's round, and
// that is applied as the upgrade was, behind the guard and over a bridge.
type RootUndo struct {
	// Target is the run that is taken back.
	Target *checklist.Past
	// Tool is what applies it.
	Tool tofu.Tool
	// Files are those that go back, and Moves the addresses.
	Files []EditedFile
	Moves []rewrite.Move
	// Plan is what slipway itself does in the account: it builds a bridge and
	// takes it away.
	Plan provision.Plan

	*RootUpgrade
	dir     string
	keeping Keeping
	agreed  planned
	// was is the account before the upgrade, now as it is.
	was, now *provision.Inventory
	bridge   provision.Bridge
	leftover []provision.Change
	begun    bool
}

// PreviewRootUndo plans the way back from the last run of a journal, which must
// be an upgrade through a root whose apply has begun. It changes nothing but
// what `init` keeps beside the configuration.
//
// It refuses with a [*provision.Problem] what it cannot take back safely: an
// apply that has not come to its end, contract 1.12, two roots, and what a
// pipeline has applied. Each says what a person can do.
func PreviewRootUndo(ctx context.Context, acct Account, k Keeping, environ []string, now func() time.Time) (*RootUndo, error) {
	target := k.Journal.History().ToUndo()
	if target == nil || len(target.Plans) == 0 {
		return nil, ErrNothingToUndo
	}
	req, err := UpgradeRequestOf(target)
	if err != nil {
		return nil, err
	}
	u := &RootUndo{Target: target, keeping: k}
	if err := json.Unmarshal(target.Plans[0], &u.agreed); err != nil {
		return nil, fmt.Errorf("read the plan of the run: %w", err)
	}
	u.was = u.agreed.Inventory
	if err := u.refuse(req); err != nil {
		return nil, err
	}
	u.dir, req.Cluster = req.Root.Dir, target.Begin.Cluster
	// 1. The root as it is.
	p := &RootPreview{Request: *req.Root, environ: environ, Rewrite: &rewrite.Result{}}
	backups := filepath.Join(filepath.Dir(k.Journal.Path()), backupsDir)
	p.backups, p.private = backups, filepath.Join(backups, privateDir)
	if err := p.readState(ctx); err != nil {
		return nil, err
	}
	u.Tool = p.Tool
	if u.Files, err = filesBack(target); err != nil {
		return nil, err
	}
	u.moves(p.state)
	// 2. The account as it is, and the bridge.
	if u.now, err = readStanding(ctx, acct, req); err != nil {
		return nil, err
	}
	p.Clusters = []*UpgradePreview{{Request: req, Identity: provision.IdentityOf(u.now.User)}}
	u.RootUpgrade = &RootUpgrade{
		preview: p, acct: acct, now: now,
		roots: map[string]*tofu.Root{}, before: map[string]*tofu.State{}, saved: map[string]*tofu.Saved{},
	}
	return u, u.plan(ctx, acct)
}

// refuse gives what keeps an upgrade from being taken back here.
func (u *RootUndo) refuse(req UpgradeRequest) error {
	problem := func(rule, way string) error { return &provision.Problem{Field: "undo", Rule: rule, Way: way} }
	contract := provision.StandingOf(u.Target.Begin.Cluster, u.was).Contract
	switch {
	case req.Route == RoutePipeline:
		return problem("of an upgrade that a pipeline has applied is the pipeline's too",
			"attach the group's policies to the build user itself (aws iam attach-user-policy), revert the commit of the patch, add its moved blocks with from and to turned round, "+
				"have the plan judged with slipway guard PLAN --expect undo, apply it, and detach the policies again (aws iam detach-user-policy); never apply the revert without those moved blocks: it would destroy the build user and its key")
	case u.Target.Outcome != checklist.OutcomeDone:
		return problem("is of an upgrade whose apply has begun and has not come to its end",
			"finish it with slipway resume --cluster "+u.Target.Begin.Cluster+" --yes, and take it back then")
	case req.Root.Receiver != "":
		return problem("is of an upgrade across two roots",
			"put the files back from the backups in slipway's state directory, move the build user, its key, its group and membership back with state mv from the receiver to the other root, push that root first, and apply it first, while the group's policies are attached to the build user itself")
	case contract != provision.Contract34 && contract != provision.Contract50:
		return problem(fmt.Sprintf("would lead to contract %s, which grants the build user directly and has no publishers group", contract),
			"stay at the contract of today; where it has to be, put the files back from the backups in slipway's state directory, turn the moved blocks round, and apply that while the policy is attached to the build user itself")
	}
	return nil
}

// filesBack are the files that a run has edited, each with what was there before
// the first edit and what the last one has written.
func filesBack(target *checklist.Past) ([]EditedFile, error) {
	var out []EditedFile
	for _, f := range slices.Backward(edited(target)) {
		i := slices.IndexFunc(out, func(o EditedFile) bool { return o.Path == f.Path })
		if filepath.Base(f.Path) == reclaimFile {
			continue
		}
		if i < 0 {
			out = append(out, f)
			continue
		}
		out[i].Sum = f.Sum
	}
	for _, f := range out {
		if err := f.untouched(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// untouched fails when somebody has worked on a file since it was written.
func (f EditedFile) untouched() error {
	now, err := os.ReadFile(f.Path)
	switch {
	case f.Backup == "" && errors.Is(err, os.ErrNotExist), err == nil && sumOf(now) == f.Sum:
		return nil
	case err != nil:
		return fmt.Errorf("look at %s: %w", f.Path, err)
	}
	if was, err := os.ReadFile(f.Backup); f.Backup != "" && err == nil && sumOf(was) == sumOf(now) {
		return nil // It has been put back already.
	}
	return &provision.Problem{
		Field: "undo", Rule: "finds " + f.Path + " edited since the upgrade", Way: "bring it to what the upgrade has written (git stash, or git checkout), take the upgrade back, and make the edit again",
	}
}

// moves turns the upgrade's moves round, those that the state still shows.
func (u *RootUndo) moves(s *tofu.State) {
	for _, e := range u.Target.Effects {
		var a applyIntent
		if json.Unmarshal(e.Intent, &a) != nil {
			continue
		}
		for _, m := range a.Moves {
			back := rewrite.Move{FromRoot: m.ToRoot, From: m.To, ToRoot: m.FromRoot, To: m.From}
			if _, there := s.Resource(back.From); there && !slices.Contains(u.Moves, back) {
				u.Moves = append(u.Moves, back)
			}
		}
	}
}

// plan plans the bridge, and finds what an earlier try has left of one.
func (u *RootUndo) plan(ctx context.Context, acct Account) error {
	quotas, err := acct.Quotas(ctx)
	var refused *account.Error
	if err != nil && (!errors.As(err, &refused) || !refused.Denied()) {
		return err // Without the right to know, AWS says so when it is full.
	}
	past := CallsOf(u.Target)
	if last := u.keeping.Journal.Past(); last.Begin.Of == u.Target.Begin.Run && last.Outcome == checklist.OutcomeOpen {
		again := CallsOf(last)
		past, u.begun = append(past, again...), again.begun()
	}
	u.preview.Rewrite.Moves = u.Moves
	u.leftover = bridgeLeft(past, u.now)
	u.bridge = provision.NewBridge(u.former(), u.now, quotas)
	u.Plan = provision.Plan{Blueprint: u.agreed.Plan.Blueprint, Changes: []provision.Change{}, Kept: []provision.Entity{}, Blockers: u.bridge.Blockers}
	u.Plan.Changes = append(append(append(u.Plan.Changes, u.bridge.Up...), u.bridge.Down...), u.leftover...)
	return nil
}

// former is the upgrade's blueprint with the group of before, as it was.
func (u *RootUndo) former() provision.Blueprint {
	b := u.agreed.Plan.Blueprint
	b.Group = provision.Group{Name: b.Group.Name}
	for _, name := range u.was.User.Groups {
		if g := u.was.Group(name); g != nil && strings.HasPrefix(name, "nullplatform-"+u.Target.Begin.Cluster+"-") {
			b.Group = *g
		}
	}
	return b
}

// backFile is the file with the moved blocks that turn the upgrade's round. It
// is removed once they are applied.
func (u *RootUndo) backFile() string { return filepath.Join(u.dir, "slipway_moved_back.tf") }

func (u *RootUndo) backText() []byte {
	var b strings.Builder
	b.WriteString("# Written by slipway to take an upgrade back, and removed when it is applied.\n")
	for _, m := range u.Moves {
		fmt.Fprintf(&b, "\nmoved {\n  from = %s\n  to   = %s\n}\n", m.From, m.To)
	}
	return []byte(b.String())
}

// Start records what was agreed to and prepares to carry it out. When all is
// done the upgrade counts as taken back.
func (u *RootUndo) Start(o checklist.Options) (*checklist.Run, error) {
	if err := u.Plan.Blocked(); err != nil {
		return nil, err
	}
	return u.keeping.beginUndo(u.Target, u.Steps(), o, planned{Identity: u.agreed.Identity, Plan: u.Plan, Inventory: u.now})
}

// Proofs are what was seen at the end.
func (u *RootUndo) Proofs() []Proof { return u.Result().Proofs }
