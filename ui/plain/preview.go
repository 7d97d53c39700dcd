package plain

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// offer is one thing to do next, by number.
type offer struct {
	text string
	do   func() (turn, bool)
}

// showPreview tells what would be done. What keeps it from being done comes
// with its way out, and then there is no way on.
func (t *talk) showPreview(ctx context.Context) (turn, error) {
	t.heading(previewTitle)
	for {
		if t.look.Preview == nil || t.look.Refusal != nil || !reflect.DeepEqual(t.seen, t.task()) {
			t.say("Reading the account.")
			if err := t.see(ctx); err != nil {
				if ctx.Err() != nil {
					return finish, errLeft
				}
				if err := t.afterFailedLook(ctx, err); err != nil {
					return told(err, finish)
				}
				continue
			}
		}
		if t.told != t.look.Preview {
			t.tellPlan()
			t.told = t.look.Preview
		} else {
			t.say("The plan is as it was: %s.", t.headline())
		}
		to, err := t.afterPlan(ctx)
		switch {
		case err != nil:
			return told(err, finish)
		case to != again:
			return to, nil
		}
		t.look = ask.Look{}
	}
}

// afterFailedLook tells why nothing could be shown, and asks how to go on.
func (t *talk) afterFailedLook(ctx context.Context, failure error) error {
	changed, ok := ask.Changed(failure)
	if !ok {
		t.say("The account could not be read. %s", t.soFar())
		t.faults(failure)
		_, err := t.choose(ctx, []string{"look again"}, 0, "")
		return err
	}
	t.say("A run is open, and the account is not as that run left it. Nothing was changed since.")
	for _, what := range changed.What {
		t.say("Changed: %s.", strings.TrimSuffix(what, "."))
	}
	i, err := t.choose(ctx, []string{
		"make a new plan for the run, and look at it", "look again, after the account was put back as it was",
	}, -1, "")
	t.newPlan = err == nil && i == 0
	return err
}

// again is a turn of the preview's own: look once more.
const again turn = -1

func (t *talk) see(ctx context.Context) error {
	t.seen = t.task()
	sight := ask.Sight{
		State: t.o.State, Environ: t.o.Environ,
		Account: t.acct, Places: t.places, Keep: t.o.Keep, Staleness: t.o.Staleness, Now: t.o.Now, Allow: t.allowed(), NewPlan: t.newPlan,
		Platform: t.o.Platform,
	}
	if ask.Expired(t.failed) || ask.Expired(t.err) {
		sight.Reopen = func(ctx context.Context) (migrate.Account, error) { return t.o.Open(ctx, t.o.Account) }
	}
	look, err := t.seen.Look(ctx, sight)
	t.newPlan, t.failed = false, err
	if look.Account != nil {
		t.acct = look.Account
	}
	if err != nil {
		t.look = ask.Look{}
		return err
	}
	t.look = look
	return nil
}

func (t *talk) tellPlan() {
	if t.look.Root != nil {
		t.tellRootPlan(t.look)
		return
	}
	p := t.look.Preview
	switch {
	case t.look.Nothing():
		t.say("There is nothing to do. Everything that was asked for is there already, as it should be.")
	case t.look.Blocked():
		t.say("This cannot be done yet. %s", t.soFar())
	case t.look.GoesOn():
		t.say("A run is open. It began earlier and did not come to its end. This is what is left of it: %s.", view.Headline(t.c, p))
		if t.look.Other {
			t.say("What you chose now comes after it.")
		}
	default:
		t.say("%s.", view.Headline(t.c, p))
		t.say("%s What is listed is what happens.", t.soFar())
	}
	if t.look.Refusal != nil {
		t.faults(t.look.Refusal)
	}
	if text := view.Remarks(t.c, p); text != "" {
		t.title("%s", text)
	}
	if up := t.look.Upgrade; up != nil {
		t.say("%s.", view.UpgradeTitle(up))
		t.title("%s", view.Stays(t.c, up))
		t.title("%s", view.Order(t.c, p.Plan))
	} else if !p.Plan.Empty() {
		t.title("%s", view.Changes(t.c, p))
	}
	if !p.Plan.Empty() {
		t.title("%s.", ask.UpperFirst(view.AccessHeadline(t.c, p)))
	}
	if text := view.Registrations(t.c, p.Survey); text != "" {
		t.title("%s", text)
	}
	t.consequences(p)
}

// consequences say what the plan does to access beyond adding its grants.
func (t *talk) consequences(p *migrate.InstallPreview) {
	all := ask.Consequences(p)
	for _, part := range []struct {
		word string
		list []string
	}{{"Loss", all.Loss}, {"Broader", all.Broadening}, {"Narrower", all.Narrowing}} {
		for _, text := range part.list {
			t.say("%s: %s.", part.word, text)
		}
	}
}

// afterPlan asks what to do with the plan, until that leads somewhere.
func (t *talk) afterPlan(ctx context.Context) (turn, error) {
	offers := t.offers()
	var texts []string
	for _, o := range offers {
		texts = append(texts, o.text)
	}
	for {
		i, err := t.choose(ctx, texts, -1, "The first number goes on; the others show more. Back changes an answer.")
		if err != nil {
			return finish, err
		}
		if to, leads := offers[i].do(); leads {
			return to, nil
		}
	}
}

func (t *talk) offers() []offer {
	if t.look.Root != nil {
		return t.rootOffers()
	}
	p := t.look.Preview
	if t.look.Nothing() {
		return t.finishing()
	}
	out := t.leading()
	if t.look.BucketMissing() {
		out = append(out, offer{"have the bucket created", func() (turn, bool) { t.a.Create = true; return again, true }})
	}
	return append(out,
		offer{"tell the changes", telling(t, p, view.Changes)},
		offer{"tell who may do what, before and after", telling(t, p, view.Access)},
		offer{"tell the documents", telling(t, p, view.Documents)},
		offer{"tell the calls", telling(t, p, view.Calls)},
	)
}

// finishing is all that can be done where there is nothing to do.
func (t *talk) finishing() []offer {
	return []offer{{"finish", func() (turn, bool) { t.finished = true; return finish, true }}}
}

// leading is the offer that leads on from a preview.
func (t *talk) leading() []offer {
	if t.look.Ready() {
		return []offer{{"go on to the last question", func() (turn, bool) { return onward, true }}}
	}
	return []offer{{"look again", func() (turn, bool) { return again, true }}}
}

// telling is an offer that tells one view of a preview.
func telling[P any](t *talk, preview P, draw func(view.Canvas, P) string) func() (turn, bool) {
	return func() (turn, bool) {
		text := draw(t.c, preview)
		if text == "" {
			text = "Nothing."
		}
		t.say("%s", text)
		return again, false
	}
}

// confirm asks for the word. Then the account is read once more, and only if
// it still is as it was shown the plan is carried out.
func (t *talk) confirm(ctx context.Context) (turn, error) {
	p := t.look.Preview
	t.title("Carry this out? From here on the account changes. %s", t.soFar())
	t.say("Account %s %s, as %s.", p.Identity.Place.Account, p.Identity.Place.Region, p.Identity.ARN)
	t.say("%s.", t.headline())
	if r := t.look.Root; r != nil {
		t.say("In %s.", r.Request.Dir)
	}
	if p.MakesKey() {
		if where, err := ask.PlacesBeside(t.places, t.look.Registering)(p.Request.Handover); err == nil {
			t.say("The secret goes to %s.", where)
		}
	}
	if where := ask.RegistersAt(p); where != "" {
		t.say("nullplatform is told at %s.", where)
	}
	t.consequences(p)
	word, why := "yes", fmt.Sprintf("Type yes to %s, or back for the plan.", t.look.Deed())
	if t.look.ByName(t.allowed()) {
		word = t.look.Cluster()
		why = fmt.Sprintf("The plan changes what is there already. Type the cluster's name, %s, to have it done, or back for the plan.", word)
	}
	t.say("%s", why)
	for {
		text, _, err := t.prompt(ctx, "Your word", why)
		switch {
		case err != nil:
			return told(err, finish)
		case text == "no":
			return backward, nil
		case text != word:
			t.wrong(fmt.Sprintf("it is not the word %s.", word))
			continue
		}
		return t.prepare(ctx)
	}
}

// headline sums the plan up.
func (t *talk) headline() string {
	if t.look.Root != nil {
		return view.RootHeadline(t.look.Root)
	}
	return view.Headline(t.c, t.look.Preview)
}

// allowed are the words that were given beforehand.
func (t *talk) allowed() migrate.Allow {
	if t.name == ask.UpgradeTask {
		return t.o.Upgrade.Allow
	}
	return t.o.Request.Allow
}

func (t *talk) prepare(ctx context.Context) (turn, error) {
	t.say("Reading the account once more, for only a plan that was shown is carried out.")
	work, err := t.look.Prepare(ctx, t.allowed(), t.acct, t.places)
	switch changed := (*migrate.ChangedError)(nil); {
	case err == nil:
		if t.last.Preview != nil {
			t.before = t.before.Then(t.work.Result())
		}
		t.work, t.last = work, work.Whole(t.look)
		return onward, nil
	case ctx.Err() != nil:
		return finish, errLeft
	case errors.As(err, &changed):
		t.say("The account has changed since the preview. %s", t.soFar())
		for _, d := range ask.Differences(changed) {
			t.say("%s: %s.", ask.UpperFirst(d.Word), d.Title)
		}
	default:
		t.say("The account could not be read once more. %s", t.soFar())
		t.faults(err)
	}
	t.say("So here is a new preview.")
	return anew, nil
}
