package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// An undo takes back what the run told nullplatform: what it made is deleted,
// what it updated gets the values that it had, and what it only adopted stays.
// That is done first, so that nullplatform never gives a key to builds that is
// deleted. What nullplatform does not tell, such as a secret, cannot be put
// back; that is said, and needs a word.

// RegistrationBack is one registration on its way back.
type RegistrationBack struct {
	// ID is the step's, and Configuration what is deleted or put back.
	ID            string `json:"id"`
	Specification string `json:"specification"`
	NRN           string `json:"nrn"`
	Configuration string `json:"configuration"`
	Title         string `json:"title"`
	Why           string `json:"why"`
	// Restores is false for one that is deleted.
	Restores bool `json:"restores"`
	// Values are what is put back, one a line.
	Values []string `json:"values"`
	// Lost are the attributes that cannot be put back.
	Lost []string `json:"lost"`
}

// takingBack is one with what it is carried out with.
type takingBack struct {
	RegistrationBack
	of  registration
	key provision.Credentials
}

// lookAtPlatform plans what is taken back at nullplatform. It changes nothing
// there. It fails when nullplatform cannot be asked: half a way back would
// leave builds with a key that is gone.
func (u *Undo) lookAtPlatform(ctx context.Context) error {
	u.noteOtherRuns()
	list := slices.DeleteFunc(u.ledger.registrations(), func(d done) bool { return d.State == checklist.EffectNotDone })
	if len(list) == 0 {
		return nil
	}
	if u.resume.LeaveRegistrations {
		u.leaveRegistrations(list)
		return nil
	}
	reg, err := u.openPlatform(list)
	if err != nil {
		return err
	}
	u.reg = reg
	if err := settleRegistrations(ctx, reg, u.journal, u.target, u.ledger); err != nil {
		return unreachable(err)
	}
	for _, ours := range slices.Backward(written(u.ledger)) {
		if err := u.planBack(ctx, ours); err != nil {
			return unreachable(err)
		}
	}
	// What is put back may be refused; what is deleted will not be.
	slices.SortStableFunc(u.back, func(a, b takingBack) int {
		switch {
		case a.Restores == b.Restores:
			return 0
		case a.Restores:
			return -1
		}
		return 1
	})
	for _, b := range u.back {
		u.preview.Back = append(u.preview.Back, b.RegistrationBack)
	}
	return nil
}

const leaveWay = "or leave what is registered as it is, with --leave-registrations"

func unreachable(err error) error {
	return fmt.Errorf("look at what the run registered with nullplatform: %w; nothing was changed; %s", err, leaveWay)
}

// openPlatform opens the nullplatform at which the run registered.
func (u *Undo) openPlatform(list []done) (reg Registry, err error) {
	if u.resume.Platform != nil {
		if reg, err = u.resume.Platform(); err != nil {
			return nil, err
		}
	}
	if reg == nil {
		var names []string
		for _, d := range list {
			names = union(names, platform.Name(d.Registration.Wanted.Specification))
		}
		return nil, &provision.Problem{
			Field: "registration",
			Rule: fmt.Sprintf("of %s was made by this run at %s, and without an API key of nullplatform it cannot be taken back",
				strings.Join(names, " and "), list[0].Registration.Wanted.NRN),
			Way: platform.KeysWanted + ", " + leaveWay,
		}
	}
	return reg, sameHost(reg, list)
}

func union(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// writtenTo is all that a run has done to one configuration.
type writtenTo struct {
	id   string
	made bool
	// last is the last write, and was what was there before the first one.
	last registration
	was  []platform.Value
}

// written lists the configurations that a run wrote to, in order.
func written(l ledger) []writtenTo {
	var out []writtenTo
	for _, d := range l.registrations() {
		if d.State != checklist.EffectDone {
			continue
		}
		id := d.configuration()
		i := slices.IndexFunc(out, func(w writtenTo) bool { return w.id == id })
		if i < 0 {
			i = len(out)
			out = append(out, writtenTo{id: id, made: d.Registration.ID == "", was: d.Registration.Was})
		}
		out[i].last = *d.Registration
	}
	return out
}

// planBack adds what takes one configuration back. One that is gone, or put
// back already, needs nothing; one that somebody has changed since is in the
// way.
func (u *Undo) planBack(ctx context.Context, ours writtenTo) error {
	w := ours.last.Wanted
	now, err := u.there(ctx, w, ours.id)
	name := platform.Name(w.Specification)
	switch {
	case err != nil:
		return err
	case now == nil, !ours.made && u.backBefore(ours.id), !ours.made && !w.As(*now) && platform.Apart(now.Values, ours.was) == "":
		return nil
	case !w.As(*now):
		u.preview.Plan.Blockers = append(u.preview.Plan.Blockers, provision.Problem{
			Field: "registration",
			Rule:  fmt.Sprintf("of %s at %s (%s) is no longer as this run left it, and is not taken back", name, w.NRN, ours.id),
			Way:   "see who changed it since, and take that back first, " + leaveWay,
		})
		return nil
	}
	back := takingBack{of: ours.last, RegistrationBack: RegistrationBack{
		ID: "undo-" + registerStep(w.Specification), Specification: w.Specification, NRN: w.NRN.String(), Configuration: ours.id,
		Title: "Delete the registration of " + name + " with nullplatform", Why: "This run made it.",
		Values: []string{}, Lost: []string{},
	}}
	if n := len(u.back); slices.ContainsFunc(u.back, func(b takingBack) bool { return b.ID == back.ID }) {
		back.ID = fmt.Sprintf("%s-%d", back.ID, n+1)
	}
	if !ours.made {
		u.planRestore(&back, ours, *now)
	}
	u.back = append(u.back, back)
	u.dropKeyNote(w.Attribute("ci.access_key"))
	return nil
}

// there reads a configuration; nil when it is gone. That it is gone must be said
// twice, by itself and by the list: what was overlooked would keep a key that is
// deleted.
func (u *Undo) there(ctx context.Context, w platform.Wanted, id string) (*platform.Configuration, error) {
	now, err := u.reg.Configuration(ctx, id)
	if err != nil || now != nil {
		return now, err
	}
	listed, err := u.reg.Configurations(ctx, w.NRN, w.Specification, false)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(listed, func(c platform.Configuration) bool { return c.ID == id }) {
		return nil, fmt.Errorf("the registration of %s (%s) is in nullplatform's list, and cannot be read; run again in a moment", platform.Name(w.Specification), id)
	}
	return nil, nil
}

// planRestore makes it one that is put back.
func (u *Undo) planRestore(back *takingBack, ours writtenTo, now platform.Configuration) {
	name := platform.Name(back.Specification)
	back.Restores = true
	back.Title = "Put the registration of " + name + " with nullplatform back"
	back.Why = "This run changed it; it goes back to what it was."
	back.of.ID, back.of.Was = ours.id, ours.was
	keyID := ""
	for _, v := range ours.was {
		if v.Path == "ci.access_key" {
			keyID = v.Text
		}
	}
	given := u.resume.Key
	fits := given.KeyID != "" && (keyID == "" || keyID == given.KeyID) && !slices.Contains(u.ledger.keys(), given.KeyID)
	if ours.last.Wanted.CarriesSecret() && !given.Secret.Empty() && fits {
		back.key = given
	}
	for _, v := range ours.was {
		ofKey := v.Path == "ci.access_key" || v.Path == "ci.secret_key"
		switch {
		case !v.Hidden && platform.Apart(now.Values, []platform.Value{v}) == "":
		case !v.Hidden && v.Text == "":
			back.Values = append(back.Values, v.Path+" becomes empty again")
		case !v.Hidden:
			back.Values = append(back.Values, v.Path+" becomes "+v.Text+" again")
		case ofKey && !back.key.Secret.Empty():
		default:
			back.Lost = append(back.Lost, v.Path)
		}
	}
	if len(back.Lost) > 0 {
		u.preview.Consent.Loss = append(u.preview.Consent.Loss, fmt.Sprintf(
			"the registration of %s at %s (%s) does not get %s back, which nullplatform does not tell: no build can publish by it until a key is registered again (give the former key with BUILD_AWS_ACCESS_KEY and BUILD_AWS_SECRET_ACCESS_KEY, and it is put back too)",
			name, back.NRN, back.Configuration, strings.Join(back.Lost, " and ")))
	}
}

// backBefore reports whether an earlier undo of the same run has put a
// configuration back already.
func (u *Undo) backBefore(id string) bool {
	for _, p := range u.journal.History().Runs {
		if p.Begin.Of != u.target.Begin.Run {
			continue
		}
		l, err := ledgerOf(p)
		if err == nil && slices.ContainsFunc(l.all, func(d done) bool {
			return d.Registration != nil && d.Registration.ID == id && d.State == checklist.EffectDone
		}) {
			return true
		}
	}
	return false
}

// leaveRegistrations notes what stays, and what it names that will be gone.
func (u *Undo) leaveRegistrations(list []done) {
	for _, d := range list {
		w := d.Registration.Wanted
		text := fmt.Sprintf("stays with nullplatform at %s", w.NRN)
		if id := d.configuration(); id != "" {
			text += " (" + id + ")"
		}
		if key := w.Attribute("ci.access_key"); key != "" && slices.Contains(u.ledger.keys(), key) {
			text += ", with the key " + key + ", which is deleted: builds fail until that is changed"
		}
		note := provision.Note{Entity: provision.Entity{Type: provision.RegistrationEntity, Name: "of " + platform.Name(w.Specification)}, Text: text}
		if !slices.Contains(u.preview.Plan.Notes, note) {
			u.preview.Plan.Notes = append(u.preview.Plan.Notes, note)
		}
	}
}

// noteOtherRuns tells of what other runs have registered, and left there, with a
// key that is going to be deleted.
func (u *Undo) noteOtherRuns() {
	runs := u.journal.History().Runs
	gone := map[string]bool{}
	for _, p := range runs {
		l, err := ledgerOf(p)
		if err != nil {
			continue
		}
		for _, d := range l.all {
			if d.Registration != nil && d.Registration.Back && d.State == checklist.EffectDone {
				gone[d.Registration.ID] = true
			}
		}
	}
	for _, p := range runs {
		l, err := ledgerOf(p)
		if err != nil || p.Begin.Run == u.target.Begin.Run {
			continue
		}
		u.leaveRegistrations(slices.DeleteFunc(l.registrations(), func(d done) bool {
			ours := slices.Contains(u.ledger.keys(), d.Registration.Wanted.Attribute("ci.access_key"))
			return d.State != checklist.EffectDone || gone[d.configuration()] || !ours
		}))
	}
}

// dropKeyNote takes back the remark that a key's secret stays at nullplatform.
func (u *Undo) dropKeyNote(keyID string) {
	kept, ok := u.ledger.handedOver()
	if !ok || kept.KeyID != keyID || !strings.HasPrefix(kept.Place, placeAtPlatform) {
		return
	}
	u.preview.Plan.Notes = slices.DeleteFunc(u.preview.Plan.Notes, func(n provision.Note) bool {
		return n.Entity.Type == provision.KeyEntity && n.Entity.Name == keyID
	})
}

// registrationSteps take the registrations back, one after another, and their
// IDs.
func (u *Undo) registrationSteps() (steps []checklist.Step, ids []string) {
	for _, b := range u.back {
		steps = append(steps, checklist.Step{
			ID: b.ID, Title: b.Title, Why: b.Why, Needs: slices.Clone(ids), Will: b.will(),
			Do: func(ctx context.Context, t *checklist.Task) error { return u.takeRegistrationBack(ctx, t, b) },
		})
		ids = append(ids, b.ID)
	}
	return steps, ids
}

func (b RegistrationBack) will() []string {
	if b.Restores {
		return append([]string{"PATCH provider configuration " + b.Configuration}, b.Values...)
	}
	return []string{"DELETE provider configuration " + b.Configuration}
}

func (u *Undo) takeRegistrationBack(ctx context.Context, t *checklist.Task, b takingBack) error {
	t.Tell("%s at %s", b.Configuration, b.NRN)
	intent := b.of
	intent.Back, intent.ID = true, b.Configuration
	return t.Effect(ctx, deed{Change: b.ID, Registration: &intent}, func(ctx context.Context) (any, error) {
		if b.Restores {
			return nil, answered(u.reg.Restore(ctx, b.Configuration, b.of.Was, b.key))
		}
		return nil, answered(u.reg.Remove(ctx, b.Configuration))
	})
}

// errStillThere says that something that was deleted can be read.
var errStillThere = errors.New("the registration is still there: somebody made it again, or nullplatform is slow; run undo again to see")

// confirmRegistrations looks whether what was made is gone.
func (u *Undo) confirmRegistrations(ctx context.Context) error {
	for _, b := range u.back {
		now, err := u.there(ctx, b.of.Wanted, b.Configuration)
		switch {
		case err != nil:
			return err
		case !b.Restores && now != nil:
			return fmt.Errorf("%s (%s): %w", platform.Name(b.Specification), b.Configuration, errStillThere)
		}
	}
	return nil
}
