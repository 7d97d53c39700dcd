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
	// Allowed and AllowUnrelated consent to what the guard would refuse of the
	// plan. They are set before [RootUndo.Start].
	Allowed        []string
	AllowUnrelated bool

	*RootUpgrade
	dir      string
	keeping  Keeping
	agreed   planned
	clusters []returning
	// leftover is what an earlier try has left of the bridges, in the order of
	// the clusters. The bridges themselves are in the preview.
	leftover [][]provision.Change
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
	// 1. The account as it was and is.
	if u.clusters, err = returningOf(ctx, acct, target, u.agreed); err != nil {
		return nil, err
	}
	if err := u.refuse(req); err != nil {
		return nil, err
	}
	u.dir = req.Root.Dir
	// 2. The root as it is.
	p := &RootPreview{Request: *req.Root, environ: environ, Rewrite: &rewrite.Result{}}
	p.Request.NoBridge = false // That was said of the upgrade.
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
	// 3. The bridge.
	for _, r := range u.clusters {
		p.Clusters = append(p.Clusters, &UpgradePreview{Request: r.request, Identity: r.who()})
	}
	u.RootUpgrade = &RootUpgrade{
		preview: p, acct: acct, now: now,
		roots: map[string]*tofu.Root{}, before: map[string]*tofu.State{}, saved: map[string]*tofu.Saved{},
	}
	return u, u.plan(ctx, acct)
}

// refuse gives what keeps an upgrade from being taken back here.
func (u *RootUndo) refuse(req UpgradeRequest) error {
	problem := func(rule, way string) error { return &provision.Problem{Field: "undo", Rule: rule, Way: way} }
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
	}
	for _, r := range u.clusters {
		if r.contract().Before(provision.Contract34) {
			return problem(fmt.Sprintf("would lead to contract %s, which grants the build user directly and has no publishers group", r.contract()),
				"stay at the contract of today; where it has to be, put the files back from the backups in slipway's state directory, turn the moved blocks round, and apply that while the policy is attached to the build user itself")
		}
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
	u.Plan = provision.Plan{Blueprint: u.agreed.Plan.Blueprint, Changes: []provision.Change{}, Kept: []provision.Entity{}}
	for _, r := range u.clusters {
		var b provision.Bridge
		if behind(provision.NewUpgrade(r.blueprint, r.was)) { // else the upgrade was not about it
			b = provision.NewBridge(r.former(), r.now, quotas)
		}
		b.Up, b.Down = u.preview.apart(r.request.Cluster, b.Up), u.preview.apart(r.request.Cluster, b.Down)
		left := u.preview.apart(r.request.Cluster, bridgeLeft(past, r.now))
		u.preview.Bridges, u.leftover = append(u.preview.Bridges, b), append(u.leftover, left)
		u.Plan.Blockers = append(u.Plan.Blockers, b.Blockers...)
	}
	u.Plan.Changes = append(u.Plan.Changes, slices.Concat(u.preview.overAndBack(), slices.Concat(u.leftover...))...)
	return nil
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
	return u.keeping.beginUndo(u.Target, u.Steps(), o, planned{Identity: u.agreed.Identity, Plan: u.Plan, Inventory: u.clusters[0].now})
}

// Proofs are what was seen at the end.
func (u *RootUndo) Proofs() []Proof { return u.Result().Proofs }
