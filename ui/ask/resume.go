package ask

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
)

// Keep gives the journal of a cluster, and opens it first where it is not the
// one that is open.
type Keep func(id account.Identity, cluster string) (migrate.Keeping, error)

// Sight is what a look at the account needs to be told.
type Sight struct {
	Account migrate.Account
	Places  Places
	// Keep gives the journal; nil means that what is done leaves no trace.
	Keep Keep
	// Staleness is how long answers of the account may be out of date; zero
	// is what real ones may.
	Staleness time.Duration
	Now       func() time.Time
	// Allow are the words that were given beforehand.
	Allow migrate.Allow
	// Reopen opens the account anew, for credentials that were renewed; nil
	// keeps the one that is open.
	Reopen func(ctx context.Context) (migrate.Account, error)
	// Platform reaches nullplatform; nil where it cannot be.
	Platform *Platform
	// NewPlan makes a new plan for a run that cannot go on as it is.
	NewPlan bool
	// State names the directory of a cluster's files, and Environ is the
	// person's environment; both are for work on a root.
	State   func(account, cluster string) (string, error)
	Environ []string
}

// lookUpgrade finds out what an upgrade has to do, by its route.
func (g Sight) lookUpgrade(ctx context.Context, req migrate.UpgradeRequest) (Look, error) {
	l := Look{Account: g.Account}
	up, err := migrate.LookAtUpgrade(ctx, g.Account, req, migrate.UpgradeDesk{
		Keep: g.Keep, State: g.State, Environ: g.Environ, Now: g.Now,
	})
	if err != nil {
		return l, err
	}
	l.Up, l.Upgrade, l.Root = up, up.Account, up.Root
	l.Preview = up.Clusters()[0].Account
	return l, nil
}

// lookInstall finds out what is to be done: the rest of a run that is open for
// the cluster, or else what a new preview says. If a key is to be made it asks
// the place whether it could take the secret.
func (g Sight) lookInstall(ctx context.Context, req migrate.InstallRequest) (Look, error) {
	l := Look{Account: g.Account, platform: g.Platform}
	if g.Keep != nil {
		id, err := g.Account.Identity(ctx)
		if err != nil {
			return l, err
		}
		if l.keeping, err = g.Keep(id, req.Spec.Cluster); err != nil {
			return l, err
		}
	}
	if open := migrate.OpenRun(l.keeping.Journal); open != nil {
		err := g.goOn(ctx, &l, open, req)
		return l, err
	}
	var err error
	if l.Registering, err = g.Platform.registering(req, g.Allow); err != nil {
		return l, err
	}
	if l.Preview, err = migrate.PreviewInstall(ctx, g.Account, req); err != nil {
		return Look{Account: g.Account}, err
	}
	if l.Registering != nil {
		if err := g.lookAtPlatform(ctx, &l, l.Preview.Inventory); err != nil {
			return Look{Account: g.Account}, err
		}
	}
	if l.Preview.MakesKey() && l.Refusal == nil {
		l.Refusal = g.tryPlace(ctx, l, req.Handover)
	}
	return l, nil
}

// tryPlace asks the place whether it could take the secret. Nullplatform has
// been asked already.
func (g Sight) tryPlace(ctx context.Context, l Look, text string) error {
	where, err := PlacesBeside(g.Places, l.Registering)(text)
	if err != nil || text == PlacePlatform {
		return err
	}
	return where.Check(ctx)
}

// goOn prepares the rest of an open run, whatever was answered.
func (g Sight) goOn(ctx context.Context, l *Look, open *checklist.Past, req migrate.InstallRequest) (err error) {
	if open.Begin.Job != InstallTask {
		return migrate.SameRequest(open, req)
	}
	l.Other = migrate.SameRequest(open, req) != nil
	if l.Registering, err = g.openRegistering(open); err != nil {
		return err
	}
	r := migrate.Resuming{
		Journal: l.keeping.Journal, Place: PlacesBeside(g.Places, l.Registering), Allow: g.Allow, Now: g.Now, Staleness: g.Staleness,
	}
	if g.NewPlan {
		if l.GoingOn, err = migrate.ReplanInstall(ctx, g.Account, r); err != nil {
			return err
		}
		l.Preview = l.GoingOn.Preview()
	} else {
		if l.GoingOn, err = migrate.ResumeInstall(ctx, g.Account, r); err != nil {
			return err
		}
		l.Preview = l.GoingOn.Left()
	}
	if l.Registering == nil {
		return nil
	}
	return g.lookOn(ctx, l)
}

// agreed looks once more, and then writes down what the person said yes to.
func agreed(ctx context.Context, i *migrate.Install) error {
	if err := i.Recheck(ctx); err != nil {
		return err
	}
	return i.Record()
}

// Expired reports whether an error says that credentials have run out.
func Expired(err error) bool {
	var e *account.Error
	return errors.As(err, &e) && e.Expired()
}

// Changed gives what an error says of a run that cannot go on as it is,
// because the account is not as it left it.
func Changed(err error) (*migrate.ChangedError, bool) {
	var e *migrate.ChangedError
	ok := errors.As(err, &e)
	return e, ok
}

// OpenRun is a run that ended in the middle, as its journal tells it.
type OpenRun struct {
	Cluster string
	// Upgrade is what an upgrade was asked to do; nil for an install.
	Upgrade *migrate.UpgradeRequest
	// Account is the twelve digit account ID, and Reach how it was reached.
	Account string
	Reach   account.Options
	// Done of All changes were carried out.
	Done, All int
	Begun     time.Time
}

// String says which run it is.
func (r OpenRun) String() string {
	what := ""
	if r.Upgrade != nil {
		what = "upgrade of "
	}
	return fmt.Sprintf("%s%s in %s, begun %s, %d of %d done", what, r.Cluster, r.Account, r.Begun.Local().Format("2006-01-02 15:04"), r.Done, r.All)
}
