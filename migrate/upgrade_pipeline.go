package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// PipelineUpgrade is an upgrade that the team's own pipeline applies.
type PipelineUpgrade struct {
	preview *RootPreview
	acct    Account
	papers  []Paper

	mu     sync.Mutex
	result UpgradeResult
}

// Paper is a file that is handed to people: the patch, and the checklist for
// the pull request.
type Paper struct {
	Path string
	Text string
}

// NewPipelineUpgrade prepares to hand the papers over, to hold the bridge open
// while the pipeline applies, and to verify. It refuses as [NewRootUpgrade]
// does.
func NewPipelineUpgrade(p *RootPreview, acct Account, papers []Paper) (*PipelineUpgrade, error) {
	if err := p.blocked(); err != nil {
		return nil, err
	}
	for _, c := range p.Clusters {
		if err := c.Request.Allow.Withheld(c.Account.Consent); err != nil {
			return nil, err
		}
	}
	return &PipelineUpgrade{preview: p, acct: acct, papers: papers}, nil
}

// Result tells what has been done so far.
func (u *PipelineUpgrade) Result() UpgradeResult {
	u.mu.Lock()
	defer u.mu.Unlock()
	return UpgradeResult{Done: slices.Clone(u.result.Done), Proofs: slices.Clone(u.result.Proofs)}
}

func (u *PipelineUpgrade) done(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.result.Done = append(u.result.Done, id)
}

// Steps is the checklist of the pipeline route:
//
//  1. guard: the account is as it was shown, and so is the build user
//  2. write the patch and the checklist for the pull request
//  3. build the bridge, and wait until every reader sees it
//  4. by hand: merge and apply; the account shows when that is done
//  5. wait until every reader sees the group's grants, take the bridge away
//  6. proofs
func (u *PipelineUpgrade) Steps() []checklist.Step {
	p := u.preview
	var c chain
	c.add(guardRoot(u.acct, p))
	if len(u.papers) > 0 {
		c.add(u.write())
	}
	buildBridge(&c, u.acct, p, u.done)
	c.add(u.handOver())
	bridgeDown(&c, u.acct, p, u.done)
	c.add(proveRoot(u.acct, p, func(list []Proof) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.result.Proofs = list
	}))
	return c
}

func (u *PipelineUpgrade) write() checklist.Step {
	return checklist.Step{
		ID: "papers", Title: "Write the patch and the checklist for the pull request",
		Do: func(ctx context.Context, t *checklist.Task) error {
			for _, p := range u.papers {
				t.Tell("%s", p.Path)
				now, err := os.ReadFile(p.Path)
				switch {
				case err == nil && bytes.Equal(apartFromCommands(now), apartFromCommands([]byte(p.Text))):
					continue
				case err == nil:
					return fmt.Errorf("%s is there already, with something else in it; name another file with --patch, or remove it", p.Path)
				case !errors.Is(err, fs.ErrNotExist):
					return fmt.Errorf("look at %s: %w", p.Path, err)
				}
				err = t.Effect(ctx, fileIntent{Write: p.Path}, func(context.Context) (any, error) { return nil, replace(p.Path, []byte(p.Text)) })
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// apartFromCommands is a paper without the command that goes on: that is
// another one for whoever resumes, and the paper is the same.
func apartFromCommands(text []byte) []byte {
	return regexp.MustCompile("`slipway (upgrade|resume)[^`]*`").ReplaceAll(text, nil)
}

// handOver waits until the account shows that the pipeline has applied.
func (u *PipelineUpgrade) handOver() checklist.Step {
	var will []string
	for _, p := range u.papers {
		will = append(will, p.Path)
	}
	return checklist.Step{
		ID: "pipeline", Kind: checklist.Manual, Title: "Merge the patch, and let the pipeline apply it",
		Why:  "The bridge is open: CI can publish whatever the apply does in between.",
		Will: will,
		Verify: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			for _, c := range u.preview.Clusters {
				if err := applied(waiting, u.acct, c); err != nil {
					return stoppedOr(waiting, err)
				}
			}
			return nil
		},
	}
}

// applied fails unless the account is at the contract, and the build user is
// who it was.
func applied(ctx context.Context, acct Account, c *UpgradePreview) error {
	inv, err := readStanding(ctx, acct, c.Request)
	if err != nil {
		return err
	}
	if err := c.Identity.Same(provision.IdentityOf(inv.User)); err != nil {
		return err
	}
	left := provision.NewUpgrade(c.Plan().Blueprint, inv)
	if left.Blocked() != nil {
		return left.Blocked()
	}
	if behind(left) {
		return fmt.Errorf("the account is not at contract %s yet: still to come is %q", c.Request.To, left.Changes[0].Title)
	}
	return nil
}

// besides names a root as it is seen from the folder in which the upgraded one
// is: the same from any directory, and whether it was named by a whole path or
// not.
func besides(p *RootPreview, root string) string {
	at, err := filepath.Abs(filepath.FromSlash(p.Request.Dir))
	if err != nil {
		return root
	}
	of, err := filepath.Abs(filepath.FromSlash(root))
	if err != nil {
		return root
	}
	if rel, err := filepath.Rel(filepath.Dir(at), of); err == nil {
		return filepath.ToSlash(rel)
	}
	return root
}

// PullRequest is the checklist for a pull request, as Markdown. The patch is
// where the patch has been written, beside it, and resume the command that goes
// on. Whoever resumes from elsewhere gets the same text but for that command.
func PullRequest(p *RootPreview, patch, resume string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	var clusters []string
	for _, c := range p.Clusters {
		clusters = append(clusters, "`"+c.Request.Cluster+"`")
	}
	to := p.Clusters[0].Request.To
	line("# Upgrade of %s to contract %s", strings.Join(clusters, ", "), to)
	line("")
	line("The build user, its keys and their secrets stay as they are. While this is applied, CI publishes over a bridge: the build user has its grants directly.")
	line("")
	line("- [ ] The bridge is open: `%s` says that it waits for you. Do not apply before.", resume)
	line("- [ ] The patch is in: `git apply %s`, and commit it.", filepath.Base(patch))
	if len(p.Rewrite.StateMoves) > 0 {
		line("- [ ] Moved in the state, after a backup (`state pull`), the receiver pushed first:")
		for _, m := range p.Rewrite.StateMoves {
			line("  - `%s` in `%s` to `%s` in `%s`", m.From, besides(p, m.FromRoot), m.To, besides(p, m.ToRoot))
		}
		line("- [ ] The receiver is applied before the source.")
	}
	line("- [ ] The pipeline judges its plan before it applies, and stops at exit code 4:")
	which := ""
	if len(p.Clusters) == 1 {
		which = " --cluster " + p.Clusters[0].Request.Cluster
	}
	line("      `slipway guard PLAN --expect upgrade%s`", which)
	line("- [ ] The plan does this and nothing else:")
	for _, m := range p.Rewrite.Moves {
		line("  - move `%s` to `%s`", m.From, m.To)
	}
	for _, e := range p.Rewrite.Effects {
		line("  - %s `%s`: %s", strings.Join(e.Actions, ", "), e.Address, e.Why)
	}
	line("- [ ] Applied.")
	line("- [ ] `%s` has verified it and taken the bridge away.", resume)
	tells := slices.DeleteFunc(slices.Clone(p.Rewrite.Problems), func(q layout.Problem) bool { return q.Severity != layout.Tells })
	if len(tells) > 0 {
		line("")
		line("Good to know:")
		line("")
		for _, q := range tells {
			line("- %s; %s", q.Reason, q.Way)
		}
	}
	return b.String()
}
