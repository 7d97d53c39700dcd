package wizard

import (
	"context"
	"errors"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
)

// sight is what a look at the account needs to be told.
type sight struct {
	req   migrate.InstallRequest
	acct  migrate.Account
	place func(string) (handover.Place, error)
	keep  func(id account.Identity, cluster string) (migrate.Keeping, error)
	opts  *Options
	// reopen opens the account anew: credentials may have been renewed.
	reopen bool
	// newPlan makes a new plan for a run that cannot go on as it is.
	newPlan bool
}

// previewed is a preview and why the place for the secret cannot be used.
type previewed struct {
	preview *migrate.InstallPreview
	refusal error
	acct    migrate.Account
	keeping migrate.Keeping
	// install is a run that goes on; nil for a new one.
	install *migrate.Install
	// other says that the run that goes on was asked for something else.
	other bool
}

// look finds out what is to be done: the rest of a run that is open for the
// cluster, or else what a new preview says. If a key is to be made it asks the
// place whether it could take the secret.
func (g sight) look(ctx context.Context) (previewed, error) {
	out := previewed{acct: g.acct}
	var err error
	if g.reopen {
		if out.acct, err = g.opts.Open(ctx, g.opts.Account); err != nil {
			return out, err
		}
	}
	if g.keep != nil {
		id, err := out.acct.Identity(ctx)
		if err != nil {
			return out, err
		}
		if out.keeping, err = g.keep(id, g.req.Spec.Cluster); err != nil {
			return out, err
		}
	}
	if open := migrate.OpenRun(out.keeping.Journal); open != nil {
		return out, g.goOn(ctx, &out, open)
	}
	if out.preview, err = migrate.PreviewInstall(ctx, out.acct, g.req); err != nil || !out.preview.MakesKey() {
		return out, err
	}
	out.refusal = g.tryPlace(ctx)
	return out, nil
}

func (g sight) tryPlace(ctx context.Context) error {
	where, err := g.place(g.req.Handover)
	if err != nil {
		return err
	}
	return where.Check(ctx)
}

// goOn prepares the rest of an open run, whatever was answered.
func (g sight) goOn(ctx context.Context, out *previewed, open *checklist.Past) (err error) {
	if open.Begin.Job != "install" {
		return migrate.SameRequest(open, g.req)
	}
	out.other = migrate.SameRequest(open, g.req) != nil
	r := migrate.Resuming{
		Journal: out.keeping.Journal, Place: g.place, Allow: g.opts.Request.Allow, Now: g.opts.Now, Staleness: g.opts.Staleness,
	}
	if g.newPlan {
		if out.install, err = migrate.ReplanInstall(ctx, out.acct, r); err == nil {
			out.preview = out.install.Preview()
		}
		return err
	}
	if out.install, err = migrate.ResumeInstall(ctx, out.acct, r); err == nil {
		out.preview = out.install.Left()
	}
	return err
}

// expired reports whether an error says that credentials have run out.
func expired(err error) bool {
	var e *account.Error
	return errors.As(err, &e) && e.Expired()
}
