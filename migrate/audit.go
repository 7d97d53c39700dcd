package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
)

// AuditAccount is what an audit needs of an account: reads alone, so that
// nothing in it could write.
type AuditAccount interface {
	Identity(ctx context.Context) (account.Identity, error)
	Survey(ctx context.Context, s provision.SurveyScope) (*provision.Survey, error)
	Discover(ctx context.Context, keep func(provision.Found) bool) ([]provision.Found, []provision.Gap, error)
	Settings(ctx context.Context, buckets []string, repositories bool) (*provision.Settings, []provision.Gap, error)
}

var _ AuditAccount = (*account.Account)(nil)

// AuditTarget is one account to audit.
type AuditTarget struct {
	// Name is how the person called it, such as a profile.
	Name    string
	Account AuditAccount
}

// AuditRequest says what to audit, whoever filled it in.
type AuditRequest struct {
	// Cluster is the one to look at; empty with All.
	Cluster string
	// All looks at every cluster that the account has.
	All bool
	// Destinations reads the settings of buckets and repositories too.
	Destinations bool
	// Expect is what is known of the installation.
	Expect audit.Expect
	// Platform is what nullplatform has on record, nil when nobody asked.
	Platform     *audit.Platform
	Suppressions []audit.Suppression
}

// Validate refuses a request that cannot be carried out, before any call.
func (r AuditRequest) Validate() error {
	var errs []error
	add := func(list []provision.Problem) {
		for _, p := range list {
			if !p.Warning {
				errs = append(errs, &p)
			}
		}
	}
	switch {
	case r.All && r.Cluster != "":
		add([]provision.Problem{{Field: "cluster", Rule: "and --all exclude one another", Way: "leave one of them out"}})
	case !r.All && r.Cluster == "":
		add([]provision.Problem{{Field: "cluster", Rule: "is not named", Way: "say which with --cluster NAME, or audit all of the account with --all"}})
	}
	if r.Cluster != "" {
		add(provision.CheckCluster(r.Cluster))
	}
	for _, b := range r.Expect.Buckets {
		add(provision.CheckBucket(b))
	}
	if r.Expect.ApplicationManager != "" {
		add(provision.CheckApplicationManager(r.Expect.ApplicationManager))
	}
	add(provision.CheckBoundary(r.Expect.Boundary))
	for _, s := range r.Suppressions {
		add(s.Problems())
	}
	return errors.Join(errs...)
}

// AuditProgress says how far an audit is. It is told from one goroutine at a
// time.
type AuditProgress struct {
	// Target is the account's name.
	Target string
	// Done and Total count clusters; Total is zero while they are looked for.
	Done, Total int
	// Cluster was read just now.
	Cluster string
}

// clustersAtOnce bounds how many clusters are read side by side. More would
// only wait for one another at the pace that is kept.
const clustersAtOnce = 8

// Audit reads and judges: every cluster that is asked for, in every target,
// side by side. Reports come in the order of targets and then of clusters. It
// writes nothing. An account that cannot be read is an error, and nothing is
// reported of the others: half an audit must not look like a whole one.
func Audit(ctx context.Context, targets []AuditTarget, r AuditRequest, now func() time.Time, tell func(AuditProgress)) ([]audit.Report, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	reports := make([][]audit.Report, len(targets))
	heard := make(chan AuditProgress)
	told := make(chan struct{})
	go func() {
		defer close(told)
		for p := range heard {
			tell(p)
		}
	}()
	g, gctx := errgroup.WithContext(ctx)
	for i, t := range targets {
		g.Go(func() (err error) {
			reports[i], err = auditOne(gctx, t, r, now, heard)
			if err != nil && t.Name != "" {
				err = fmt.Errorf("audit %s: %w", t.Name, err)
			}
			return err
		})
	}
	err := g.Wait()
	close(heard)
	<-told
	return slices.Concat(reports...), err
}

// auditOne audits one account:
//
//  1. find the clusters, or take the one that was named
//  2. survey each, side by side
//  3. read the settings of their destinations, if asked
//  4. judge, and drop what was read
func auditOne(ctx context.Context, t AuditTarget, r AuditRequest, now func() time.Time, heard chan<- AuditProgress) ([]audit.Report, error) {
	scopes := []provision.SurveyScope{audit.Scope(r.Cluster)}
	var missing []provision.Gap
	if r.All {
		heard <- AuditProgress{Target: t.Name}
		found, gaps, err := t.Account.Discover(ctx, audit.Ours)
		if err != nil {
			return nil, err
		}
		scopes, missing = audit.Clusters(found), gaps
		if len(scopes) == 0 {
			return nil, noClusters(t.Name, missing)
		}
	}
	reports := make([]audit.Report, len(scopes))
	done := make(chan string)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(clustersAtOnce)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		n := 0
		for cluster := range done {
			n++
			heard <- AuditProgress{Target: t.Name, Done: n, Total: len(scopes), Cluster: cluster}
		}
	}()
	for i, s := range scopes {
		g.Go(func() (err error) {
			// Repositories are the account's: one cluster speaks of them.
			reports[i], err = auditCluster(gctx, t.Account, s, r, i == 0, missing, now)
			if err == nil {
				done <- s.Cluster
			}
			return err
		})
	}
	err := g.Wait()
	close(done)
	<-counted
	return reports, err
}

func noClusters(target string, missing []provision.Gap) error {
	p := &provision.Problem{Field: "all", Rule: "finds no cluster in the account", Way: "check the account, or name a cluster with --cluster"}
	if len(missing) > 0 {
		p.Rule = "cannot find the clusters: " + missing[0].Reason
		p.Way = "allow " + missing[0].Action + ", or name a cluster with --cluster"
	}
	if target != "" {
		p.Rule += " (" + target + ")"
	}
	return p
}

func auditCluster(ctx context.Context, a AuditAccount, s provision.SurveyScope, r AuditRequest, repositories bool, missing []provision.Gap, now func() time.Time) (audit.Report, error) {
	survey, err := a.Survey(ctx, s)
	if err != nil {
		return audit.Report{}, err
	}
	audit.Hide(survey, missing)
	subject := audit.Subject{
		Survey: survey, Expect: r.Expect, Platform: r.Platform, Suppressions: r.Suppressions, Now: now(),
	}
	if r.Destinations {
		settings, gaps, err := a.Settings(ctx, audit.BucketsOf(subject), repositories)
		if err != nil {
			return audit.Report{}, err
		}
		survey.Settings = settings
		survey.Inventory.Unread = append(survey.Inventory.Unread, gaps...)
	}
	return audit.Run(subject), nil
}
