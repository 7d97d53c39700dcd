package ask

import (
	"context"
	"fmt"
	"reflect"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
)

// Opened is an account and who we are in it.
type Opened struct {
	Account  migrate.Account
	Identity account.Identity
}

// Open opens an account and asks it who we are.
func Open(ctx context.Context, open func(context.Context, account.Options) (migrate.Account, error), o account.Options) (Opened, error) {
	acct, err := open(ctx, o)
	if err != nil {
		return Opened{}, err
	}
	id, err := acct.Identity(ctx)
	return Opened{Account: acct, Identity: id}, err
}

// Places reads a place for a secret as the command line writes it. For an empty
// text it gives nil.
type Places func(text string) (handover.Place, error)

// PlacesWith gives the places that there are with this edge.
func PlacesWith(e handover.Edge) Places {
	return func(text string) (handover.Place, error) {
		if text == "" {
			return nil, nil
		}
		return handover.Parse(text, e)
	}
}

// Task is one job with its answers: install, upgrade or audit, whichever is
// set.
type Task struct {
	Install *migrate.InstallRequest
	Upgrade *migrate.UpgradeRequest
	Audit   *migrate.AuditRequest
}

// The names of the tasks, which are those of the commands.
const (
	InstallTask = "install"
	UpgradeTask = "upgrade"
	AuditTask   = "audit"
)

// Name is the command that does the same.
func (t Task) Name() string {
	switch {
	case t.Upgrade != nil:
		return UpgradeTask
	case t.Audit != nil:
		return AuditTask
	}
	return InstallTask
}

// Look is a preview, and why the place for the secret cannot be used.
type Look struct {
	// Preview is what is planned for the account.
	Preview *migrate.InstallPreview
	// Up is an upgrade by whichever route, nil for an install; Upgrade is its
	// preview on the account route, and Root on the others.
	Up      *migrate.AnyUpgrade
	Upgrade *migrate.UpgradePreview
	Root    *migrate.RootPreview
	Refusal error
	// GoingOn is an open run that the preview is the rest of; nil for a new
	// one. Other says that it was asked for something else.
	GoingOn *migrate.Install
	Other   bool
	// Account is the one that was looked at, opened anew where that was asked
	// for.
	Account migrate.Account
	// Registering registers with nullplatform; nil when nothing is.
	Registering *migrate.Registering

	keeping  migrate.Keeping
	platform *Platform
}

// Look reads the account and plans. Nothing is changed. What a look found out
// before it failed, such as an account that was opened anew, comes with the
// error.
func (t Task) Look(ctx context.Context, g Sight) (Look, error) {
	if g.Reopen != nil {
		acct, err := g.Reopen(ctx)
		if err != nil {
			return Look{}, err
		}
		g.Account = acct
	}
	if t.Upgrade != nil {
		return g.lookUpgrade(ctx, *t.Upgrade)
	}
	return g.lookInstall(ctx, *t.Install)
}

// Ready reports whether what was seen can be carried out.
func (l Look) Ready() bool {
	if l.Up != nil {
		return l.Up.Blocked() == nil && !l.Up.Nothing()
	}
	return l.Preview != nil && l.Preview.Plan.Blocked() == nil && (!l.Preview.Plan.Empty() || l.Preview.Registers() || l.GoingOn != nil) && l.Refusal == nil
}

// Nothing reports whether there is nothing to carry out, and nothing wrong.
func (l Look) Nothing() bool {
	if l.Up != nil {
		return l.Up.Nothing() && l.Up.Blocked() == nil
	}
	return l.Preview != nil && l.Preview.Plan.Blocked() == nil && l.Preview.Plan.Empty() && l.GoingOn == nil &&
		!l.Preview.Registers() && l.Refusal == nil
}

// GoesOn reports whether this is the rest of a run that is open.
func (l Look) GoesOn() bool { return l.GoingOn != nil || l.Up != nil && l.Up.GoesOn }

// Blocked reports whether something is in the way.
func (l Look) Blocked() bool { return l.Preview != nil && !l.Ready() && !l.Nothing() }

// BucketMissing reports whether making the bucket would be a way out.
func (l Look) BucketMissing() bool {
	if l.Preview == nil || l.Up != nil || l.Preview.Request.Spec.CreateBucket {
		return false
	}
	b := l.Preview.Inventory.Bucket(l.Preview.Request.Spec.Bucket())
	return b != nil && b.State == provision.BucketAbsent
}

// ByName reports whether the cluster's name has to be typed: when the plan
// needs a word that was not given beforehand, and when something changes that
// is there already and no word was given at all. What is registered with other
// values counts.
func ByName(p *migrate.InstallPreview, given migrate.Allow) bool {
	if p.UpdatesRegistration() && !given.Registration {
		return true
	}
	return given.Withheld(p.Consent) != nil || p.Plan.Touches() && given == migrate.Allow{}
}

// Deed says what a yes would do.
func Deed(p *migrate.InstallPreview) string {
	n, registers := len(p.Plan.Calls()), RegistrationDeed(p)
	calls := fmt.Sprintf("make these %d calls", n)
	if n == 1 {
		calls = "make this 1 call"
	}
	switch {
	case n == 0 && registers == "":
		return "look once more and be done"
	case n == 0:
		return registers
	case registers == "":
		return calls
	}
	return calls + " and " + registers
}

// ByName reports whether the cluster's name has to be typed for a yes. Where a
// root is changed it always has, unless a word was given beforehand.
func (l Look) ByName(given migrate.Allow) bool {
	if l.Preview == nil {
		return false
	}
	if l.Root == nil {
		return ByName(l.Preview, given)
	}
	for _, c := range l.Root.Clusters {
		if given.Withheld(c.Account.Consent) != nil {
			return true
		}
	}
	return given == migrate.Allow{}
}

// Deed says what a yes would do.
func (l Look) Deed() string {
	switch {
	case l.Root == nil:
		return Deed(l.Preview)
	case l.Up.Request.Route == migrate.RoutePipeline:
		return "write the patch and build the bridge"
	}
	return "edit, plan and apply"
}

// Cluster is the name of the cluster that the look is about.
func (l Look) Cluster() string {
	switch {
	case l.Up != nil:
		return l.Up.Clusters()[0].Request.Cluster
	case l.Preview != nil:
		return l.Preview.Request.Spec.Cluster
	}
	return ""
}

// Work is a confirmed plan, ready to be carried out: an install or an upgrade.
type Work struct {
	Install *migrate.Install
	Upgrade *migrate.Upgrading
	// Registering is the end of the install; nil when nothing is registered.
	Registering *migrate.Registering
}

// Start prepares the run.
func (w Work) Start(o checklist.Options) (*checklist.Run, error) {
	if w.Upgrade != nil {
		return w.Upgrade.Start(o)
	}
	return w.Install.Start(o)
}

// Close removes what a run has left that is of no use any more.
func (w Work) Close() error {
	if w.Upgrade != nil {
		return w.Upgrade.Close()
	}
	return nil
}

// Whole is the look with all of what the work is about, also where the person
// was shown the rest of an open run.
func (w Work) Whole(l Look) Look {
	if w.Install != nil {
		l.Preview = w.Install.Preview()
	}
	return l
}

// Steps is the checklist.
func (w Work) Steps() []checklist.Step {
	if w.Upgrade != nil {
		return w.Upgrade.Steps()
	}
	return w.Install.Steps()
}

// Prepare makes a confirmed preview ready to be carried out. An install reads
// the account once more: it fails with a [*migrate.ChangedError] if that is no
// longer as it was shown. An upgrade does so in its first step.
func (l Look) Prepare(ctx context.Context, given migrate.Allow, acct migrate.Account, places Places) (Work, error) {
	allow := given
	if l.ByName(given) {
		// Whoever types the name has read what it would do.
		allow = migrate.Allow{Broadening: true, Loss: true, Registration: true}
	}
	if l.Up != nil {
		upgrade, err := l.Up.Prepare(allow)
		return Work{Upgrade: upgrade}, err
	}
	if l.GoingOn != nil {
		l.GoingOn.Allow(allow)
		if err := l.endWith(ctx, l.GoingOn, acct, allow); err != nil {
			return Work{}, err
		}
		return Work{Install: l.GoingOn, Registering: l.Registering}, agreed(ctx, l.GoingOn)
	}
	confirmed := *l.Preview
	confirmed.Request.Allow = allow
	where, err := PlacesBeside(places, l.Registering)(confirmed.Request.Handover)
	if err != nil {
		return Work{}, err
	}
	install, err := migrate.NewInstall(&confirmed, acct, where, l.keeping)
	if err != nil {
		return Work{}, err
	}
	if err := l.endWith(ctx, install, acct, allow); err != nil {
		return Work{}, err
	}
	return Work{Install: install, Registering: l.Registering}, agreed(ctx, install)
}

// Difference is one way in which a plan would be another one now.
type Difference struct {
	Mark  provision.Mark
	Word  string
	Title string
}

// Differences tell how the plan would be another one now.
func Differences(e *migrate.ChangedError) []Difference {
	var out []Difference
	before, after := byID(e.Before), byID(e.After)
	for _, now := range e.After {
		was, there := before[now.ID]
		switch {
		case !there:
			out = append(out, Difference{provision.Add, "now needed", now.Title})
		case !same(was, now):
			out = append(out, Difference{provision.Update, "now different", now.Title})
		}
	}
	for _, was := range e.Before {
		if _, still := after[was.ID]; !still {
			out = append(out, Difference{provision.Remove, "no longer needed", was.Title})
		}
	}
	return out
}

// same reports whether two changes do the same, whatever goes before them.
func same(a, b provision.Change) bool {
	a.Needs, b.Needs = nil, nil
	return reflect.DeepEqual(a, b)
}

func byID(all []provision.Change) map[string]provision.Change {
	out := map[string]provision.Change{}
	for _, c := range all {
		out[c.ID] = c
	}
	return out
}
