package migrate

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// An upgrade by whichever route: one way from the request to the checklist,
// for all who ask for one.

// UpgradeDesk is what an upgrade needs beside its account and its request.
type UpgradeDesk struct {
	// Keep gives the journal of a cluster; nil means that what is done leaves
	// no trace.
	Keep func(id account.Identity, cluster string) (Keeping, error)
	// State names the directory in which a cluster's files are kept, such as
	// copies of states; nil where no root is worked on.
	State func(account, cluster string) (string, error)
	// Environ is the person's environment, for the tool and for git.
	Environ []string
	Now     func() time.Time
	// Resume is the command that goes on with a cluster's run.
	Resume func(cluster string) string
}

// AnyUpgrade is an upgrade by any route, before it does anything. One of
// Account and Root is set.
type AnyUpgrade struct {
	Request UpgradeRequest
	// Account is the preview of the account route, and Root that of the other
	// two.
	Account *UpgradePreview
	Root    *RootPreview
	// GoesOn says that a run of this upgrade is open, which this is the rest
	// of.
	GoesOn bool

	acct    Account
	desk    UpgradeDesk
	keeping Keeping
}

// LookAtUpgrade finds what there is to do, by the route that the request
// names. It writes nothing but what `init` keeps beside the configuration.
//
// It fails as [PreviewUpgrade] and [PreviewRoot] do, and with an
// [*OpenRunError] when the cluster's journal holds an open run of something
// else.
func LookAtUpgrade(ctx context.Context, acct Account, req UpgradeRequest, d UpgradeDesk) (*AnyUpgrade, error) {
	u := &AnyUpgrade{Request: req, acct: acct, desk: d}
	if req.Root == nil {
		if err := firstProblem(provision.CheckCluster(req.Cluster)); err != nil {
			return nil, err
		}
		if _, err := u.recall(ctx, req.Cluster); err != nil {
			return nil, err
		}
		var err error
		u.Account, err = PreviewUpgrade(ctx, acct, req)
		return u, err
	}
	p, err := PreviewRoot(ctx, acct, req, d.Environ)
	if err != nil {
		return nil, err
	}
	first := p.Clusters[0]
	past, err := u.recall(ctx, first.Request.Cluster)
	if err != nil {
		return nil, err
	}
	backups := ""
	if d.State != nil {
		if backups, err = d.State(first.Account.Identity.Place.Account, first.Request.Cluster); err != nil {
			return nil, err
		}
	}
	p.Keep(filepath.Join(backups, "backups"), past)
	u.Root = p
	return u, nil
}

// recall opens the cluster's journal and gives the calls of the run that is
// open in it.
func (u *AnyUpgrade) recall(ctx context.Context, cluster string) (PastCalls, error) {
	if u.desk.Keep == nil {
		return nil, nil
	}
	id, err := u.acct.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if u.keeping, err = u.desk.Keep(id, cluster); err != nil {
		return nil, err
	}
	past, err := OpenUpgrade(u.keeping.Journal, u.Request)
	u.GoesOn = err == nil && OpenRun(u.keeping.Journal) != nil
	return past, err
}

// Clusters are the previews of the identities that are upgraded, at least one.
func (u *AnyUpgrade) Clusters() []*UpgradePreview {
	if u.Root != nil {
		return u.Root.Clusters
	}
	return []*UpgradePreview{u.Account}
}

// Nothing reports whether all is there already.
func (u *AnyUpgrade) Nothing() bool {
	if u.Root != nil {
		return u.Root.Done()
	}
	return u.Account.Plan().Empty() && u.Account.Plan().Blocked() == nil
}

// Conclude closes the run that is open in the journal when there is nothing left
// to do: it was ended between its last change and its last line. What it has
// left of plans and copies of states goes with it. Where no run is open it does
// nothing.
func (u *AnyUpgrade) Conclude() error {
	if !u.GoesOn || !u.Nothing() {
		return nil
	}
	if err := u.keeping.sweep(); err != nil {
		return err
	}
	return u.keeping.Journal.End(checklist.OutcomeDone)
}

// Blocked gives a [*provision.BlockedError] when something is in the way.
func (u *AnyUpgrade) Blocked() error {
	if u.Root != nil {
		return u.Root.blocked()
	}
	return u.Account.Plan().Blocked()
}

// Prepare makes a preview that was agreed to ready to be carried out. It
// refuses one with blockers, and with a [*ConsentError] one that needs a word
// which is not among those given.
func (u *AnyUpgrade) Prepare(given Allow) (*Upgrading, error) {
	run, err := u.by(given)
	if err != nil {
		return nil, err
	}
	return &Upgrading{UpgradeRun: run, of: u}, nil
}

// by prepares the route. What was previewed is left as it is.
func (u *AnyUpgrade) by(given Allow) (UpgradeRun, error) {
	if u.Root == nil {
		agreed := *u.Account
		agreed.Request.Allow = given
		run, err := NewAccountUpgrade(&agreed, u.acct)
		if err != nil {
			return nil, err // A nil of a concrete type is no nil interface.
		}
		return run, nil
	}
	agreed := *u.Root
	agreed.Clusters = nil
	for _, c := range u.Root.Clusters {
		one := *c
		one.Request.Allow = given
		agreed.Clusters = append(agreed.Clusters, &one)
	}
	if u.Request.Route == RoutePipeline {
		run, err := NewPipelineUpgrade(&agreed, u.acct, u.Papers())
		if err != nil {
			return nil, err
		}
		return run, nil
	}
	run, err := NewRootUpgrade(&agreed, u.acct, u.desk.Now)
	if err != nil {
		return nil, err
	}
	return run, nil
}

// defaultPatch is the file that a patch is written to where none is named.
const defaultPatch = "slipway-upgrade.patch"

// Papers are the patch and the checklist for the pull request. Where the
// configuration is there already, and on other routes, there are none.
func (u *AnyUpgrade) Papers() []Paper {
	if u.Root == nil || u.Request.Route != RoutePipeline || len(u.Root.Rewrite.Edits) == 0 {
		return nil
	}
	p := u.Root
	patch := p.Request.Patch
	if patch == "" {
		patch = defaultPatch
	}
	return []Paper{
		{Path: patch, Text: p.Rewrite.Diff(filepath.ToSlash(filepath.Clean(p.Request.Dir)))},
		{Path: strings.TrimSuffix(patch, filepath.Ext(patch)) + ".md", Text: PullRequest(p, patch, u.Resume())},
	}
}

// Resume is the command that goes on with this upgrade.
func (u *AnyUpgrade) Resume() string {
	cluster := u.Clusters()[0].Request.Cluster
	if u.desk.Resume == nil {
		return "slipway resume --cluster " + cluster
	}
	return u.desk.Resume(cluster)
}

// Steps is the checklist of what was previewed, for a person to read before
// they say yes; none while something is in the way.
func (u *AnyUpgrade) Steps() []checklist.Step {
	run, err := u.by(Allow{Broadening: true, Loss: true})
	if err != nil {
		return nil
	}
	return run.Steps()
}

// UpgradeRun is a route on its way to being carried out.
type UpgradeRun interface {
	// Steps is the checklist.
	Steps() []checklist.Step
	// Result tells what has been done so far.
	Result() UpgradeResult
}

// Upgrading is an upgrade that was agreed to.
type Upgrading struct {
	UpgradeRun
	of *AnyUpgrade
}

// Start records in the journal what was agreed to, and prepares to carry it
// out. Nothing must be changed before.
func (u *Upgrading) Start(o checklist.Options) (*checklist.Run, error) {
	clusters := u.of.Clusters()
	agreed := clusters[0].Plan()
	if u.of.Root != nil {
		agreed = u.of.Root.Agreed()
	}
	if err := BeginUpgrade(u.of.keeping, u.of.Request, clusters, agreed); err != nil {
		return nil, err
	}
	o.Journal = u.of.keeping.Journal
	return checklist.New(u.Steps(), o)
}

// Close removes what a run has left that is of no use any more. Twice is safe.
func (u *Upgrading) Close() error {
	if c, ok := u.UpgradeRun.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}
